//! What an ONNX file says of itself, read without a runtime: its inputs and outputs, and which
//! other files it wants to be read.
//!
//! A walk over the fields of `onnx.proto3`; weights are passed over, not read. Functions, control
//! flow and training graphs are walked too: a tensor anywhere may lie in another file.
//!
//! The same walk takes the weights out of a graph ([`take_out`]): ONNX Runtime maps data that lie in
//! a file of their own, and reads a graph whole.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// Element types of `TensorProto.DataType` that matter here.
pub(super) const FLOAT: u64 = 1;
pub(super) const INT64: u64 = 7;
pub(super) const FLOAT16: u64 = 10;

/// Strings longer than this are no names.
const MAX_NAME: u64 = 4096;
/// A graph in a node of a graph …: deeper than any exporter goes.
const MAX_DEPTH: usize = 64;
/// Tensors in other files, and inputs and outputs: more than any model has.
const MAX_ITEMS: usize = 100_000;

/// An input or output of the main graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outlet {
    pub(super) name: String,
    /// `TensorProto.DataType`; 0 where none is said.
    pub(super) element: u64,
    /// `None` for a dimension that is open.
    pub(super) shape: Vec<Option<u64>>,
}

/// A tensor whose data lie in another file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct External {
    /// Name of the tensor.
    pub(super) tensor: String,
    /// As the file says it; nothing of it is to be trusted.
    pub(super) location: String,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Outlet>,
    pub(super) outputs: Vec<Outlet>,
    pub(super) external: Vec<External>,
}

/// Why a file is no ONNX graph.
#[derive(Debug, thiserror::Error)]
pub(super) enum GraphError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Format(String),
}

fn format(message: impl Into<String>) -> GraphError {
    GraphError::Format(message.into())
}

/// Messages of `onnx.proto3` that hold tensors, and what is read of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    SparseTensor,
    Tensor,
}

/// The message in field `field` of `message`, if it may hold tensors.
fn child(message: Message, field: u64) -> Option<Message> {
    Some(match (message, field) {
        (Message::Model, 7) | (Message::Training, 1 | 2) | (Message::Attribute, 6 | 11) => {
            Message::Graph
        }
        (Message::Model, 20) => Message::Training,
        (Message::Model, 25) => Message::Function,
        (Message::Function, 7) | (Message::Graph, 1) => Message::Node,
        (Message::Function, 11) | (Message::Node, 5) => Message::Attribute,
        (Message::Graph, 5) | (Message::Attribute, 5 | 10) | (Message::SparseTensor, 1 | 2) => {
            Message::Tensor
        }
        (Message::Graph, 15) | (Message::Attribute, 22 | 23) => Message::SparseTensor,
        _ => return None,
    })
}

/// A tensor in a file of its own begins at a multiple of this: systems map files by pages, Windows
/// by 64 KiB.
const ALIGNMENT: u64 = 64 << 10;

/// Copies the graph `path` to `graph`, and its initializers of at least `least` bytes to `data`,
/// which will be called `location`. How many these were; of a graph that has data in other files
/// already none are taken.
pub(super) fn take_out(
    path: &Path,
    graph: &Path,
    data: &Path,
    location: String,
    least: u64,
) -> Result<usize, GraphError> {
    if !read(path)?.external.is_empty() {
        return Ok(0);
    }
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let walker = Walker { input: BufReader::new(file), at: 0, found: Graph::default() };
    let weights = Weights { file: BufWriter::new(File::create(data)?), at: 0, location, taken: 0 };
    let mut taker = Taker { walker, weights, least };
    let rest = taker.message(Message::Model, end, 0)?;
    let Weights { file, taken, .. } = taker.weights;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let mut out = File::create(graph)?;
    out.write_all(&rest)?;
    out.sync_all()?;
    Ok(taken)
}

/// Where weights go.
struct Weights {
    file: BufWriter<File>,
    at: u64,
    /// The file's name.
    location: String,
    taken: usize,
}

