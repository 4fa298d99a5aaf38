//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    origin_probe::cli::main()
}
