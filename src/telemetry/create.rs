//! How a family becomes a collector.

use prometheus::Gauge;
use prometheus::HistogramOpts;
use prometheus::IntCounter;
use prometheus::IntGauge;
use prometheus::IntGaugeVec;
use prometheus::Opts;
use prometheus::Registry;
use prometheus::core::Collector;

use super::Family;
use super::TelemetryError;

/// From what a healthy start is late to what makes every verdict stale, in seconds.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Creates a collector and puts it into the registry, which refuses a name that is there already.
pub(super) fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    family: &Family,
    create: impl FnOnce(&Family) -> prometheus::Result<C>,
) -> Result<C, TelemetryError> {
    let refused = |source| TelemetryError::Refused { name: family.name, source };
    let collector = create(family).map_err(refused)?;
    registry.register(Box::new(collector.clone())).map_err(refused)?;
    Ok(collector)
}

pub(super) fn opts(family: &Family) -> Opts {
    Opts::new(family.name, family.help)
}

pub(super) fn histogram_opts(family: &Family) -> HistogramOpts {
    HistogramOpts::new(family.name, family.help).buckets(BUCKETS.to_vec())
}

pub(super) fn counter(family: &Family) -> prometheus::Result<IntCounter> {
    IntCounter::with_opts(opts(family))
}

pub(super) fn gauge(family: &Family) -> prometheus::Result<IntGauge> {
    IntGauge::with_opts(opts(family))
}

pub(super) fn float_gauge(family: &Family) -> prometheus::Result<Gauge> {
    Gauge::with_opts(opts(family))
}

pub(super) fn gauge_vec(family: &Family) -> prometheus::Result<IntGaugeVec> {
    IntGaugeVec::new(opts(family), family.labels)
}
