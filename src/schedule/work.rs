//! What a probe is to the scheduler: something that takes an origin and brings an observation.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::future::join_all;

use crate::origin::Origin;
use crate::probe::Errand;
use crate::probe::Observation;
use crate::probe::Prober;
use crate::telemetry::Telemetry;

use super::clock::now;

/// How one origin is probed: a [`Prober`], or what a test puts in its place.
#[derive(Clone)]
pub struct Probe(Arc<ProbeFunction>);

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
        Self(Arc::new(function))
    }

    /// Probes all at once, each whatever becomes of the others; `None` stands for one that
    /// panicked.
    pub(super) fn of_all(
        &self,
        errands: Vec<(Arc<Origin>, Errand)>,
        telemetry: &Telemetry,
    ) -> impl Future<Output = Vec<Option<Observation>>> + Send + 'static {
        let probe = Arc::clone(&self.0);
        let in_flight: Vec<_> = errands.iter().map(|_| telemetry.probe_started()).collect();
        async move {
            let _in_flight = in_flight;
            let probes = errands.into_iter().map(|(origin, errand)| {
                let probe = Arc::clone(&probe);
                // Nothing is shared with a probe but what survives a panic: locks are taken up
                // again, and what it was to bring is not there.
                AssertUnwindSafe(async move { probe(origin, errand).await }).catch_unwind()
            });
            join_all(probes).await.into_iter().map(Result::ok).collect()
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
