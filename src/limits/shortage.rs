//! Operating system errors that mean a resource of this machine is exhausted.

use std::io;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// An exhausted resource of this process or its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shortage {
    /// The process has too many open files (EMFILE).
    Files,
    /// The machine has too many open files (ENFILE).
    SystemFiles,
    Ports,
    Memory,
    Threads,
}

/// The operation that failed. The same error has different meanings in different operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Opening a file, creating a socket, or binding one to any free port.
    Open,
    /// Creating and connecting a socket.
    Connect,
    Transfer,
    Thread,
}

/// Returns the exhausted resource; `None` for an error with another cause.
///
/// EADDRNOTAVAIL from connect() can also mean that the machine has no source address. Only the
/// caller knows whether other addresses of that family can be reached.
pub fn own_failure(error: &io::Error, stage: Stage) -> Option<Shortage> {
    let Some(errno) = Errno::from_io_error(error) else {
        return (error.kind() == io::ErrorKind::OutOfMemory).then_some(Shortage::Memory);
    };
    match (errno, stage) {
        (Errno::MFILE, _) => Some(Shortage::Files),
        (Errno::NFILE, _) => Some(Shortage::SystemFiles),
        // bind() to any port returns EADDRINUSE if all ports are in use.
        (Errno::ADDRNOTAVAIL | Errno::ADDRINUSE, Stage::Open)
        | (Errno::ADDRNOTAVAIL, Stage::Connect) => Some(Shortage::Ports),
        (Errno::AGAIN, Stage::Thread) => Some(Shortage::Threads),
        // ENOSPC comes from epoll: kernel memory limits the watches of a user
        // (/proc/sys/fs/epoll/max_user_watches).
        (Errno::AGAIN | Errno::NOSPC, Stage::Open | Stage::Connect)
        | (Errno::NOBUFS | Errno::NOMEM, _) => Some(Shortage::Memory),
        _ => None,
    }
}

/// Adds the exhausted resource and its remedy to an error that is due to one.
pub(super) fn explained(error: io::Error, stage: Stage) -> io::Error {
    match own_failure(&error, stage) {
        Some(shortage) => {
            let (what, remedy) = (shortage.what(), shortage.remedy());
            io::Error::new(error.kind(), format!("{what} ({error}); {remedy}"))
        }
        None => error,
    }
}

impl Shortage {
    /// Returns the problem as a clause.
    pub fn what(self) -> &'static str {
        match self {
            Self::Files => "the process has no file descriptors left",
            Self::SystemFiles => "the machine has no file descriptors left",
            Self::Ports => "the machine has no free local ports",
            Self::Memory => "the kernel has no memory left for sockets",
            Self::Threads => "the process cannot start another thread",
        }
    }

    /// Returns the remedy as a clause.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Files => "raise `LimitNOFILE` (systemd) or `ulimit -n`",
            Self::SystemFiles => "raise `fs.file-max`, or stop the process that holds the files",
            Self::Ports => "widen `net.ipv4.ip_local_port_range`, or lower `probe.concurrency`",
            Self::Memory => "raise the memory limit, or lower `probe.concurrency`",
            Self::Threads => "raise `TasksMax` (systemd), `pids.max` or `ulimit -u`",
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{Stage, explained};

    #[test]
    fn an_error_of_the_machine_says_what_is_missing_and_what_to_do() {
        let told = |errno: Errno| explained(errno.into(), Stage::Thread).to_string();
        assert_eq!(
            told(Errno::AGAIN),
            "the process cannot start another thread (Resource temporarily unavailable (os error \
             11)); raise `TasksMax` (systemd), `pids.max` or `ulimit -u`"
        );
        assert_eq!(told(Errno::ACCESS), "Permission denied (os error 13)");
    }
}
