//! Reads that special files and large ones cannot block, and errors that are the machine's.

use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use origin_probe::limits::{
    FileError, FileKinds, MOST_FILE_BYTES, Shortage, Stage, own_failure, read_file,
};
use rustix::io::Errno;

use crate::common::process::Folder;

fn refusal(path: &Path, kinds: FileKinds) -> String {
    read_file(path, MOST_FILE_BYTES, kinds).unwrap_err().to_string()
}

#[test]
fn a_daemon_reads_regular_files_and_nothing_else() {
    let folder = Folder::new("limits-kinds");
    let (file, link) = (folder.write("file", "text"), folder.join("link"));
    symlink("file", &link).unwrap();
    for path in [&file, &link] {
        assert_eq!(read_file(path, 4, FileKinds::Regular).unwrap(), b"text");
    }
    folder.pipe("fifo");
    symlink("fifo", folder.join("fifo-link")).unwrap();
    symlink("/dev/zero", folder.join("zero")).unwrap();
    let _listener = UnixListener::bind(folder.join("socket")).unwrap();
    for (name, expected) in [
        ("fifo", "is a named pipe; give a regular file"),
        ("fifo-link", "is a named pipe; give a regular file"),
        ("zero", "is a device; give a regular file"),
        ("socket", "is a socket; give a regular file"),
        ("", "cannot be read: is a directory"),
        ("none", "cannot be read: No such file or directory (os error 2)"),
    ] {
        assert_eq!(refusal(&folder.join(name), FileKinds::Regular), expected, "{name}");
    }
}

#[test]
fn a_command_reads_pipes_and_devices_up_to_the_limit() {
    let folder = Folder::new("limits-any");
    let fifo = folder.pipe("fifo");
    let writer = std::thread::spawn({
        let fifo = fifo.clone();
        move || std::fs::write(fifo, "text").unwrap()
    });
    assert_eq!(read_file(&fifo, 4, FileKinds::Any).unwrap(), b"text");
    writer.join().unwrap();
    let expected = "is larger than 64 MiB; give a smaller file";
    assert_eq!(refusal(Path::new("/dev/zero"), FileKinds::Any), expected);
}

#[test]
fn the_limit_holds_whatever_size_the_system_states() {
    // The kernel reports a size of 0 for it.
    let status = Path::new("/proc/self/status");
    assert_eq!(status.metadata().unwrap().len(), 0);
    let text = read_file(status, MOST_FILE_BYTES, FileKinds::Regular).unwrap();
    assert!(text.starts_with(b"Name:"));
    let larger = read_file(status, 10, FileKinds::Regular);
    assert!(matches!(larger, Err(FileError::TooLarge { limit: 10 })), "{larger:?}");
}

/// An error, and what is exhausted when it comes from opening, connecting, transferring or starting
/// a thread.
fn row(errno: Errno, exhausted: [Option<Shortage>; 4]) {
    let stages = [Stage::Open, Stage::Connect, Stage::Transfer, Stage::Thread];
    assert_eq!(stages.map(|stage| own_failure(&errno.into(), stage)), exhausted, "{errno}");
}

#[test]
fn an_error_of_the_machine_is_told_from_one_of_the_network() {
    use Shortage::{Files, Memory, Ports, SystemFiles, Threads};
    row(Errno::MFILE, [Some(Files); 4]);
    row(Errno::NFILE, [Some(SystemFiles); 4]);
    row(Errno::NOBUFS, [Some(Memory); 4]);
    row(Errno::NOMEM, [Some(Memory); 4]);
    row(Errno::NOSPC, [Some(Memory), Some(Memory), None, None]);
    row(Errno::AGAIN, [Some(Memory), Some(Memory), None, Some(Threads)]);
    row(Errno::ADDRNOTAVAIL, [Some(Ports), Some(Ports), None, None]);
    row(Errno::ADDRINUSE, [Some(Ports), None, None, None]);
    row(Errno::CONNREFUSED, [None; 4]);
    row(Errno::TIMEDOUT, [None; 4]);
    row(Errno::NETUNREACH, [None; 4]);
    row(Errno::HOSTUNREACH, [None; 4]);
    row(Errno::ACCESS, [None; 4]);
    row(Errno::CONNRESET, [None; 4]);
    let without_a_number = io::Error::from(io::ErrorKind::OutOfMemory);
    assert_eq!(own_failure(&without_a_number, Stage::Open), Some(Memory));
    assert_eq!(own_failure(&io::Error::other("something else"), Stage::Open), None);
}
