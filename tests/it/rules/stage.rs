//! The parts of the tables: chains of the demo's authorities, and observations at one time.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::observation::{
    Endpoint, Failure, NotProbed, Observation, ProberState, Resolution, ResolutionFailure,
};
use origin_probe::origin::Origin;

pub(super) use crate::common::by_hand::{
    address, answer, judged, records, refusal, silence, with_handshake,
};
use crate::common::{Found, answers, by_hand, fails, undecided};

/// A story, what was seen, and what is to be found.
pub(super) type Row = (&'static str, Observation, Found);

pub(super) fn row(story: &'static str, observation: Observation, expected: Found) -> Row {
    (story, observation, expected)
}

pub(super) fn bad(rule: &str, status: u16) -> Found {
    fails(&[&format!("{rule} fails")], status)
}

pub(super) fn may(rule: &str, reason: &'static str) -> Found {
    undecided(&[&format!("{rule} may-fail")], reason)
}

pub(super) fn notice(rule: &str) -> Found {
    answers(&[&format!("{rule} notice")])
}

pub(super) const DOMAIN: &str = "origin.example.com";

pub(super) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// The authorities behind the chains of this table.
pub(super) struct Pki {
    pub(super) root: Authority,
    pub(super) intermediate: Authority,
}

impl Pki {
    pub(super) fn new() -> Self {
        let long = || Window::days(-1000..3000, now());
        let root = Authority::root("Test Root", long()).unwrap();
        let intermediate = root.intermediate("Test CA", long(), &Default::default()).unwrap();
        Self { root, intermediate }
    }

    pub(super) fn chain(&self, certificates: &[Vec<u8>]) -> Option<Arc<ChainFacts>> {
        Some(by_hand::chain(certificates, &self.root.der()))
    }

    /// A chain of an end entity and the intermediate.
    pub(super) fn issue(&self, end_entity: &EndEntity) -> Option<Arc<ChainFacts>> {
        let issued = self.intermediate.issue(end_entity).unwrap();
        self.chain(&[issued.der, self.intermediate.der()])
    }

    /// A chain with 70 days to go.
    pub(super) fn sound(&self) -> Option<Arc<ChainFacts>> {
        self.issue(&end_entity(-20..70))
    }
}

pub(super) fn end_entity(days: std::ops::Range<i64>) -> EndEntity {
    EndEntity::new(&[DOMAIN], Window::days(days, now()))
}

pub(super) fn endpoint(last: u8, chain: Option<Arc<ChainFacts>>) -> Endpoint {
    by_hand::answering(address(last), 0, chain, now())
}

pub(super) fn failed(last: u8, failure: Failure) -> Endpoint {
    by_hand::failing(address(last), 0, failure, now())
}

pub(super) fn resolution(failure: ResolutionFailure) -> Resolution {
    by_hand::resolution(vec![answer(Err(failure))])
}

pub(super) fn at(last: u8) -> Resolution {
    by_hand::resolution(vec![answer(Ok(records(&[address(last)])))])
}

/// An observation of a prober that is well and has been let in before.
pub(super) fn seen(endpoints: Vec<Endpoint>) -> Observation {
    by_hand::observed(Origin::with_defaults(DOMAIN.parse().unwrap()), endpoints, now())
}

pub(super) fn served(chain: Option<Arc<ChainFacts>>) -> Observation {
    seen(vec![endpoint(1, chain)])
}

pub(super) fn failure(failure: Failure) -> Observation {
    seen(vec![failed(1, failure)])
}

pub(super) fn unresolved(failure: ResolutionFailure) -> Observation {
    Observation { resolution: Some(resolution(failure)), ..seen(Vec::new()) }
}

pub(super) fn with_prober(
    mut observation: Observation,
    change: impl FnOnce(&mut ProberState),
) -> Observation {
    change(&mut observation.prober);
    observation
}

pub(super) fn with_origin(
    mut observation: Observation,
    change: impl FnOnce(&mut Origin),
) -> Observation {
    change(Arc::make_mut(&mut observation.origin));
    observation
}

pub(super) fn dns_silence() -> ResolutionFailure {
    ResolutionFailure::TimedOut { waited: Duration::from_secs(5) }
}

pub(super) fn no_route() -> Failure {
    let error = "Network is unreachable".into();
    Failure::NotProbed { reason: NotProbed::NoRoute { error } }
}
