//! What a probe is to the scheduler: something that takes an origin and brings an observation.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use futures_util::stream::StreamExt;

use crate::origin::Origin;
use crate::probe::Errand;
use crate::probe::Observation;
use crate::probe::Prober;
use crate::telemetry::Telemetry;

use super::clock::now;

/// How one origin is probed: a [`Prober`], or what a test puts in its place.
#[derive(Clone)]
pub struct Probe {
    function: Arc<ProbeFunction>,
    concurrency: usize,
}

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
        Self { function: Arc::new(function), concurrency: CONCURRENCY }
    }

    /// Sets how many sockets the probes have: no more than 64 beyond that run at once.
    pub fn with_concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, ..self }
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Probes all, `width` at once, each whatever becomes of the others; `None` stands for one that
    /// panicked.
    pub(super) fn of_all(
        &self,
        errands: Vec<(Arc<Origin>, Errand)>,
        width: usize,
        telemetry: &Arc<Telemetry>,
    ) -> impl Future<Output = Vec<Option<Observation>>> + Send + 'static {
        let probe = Arc::clone(&self.function);
        let telemetry = Arc::clone(telemetry);
        async move {
            let all = errands.len();
            let probes = errands.into_iter().enumerate().map(|(place, (origin, errand))| {
                let (probe, telemetry) = (Arc::clone(&probe), Arc::clone(&telemetry));
                async move {
                    let _in_flight = telemetry.probe_started();
                    // Nothing is shared with a probe but what survives a panic: locks are taken up
                    // again, and what it was to bring is not there.
                    let observation = AssertUnwindSafe(async move { probe(origin, errand).await });
                    (place, observation.catch_unwind().await.ok())
                }
            });
            let mut found: Vec<Option<Observation>> = (0..all).map(|_| None).collect();
            let mut probes = stream::iter(probes).buffer_unordered(width);
            while let Some((place, observation)) = probes.next().await {
                if let Some(its) = found.get_mut(place) {
                    *its = observation;
                }
            }
            found
        }
    }
}

/// The configuration's default.
const CONCURRENCY: usize = 4096;

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
