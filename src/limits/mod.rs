//! Limits of the operating system on this process: memory and open files.

mod memory;

pub use memory::memory_limit;
