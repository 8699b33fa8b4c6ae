//! One encoder-decoder on one thread.
//!
//! Tensors, as optimum exports them. B batch, S source, T target, P past, H heads, D head size;
//! ids and masks are i64, the rest f32, or f16 where a graph has been converted with its inputs and
//! outputs:
//!
//! | graph | inputs | outputs |
//! | --- | --- | --- |
//! | `encoder_model` | `input_ids` [B, S], `attention_mask` [B, S] | `last_hidden_state` [B, S, d] |
//! | `decoder_model` | `encoder_attention_mask` [B, S], `input_ids` [B, T], `encoder_hidden_states` [B, S, d] | `logits` [B, T, V], `present.{i}.{decoder,encoder}.{key,value}` [B, H, ·, D] |
//! | `decoder_with_past_model` | `encoder_attention_mask`, `input_ids` [B, 1], `past_key_values.{i}.{decoder,encoder}.{key,value}` | `logits` [B, 1, V], `present.{i}.decoder.{key,value}` |
//! | `decoder_model_merged` | all of both, `use_cache_branch` bool [1] | as `decoder_model` |
//!
//! and as `scripts/graphs.py` builds them, which is smaller and faster (one decoder, a third of
//! the nodes, the source's keys and values computed once):
//!
//! | graph | inputs | outputs |
//! | --- | --- | --- |
//! | `encoder` | `input_ids` [B, S], `attention_mask` [B, S] | `last_hidden_state` [B, S, d], `present.{i}.encoder.{key,value}` |
//! | `decoder` | `encoder_attention_mask`, `input_ids` [B, T], `past_key_values.{i}.{decoder,encoder}.{key,value}`, of which the decoder's are of length 0 at the start | `logits` [B, T, V], `present.{i}.decoder.{key,value}` |
//!
//! No graph takes a mask of the target: targets are padded on the right, where causal attention
//! does not see the padding.

use std::path::Path;

use half::{f16, slice::HalfFloatSliceExt as _};
use ndarray::{ArrayView2, ArrayView3, Axis};
use ort::{
    session::{Session, SessionInputValue},
    value::{DynValue, PrimitiveTensorElementType, Tensor, TensorElementType, TensorRef},
};

use super::{
    family::HfConfig,
    files::{DecoderFiles, GraphFiles},
    run_error,
    session::{self, Float, Opener},
};
use crate::model::{InferError, ModelError};

/// Sizes that the graphs do not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) heads: usize,
    pub(super) head_size: usize,
    pub(super) d_model: usize,
    pub(super) vocabulary: usize,
    /// Keys and values.
    past: Float,
    /// What the encoder hands to the decoder.
    hidden: Float,
}

enum Decoder {
    /// `decoder_model` and `decoder_with_past_model`.
    Split { first: Session, next: Session },
    /// `decoder_model_merged`.
    Merged(Session),
    /// `decoder`, beside an encoder that hands out keys and values.
    Single(Session),
}

/// A loaded model: owned by one worker, since running a session needs it whole.
pub(super) struct Seq2Seq {
    encoder: Session,
    decoder: Decoder,
    sizes: Sizes,
    names: Names,
}

/// Tensor names by layer, in the order `key, value, key, value, …`.
struct Names {
    present_decoder: Vec<String>,
    present_encoder: Vec<String>,
    past_decoder: Vec<String>,
    past_encoder: Vec<String>,
}

impl Names {
    fn new(layers: usize) -> Self {
        let names = |prefix: &str, side: &str| {
            (0..layers)
                .flat_map(|i| ["key", "value"].map(|kind| format!("{prefix}.{i}.{side}.{kind}")))
                .collect()
        };
        Self {
            present_decoder: names("present", "decoder"),
            present_encoder: names("present", "encoder"),
            past_decoder: names("past_key_values", "decoder"),
            past_encoder: names("past_key_values", "encoder"),
        }
    }
}

