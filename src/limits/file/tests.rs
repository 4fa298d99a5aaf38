use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use super::{Access, FileError, Files, MOST_ATTEMPTS, MOST_FILE_BYTES, bytes_of};

#[test]
fn the_limit_holds_whatever_is_read() {
    // A file that grows as fast as it is read.
    let endless = bytes_of(io::repeat(b'x'), 3 << 20, None);
    assert!(matches!(endless, Err(FileError::TooLarge { .. })), "{endless:?}");
    let exact = bytes_of(io::Read::take(io::repeat(b'x'), 3 << 20), 3 << 20, None);
    assert_eq!(exact.unwrap().len(), 3 << 20);
}

#[test]
fn a_slow_file_is_given_up_at_the_deadline() {
    let slow = bytes_of(io::repeat(b'x'), MOST_FILE_BYTES, Some(Instant::now()));
    assert!(matches!(slow, Err(FileError::TimedOut)), "{slow:?}");
}

#[test]
fn a_file_that_hangs_delays_the_others_once_and_is_read_again_when_it_answers() {
    let files = Arc::new(Files::new(Duration::from_secs(1)));
    let paths = ["/m/a", "/m/hangs", "/m/b"].map(PathBuf::from);
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let read = move |path: &Path| {
        if path.ends_with("hangs") {
            let _ = released.lock().unwrap().recv();
        }
        path.to_owned()
    };
    let results = files.each(&paths, Access::Read, read.clone());
    let came: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(came, [true, false, true]);
    assert!(matches!(results[1], Err(FileError::TimedOut)));
    assert_eq!(files.hanging(&files.lock(), Instant::now(), Access::Read, &paths[1]), 1);
    drop(release);
    while !files.lock().is_empty() {
        std::thread::yield_now();
    }
    assert!(files.each(&paths, Access::Read, read).iter().all(Result::is_ok));
}

#[test]
fn a_path_that_hangs_is_tried_more_and_more_rarely() {
    let deadline = Duration::from_secs(10);
    let path = Path::new("/m/a");
    for (began, may_begin) in [
        // Two concurrent reads of the same file.
        (&[9_u64, 5][..], true),
        (&[11], true),
        (&[20, 11], false),
        (&[31, 21], true),
        (&[61, 51, 41], true),
        (&[61, 51, 39], false),
    ] {
        let files = Files::new(deadline);
        let began = began.iter().map(|ago| Instant::now() - Duration::from_secs(*ago)).collect();
        files.lock().insert((Access::Read, path.to_owned()), began);
        assert_eq!(files.begin(Access::Read, path).is_some(), may_begin, "{:?}", files.lock());
        assert!(files.begin(Access::Look, path).is_some());
    }
    let files = Files::new(Duration::ZERO);
    let attempts: Vec<_> =
        (0..MOST_ATTEMPTS + 5).map(|_| files.begin(Access::Read, path)).collect();
    assert_eq!(attempts.iter().flatten().count(), usize::try_from(MOST_ATTEMPTS).unwrap());
}

#[test]
fn a_folder_of_files_that_hang_costs_four_threads() {
    let files = Files::new(Duration::ZERO);
    let paths: Vec<PathBuf> = (0..20).map(|n| PathBuf::from(format!("/m/{n}"))).collect();
    let began: Vec<_> = paths.iter().map(|path| files.begin(Access::Read, path)).collect();
    assert_eq!(began.iter().flatten().count(), 4);
    assert!(files.begin(Access::Read, Path::new("/other/a")).is_some());
    drop(began);
    assert!(files.begin(Access::Read, &paths[9]).is_some());
}
