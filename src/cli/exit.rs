//! Every exit code, in one place: the help, the README and the man page print from it.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was checked and the gate holds.
    Passed = 0,
    /// `--fail-on`, `--min-score` or `--max-penalty` does not hold.
    GateFailed = 1,
    /// Wrong arguments or configuration.
    Usage = 2,
    /// A file or a line could not be read; the rest was checked.
    Unreadable = 3,
    /// The model or the ONNX Runtime library is missing or corrupt.
    ModelMissing = 4,
    /// The model failed, or the output could not be written.
    Failed = 5,
    /// No text was found.
    NothingToCheck = 6,
    /// Stopped by Ctrl-C; nothing half-written is left.
    Interrupted = 130,
}

impl Exit {
    /// Every code.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::GateFailed,
        Self::Usage,
        Self::Unreadable,
        Self::ModelMissing,
        Self::Failed,
        Self::NothingToCheck,
        Self::Interrupted,
    ];

    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "everything was checked and the gate holds",
            Self::GateFailed => "--fail-on, --min-score or --max-penalty does not hold",
            Self::Usage => "wrong arguments or configuration",
            Self::Unreadable => "a file or a line could not be read; the rest was checked",
            Self::ModelMissing => "the model or the ONNX Runtime library is missing or corrupt",
            Self::Failed => "the model failed, or the output could not be written",
            Self::NothingToCheck => "no text was found",
            Self::Interrupted => "stopped by Ctrl-C; nothing half-written is left",
        }
    }

    /// All of them, for the end of the help.
    #[must_use]
    pub fn table() -> String {
        let rows = Self::ALL.iter().map(|exit| format!("  {:<4} {}", exit.code(), exit.meaning()));
        format!("Exit codes:\n{}", rows.collect::<Vec<_>>().join("\n"))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
