//! When a reload is due: on SIGHUP, and when a file has changed; and when other origins are found.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tracing::warn;

use crate::pages::Control;

use super::reload::Cause;
use super::reload::Reloader;
use super::source::Fingerprint;

/// Reloads at every SIGHUP, those included that came since `hangups` began to listen, for ever.
pub(super) async fn reload_on_hangup(reloader: Arc<Reloader>, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        // What is wrong has been told.
        let _ = reloader.reload(Cause::Hangup).await;
    }
}

/// Reloads whenever a file that was read has changed since the look before it was read, for ever.
///
/// Looking every few seconds works where notifications do not: network file systems, and the
/// symbolic links of a ConfigMap.
pub(super) async fn reload_on_change(reloader: Arc<Reloader>) {
    let mut looks = tokio::time::interval(BETWEEN_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = reloader.looks();
    let mut refused = None;
    loop {
        looks.tick().await;
        let Some(now) = look(reloader.looks()).await else { continue };
        if reloader.refusal().is_none() {
            refused = None;
        }
        let known = refused.clone().unwrap_or_else(|| reloader.looks());
        // Somebody who is still writing has changed it again by the next look.
        if now != known && now == last && reloader.reload(Cause::FileChange).await.is_err() {
            let mut read = now.clone();
            read.note_what_hangs();
            refused = Some(read);
        }
        last = now;
    }
}

/// Looks after other origins whenever the sources have found some, for ever; `found` changes then.
pub(super) async fn take_what_is_found(reloader: Arc<Reloader>, mut found: watch::Receiver<u64>) {
    while found.changed().await.is_ok() {
        reloader.take_what_is_found().await;
    }
}

async fn look(known: Fingerprint) -> Option<Fingerprint> {
    // A file system that hangs must hold up nobody else.
    let look = tokio::task::spawn_blocking(move || known.again());
    look.await.inspect_err(|error| warn!(%error, "cannot look at the configuration file")).ok()
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
