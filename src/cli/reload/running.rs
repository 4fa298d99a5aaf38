//! One configuration in use, and how it is made of what was read.

use std::collections::HashSet;
use std::sync::Arc;

use crate::chain::MOZILLA_DATE;
use crate::chain::MOZILLA_VERSION;
use crate::chain::TrustAnchors;
use crate::config::Config;
use crate::discovery::Configured;
use crate::origin::OriginKey;
use crate::origin::Shard;
use crate::probe::Prober;
use crate::schedule::Probe;
use crate::telemetry::Telemetry;
use crate::telemetry::TrustStore;

use crate::cli::discover::Fleet;
use crate::cli::discover::InUse;
use crate::cli::discover::Sources;
use crate::cli::now;
use crate::cli::parts::Parts;
use crate::cli::source::Fingerprint;
use crate::cli::source::Grounds;
use crate::cli::source::Reading;

/// One configuration, in use.
#[derive(Debug)]
pub(in crate::cli) struct Running {
    pub(in crate::cli) config: Arc<Config>,
    /// Every origin of the file.
    pub(super) keys: HashSet<OriginKey>,
    pub(super) parts: Parts,
    pub(super) grounds: Grounds,
    /// How the files looked before they were read.
    pub(super) looks: Fingerprint,
    pub(in crate::cli) prober: Arc<Prober>,
}

impl Running {
    /// Makes what `reading` asks for, and tells the telemetry.
    pub(in crate::cli) fn new(reading: Reading, telemetry: &Telemetry) -> anyhow::Result<Self> {
        let Reading { config, keys, parts, anchors, grounds, looks, .. } = reading;
        let prober = Arc::new(parts.prober(Arc::clone(&anchors))?);
        note_anchors(telemetry, &anchors);
        telemetry.config_accepted(now());
        Ok(Self { config: Arc::new(config), keys, parts, grounds, looks, prober })
    }

    pub(in crate::cli) fn probe(&self) -> Probe {
        Probe::with(Arc::clone(&self.prober)).with_concurrency(self.parts.concurrency)
    }

    /// Returns the configured origins with those that `sources` have found so far.
    pub(in crate::cli) fn fleet(&self, sources: &Sources, shard: Shard) -> (Fleet, InUse) {
        sources.gather(Configured { origins: &self.config.origins, keys: &self.keys }, shard)
    }
}

/// Tells the metrics which trust anchors decide.
fn note_anchors(telemetry: &Telemetry, anchors: &TrustAnchors) {
    let mozilla = anchors.mozilla_count();
    let (version, date) = if mozilla > 0 { (MOZILLA_VERSION, MOZILLA_DATE) } else { ("", "") };
    telemetry.trusts(&TrustStore {
        id: &hex(&anchors.id()[..8]),
        version,
        date,
        mozilla,
        extra: anchors.len() - mozilla,
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
