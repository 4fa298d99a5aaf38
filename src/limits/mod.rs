//! Limits of the operating system on this process: memory and open files.

mod files;
mod memory;
mod shortage;

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