struct Taker {
    walker: Walker,
    weights: Weights,
    least: u64,
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 & 0x7f | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    put_varint(out, field << 3 | 2);
    put_varint(out, content.len() as u64);
    out.extend(content);
}

impl Taker {
    /// The bytes from `from` to `to`, as they are.
    fn copy(&mut self, from: u64, to: u64, out: &mut Vec<u8>) -> Result<(), GraphError> {
        let back = self.walker.at - from;
        self.walker.input.seek_relative(-(back as i64))?;
        let length = out.len();
        out.resize(length + (to - from) as usize, 0);
        self.walker.input.read_exact(&mut out[length..])?;
        self.walker.at = to;
        Ok(())
    }

    /// A message without the weights in it.
    fn message(&mut self, message: Message, end: u64, depth: usize) -> Result<Vec<u8>, GraphError> {
        if depth > MAX_DEPTH {
            return Err(format(format!("graphs are nested more than {MAX_DEPTH} deep")));
        }
        let mut out = Vec::new();
        loop {
            let start = self.walker.at;
            match self.walker.field(end)? {
                None => return Ok(out),
                Some(Field::Bytes(number, stop)) => match (message, number, child(message, number))
                {
                    (Message::Graph, 5, _) => {
                        let tensor = self.tensor(start, stop)?;
                        out.extend(tensor);
                    }
                    // Only initializers are taken; others lie in graphs in nodes of graphs.
                    (
                        Message::Model | Message::Graph | Message::Node | Message::Attribute,
                        _,
                        Some(child @ (Message::Graph | Message::Node | Message::Attribute)),
                    ) => {
                        let inner = self.message(child, stop, depth + 1)?;
                        put_bytes(&mut out, number, &inner);
                    }
                    _ => self.copy(start, stop, &mut out)?,
                },
                Some(_) => self.copy(start, self.walker.at, &mut out)?,
            }
        }
    }

    /// An initializer, field 5 of a graph: as it is, or with its `raw_data` 9 elsewhere.
    fn tensor(&mut self, start: u64, end: u64) -> Result<Vec<u8>, GraphError> {
        let (mut inner, mut taken) = (Vec::new(), false);
        loop {
            let begin = self.walker.at;
            match self.walker.field(end)? {
                None => break,
                Some(Field::Bytes(9, stop)) if !taken && stop - self.walker.at >= self.least => {
                    let length = stop - self.walker.at;
                    let offset = self.weights.at.next_multiple_of(ALIGNMENT);
                    self.weights.file.seek(SeekFrom::Start(offset))?;
                    let copied = io::copy(
                        &mut (&mut self.walker.input).take(length),
                        &mut self.weights.file,
                    )?;
                    if copied != length {
                        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                    }
                    self.walker.at = stop;
                    self.weights.at = offset + length;
                    self.weights.taken += 1;
                    taken = true;
                    // `data_location` 14 is EXTERNAL.
                    inner.extend([14 << 3, 1]);
                    let (offset, length) = (offset.to_string(), length.to_string());
                    let place = [
                        ("location", self.weights.location.as_str()),
                        ("offset", &offset),
                        ("length", &length),
                    ];
                    for (key, value) in place {
                        let mut entry = Vec::new();
                        put_bytes(&mut entry, 1, key.as_bytes());
                        put_bytes(&mut entry, 2, value.as_bytes());
                        put_bytes(&mut inner, 13, &entry);
                    }
                }
                // What it said of the place before: inside.
                Some(Field::Number(14, _)) => {}
                Some(Field::Bytes(_, stop)) => self.copy(begin, stop, &mut inner)?,
                Some(_) => self.copy(begin, self.walker.at, &mut inner)?,
            }
        }
        let mut out = Vec::new();
        if taken {
            put_bytes(&mut out, 5, &inner);
        } else {
            self.copy(start, end, &mut out)?;
        }
        Ok(out)
    }
}

