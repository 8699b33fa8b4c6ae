//! The `cermat` program: see [`cermat::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    cermat::cli::main().into()
}
