//! One source of origins as it is configured, and how it is looked at.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

#[cfg(feature = "aws")]
use crate::config::CloudFrontAccount;
use crate::config::Config;
use crate::config::FilePattern;
use crate::config::OriginDefaults;
use crate::discovery::Post;
use crate::discovery::Reading;
use crate::discovery::SourceName;
#[cfg(feature = "aws")]
use crate::discovery::cloudfront::CloudFront;
use crate::discovery::files;
use crate::discovery::files::Files;
use crate::origin::Shard;
use crate::telemetry::Telemetry;

/// One source as it is configured; with other settings it has to begin anew.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Settings {
    #[cfg(feature = "aws")]
    CloudFront(Box<CloudFrontAccount>, OriginDefaults),
    Files(FilePattern, OriginDefaults),
}

/// What every source may need of the daemon.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "files need nothing of it"))]
pub(super) struct Daemon {
    pub(super) shard: Shard,
    pub(super) telemetry: Arc<Telemetry>,
    /// Changes when somebody does not want to wait for the next look.
    pub(super) hurry: watch::Receiver<u64>,
}

#[cfg_attr(
    not(feature = "aws"),
    allow(unused_variables, clippy::unused_async, reason = "files need nothing of the daemon")
)]
impl Settings {
    /// Returns every source of a configuration, in its order.
    pub(super) fn of(config: &Config) -> Vec<Self> {
        let defaults = &config.origin_defaults;
        let files = config.discovery.files.iter().cloned();
        let files = files.map(|pattern| Self::Files(pattern, defaults.clone()));
        #[cfg(feature = "aws")]
        let files = {
            let accounts = config.discovery.cloudfront.iter().cloned();
            accounts.map(|one| Self::CloudFront(Box::new(one), defaults.clone())).chain(files)
        };
        files.collect()
    }

    pub(super) fn name(&self) -> SourceName {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, _) => SourceName::cloudfront(&account.name),
            Self::Files(pattern, _) => SourceName::files(pattern.as_written()),
        }
    }

    /// Returns the time between two looks.
    pub(super) fn interval(&self) -> Duration {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, _) => account.refresh,
            Self::Files(..) => files::BETWEEN_LOOKS,
        }
    }

    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Files(..))
    }

    /// Looks again and again, for ever.
    pub(super) async fn run(self, post: Post, daemon: Daemon) {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, defaults) => {
                let Daemon { shard, telemetry, hurry } = daemon;
                CloudFront::new(*account, defaults, shard, telemetry).run(post, hurry).await;
            }
            Self::Files(pattern, defaults) => Files::new(pattern, defaults).watch(post).await,
        }
    }

    /// Looks once.
    pub(super) async fn read(self, daemon: Daemon) -> Reading {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, defaults) => {
                CloudFront::new(*account, defaults, daemon.shard, daemon.telemetry).read().await
            }
            Self::Files(pattern, defaults) => Files::new(pattern, defaults).read(),
        }
    }
}
