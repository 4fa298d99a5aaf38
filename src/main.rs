//! The binary: selects the allocator and runs the command line.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Each probe allocates kilobytes for a short time and keeps hundreds of bytes for a long time.
/// With the system allocator this fragments the heap and costs a sixth of the daemon's CPU time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    origin_probe::cli::main()
}
