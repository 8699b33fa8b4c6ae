//! What scores are computed from, as TSV: for fitting another score (`scripts/score/fit.py`).
//!
//! `file`, `line`, `segment`, and a column for each of [`FEATURES`]; empty where the model
//! skipped the segment.

use std::io::{self, Write};

use super::{Reporter, rounded, tsv::escape};
use crate::{
    evidence::FEATURES,
    report::{Issue, Row, Signature, Unread},
};

pub(super) struct FeatureTable;

impl Reporter for FeatureTable {
    fn begin(&mut self, _signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "file\tline\tsegment\t{}", FEATURES.join("\t"))
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}\t{}\t{}", escape(&row.file), row.line, row.segment)?;
        for i in 0..FEATURES.len() {
            write!(out, "\t")?;
            if let Some(features) = &row.evidence.features {
                write!(out, "{}", rounded(features[i], 5))?;
            }
        }
        writeln!(out)
    }

    fn document(
        &mut self,
        _file: &str,
        _issues: &[Issue],
        _unread: &[Unread],
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        Ok(())
    }
}
