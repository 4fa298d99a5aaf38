//! Limits of the operating system on this process, and of this process on the files it reads and
//! the chains it keeps.

mod chains;
mod file;
mod memory;

pub use chains::ChainBudget;
pub use file::FileError;
pub use file::FileKinds;
pub use file::MOST_FILE_BYTES;
pub use file::READ_DEADLINE;
pub use file::look_at_files;
pub use file::read_file;
pub use file::read_hangs;
pub use memory::memory_limit;
