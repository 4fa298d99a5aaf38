//! When a failure may be the prober's own: the reasons that turn `fails` into `undecided`.

use std::time::Duration;

use crate::observation::Elsewhere;
use crate::observation::Endpoint;
use crate::observation::NameserverState;
use crate::observation::Observation;
use crate::origin::Reachability;

use super::finding::Doubt;
use super::finding::UndecidedReason;

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
    (observation.prober.event_loop_late > TOLERATED_LATENESS)
        .then_some(Doubt::Prober(UndecidedReason::ProberOverloaded))
}

/// Returns what speaks against taking a nameserver's failure or silence for the domain's fault.
pub(super) fn of_nameserver(observation: &Observation) -> Option<Doubt> {
    if let late @ Some(_) = of_timeout(observation) {
        return late;
    }
    (observation.prober.nameserver != NameserverState::Answers)
        .then_some(Doubt::Prober(UndecidedReason::ResolverSilent))
}

/// By how much the event loop may be late before a timeout says more about us than about the
/// origin.
const TOLERATED_LATENESS: Duration = Duration::from_secs(1);
