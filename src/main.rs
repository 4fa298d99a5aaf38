//! Arguments in, exit code out; and where memory comes from.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Probes take kilobytes and leave behind hundreds of bytes, year in, year out: the system's
/// allocator lets the one fragment the other, and takes a sixth of the daemon's CPU.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    origin_probe::cli::main()
}
