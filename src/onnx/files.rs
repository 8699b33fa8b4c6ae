//! Which graphs of a folder are run.
//!
//! Hub conversions hold one model many times over, in `onnx/`, and tell the copies apart by the
//! end of their names: nothing for float32, `_fp16`, and `_quantized`, `_int8` or `_uint8` for
//! eight bits. optimum writes the first of these beside `config.json`, its quantiser
//! `_quantized`.

use std::path::{Path, PathBuf};

use crate::model::ModelError;

/// How the weights of a graph are stored, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Four bytes a weight: the reference.
    Fp32,
    /// Two bytes.
    Fp16,
    /// One byte.
    Int8,
}

impl Precision {
    /// The best first: so they are tried where none is asked for.
    pub const ALL: [Self; 3] = [Self::Fp32, Self::Fp16, Self::Int8];

    /// `fp32`, `fp16`, `int8`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Fp16 => "fp16",
            Self::Int8 => "int8",
        }
    }

    /// Ends of file names, the usual one first.
    fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Fp32 => &[""],
            Self::Fp16 => &["_fp16", "_float16"],
            Self::Int8 => &["_quantized", "_int8", "_uint8"],
        }
    }
}

/// The decoder's graphs, by layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DecoderFiles {
    /// `decoder_model` and `decoder_with_past_model`.
    Split { first: PathBuf, next: PathBuf },
    /// `decoder_model_merged`.
    Merged(PathBuf),
    /// `decoder`, beside an `encoder` that hands out keys and values.
    Single(PathBuf),
}

/// The graphs of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphFiles {
    pub(super) encoder: PathBuf,
    pub(super) decoder: DecoderFiles,
}

impl GraphFiles {
    /// Finds them in `folder` or its `onnx/`; of several precisions the first of
    /// [`Precision::ALL`], unless one is asked for. Graphs of our own layout have one precision,
    /// which their names do not tell: they are taken whatever is asked for.
    pub(super) fn find(folder: &Path, asked: Option<Precision>) -> Result<Self, ModelError> {
        let folders = [folder.to_owned(), folder.join("onnx")];
        let [encoder, decoder] = ["encoder.onnx", "decoder.onnx"].map(|name| folder.join(name));
        if decoder.is_file() {
            return Ok(Self { encoder, decoder: DecoderFiles::Single(decoder) });
        }
        let precisions = Precision::ALL.into_iter().filter(|own| asked.is_none_or(|a| a == *own));
        for suffix in precisions.flat_map(Precision::suffixes) {
            for folder in &folders {
                let file = |name: &str| folder.join(format!("{name}{suffix}.onnx"));
                let encoder = file("encoder_model");
                let first = file("decoder_model");
                let next = file("decoder_with_past_model");
                let merged = file("decoder_model_merged");
                if !encoder.is_file() {
                    continue;
                }
                // The split graphs spare the branch and the tensors that the other branch wants.
                if first.is_file() && next.is_file() {
                    return Ok(Self { encoder, decoder: DecoderFiles::Split { first, next } });
                }
                if merged.is_file() {
                    return Ok(Self { encoder, decoder: DecoderFiles::Merged(merged) });
                }
            }
        }
        Err(ModelError::Config { path: folder.to_owned(), message: missing(&folders, asked) })
    }

    /// Every graph.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let mut paths = vec![self.encoder.as_path()];
        match &self.decoder {
            DecoderFiles::Split { first, next } => paths.extend([first.as_path(), next.as_path()]),
            DecoderFiles::Merged(path) | DecoderFiles::Single(path) => paths.push(path),
        }
        paths
    }

    /// Bytes of the weights: of the graphs and of the data beside them.
    pub(super) fn bytes(&self) -> u64 {
        let data = |path: &Path| {
            ["_data", ".data"].map(|end| {
                let mut name = path.as_os_str().to_owned();
                name.push(end);
                PathBuf::from(name)
            })
        };
        let paths = self.paths();
        let beside = paths.iter().flat_map(|path| data(path));
        let all = paths.iter().map(|path| path.to_path_buf()).chain(beside);
        all.filter_map(|path| Some(path.metadata().ok()?.len())).sum()
    }
}

/// What a folder without a whole set of graphs has, and what it would need.
fn missing(folders: &[PathBuf], asked: Option<Precision>) -> String {
    let mut there: Vec<String> = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".onnx"))
        .collect();
    there.sort();
    let precision = asked.map_or(String::new(), |asked| format!(" of precision {}", asked.name()));
    let end = asked.map_or("", |asked| asked.suffixes()[0]);
    let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
    format!(
        "no whole set of graphs{precision}: it takes encoder_model{end}.onnx, and \
         decoder_model_merged{end}.onnx or decoder_model{end}.onnx with \
         decoder_with_past_model{end}.onnx (graphs there: {there}); export the model again with \
         `optimum-cli export onnx --task text2text-generation-with-past`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            std::fs::write(path, "x").expect("a file");
        }
        folder
    }

    fn found(names: &[&str], asked: Option<Precision>) -> Result<Vec<String>, String> {
        let folder = folder(names);
        let files = GraphFiles::find(folder.path(), asked).map_err(|error| error.to_string())?;
        let name = |path: &Path| {
            path.strip_prefix(folder.path()).expect("inside").to_string_lossy().replace('\\', "/")
        };
        Ok(files.paths().into_iter().map(name).collect())
    }

    #[test]
    fn the_best_precision_that_is_whole() {
        let hub = [
            "onnx/encoder_model.onnx",
            "onnx/encoder_model_quantized.onnx",
            "onnx/encoder_model_fp16.onnx",
            "onnx/decoder_model_merged.onnx",
            "onnx/decoder_model_merged_quantized.onnx",
            "onnx/decoder_model_fp16.onnx",
        ];
        let fp32 = ["onnx/encoder_model.onnx", "onnx/decoder_model_merged.onnx"];
        assert_eq!(found(&hub, None).expect("fp32"), fp32);
        assert_eq!(found(&hub, Some(Precision::Fp32)).expect("fp32"), fp32);
        assert_eq!(
            found(&hub, Some(Precision::Int8)).expect("int8"),
            ["onnx/encoder_model_quantized.onnx", "onnx/decoder_model_merged_quantized.onnx"]
        );
        // Half a decoder is none.
        let error =
            found(&hub, Some(Precision::Fp16)).expect_err("no decoder_with_past_model_fp16");
        assert!(error.contains("of precision fp16"), "{error}");
        assert!(error.contains("decoder_model_merged_fp16.onnx"), "{error}");
        assert!(error.contains("graphs there: decoder_model_fp16.onnx"), "{error}");
        let error = found(&hub[1..4], None).expect_err("no two of one kind");
        assert!(error.contains("graphs there"), "{error}");
    }

    #[test]
    fn split_before_merged_and_our_own_before_all() {
        let names = [
            "encoder_model_int8.onnx",
            "decoder_model_int8.onnx",
            "decoder_with_past_model_int8.onnx",
            "decoder_model_merged_int8.onnx",
            "decoder.onnx",
            "encoder.onnx",
        ];
        assert_eq!(found(&names[..4], None).expect("int8"), names[..3]);
        assert_eq!(found(&names, None).expect("ours"), ["encoder.onnx", "decoder.onnx"]);
    }
}