/// What the encoder made of a batch of sources.
pub(super) struct Encoded {
    /// What the decoder reads: the states `[B, S, d]`, or keys and values by layer.
    states: Vec<DynValue>,
    /// The states where the decoder does not read them; of the batch as it was encoded only.
    hidden: Option<DynValue>,
    /// `[B, S]`, 1 for a token, 0 for padding.
    mask: Vec<i64>,
    rows: usize,
    length: usize,
}

/// Keys and values of a batch: of the target so far and of the source.
pub(super) struct Cache {
    own: Vec<DynValue>,
    source: Vec<DynValue>,
    mask: Vec<i64>,
    rows: usize,
    length: usize,
}

/// Logits of a step or a pass, `[B, T, V]`.
pub(super) struct Logits {
    data: LogitsData,
    shape: [usize; 3],
}

enum LogitsData {
    /// As the runtime gave them.
    Single(DynValue),
    /// Widened from f16.
    Widened(Vec<f32>),
}

impl Logits {
    fn new(value: DynValue, shape: [usize; 3]) -> Result<Self, InferError> {
        expect_shape(&value, "logits", &shape)?;
        let data = match value.dtype().tensor_type() {
            Some(TensorElementType::Float16) => {
                LogitsData::Widened(elements::<f16>(&value, "logits")?.1.to_f32_vec())
            }
            _ => LogitsData::Single(value),
        };
        Ok(Self { data, shape })
    }

    /// As an array.
    pub(super) fn view(&self) -> Result<LogitsView<'_>, InferError> {
        let data = match &self.data {
            LogitsData::Single(value) => elements::<f32>(value, "logits")?.1,
            LogitsData::Widened(data) => data,
        };
        let array =
            ArrayView3::from_shape(self.shape, data).map_err(run_error("reading the logits"))?;
        Ok(LogitsView(array))
    }
}

/// [`Logits`], readable.
pub(super) struct LogitsView<'a>(ArrayView3<'a, f32>);

impl<'a> LogitsView<'a> {
    /// The logits of row `row` after target position `position`, one for each token.
    pub(super) fn at(&self, row: usize, position: usize) -> &'a [f32] {
        let logits = self.0.index_axis_move(Axis(0), row).index_axis_move(Axis(0), position);
        logits.to_slice().expect("logits are contiguous")
    }

    /// The same after the last position.
    pub(super) fn last(&self, row: usize) -> &'a [f32] {
        self.at(row, self.0.len_of(Axis(1)) - 1)
    }
}

fn elements<'a, T: PrimitiveTensorElementType>(
    value: &'a DynValue,
    tensor: &str,
) -> Result<(Vec<i64>, &'a [T]), InferError> {
    let (shape, data) = value.try_extract_tensor::<T>().map_err(|source| InferError::Run {
        what: "reading a tensor",
        source: format!("{tensor}: {source}").into(),
    })?;
    Ok((shape.to_vec(), data))
}

/// A tensor of zeros.
fn zeros<const N: usize>(shape: [usize; N], float: Float) -> Result<DynValue, InferError> {
    let count = shape.iter().product();
    let made = match float {
        Float::F32 => Tensor::from_array((shape, vec![0f32; count])).map(Tensor::into_dyn),
        Float::F16 => Tensor::from_array((shape, vec![f16::ZERO; count])).map(Tensor::into_dyn),
    };
    made.map_err(run_error("making the decoder's input"))
}

fn output(
    outputs: &mut ort::session::SessionOutputs<'_>,
    name: &str,
) -> Result<DynValue, InferError> {
    outputs.remove(name).ok_or_else(|| InferError::Shape {
        tensor: name.to_owned(),
        got: Vec::new(),
        expected: "to be there".to_owned(),
    })
}

/// The rows `rows` of a tensor whose first axis is the batch, copied.
fn select(value: &DynValue, rows: &[usize]) -> Result<DynValue, InferError> {
    match value.dtype().tensor_type() {
        Some(TensorElementType::Float16) => select_as::<f16>(value, rows),
        _ => select_as::<f32>(value, rows),
    }
}

