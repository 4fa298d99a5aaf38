//! A report as it is kept until the next one: the facts that are needed at any time, and the rest in
//! few bytes.

use std::sync::Arc;

use crate::observation::{Observation, PackedObservation};
use crate::origin::Origin;
use crate::rules::ReadIn;
use crate::verdict::judge;

use super::{Brief, Report};

/// The latest report of one origin.
#[derive(Debug)]
pub struct Kept {
    pub brief: Brief,
    observation: Form,
}

#[derive(Debug)]
enum Form {
    Packed(PackedObservation),
    /// One that cannot be packed; none is known.
    Whole(Arc<Observation>),
}

impl From<&Report> for Kept {
    fn from(report: &Report) -> Self {
        let observation = &report.observation;
        let whole = |_| Form::Whole(Arc::clone(observation));
        let form = PackedObservation::new(observation).map_or_else(whole, Form::Packed);
        Self { brief: report.brief.clone(), observation: form }
    }
}

impl Kept {
    /// Returns everything that the probe found.
    pub fn observation(&self, origin: &Arc<Origin>) -> Arc<Observation> {
        match &self.observation {
            Form::Packed(packed) => {
                let nothing = |_| Observation::new(Arc::clone(origin), self.brief.probed_at());
                Arc::new(packed.unpack(Arc::clone(origin)).unwrap_or_else(nothing))
            }
            Form::Whole(observation) => Arc::clone(observation),
        }
    }

    /// Returns the report with its findings, which are judged again as of the time of the probe.
    pub fn report(&self, origin: &Arc<Origin>) -> Report {
        let observation = self.observation(origin);
        let verdict = judge(&observation, self.brief.judged_at.into());
        let (origin, brief) = (Arc::clone(origin), self.brief.clone());
        Report { origin, observation, verdict, brief, read_in: ReadIn::Daemon }
    }
}
