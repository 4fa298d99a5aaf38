//! The scheduler's view of a probe: a function from an origin to an observation.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::StreamExt;
use futures_util::{FutureExt, stream};

use crate::observation::Observation;
use crate::origin::{Origin, WindowLimits};
use crate::probe::{ProbeOptions, Prober};
use crate::telemetry::Telemetry;

use super::clock::now;

/// The function that probes an origin: a [`Prober`], or a replacement for tests.
#[derive(Clone)]
pub struct Probe {
    function: Arc<ProbeFunction>,
    concurrency: usize,
    window: WindowLimits,
}

type ProbeFunction =
    dyn Fn(Arc<Origin>, ProbeOptions) -> BoxFuture<'static, Observation> + Send + Sync + 'static;

impl Probe {
    /// Uses a prober with real sockets.
    pub fn with(prober: Arc<Prober>) -> Self {
        Self::new(move |origin, options| {
            let prober = Arc::clone(&prober);
            async move { prober.probe(origin, &options, now()).await }.boxed()
        })
    }

    /// Uses any function, for example in tests without sockets or for a replay.
    pub fn new(
        function: impl Fn(Arc<Origin>, ProbeOptions) -> BoxFuture<'static, Observation>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            function: Arc::new(function),
            concurrency: CONCURRENCY,
            window: WindowLimits::default(),
        }
    }

    /// Sets the number of sockets for probes. At most 64 more probes than that run concurrently.
    pub fn with_concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, ..self }
    }

    /// Sets how much is remembered of endpoints that fail sometimes.
    pub fn with_window(self, window: WindowLimits) -> Self {
        Self { window, ..self }
    }

    pub(super) fn window(&self) -> WindowLimits {
        self.window
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Probes all origins, `width` concurrently and independently of each other; `None` means that
    /// a probe panicked.
    pub(super) fn of_all(
        &self,
        errands: Vec<(Arc<Origin>, ProbeOptions)>,
        width: usize,
        telemetry: &Arc<Telemetry>,
    ) -> impl Future<Output = Vec<Option<Observation>>> + Send + 'static {
        let probe = Arc::clone(&self.function);
        let telemetry = Arc::clone(telemetry);
        async move {
            let probed = |origin, options| {
                let in_flight = telemetry.probe_started();
                // Unwind safe: poisoned locks are recovered, and the observation of a probe that
                // panicked is discarded.
                let observation = AssertUnwindSafe(probe(origin, options)).catch_unwind();
                observation.map(move |observation| {
                    drop(in_flight);
                    observation.ok()
                })
            };
            let mut errands = errands;
            // Nearly every unit has one member.
            if errands.len() == 1
                && let Some((origin, options)) = errands.pop()
            {
                return vec![probed(origin, options).await];
            }
            Box::pin(of_several(errands, width, probed)).await
        }
    }
}

/// Probes several origins, `width` concurrently; the results are in the order of `errands`.
async fn of_several<P: Future<Output = Option<Observation>>>(
    errands: Vec<(Arc<Origin>, ProbeOptions)>,
    width: usize,
    probed: impl Fn(Arc<Origin>, ProbeOptions) -> P,
) -> Vec<Option<Observation>> {
    let mut found: Vec<Option<Observation>> = errands.iter().map(|_| None).collect();
    let probes = errands.into_iter().enumerate();
    let probes = probes.map(|(place, (origin, options))| {
        probed(origin, options).map(move |observation| (place, observation))
    });
    let mut probes = stream::iter(probes).buffer_unordered(width);
    while let Some((place, observation)) = probes.next().await {
        if let Some(its) = found.get_mut(place) {
            *its = observation;
        }
    }
    found
}

/// The default of the configuration.
const CONCURRENCY: usize = 4096;

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
