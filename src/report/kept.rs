//! A report as it is kept until the next one: the facts that are needed at any time, and the rest in
//! few bytes.

use std::sync::{Arc, Mutex, PoisonError, Weak};

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
    /// Everyone who holds it at the same time has the same one: it may take megabytes, and slow
    /// clients hold it for long.
    pub fn report(self: &Arc<Self>, origin: &Arc<Origin>) -> Arc<Report> {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|(_, report)| report.strong_count() > 0);
        let own = Arc::downgrade(self);
        let known = in_use.iter().find(|(kept, _)| kept.ptr_eq(&own));
        if let Some(report) = known.and_then(|(_, report)| report.upgrade()) {
            return report;
        }
        let observation = self.observation(origin);
        let verdict = judge(&observation, self.brief.judged_at.into());
        let (origin, brief) = (Arc::clone(origin), self.brief.clone());
        let read_in = ReadIn::Daemon;
        let report = Arc::new(Report { origin, observation, verdict, brief, read_in });
        in_use.push((own, Arc::downgrade(&report)));
        report
    }
}

/// The reports that are in use, no more than there are clients.
static IN_USE: Mutex<Vec<(Weak<Kept>, Weak<Report>)>> = Mutex::new(Vec::new());