fn select_as<T>(value: &DynValue, rows: &[usize]) -> Result<DynValue, InferError>
where
    T: PrimitiveTensorElementType + Clone + std::fmt::Debug + 'static,
{
    let (mut shape, data) = elements::<T>(value, "key/value cache")?;
    let batch = usize::try_from(shape[0]).unwrap_or(0);
    let width = data.len().checked_div(batch).unwrap_or(0);
    let all =
        ArrayView2::from_shape((batch, width), data).map_err(run_error("reading the cache"))?;
    let chosen = all.select(Axis(0), rows);
    shape[0] = rows.len() as i64;
    let (data, _) = chosen.into_raw_vec_and_offset();
    let tensor = Tensor::from_array((shape, data)).map_err(run_error("reordering the cache"))?;
    Ok(tensor.into_dyn())
}

fn select_mask(mask: &[i64], length: usize, rows: &[usize]) -> Vec<i64> {
    rows.iter().flat_map(|row| &mask[row * length..(row + 1) * length]).copied().collect()
}

impl Encoded {
    /// Whether `rows` is every row in order.
    fn is_all(&self, rows: &[usize]) -> bool {
        rows.len() == self.rows && rows.iter().enumerate().all(|(i, row)| i == *row)
    }

    /// The rows `rows`, copied.
    pub(super) fn select(&self, rows: &[usize]) -> Result<Self, InferError> {
        Ok(Self {
            states: self
                .states
                .iter()
                .map(|state| select(state, rows))
                .collect::<Result<_, _>>()?,
            hidden: None,
            mask: select_mask(&self.mask, self.length, rows),
            rows: rows.len(),
            length: self.length,
        })
    }

    /// The states of the first `tokens` tokens of row `row`, one vector after the other.
    pub(super) fn hidden(&self, row: usize, tokens: usize) -> Result<Vec<f32>, InferError> {
        let value = self.hidden.as_ref().unwrap_or(&self.states[0]);
        let width = |len: usize| len / (self.rows * self.length).max(1);
        let part = |width: usize| row * self.length * width..(row * self.length + tokens) * width;
        if value.dtype().tensor_type() == Some(TensorElementType::Float16) {
            let (_, data) = elements::<f16>(value, "last_hidden_state")?;
            return Ok(data[part(width(data.len()))].to_f32_vec());
        }
        let (_, data) = elements::<f32>(value, "last_hidden_state")?;
        Ok(data[part(width(data.len()))].to_vec())
    }

    /// Calls `body` with the rows `rows`, copied only where they are not all of them.
    pub(super) fn with_rows<T>(
        &self,
        rows: &[usize],
        body: impl FnOnce(&Self) -> Result<T, InferError>,
    ) -> Result<T, InferError> {
        if self.is_all(rows) { body(self) } else { body(&self.select(rows)?) }
    }

    /// The rows `rows` of what is not needed any more, copied only where they are not all.
    pub(super) fn into_rows(self, rows: &[usize]) -> Result<Self, InferError> {
        if self.is_all(rows) { Ok(self) } else { self.select(rows) }
    }

    fn mask(&self) -> Result<TensorRef<'_, i64>, InferError> {
        mask_tensor(&self.mask, self.rows, self.length)
    }
}

fn mask_tensor(mask: &[i64], rows: usize, length: usize) -> Result<TensorRef<'_, i64>, InferError> {
    TensorRef::from_array_view(([rows, length], mask)).map_err(run_error("making the mask"))
}

impl Cache {
    /// Rows in the batch.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Keeps the rows `rows`, in that order; a row may stand more than once.
    pub(super) fn select(&mut self, rows: &[usize]) -> Result<(), InferError> {
        self.select_own(rows)?;
        for value in &mut self.source {
            *value = select(value, rows)?;
        }
        self.mask = select_mask(&self.mask, self.length, rows);
        self.rows = rows.len();
        Ok(())
    }

    /// The same for the target's part only: for rows that trade places with rows of one source.
    pub(super) fn select_own(&mut self, rows: &[usize]) -> Result<(), InferError> {
        for value in &mut self.own {
            *value = select(value, rows)?;
        }
        Ok(())
    }
}

