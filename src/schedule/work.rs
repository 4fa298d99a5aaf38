//! What a probe is to the scheduler: something that takes an origin and brings an observation.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::origin::Origin;
use crate::probe::Errand;
use crate::probe::Observation;
use crate::probe::Prober;

use super::now;

/// How one origin is probed: a [`Prober`], or what a test puts in its place.
pub struct Probe(Box<ProbeFunction>);

type ProbeFunction =
    dyn Fn(Arc<Origin>, Errand) -> BoxFuture<'static, Observation> + Send + Sync + 'static;

impl Probe {
    /// Probes over real sockets.
    pub fn with(prober: Arc<Prober>) -> Self {
        Self::new(move |origin, errand| {
            let prober = Arc::clone(&prober);
            async move { prober.probe(origin, &errand, now()).await }.boxed()
        })
    }

    /// Probes by any function: a test that needs no sockets, or a replay.
    pub fn new(
        function: impl Fn(Arc<Origin>, Errand) -> BoxFuture<'static, Observation>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Box::new(function))
    }

    pub(super) fn of(
        &self,
        origin: Arc<Origin>,
        errand: Errand,
    ) -> BoxFuture<'static, Observation> {
        (self.0)(origin, errand)
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
