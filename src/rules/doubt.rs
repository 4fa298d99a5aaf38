//! When a failure may be the prober's own: the reasons that turn `fails` into `undecided`.

use std::time::Duration;

use crate::observation::Elsewhere;
use crate::observation::Endpoint;
use crate::observation::NameserverState;
use crate::observation::Observation;
use crate::observation::ResolutionFailure;
use crate::observation::TimeLimit;
use crate::origin::Reachability;

use super::finding::Doubt;
use super::finding::UndecidedReason;
use super::remedy::Remedy;

/// Returns what speaks against taking a refusal or a silence on the TCP level for the origin's
/// fault.
pub(super) fn of_tcp_failure(observation: &Observation) -> Option<Doubt> {
    if observation.prober.elsewhere == Elsewhere::NothingReached {
        return Some(Doubt::Prober(UndecidedReason::ProberBlind));
    }
    observation.was_reached().then_some(Doubt::OtherAddressesAnswer)
}

/// Returns what speaks against taking a silence for the origin's fault.
///
/// Many load balancers admit only CloudFront's addresses: a silent drop counts once this process
/// has been let in before, or somebody who knows says so.
pub(super) fn of_silence(observation: &Observation, endpoint: &Endpoint) -> Option<Doubt> {
    of_timeout(observation).or_else(|| of_tcp_failure(observation)).or_else(|| {
        let is_reachable = observation.origin.reachable_from_here == Reachability::Reachable
            || observation.prober.last_reached.is_some()
            || endpoint.assumed_public;
        (!is_reachable).then_some(Doubt::Prober(UndecidedReason::NeverReachedFromHere))
    })
}

/// Returns what speaks against taking any timeout for the origin's fault.
pub(super) fn of_timeout(observation: &Observation) -> Option<Doubt> {
    is_late(observation).then_some(Doubt::Prober(UndecidedReason::ProberOverloaded))
}

/// Returns why it is undecided what an address would have said that had less time than the
/// configured timeouts.
pub(super) fn out_of_time(observation: &Observation) -> UndecidedReason {
    match observation.prober.time_limit {
        TimeLimit::ScrapeTimeout => UndecidedReason::ScrapeTimeoutTooShort,
        TimeLimit::Deadline if is_late(observation) => UndecidedReason::ProberOverloaded,
        TimeLimit::Deadline => UndecidedReason::NotEnoughTime,
    }
}

/// Returns what speaks against taking a nameserver's failure or silence for the domain's fault.
pub(super) fn of_nameserver(
    observation: &Observation,
    failure: &ResolutionFailure,
) -> Option<Doubt> {
    let prober = &observation.prober;
    let was_cut_short = matches!(failure, ResolutionFailure::OutOfTime { .. });
    if failure.is_own() {
        return Some(Doubt::Prober(UndecidedReason::OwnFailure));
    }
    let was_not_asked = matches!(failure, ResolutionFailure::NotAsked { .. });
    let is_limited = prober.time_limit == TimeLimit::ScrapeTimeout
        && (was_cut_short || prober.nameserver == NameserverState::OutOfTime);
    let reason = if is_limited {
        UndecidedReason::ScrapeTimeoutTooShort
    } else if is_late(observation) {
        UndecidedReason::ProberOverloaded
    } else if was_not_asked || prober.nameserver != NameserverState::Answers {
        UndecidedReason::ResolverSilent
    } else if was_cut_short {
        UndecidedReason::NotEnoughTime
    } else {
        return None;
    };
    Some(Doubt::Prober(reason))
}

/// Returns what speaks against what the first view says, where this machine had no means to ask the
/// second one.
pub(super) fn of_second_view(observation: &Observation) -> Option<Doubt> {
    let second = observation.resolution.as_ref()?.confirmation.as_deref()?;
    let is_open = second.failures().any(|(_, failure)| failure.is_own());
    is_open.then_some(Doubt::Prober(UndecidedReason::OwnFailure))
}

/// Returns what to do where this machine has run out of something.
pub(super) fn own_remedy(observation: &Observation) -> Option<Remedy> {
    let shortage = observation.own_failure()?.shortage?;
    let remedy = shortage.remedy();
    let first = remedy.get(..1)?.to_uppercase();
    Some(Remedy::from(format!("{first}{}.", remedy.get(1..)?)))
}

fn is_late(observation: &Observation) -> bool {
    observation.prober.event_loop_late > TOLERATED_LATENESS
}

/// By how much the event loop may be late before a timeout says more about us than about the
/// origin.
const TOLERATED_LATENESS: Duration = Duration::from_secs(1);