type Inputs<'a> = Vec<(std::borrow::Cow<'a, str>, SessionInputValue<'a>)>;

impl Seq2Seq {
    /// Loads the graphs.
    pub(super) fn open(
        opener: &Opener,
        files: &GraphFiles,
        config: &HfConfig,
    ) -> Result<Self, ModelError> {
        let names = Names::new(config.decoder_layers);
        let check = |session: &Session,
                     path: &Path,
                     inputs: &[&str],
                     more: &[&[String]],
                     outputs: &[&[String]]| {
            let more = more.concat();
            let inputs: Vec<&str> =
                inputs.iter().copied().chain(more.iter().map(String::as_str)).collect();
            let outputs = outputs.concat();
            let outputs: Vec<&str> =
                std::iter::once("logits").chain(outputs.iter().map(String::as_str)).collect();
            session::require(session, path, &inputs, &outputs)
        };

        let first_inputs = ["input_ids", "encoder_attention_mask", "encoder_hidden_states"];
        let next_inputs = ["input_ids", "encoder_attention_mask"];
        let single = matches!(files.decoder, DecoderFiles::Single(_));
        let open_encoder = || -> Result<Session, ModelError> {
            let path = &files.encoder;
            let encoder = opener.open(path)?;
            let inputs = ["input_ids", "attention_mask"];
            let keys = names.present_encoder.iter().map(String::as_str).filter(|_| single);
            let outputs: Vec<&str> = std::iter::once("last_hidden_state").chain(keys).collect();
            session::require(&encoder, path, &inputs, &outputs)?;
            Ok(encoder)
        };
        let past = [&names.past_decoder[..], &names.past_encoder];
        let presents = [&names.present_decoder[..], &names.present_encoder];
        let open_decoder = || -> Result<Decoder, ModelError> {
            Ok(match &files.decoder {
                DecoderFiles::Single(path) => {
                    let session = opener.open(path)?;
                    check(&session, path, &next_inputs, &past, &presents[..1])?;
                    Decoder::Single(session)
                }
                DecoderFiles::Split { first: first_path, next: next_path } => {
                    let first = opener.open(first_path)?;
                    check(&first, first_path, &first_inputs, &[], &presents)?;
                    let next = opener.open(next_path)?;
                    check(&next, next_path, &next_inputs, &past, &presents[..1])?;
                    Decoder::Split { first, next }
                }
                DecoderFiles::Merged(path) => {
                    let merged = opener.open(path)?;
                    let inputs = [&first_inputs[..], &["use_cache_branch"]].concat();
                    check(&merged, path, &inputs, &past, &presents)?;
                    Decoder::Merged(merged)
                }
            })
        };
        // Half of the time to the first finding is spent here: the graphs are opened side by side.
        let (encoder, decoder) = std::thread::scope(|scope| {
            let encoder = scope.spawn(open_encoder);
            let decoder = open_decoder();
            (encoder.join().expect("opening a session does not panic"), decoder)
        });
        let (encoder, decoder) = (encoder?, decoder?);
        // What one graph hands out another takes: it must be of one type.
        let hidden = Float::of_output(&encoder, &files.encoder, "last_hidden_state")?;
        let past = match &decoder {
            Decoder::Split { first, next } => {
                let DecoderFiles::Split { first: first_path, next: next_path } = &files.decoder
                else {
                    unreachable!("opened from these files");
                };
                hidden.expect_input(first, first_path, "encoder_hidden_states")?;
                let past = Float::of_output(first, first_path, &names.present_decoder[0])?;
                past.expect_input(next, next_path, &names.past_decoder[0])?;
                past
            }
            Decoder::Merged(session) | Decoder::Single(session) => {
                let paths = files.paths();
                let path = paths[paths.len() - 1];
                if matches!(decoder, Decoder::Merged(_)) {
                    hidden.expect_input(session, path, "encoder_hidden_states")?;
                }
                let past = Float::of_output(session, path, &names.present_decoder[0])?;
                past.expect_input(session, path, &names.past_decoder[0])?;
                past
            }
        };
        let sizes = Sizes {
            heads: config.decoder_attention_heads,
            head_size: config.d_model / config.decoder_attention_heads,
            d_model: config.d_model,
            vocabulary: config.vocab_size,
            past,
            hidden,
        };
        Ok(Self { encoder, decoder, sizes, names })
    }

