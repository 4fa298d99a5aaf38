//! File reads that neither special files, large files nor a hanging file system can block.

use std::collections::HashMap;
use std::fs::{File, FileType};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use rustix::fs::{Mode, OFlags};
use thiserror::Error;

use super::shortage::{Stage, explained};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKinds {
    /// Regular files, each within [`READ_DEADLINE`]. For files that the daemon reads repeatedly.
    Regular,
    /// Also pipes, devices and `-` (standard input), without a deadline. For files that a command
    /// reads once.
    Any,
}

/// The timeout for a read or a stat of a regular file. A local disk takes milliseconds, and a
/// reload request waits for the answer.
pub const READ_DEADLINE: Duration = Duration::from_secs(10);

/// The size limit of files, in bytes.
pub const MOST_FILE_BYTES: u64 = 64 << 20;

/// Why a file cannot be read. The message follows the file's path.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("is {kind}; give a regular file")]
    NotRegular { kind: &'static str },
    #[error("is larger than {} MiB; give a smaller file", limit >> 20)]
    TooLarge { limit: u64 },
    #[error("cannot be read within {} s; check the file system that it is on", READ_DEADLINE.as_secs())]
    TimedOut,
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
}

/// By hand, because the message already contains that of the operating system: as the source it
/// would appear twice.
impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Unreadable(error) => error,
            error => Self::other(error),
        }
    }
}

/// Returns the content of a file of at most `limit` bytes.
///
/// # Errors
/// If the file is larger, is of another kind, or cannot be opened or read in time.
pub fn read_file(path: &Path, limit: u64, kinds: FileKinds) -> Result<Vec<u8>, FileError> {
    match kinds {
        FileKinds::Regular => {
            let read = move |path: &Path| read_regular(path, limit);
            let mut results = FILES.each(&[path.to_owned()], Access::Read, read);
            results.pop().unwrap_or(Err(FileError::TimedOut))?
        }
        FileKinds::Any if path == Path::new("-") => bytes_of(io::stdin().lock(), limit, None),
        FileKinds::Any => bytes_of(File::open(path)?, limit, None),
    }
}

/// Calls `look`, which must not read, for each of the paths; `Err` if that exceeds
/// [`READ_DEADLINE`].
pub fn look_at_files<T: Send + 'static>(
    paths: &[PathBuf],
    look: impl Fn(&Path) -> T + Clone + Send + 'static,
) -> Vec<Result<T, FileError>> {
    FILES.each(paths, Access::Look, look)
}

/// Returns whether a read of the file timed out and is still blocked.
pub fn read_hangs(path: &Path) -> bool {
    FILES.hanging(&FILES.lock(), Instant::now(), Access::Read, path) > 0
}

static FILES: LazyLock<Arc<Files>> = LazyLock::new(|| Arc::new(Files::new(READ_DEADLINE)));

/// The unfinished work on files.
///
/// A thread that is blocked in a system call cannot be stopped, only abandoned. So the interval
/// between attempts on a hanging path doubles each time. This is short enough to notice that the
/// path leads to another file system now, and long enough that a mount that hangs for a week costs
/// about a dozen threads.
struct Files {
    deadline: Duration,
    /// The start times of the unfinished work, oldest first.
    under_way: Mutex<HashMap<(Access, PathBuf), Vec<Instant>>>,
}

/// The kind of work. A hanging stat does not prevent a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Access {
    Look,
    Read,
}

/// The work on one file, until dropped.
struct Work<'a> {
    files: &'a Files,
    access: Access,
    path: &'a Path,
    began: Instant,
}

impl Files {
    fn new(deadline: Duration) -> Self {
        Self { deadline, under_way: Mutex::default() }
    }

