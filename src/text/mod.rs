//! Text without files: spans, lines, words, languages.

mod lang;
mod lines;
mod span;
mod words;

pub use lang::{Direction, Language, ParseDirectionError};
pub use lines::{LineColumn, LineIndex};
pub use span::{FileSpan, OffsetMap, Side, Span};
pub use words::{Word, lower, words};
