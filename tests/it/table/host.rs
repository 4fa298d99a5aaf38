//! Processes that run the servers of many rows, since a virtual machine takes long to start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};
use tokio::sync::Mutex;

use super::process::Absent;

/// The processes by their commands. Each begins a server for every line that it reads, and ends
/// at the end of its input, or once a server does not start.
#[derive(Debug, Default)]
pub struct Hosts(Mutex<BTreeMap<String, Host>>);

#[derive(Debug)]
struct Host {
    child: Child,
    input: ChildStdin,
    output: PathBuf,
}

impl Hosts {
    /// Orders a server from the process of `command`, which `spawn` starts if there is none, and
    /// returns where that process writes.
    pub async fn order(
        &self,
        command: &str,
        order: &str,
        spawn: impl FnOnce() -> Result<(Child, PathBuf), Absent>,
    ) -> Result<PathBuf, Absent> {
        let mut hosts = self.0.lock().await;
        // Another server may have taken it down.
        let runs = |host: &mut Host| host.child.try_wait().unwrap().is_none();
        if !hosts.get_mut(command).is_some_and(runs) {
            let (mut child, output) = spawn()?;
            let input = child.stdin.take().unwrap();
            hosts.insert(command.to_owned(), Host { child, input, output });
        }
        let host = hosts.get_mut(command).unwrap();
        // Where it has ended, it never listens, and its output says why.
        let _ = host.input.write_all(format!("{order}\n").as_bytes()).await;
        let _ = host.input.flush().await;
        Ok(host.output.clone())
    }

    pub async fn has_ended(&self, command: &str) -> bool {
        let mut hosts = self.0.lock().await;
        hosts.get_mut(command).is_none_or(|host| host.child.try_wait().unwrap().is_some())
    }
}
