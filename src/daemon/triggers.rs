//! Triggers of reloads and fleet updates: SIGHUP, changed files, changed discovered origins.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tracing::warn;

use crate::web::Control;

use super::reload::{Cause, Reloader};
use super::source::Fingerprint;

/// Reloads on every SIGHUP since `hangups` was installed, forever.
pub(super) async fn reload_on_hangup(reloader: Arc<Reloader>, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        // The reloader has reported any error.
        let _ = reloader.reload(Cause::Hangup).await;
    }
}

/// Reloads whenever a file has changed since it was read, forever.
///
/// Polling works where file notifications do not: on network file systems and with the symbolic
/// links of a ConfigMap.
pub(super) async fn reload_on_change(reloader: Arc<Reloader>) {
    let mut looks = tokio::time::interval(BETWEEN_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = reloader.fingerprint();
    let mut refused = None;
    loop {
        looks.tick().await;
        let Some(now) = look(reloader.fingerprint()).await else { continue };
        if reloader.refusal().is_none() {
            refused = None;
        }
        let known = refused.clone().unwrap_or_else(|| reloader.fingerprint());
        // Reload only if nothing has changed since the last poll: the file may still be written.
        if now != known && now == last && reloader.reload(Cause::FileChange).await.is_err() {
            let mut read = now.clone();
            read.note_what_hangs();
            refused = Some(read);
        }
        last = now;
    }
}

/// Updates the fleet whenever `found` reports that the discovered origins may have changed,
/// forever.
pub(super) async fn take_what_is_found(reloader: Arc<Reloader>, mut found: watch::Receiver<u64>) {
    while found.changed().await.is_ok() {
        reloader.take_what_is_found().await;
    }
}

async fn look(known: Fingerprint) -> Option<Fingerprint> {
    // A hanging file system must not block the runtime.
    let look = tokio::task::spawn_blocking(move || known.again());
    look.await.inspect_err(|error| warn!(%error, "configuration file check failed")).ok()
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