/// Reads `path`.
pub(super) fn read(path: &Path) -> Result<Graph, GraphError> {
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let mut walker = Walker { input: BufReader::new(file), at: 0, found: Graph::default() };
    walker.message(Message::Model, end, 0)?;
    if walker.found.outputs.is_empty() {
        return Err(format("it holds no ONNX graph with outputs"));
    }
    Ok(walker.found)
}

struct Walker {
    input: BufReader<File>,
    at: u64,
    found: Graph,
}

/// A field: its number, and its value or where it ends.
enum Field {
    Number(u64, u64),
    Bytes(u64, u64),
    Other,
}

impl Walker {
    fn varint(&mut self, end: u64) -> Result<u64, GraphError> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            if self.at >= end {
                return Err(format(format!(
                    "it ends in the middle of a field at byte {}",
                    self.at
                )));
            }
            let mut byte = [0u8];
            self.input.read_exact(&mut byte)?;
            self.at += 1;
            if shift >= 64 {
                return Err(format(format!("byte {} is no ONNX: a number is too long", self.at)));
            }
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    fn skip_to(&mut self, to: u64) -> Result<(), GraphError> {
        let step = i64::try_from(to - self.at).map_err(|_| format("a length is too large"))?;
        self.input.seek_relative(step)?;
        self.at = to;
        Ok(())
    }

    /// The next field of a message that ends at `end`; `None` at its end.
    fn field(&mut self, end: u64) -> Result<Option<Field>, GraphError> {
        if self.at == end {
            return Ok(None);
        }
        let key = self.varint(end)?;
        let number = key >> 3;
        let width = match key & 7 {
            0 => return Ok(Some(Field::Number(number, self.varint(end)?))),
            1 => 8,
            5 => 4,
            2 => {
                let length = self.varint(end)?;
                let stop = self.at.checked_add(length).filter(|stop| *stop <= end);
                let stop = stop.ok_or_else(|| {
                    let missing = length.saturating_sub(end - self.at);
                    format(format!("it is cut off or damaged: {missing} bytes are missing"))
                })?;
                return Ok(Some(Field::Bytes(number, stop)));
            }
            _ => return Err(format(format!("byte {} is no ONNX", self.at))),
        };
        if number == 0 || end - self.at < width {
            return Err(format(format!("byte {} is no ONNX", self.at)));
        }
        self.skip_to(self.at + width)?;
        Ok(Some(Field::Other))
    }

    fn string(&mut self, end: u64) -> Result<String, GraphError> {
        let length = end - self.at;
        if length > MAX_NAME {
            return Err(format(format!("a name has {length} bytes, at most {MAX_NAME} are read")));
        }
        let mut bytes = vec![0; length as usize];
        self.input.read_exact(&mut bytes)?;
        self.at = end;
        String::from_utf8(bytes).map_err(|_| format("a name is not UTF-8"))
    }

    fn message(&mut self, message: Message, end: u64, depth: usize) -> Result<(), GraphError> {
        if depth > MAX_DEPTH {
            return Err(format(format!("graphs are nested more than {MAX_DEPTH} deep")));
        }
        if message == Message::Tensor {
            return self.tensor(end);
        }
        // The first graph of the model is the main one; others stand in nodes.
        let main = message == Message::Graph && depth == 1;
        while let Some(field) = self.field(end)? {
            let Field::Bytes(number, stop) = field else { continue };
            if main && matches!(number, 11 | 12) {
                let outlet = self.outlet(stop)?;
                let Graph { inputs, outputs, .. } = &mut self.found;
                if number == 11 { inputs } else { outputs }.push(outlet);
                if self.found.inputs.len().max(self.found.outputs.len()) > MAX_ITEMS {
                    return Err(format("it has too many inputs or outputs"));
                }
            } else if let Some(child) = child(message, number) {
                self.message(child, stop, depth + 1)?;
            }
            self.skip_to(stop)?;
        }
        Ok(())
    }

