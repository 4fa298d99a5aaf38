//! When a reload is due: on SIGHUP, and when a file has changed; and when other origins are found.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tracing::warn;

use crate::pages::Control;

use super::reload::AskAws;
use super::reload::Reloader;
use super::source::Fingerprint;

/// Reloads at every SIGHUP, those included that came since `hangups` began to listen, for ever.
pub(super) async fn reload_on_hangup(reloader: Arc<Reloader>, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        // What is wrong has been told.
        let _ = reloader.reload("SIGHUP", AskAws::Yes).await;
    }
}

/// Reloads whenever a file that was read has changed, for ever; `known` is how they looked then.
///
/// Looking every few seconds works where notifications do not: network file systems, and the
/// symbolic links of a ConfigMap.
pub(super) async fn reload_on_change(reloader: Arc<Reloader>, mut known: Fingerprint) {
    let mut looks = tokio::time::interval(BETWEEN_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = known.clone();
    loop {
        looks.tick().await;
        let Some(now) = look(&reloader).await else { continue };
        // Somebody who is still writing has changed it again by the next look.
        if now != known && now == last {
            let _ = reloader.reload("the file has changed", AskAws::Yes).await;
            // Other anchors may be named now; how they looked just after they were read counts.
            known = look(&reloader).await.unwrap_or(now);
            last = known.clone();
        } else {
            last = now;
        }
    }
}

/// Looks after other origins whenever the sources have found some, for ever; `found` changes then.
pub(super) async fn take_what_is_found(reloader: Arc<Reloader>, mut found: watch::Receiver<u64>) {
    while found.changed().await.is_ok() {
        reloader.take_what_is_found().await;
    }
}

async fn look(reloader: &Arc<Reloader>) -> Option<Fingerprint> {
    let reloader = Arc::clone(reloader);
    // A file system that hangs must hold up nobody else.
    let look = tokio::task::spawn_blocking(move || {
        Fingerprint::of(reloader.source(), &reloader.config(), &reloader.door())
    });
    look.await.inspect_err(|error| warn!(%error, "cannot look at the configuration file")).ok()
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
