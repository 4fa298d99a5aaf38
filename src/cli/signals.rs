//! The end, when somebody asks for it.

use std::process::ExitCode;

use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::low_level::emulate_default_handler;
use thiserror::Error;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

/// SIGTERM and Ctrl-C, from when they are listened to: before that they end the process at once,
/// or, where it is the first of a container, do nothing at all.
#[derive(Debug)]
pub(super) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them, and names it.
    pub(super) async fn asked(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }
}

/// Somebody asked for the end before the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("interrupted")]
pub(super) struct Interrupted {
    signal: i32,
}

impl Interrupted {
    /// Waits for one of the signals.
    pub(super) async fn wait(signals: &mut EndSignals) -> Self {
        let signal = tokio::select! {
            _ = signals.terminate.recv() => SIGTERM,
            _ = signals.interrupt.recv() => SIGINT,
        };
        Self { signal }
    }

    /// Ends the process as the signal would have done by itself, so that a shell which waits for us
    /// sees that its loop was interrupted, too.
    pub(super) fn end(self) -> ExitCode {
        let _ = emulate_default_handler(self.signal);
        // What a shell makes of it: 128 and the signal's number.
        ExitCode::from(u8::try_from(128 + self.signal).unwrap_or(u8::MAX))
    }
}
