//! The settings of one discovery source, and how it is started.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

#[cfg(feature = "aws")]
use crate::config::CloudFrontAccount;
use crate::config::{Config, FilePattern, OriginDefaults};
use crate::origin::Shard;
#[cfg(feature = "aws")]
use crate::sources::cloudfront::CloudFront;
use crate::sources::files::{self, Files};
use crate::sources::{SourceHandle, SourceName, SourceUpdate};
use crate::telemetry::Telemetry;

/// The settings of a source. A source with different settings has to be restarted.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceSettings {
    #[cfg(feature = "aws")]
    CloudFront(Box<CloudFrontAccount>, OriginDefaults),
    Files(FilePattern, OriginDefaults),
}

/// The parts of the daemon that sources use.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "file sources do not use it"))]
pub struct SourceContext {
    pub shard: Shard,
    pub telemetry: Arc<Telemetry>,
    /// Changes to request a refresh before the next interval.
    pub hurry: watch::Receiver<u64>,
}

#[cfg_attr(
    not(feature = "aws"),
    allow(
        unused_variables,
        clippy::unused_async,
        reason = "file sources use nothing of the daemon"
    )
)]
impl SourceSettings {
    /// Returns all sources of a configuration in order.
    pub fn of(config: &Config) -> Vec<Self> {
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

    pub fn name(&self) -> SourceName {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, _) => SourceName::cloudfront(&account.name),
            Self::Files(pattern, _) => SourceName::files(pattern.as_written()),
        }
    }

    /// Returns the refresh interval.
    pub fn interval(&self) -> Duration {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, _) => account.refresh,
            Self::Files(..) => files::BETWEEN_LOOKS,
        }
    }

    pub fn is_local(&self) -> bool {
        matches!(self, Self::Files(..))
    }

    /// Refreshes the source on its interval, forever.
    pub async fn run(self, handle: SourceHandle, context: SourceContext) {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, defaults) => {
                let SourceContext { shard, telemetry, hurry } = context;
                CloudFront::new(*account, defaults, shard, telemetry).run(handle, hurry).await;
            }
            Self::Files(pattern, defaults) => Files::new(pattern, defaults).watch(handle).await,
        }
    }

    /// Reads the source once.
    pub async fn read(self, context: SourceContext) -> SourceUpdate {
        match self {
            #[cfg(feature = "aws")]
            Self::CloudFront(account, defaults) => {
                CloudFront::new(*account, defaults, context.shard, context.telemetry).read().await
            }
            Self::Files(pattern, defaults) => Files::new(pattern, defaults).read(),
        }
    }
}
