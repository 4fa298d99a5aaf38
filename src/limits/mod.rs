//! Limits of the operating system on this process, and of this process on the files it reads and
//! the chains it keeps.

mod chains;
mod file;
mod files;
mod memory;
mod shortage;

pub use chains::ChainBudget;
pub use file::FileError;
pub use file::FileKinds;
pub use file::MOST_FILE_BYTES;
pub use file::READ_DEADLINE;
pub use file::look_at_files;
pub use file::read_file;
pub use file::read_hangs;
pub use files::FEWEST_FILES;
pub use files::OpenFiles;
pub use files::Shares;
pub use files::file_limit;
pub use files::open_files;
pub use files::raise_file_limit;
pub use memory::memory_limit;
pub use shortage::Shortage;
pub use shortage::Stage;
pub use shortage::own_failure;
