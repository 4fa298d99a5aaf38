//! The configuration in use, and how it is built from what was read.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context;

use crate::chain::{MOZILLA_DATE, MOZILLA_VERSION, TrustAnchors};
use crate::config::Config;
use crate::handshake::Client;
use crate::limits::ChainBudget;
use crate::origin::{OriginKey, ProberConfig, Shard};
use crate::probe::Prober;
use crate::resolve::Resolver;
use crate::schedule::Probe;
use crate::sources::Configured;
use crate::telemetry::{Telemetry, TrustStore};

use crate::daemon::discover::{Fleet, InUse, Sources};
use crate::daemon::now;
use crate::daemon::source::{Fingerprint, Reading, VerdictInputs};

/// A configuration in use.
#[derive(Debug)]
pub(in crate::daemon) struct Running {
    pub(in crate::daemon) config: Arc<Config>,
    /// The keys of all origins in the file.
    pub(super) keys: HashSet<OriginKey>,
    pub(super) inputs: VerdictInputs,
    /// The state of the files before they were read.
    pub(super) fingerprint: Fingerprint,
    pub(in crate::daemon) prober: Arc<Prober>,
}

impl Running {
    /// Creates the prober for `reading`, and updates the telemetry.
    pub(in crate::daemon) fn new(reading: Reading, telemetry: &Telemetry) -> anyhow::Result<Self> {
        let Reading { config, keys, anchors, inputs, fingerprint, .. } = reading;
        let prober = Arc::new(prober(&config.prober, Arc::clone(&anchors))?);
        note_anchors(telemetry, &anchors);
        telemetry.config_accepted(now());
        Ok(Self { config: Arc::new(config), keys, inputs, fingerprint, prober })
    }

    pub(in crate::daemon) fn probe(&self) -> Probe {
        let config = &self.config.prober;
        Probe::with(Arc::clone(&self.prober))
            .with_concurrency(config.concurrency)
            .with_window(config.window)
    }

    /// Returns the configured origins and those discovered by `sources` so far.
    pub(in crate::daemon) fn fleet(&self, sources: &Sources, shard: Shard) -> (Fleet, InUse) {
        sources.gather(Configured { origins: &self.config.origins, keys: &self.keys }, shard)
    }
}

/// Creates the prober.
pub(crate) fn prober(config: &ProberConfig, anchors: Arc<TrustAnchors>) -> anyhow::Result<Prober> {
    ChainBudget::of_process().set_limit(config.chain_bytes);
    Ok(Prober::new(
        Arc::new(Resolver::new(config).context("cannot create the DNS resolver")?),
        Client::new().context("cannot create the TLS client")?,
        anchors,
        config.clone(),
    ))
}

/// Exports the trust anchors in use as metrics.
fn note_anchors(telemetry: &Telemetry, anchors: &TrustAnchors) {
    let mozilla = anchors.mozilla_count();
    let (version, date) = if mozilla > 0 { (MOZILLA_VERSION, MOZILLA_DATE) } else { ("", "") };
    telemetry.set_trust_store(&TrustStore {
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