    /// Does `work` for each of the paths on a separate thread, which is abandoned if one path does
    /// not finish in time. All paths that do not hang share one thread.
    fn each<T: Send + 'static>(
        self: &Arc<Self>,
        paths: &[PathBuf],
        access: Access,
        work: impl Fn(&Path) -> T + Clone + Send + 'static,
    ) -> Vec<Result<T, FileError>> {
        let mut results = Vec::with_capacity(paths.len());
        while results.len() < paths.len() {
            let rest = paths[results.len()..].to_vec();
            let (sender, receiver) = mpsc::channel();
            let (files, work) = (Arc::clone(self), work.clone());
            let thread = thread::Builder::new().name("files".to_owned()).spawn(move || {
                for path in &rest {
                    let result = match files.begin(access, path) {
                        Some(_under_way) => Ok(work(path)),
                        None => Err(FileError::TimedOut),
                    };
                    if sender.send(result).is_err() {
                        return;
                    }
                }
            });
            if let Err(error) = thread {
                results.push(Err(FileError::Unreadable(explained(error, Stage::Thread))));
                continue;
            }
            while let Ok(result) = receiver.recv_timeout(self.deadline) {
                results.push(result);
            }
            if results.len() < paths.len() {
                results.push(Err(FileError::TimedOut));
            }
        }
        results
    }

    /// Registers work on a file; `None` if it would most likely hang.
    fn begin<'a>(&'a self, access: Access, path: &'a Path) -> Option<Work<'a>> {
        let began = Instant::now();
        let mut under_way = self.lock();
        let attempts = self.hanging(&under_way, began, access, path);
        let may_begin = match u32::try_from(attempts) {
            Ok(0) => {
                let neighbours = under_way.keys().filter(|(other, neighbour)| {
                    *other == access
                        && neighbour.parent() == path.parent()
                        && self.hanging(&under_way, began, access, neighbour) > 0
                });
                neighbours.count() < MOST_IN_A_FOLDER
            }
            Ok(attempts) if attempts < MOST_ATTEMPTS => {
                let last = under_way.get(&(access, path.to_owned())).and_then(|all| all.last());
                let pause = self.deadline * 2_u32.pow(attempts - 1);
                last.is_none_or(|last| began.duration_since(*last) >= pause)
            }
            _ => false,
        };
        may_begin.then(|| {
            under_way.entry((access, path.to_owned())).or_default().push(began);
            Work { files: self, access, path, began }
        })
    }

    /// Returns how many attempts on the file exceeded the deadline and are still blocked.
    fn hanging(
        &self,
        under_way: &HashMap<(Access, PathBuf), Vec<Instant>>,
        now: Instant,
        access: Access,
        path: &Path,
    ) -> usize {
        let began = under_way.get(&(access, path.to_owned())).map_or(&[][..], Vec::as_slice);
        began.iter().filter(|began| now.duration_since(**began) >= self.deadline).count()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Access, PathBuf), Vec<Instant>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        let mut under_way = self.files.lock();
        let key = (self.access, self.path.to_owned());
        if let Some(all) = under_way.get_mut(&key) {
            if let Some(place) = all.iter().position(|began| *began == self.began) {
                all.remove(place);
            }
            if all.is_empty() {
                under_way.remove(&key);
            }
        }
    }
}

/// How many hanging paths of one folder are tried. After that, the folder counts as hanging.
const MOST_IN_A_FOLDER: usize = 4;
/// How often a hanging path is tried; the last time is after four days.
const MOST_ATTEMPTS: u32 = 16;

/// Reads a regular file, even if it is replaced meanwhile.
fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    // Checked before opening, because opening a device can have side effects.
    refuse_irregular(fs::metadata(path)?.file_type())?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?);
    refuse_irregular(file.metadata()?.file_type())?;
    bytes_of(file, limit, Some(Instant::now() + READ_DEADLINE))
}

fn refuse_irregular(file: FileType) -> Result<(), FileError> {
    let kind = match file {
        _ if file.is_file() => return Ok(()),
        _ if file.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        _ if file.is_fifo() => "a named pipe",
        _ if file.is_char_device() || file.is_block_device() => "a device",
        _ if file.is_socket() => "a socket",
        _ => "not a regular file",
    };
    Err(FileError::NotRegular { kind })
}

/// Reads to the end, regardless of the size in the file's metadata.
fn bytes_of(
    mut source: impl Read,
    limit: u64,
    deadline: Option<Instant>,
) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    loop {
        // One byte more than the limit distinguishes a file of that size from a larger one.
        let room = limit + 1 - bytes.len() as u64;
        let read = source.by_ref().take(room.min(PIECE)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(FileError::TooLarge { limit });
        }
        if read == 0 {
            return Ok(bytes);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(FileError::TimedOut);
        }
    }
}

/// How much is read between two checks of the deadline.
const PIECE: u64 = 1 << 20;

/// The metadata that changes with a file's content.
///
/// Symbolic links are followed, because that is how a ConfigMap is updated: `..data` is pointed to
/// another folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp([i64; 7]);

impl FileStamp {
    /// Returns the stamp of a file; `None` if it cannot be read, which counts as a missing file.
    ///
    /// # Errors
    /// If it takes too long, or no thread can be started for it.
    pub fn of(file: &Path) -> Result<Option<Self>, FileError> {
        let look = look_at_files(&[file.to_owned()], stamp_of).pop();
        look.unwrap_or(Err(FileError::TimedOut))
    }

    /// Returns the stamp of each file; `None` if it cannot be read in time.
    pub fn of_all(files: &[PathBuf]) -> Vec<Option<Self>> {
        look_at_files(files, stamp_of).into_iter().map(|look| look.ok().flatten()).collect()
    }
}

fn stamp_of(file: &Path) -> Option<FileStamp> {
    let file = fs::metadata(file).ok()?;
    Some(FileStamp([
        file.dev().cast_signed(),
        file.ino().cast_signed(),
        file.size().cast_signed(),
        file.mtime(),
        file.mtime_nsec(),
        file.ctime(),
        file.ctime_nsec(),
    ]))
}

#[cfg(test)]
mod tests;
