//! Reads files so that neither their kind, their size nor a hanging file system stops the process.

use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::fs::FileType;
use std::io;
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rustix::fs::Mode;
use rustix::fs::OFlags;
use thiserror::Error;

use super::shortage::Stage;
use super::shortage::explained;

/// Which kinds of files may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKinds {
    /// Regular files, each within [`READ_DEADLINE`]: what a daemon reads again and again.
    Regular,
    /// Pipes, devices and `-` (standard input) too, without a deadline: what a command reads once.
    Any,
}

/// How long a regular file may take to be read or looked at. A local disk takes milliseconds, and a
/// request for a reload waits for the answer.
pub const READ_DEADLINE: Duration = Duration::from_secs(10);

/// The size of the largest file that is read, in bytes.
pub const MOST_FILE_BYTES: u64 = 64 << 20;

/// Why a file cannot be read. Displayed as what follows its path in a message.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("is {kind}; give a regular file")]
    NotRegular { kind: &'static str },
    #[error("is larger than {} MiB; give a smaller file", limit >> 20)]
    TooLarge { limit: u64 },
    #[error("cannot be read within {} s; check the file system that it is on", READ_DEADLINE.as_secs())]
    TimedOut,
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
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
/// When it is larger, of another kind, cannot be opened or read, or not in time.
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

/// Does `look`, which does not read, for each of the paths; `Err` where that takes longer than
/// [`READ_DEADLINE`].
pub fn look_at_files<T: Send + 'static>(
    paths: &[PathBuf],
    look: impl Fn(&Path) -> T + Clone + Send + 'static,
) -> Vec<Result<T, FileError>> {
    FILES.each(paths, Access::Look, look)
}

/// Returns whether a read of the file did not end in time and has not ended since.
pub fn read_hangs(path: &Path) -> bool {
    FILES.hanging(&FILES.lock(), Instant::now(), Access::Read, path) > 0
}

static FILES: LazyLock<Arc<Files>> = LazyLock::new(|| Arc::new(Files::new(READ_DEADLINE)));

/// The work on files that has not ended.
///
/// A thread in a system call that does not return can't be ended, only left behind. So a path that
/// hangs is tried again after twice as long each time: soon enough to notice that it leads to
/// another file system now, and rarely enough that a mount that hangs for a week costs a dozen
/// threads.
struct Files {
    deadline: Duration,
    /// When the work that has not ended began, oldest first.
    under_way: Mutex<HashMap<(Access, PathBuf), Vec<Instant>>>,
}

/// The kind of work: a look that hangs is no reason not to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Access {
    Look,
    Read,
}

/// The work on one file, from its beginning to its end.
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

    /// Does `work` for each of the paths on a thread of its own, which is left behind where one
    /// does not end in time. All but those that hang take one thread.
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

    /// Begins to work on a file, unless that would most likely hang.
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

    /// Returns how often work on a file has not ended in time and still has not.
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

/// How many paths of one folder are tried while they hang; after them the folder counts as hanging.
const MOST_IN_A_FOLDER: usize = 4;
/// How often one path is tried while it hangs; the last time is after four days.
const MOST_ATTEMPTS: u32 = 16;

/// Reads a regular file, whatever it becomes meanwhile.
fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    // Before it is opened, because opening a device may already do something.
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

/// Reads to the end, whatever the size was said to be.
fn bytes_of(
    mut source: impl Read,
    limit: u64,
    deadline: Option<Instant>,
) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    loop {
        // One byte more than is taken tells a file of that size from a larger one.
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

/// How much is read between two looks at the deadline.
const PIECE: u64 = 1 << 20;

#[cfg(test)]
mod tests;
