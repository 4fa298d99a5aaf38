//! The operating system's limits on this process, and this process's limits on files and chains.

mod chains;
mod file;
mod files;
mod memory;
mod shortage;

pub use chains::ChainBudget;
pub use file::{
    FileError, FileKinds, FileStamp, MOST_FILE_BYTES, READ_DEADLINE, look_at_files, read_file,
    read_hangs,
};
pub use files::{FEWEST_FILES, OpenFiles, Shares, file_limit, open_files, raise_file_limit};
pub use memory::memory_limit;
pub use shortage::{Shortage, Stage, own_failure};
