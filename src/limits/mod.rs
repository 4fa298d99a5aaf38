//! Limits of the operating system on this process: memory and open files.

mod chains;
mod memory;

pub use chains::ChainBudget;
pub use memory::memory_limit;
