//! A process that probes the origin, and what a probe costs it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::origin::TestOrigin;
use super::usage::cpu_of;

/// A running process; it is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program.
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Self {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child }
    }

    /// Returns the microseconds of CPU, all threads, for each handshake that the origin sees while
    /// `meanwhile` runs.
    pub(crate) async fn cost(
        &self,
        origin: &TestOrigin,
        meanwhile: impl Future<Output = ()>,
    ) -> f64 {
        let process = self.child.id().unwrap();
        let (cpu, handshakes) = (cpu_of(process), origin.handshakes());
        meanwhile.await;
        let used: Duration = cpu_of(process) - cpu;
        let made = origin.handshakes() - handshakes;
        assert!(made > 0, "no handshake was made");
        used.as_secs_f64() * 1e6 / made as f64
    }
}