    /// `TensorProto`: `name` 8, `external_data` 13.
    fn tensor(&mut self, end: u64) -> Result<(), GraphError> {
        let mut external = External::default();
        let mut entries = false;
        while let Some(field) = self.field(end)? {
            match field {
                Field::Bytes(8, stop) => external.tensor = self.string(stop)?,
                Field::Bytes(13, stop) => {
                    entries = true;
                    self.entry(stop, &mut external)?;
                }
                // `data_location` 14: 1 is EXTERNAL.
                Field::Number(14, 1) => entries = true,
                Field::Bytes(_, stop) => self.skip_to(stop)?,
                _ => {}
            }
        }
        if entries {
            if self.found.external.len() >= MAX_ITEMS {
                return Err(format("it has too many tensors in other files"));
            }
            self.found.external.push(external);
        }
        Ok(())
    }

    /// `StringStringEntryProto`: `key` 1, `value` 2.
    fn entry(&mut self, end: u64, external: &mut External) -> Result<(), GraphError> {
        let (mut key, mut value) = (String::new(), String::new());
        while let Some(field) = self.field(end)? {
            match field {
                Field::Bytes(1, stop) => key = self.string(stop)?,
                Field::Bytes(2, stop) => value = self.string(stop)?,
                Field::Bytes(_, stop) => self.skip_to(stop)?,
                _ => {}
            }
        }
        let number = |value: &str| {
            value.parse().map_err(|_| format(format!("`{key}` of external data is no number")))
        };
        match key.as_str() {
            // Of two locations the runtime takes one; which, nobody should have to know.
            "location" if !external.location.is_empty() => {
                return Err(format("a tensor names two files for its data"));
            }
            "offset" => external.offset = number(&value)?,
            "length" => external.length = number(&value)?,
            "location" => external.location = value,
            _ => {}
        }
        Ok(())
    }

    /// `ValueInfoProto`: `name` 1, `type` 2 with `tensor_type` 1: `elem_type` 1, `shape` 2.
    fn outlet(&mut self, end: u64) -> Result<Outlet, GraphError> {
        let mut outlet = Outlet::default();
        while let Some(field) = self.field(end)? {
            match field {
                Field::Bytes(1, stop) => outlet.name = self.string(stop)?,
                Field::Bytes(2, stop) => {
                    while let Some(field) = self.field(stop)? {
                        match field {
                            Field::Bytes(1, stop) => self.tensor_type(stop, &mut outlet)?,
                            Field::Bytes(_, stop) => self.skip_to(stop)?,
                            _ => {}
                        }
                    }
                }
                Field::Bytes(_, stop) => self.skip_to(stop)?,
                _ => {}
            }
        }
        Ok(outlet)
    }

    fn tensor_type(&mut self, end: u64, outlet: &mut Outlet) -> Result<(), GraphError> {
        while let Some(field) = self.field(end)? {
            match field {
                Field::Number(1, element) => outlet.element = element,
                Field::Bytes(2, stop) => {
                    // `TensorShapeProto`: `dim` 1.
                    while let Some(field) = self.field(stop)? {
                        match field {
                            Field::Bytes(1, stop) => {
                                let size = self.dimension(stop)?;
                                outlet.shape.push(size);
                            }
                            Field::Bytes(_, stop) => self.skip_to(stop)?,
                            _ => {}
                        }
                    }
                }
                Field::Bytes(_, stop) => self.skip_to(stop)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// `dim_value` 1; `dim_param` 2 leaves it open.
    fn dimension(&mut self, end: u64) -> Result<Option<u64>, GraphError> {
        let mut size = None;
        while let Some(field) = self.field(end)? {
            match field {
                Field::Number(1, value) => size = Some(value),
                Field::Bytes(_, stop) => self.skip_to(stop)?,
                _ => {}
            }
        }
        Ok(size)
    }
}
