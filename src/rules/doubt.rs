//! Reasons to doubt that a failure is the origin's: these turn `fails` into `undecided`.

use std::time::Duration;

use crate::observation::{
    Elsewhere, Endpoint, NameserverState, Observation, ResolutionFailure, TimeLimit,
};
use crate::origin::Reachability;

use super::finding::Doubt;
use super::remedy::Remedy;
use super::undecided_reason::UndecidedReason;

/// Returns the doubt that a refused or unanswered TCP connection is the origin's fault.
pub(super) fn of_tcp_failure(observation: &Observation) -> Option<Doubt> {
    if observation.prober.elsewhere == Elsewhere::NothingReached {
        return Some(Doubt::Prober(UndecidedReason::ProberBlind));
    }
    observation.was_reached().then_some(Doubt::OtherAddressesAnswer)
}

/// Returns the doubt that an unanswered connection is the origin's fault.
///
/// Many load balancers admit only CloudFront's addresses. A dropped connection therefore counts
/// only if the origin has admitted this process before, or is configured as reachable.
pub(super) fn of_silence(observation: &Observation, endpoint: &Endpoint) -> Option<Doubt> {
    of_timeout(observation).or_else(|| of_tcp_failure(observation)).or_else(|| {
        let is_reachable = observation.origin.reachable_from_here == Reachability::Reachable
            || observation.prober.last_reached.is_some()
            || endpoint.assumed_public;
        (!is_reachable).then_some(Doubt::Prober(UndecidedReason::NeverReachedFromHere))
    })
}

/// Returns the doubt that a timeout is the origin's fault.
pub(super) fn of_timeout(observation: &Observation) -> Option<Doubt> {
    is_late(observation).then_some(Doubt::Prober(UndecidedReason::ProberOverloaded))
}

/// Returns why an address that had less time than the configured timeouts is undecided.
pub(super) fn out_of_time(observation: &Observation) -> UndecidedReason {
    match observation.prober.time_limit {
        TimeLimit::ScrapeTimeout => UndecidedReason::ScrapeTimeoutTooShort,
        TimeLimit::Deadline if is_late(observation) => UndecidedReason::ProberOverloaded,
        TimeLimit::Deadline => UndecidedReason::NotEnoughTime,
    }
}

/// Returns the doubt that a nameserver's failure or timeout is the domain's fault.
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

/// Returns the doubt about the first view if this machine lacked the resources to query the second.
pub(super) fn of_second_view(observation: &Observation) -> Option<Doubt> {
    let second = observation.resolution.as_ref()?.confirmation.as_deref()?;
    let is_open = second.failures().any(|(_, failure)| failure.is_own());
    is_open.then_some(Doubt::Prober(UndecidedReason::OwnFailure))
}

/// Returns the remedy if this machine has run out of a resource.
pub(super) fn own_remedy(observation: &Observation) -> Option<Remedy> {
    let shortage = observation.own_failure()?.shortage?;
    let remedy = shortage.remedy();
    let first = remedy.get(..1)?.to_uppercase();
    Some(Remedy::from(format!("{first}{}.", remedy.get(1..)?)))
}

fn is_late(observation: &Observation) -> bool {
    observation.prober.event_loop_late > TOLERATED_LATENESS
}

/// How late the event loop may be before a timeout says more about the prober than the origin.
const TOLERATED_LATENESS: Duration = Duration::from_secs(1);
