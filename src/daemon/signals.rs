//! Termination signals.

use std::process::ExitCode;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::emulate_default_handler;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Handlers of SIGTERM and Ctrl-C. Before they are installed, the signals end the process at once,
/// or have no effect if it is the init process of a container.
#[derive(Debug)]
pub(crate) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for a signal, and returns its number and its name.
    pub(crate) async fn asked(&mut self) -> (i32, &'static str) {
        tokio::select! {
            _ = self.terminate.recv() => (SIGTERM, "SIGTERM"),
            _ = self.interrupt.recv() => (SIGINT, "Ctrl-C"),
        }
    }
}

/// A termination signal arrived before the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("interrupted")]
pub(crate) struct Interrupted {
    signal: i32,
}

impl Interrupted {
    /// Waits for a signal.
    pub(crate) async fn wait(signals: &mut EndSignals) -> Self {
        Self { signal: signals.asked().await.0 }
    }

    /// Ends the process by the default action of the signal, so that a shell that runs it in a loop
    /// notices the interruption, too.
    pub(crate) fn end(self) -> ExitCode {
        let _ = emulate_default_handler(self.signal);
        // Like a shell: 128 plus the signal number.
        ExitCode::from(u8::try_from(128 + self.signal).unwrap_or(u8::MAX))
    }
}
