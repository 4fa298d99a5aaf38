//! What one scrape says.

/// Whether the answer is to be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scrape {
    Plain,
    Gzip,
}

/// The figures of one scrape; a compressed one is only weighed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) bytes: usize,
    pub(crate) lag: Histogram,
    pub(crate) probes: u64,
    pub(crate) missed: u64,
    pub(crate) own_failures: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) in_flight: u64,
    pub(crate) failing: usize,
}

/// Cumulative counts by upper bound, as Prometheus has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram(Vec<(f64, f64)>);

impl Reading {
    pub(crate) fn of(answer: &[u8], kind: Scrape) -> Self {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = &answer[end + 4..];
        assert!(answer.starts_with(b"HTTP/1.0 200"), "{}", String::from_utf8_lossy(&answer[..end]));
        let mut reading = Self { bytes: body.len(), ..Self::default() };
        if kind == Scrape::Gzip {
            return reading;
        }
        for line in std::str::from_utf8(body).unwrap().lines() {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let number = || value.parse::<f64>().unwrap();
            match series {
                "origin_probe_probes_total" => reading.probes = number() as u64,
                "origin_probe_probes_missed_total" => reading.missed = number() as u64,
                "origin_probe_clock_jumps_total" => reading.clock_jumps = number() as u64,
                "origin_probe_probes_in_flight" => reading.in_flight = number() as u64,
                _ if series.starts_with("origin_probe_probe_errors_total") => {
                    reading.own_failures += number() as u64;
                }
                _ if series.starts_with("cloudfront_origin_failing{") && value == "1" => {
                    reading.failing += 1;
                }
                _ => {
                    let bucket = "origin_probe_schedule_lag_seconds_bucket{le=\"";
                    if let Some(bound) = series.strip_prefix(bucket) {
                        let bound = bound.trim_end_matches("\"}");
                        let bound = bound.parse().unwrap_or(f64::INFINITY);
                        reading.lag.0.push((bound, number()));
                    }
                }
            }
        }
        reading
    }
}

impl Histogram {
    /// Returns what was counted after `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let pairs = self.0.iter().zip(&earlier.0);
        Self(pairs.map(|((bound, now), (_, before))| (*bound, now - before)).collect())
    }

    /// Returns a quantile, taken to lie evenly within its bucket.
    pub(crate) fn quantile(&self, quantile: f64) -> f64 {
        let total = self.0.last().map_or(0.0, |(_, count)| *count);
        let (mut lower, mut below) = (0.0, 0.0);
        for (bound, count) in &self.0 {
            if *count >= quantile * total && *count > below {
                return lower + (bound - lower) * (quantile * total - below) / (count - below);
            }
            (lower, below) = (*bound, *count);
        }
        lower
    }
}