    /// Sizes of this model.
    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// Encodes a batch of sources, filled up on the right.
    pub(super) fn encode(&mut self, rows: &[&[u32]], pad: u32) -> Result<Encoded, InferError> {
        let length = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut ids = vec![i64::from(pad); rows.len() * length];
        let mut mask = vec![0i64; rows.len() * length];
        for (i, row) in rows.iter().enumerate() {
            for (j, id) in row.iter().enumerate() {
                ids[i * length + j] = i64::from(*id);
                mask[i * length + j] = 1;
            }
        }
        let ids = Tensor::from_array(([rows.len(), length], ids))
            .map_err(run_error("making the encoder's input"))?;
        let inputs: Inputs<'_> = vec![
            ("input_ids".into(), ids.into()),
            ("attention_mask".into(), mask_tensor(&mask, rows.len(), length)?.into()),
        ];
        let mut outputs = self.encoder.run(inputs).map_err(run_error("the encoder"))?;
        let hidden = output(&mut outputs, "last_hidden_state")?;
        let expected = [rows.len(), length, self.sizes.d_model];
        expect_shape(&hidden, "last_hidden_state", &expected)?;
        let states = if let Decoder::Single(_) = self.decoder {
            let expected = [rows.len(), self.sizes.heads, length, self.sizes.head_size];
            let key = |name: &String| {
                let value = output(&mut outputs, name)?;
                expect_shape(&value, name, &expected)?;
                Ok(value)
            };
            self.names.present_encoder.iter().map(key).collect::<Result<_, _>>()?
        } else {
            return Ok(Encoded {
                states: vec![hidden],
                hidden: None,
                mask,
                rows: rows.len(),
                length,
            });
        };
        Ok(Encoded { states, hidden: Some(hidden), mask, rows: rows.len(), length })
    }

    /// A pass over whole targets from the start: `ids` is `[B, T]`, row by row.
    pub(super) fn pass(&mut self, encoded: &Encoded, ids: Vec<i64>) -> Result<Logits, InferError> {
        Ok(self.first(encoded, ids, false)?.0)
    }

    /// The same, and the cache to go on from.
    pub(super) fn start(
        &mut self,
        encoded: Encoded,
        ids: Vec<i64>,
    ) -> Result<(Logits, Cache), InferError> {
        let (logits, own, source) = self.first(&encoded, ids, true)?;
        let Encoded { states, mask, rows, length, .. } = encoded;
        let source = if let Decoder::Single(_) = self.decoder { states } else { source };
        Ok((logits, Cache { own, source, mask, rows, length }))
    }

    /// Logits, and when they are to be kept keys and values of the target, and of the source
    /// where the decoder computes them.
    fn first(
        &mut self,
        encoded: &Encoded,
        ids: Vec<i64>,
        keep: bool,
    ) -> Result<(Logits, Vec<DynValue>, Vec<DynValue>), InferError> {
        let (rows, sizes) = (encoded.rows, self.sizes);
        let length = ids.len() / rows.max(1);
        let ids = Tensor::from_array(([rows, length], ids))
            .map_err(run_error("making the decoder's input"))?;
        let mut inputs: Inputs<'_> = vec![
            ("input_ids".into(), ids.into()),
            ("encoder_attention_mask".into(), encoded.mask()?.into()),
        ];
        let empty = || zeros([rows, sizes.heads, 0, sizes.head_size], sizes.past);
        let single = matches!(self.decoder, Decoder::Single(_));
        let session = match &mut self.decoder {
            Decoder::Split { first, .. } => {
                inputs.push(("encoder_hidden_states".into(), (&encoded.states[0]).into()));
                first
            }
            Decoder::Merged(session) => {
                inputs.push(("encoder_hidden_states".into(), (&encoded.states[0]).into()));
                // The graph has no "no past": it takes an empty one.
                for name in self.names.past_decoder.iter().chain(&self.names.past_encoder) {
                    inputs.push((name.as_str().into(), empty()?.into()));
                }
                inputs.push(("use_cache_branch".into(), flag(false)?.into()));
                session
            }
            Decoder::Single(session) => {
                for name in &self.names.past_decoder {
                    inputs.push((name.as_str().into(), empty()?.into()));
                }
                for (name, value) in self.names.past_encoder.iter().zip(&encoded.states) {
                    inputs.push((name.as_str().into(), value.into()));
                }
                session
            }
        };
        let mut outputs = session.run(inputs).map_err(run_error("the decoder"))?;
        let value = output(&mut outputs, "logits")?;
        let shape = [rows, length, sizes.vocabulary];
        let logits = Logits::new(value, shape)?;
        if !keep {
            return Ok((logits, Vec::new(), Vec::new()));
        }
        let mut take = |names: &[String]| -> Result<Vec<DynValue>, InferError> {
            names.iter().map(|name| output(&mut outputs, name)).collect()
        };
        let own = take(&self.names.present_decoder)?;
        let source = if single { Vec::new() } else { take(&self.names.present_encoder)? };
        Ok((logits, own, source))
    }

    /// One more token of each row: `ids` is `[B]`. The cache is moved through the graph, not
    /// copied: its tensors go in as they came out.
    pub(super) fn next(&mut self, cache: &mut Cache, ids: Vec<i64>) -> Result<Logits, InferError> {
        let (rows, sizes) = (cache.rows, self.sizes);
        let ids = Tensor::from_array(([rows, 1], ids))
            .map_err(run_error("making the decoder's input"))?;
        let mut inputs: Inputs<'_> = vec![
            ("input_ids".into(), ids.into()),
            ("encoder_attention_mask".into(), mask_tensor(&cache.mask, rows, cache.length)?.into()),
        ];
        for (name, value) in self.names.past_decoder.iter().zip(&cache.own) {
            inputs.push((name.as_str().into(), value.into()));
        }
        for (name, value) in self.names.past_encoder.iter().zip(&cache.source) {
            inputs.push((name.as_str().into(), value.into()));
        }
        let session = match &mut self.decoder {
            Decoder::Split { next, .. } => next,
            Decoder::Single(session) => session,
            Decoder::Merged(session) => {
                // Declared, not read by this branch.
                let hidden = zeros([rows, cache.length, sizes.d_model], sizes.hidden)?;
                inputs.push(("encoder_hidden_states".into(), hidden.into()));
                inputs.push(("use_cache_branch".into(), flag(true)?.into()));
                session
            }
        };
        let mut outputs = session.run(inputs).map_err(run_error("the decoder"))?;
        let value = output(&mut outputs, "logits")?;
        let shape = [rows, 1, sizes.vocabulary];
        // The encoder's part that a merged graph hands out here is to be ignored.
        let own: Vec<DynValue> = self
            .names
            .present_decoder
            .iter()
            .map(|name| output(&mut outputs, name))
            .collect::<Result<_, _>>()?;
        drop(outputs);
        cache.own = own;
        Logits::new(value, shape)
    }
}

fn flag(value: bool) -> Result<Tensor<bool>, InferError> {
    Tensor::from_array(([1usize], vec![value])).map_err(run_error("making a flag"))
}

fn expect_shape(value: &DynValue, tensor: &str, expected: &[usize]) -> Result<(), InferError> {
    let got: Vec<i64> = value.dtype().tensor_shape().map_or_else(Vec::new, |shape| shape.to_vec());
    if got.len() == expected.len() && got.iter().zip(expected).all(|(a, b)| *a == *b as i64) {
        return Ok(());
    }
    Err(InferError::Shape { tensor: tensor.to_owned(), got, expected: format!("{expected:?}") })
}
