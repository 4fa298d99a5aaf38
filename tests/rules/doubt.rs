//! What the prober may have caused, and where other addresses answer.

use std::time::Duration;

use origin_probe::demo::pki::Authority;
use origin_probe::demo::pki::CaIssuers;
use origin_probe::demo::pki::EndEntity;
use origin_probe::demo::pki::Window;
use origin_probe::observation::Elsewhere;
use origin_probe::observation::Endpoint;
use origin_probe::observation::Failure;
use origin_probe::observation::Interception;
use origin_probe::observation::NameserverState;
use origin_probe::observation::Observation;
use origin_probe::observation::ProberState;
use origin_probe::observation::Resolution;
use origin_probe::observation::ResolutionFailure;
use origin_probe::observation::View;
use origin_probe::origin::Origin;
use origin_probe::origin::Reachability;

use super::stage::Pki;
use super::stage::address;
use super::stage::at;
use super::stage::dns_silence;
use super::stage::end_entity;
use super::stage::endpoint;
use super::stage::failed;
use super::stage::no_route;
use super::stage::now;
use super::stage::refusal;
use super::stage::seen;
use super::stage::silence;
use super::stage::unresolved;
use super::stage::with_origin;
use super::stage::with_prober;
use crate::common::Found;
use crate::common::answers;
use crate::common::fails;
use crate::common::undecided;

/// What the prober may have caused, and where other addresses answer.
pub(super) fn doubtful(pki: &Pki) -> Vec<(&'static str, Observation, Found)> {
    let sound = || pki.issue(&end_entity(-20..70));
    let own = Authority::root("Inspector", Window::days(-9..900, now())).unwrap();
    let inspected = own.issue(&EndEntity { ca_issuers: CaIssuers::Absent, ..end_entity(-1..9) });
    let inspected = pki.chain(&[inspected.unwrap().der]);
    let suspected = Interception::Suspected { issuer: "Inspector".into(), domains: 3 };
    let late = |prober: &mut ProberState| prober.event_loop_late = Duration::from_secs(2);
    let blind = |prober: &mut ProberState| prober.elsewhere = Elsewhere::NothingReached;
    let new = |prober: &mut ProberState| prober.last_reached = None;
    let mute = |prober: &mut ProberState| prober.nameserver = NameserverState::Silent;
    let one = |failure| seen(vec![failed(1, failure)]);
    let may = |rule: &str, reason| undecided(&[&format!("{rule} may-fail")], reason);
    let slow = || Failure::HandshakeTimedOut { waited: Duration::from_secs(10), received: 0 };
    let private = failed(1, Failure::NotPublic { kind: "private (RFC 1918)" });
    let view = Resolution { view: View::System, ..at(&[address(1)]) };
    let admitted =
        |reachability| move |origin: &mut Origin| origin.reachable_from_here = reachability;
    let timeout_504 = || fails(&["connection-timed-out fails"], 504);
    let assumed = Endpoint { assumed_public: true, ..failed(1, silence()) };
    let unresolvable = "origin-domain-unresolvable";
    vec![
        (
            "never let in",
            with_prober(one(silence()), new),
            may("connection-timed-out", "never-reached-from-here"),
        ),
        (
            "never let in, but said to be",
            with_origin(with_prober(one(silence()), new), admitted(Reachability::Reachable)),
            timeout_504(),
        ),
        ("on a network said to be reached", with_prober(seen(vec![assumed]), new), timeout_504()),
        (
            "blind and silent",
            with_prober(one(silence()), blind),
            may("connection-timed-out", "prober-blind"),
        ),
        (
            "blind and refused",
            with_prober(one(refusal()), blind),
            may("connection-refused", "prober-blind"),
        ),
        (
            "late and silent",
            with_prober(one(silence()), late),
            may("connection-timed-out", "prober-overloaded"),
        ),
        (
            "late in the handshake",
            with_prober(one(slow()), late),
            may("handshake-timed-out", "prober-overloaded"),
        ),
        (
            "late, yet refused",
            with_prober(one(refusal()), late),
            fails(&["connection-refused fails"], 502),
        ),
        (
            "DNS silent",
            with_prober(unresolved(dns_silence()), mute),
            may(unresolvable, "resolver-silent"),
        ),
        (
            "DNS refuses",
            with_prober(unresolved(ResolutionFailure::Refused), mute),
            may(unresolvable, "resolver-silent"),
        ),
        (
            "no such domain, whatever else DNS does",
            with_prober(unresolved(ResolutionFailure::NxDomain), mute),
            fails(&["origin-domain-unresolvable fails"], 502),
        ),
        (
            "DNS late",
            with_prober(unresolved(dns_silence()), late),
            may(unresolvable, "prober-overloaded"),
        ),
        (
            "a private address in the system's view",
            Observation { resolution: Some(view), ..seen(vec![private]) },
            may("address-not-public", "private-view"),
        ),
        (
            "intercepted",
            with_prober(seen(vec![endpoint(1, inspected.clone())]), |prober| {
                prober.interception = suspected;
            }),
            may("issuer-untrusted", "interception-suspected"),
        ),
        (
            "not intercepted",
            seen(vec![endpoint(1, inspected)]),
            fails(&["issuer-untrusted fails"], 502),
        ),
        (
            "one of two addresses refuses",
            seen(vec![endpoint(1, sound()), failed(2, refusal())]),
            may("connection-refused", "undocumented"),
        ),
        (
            "one of two addresses is silent",
            seen(vec![endpoint(1, sound()), failed(2, silence())]),
            may("connection-timed-out", "undocumented"),
        ),
        (
            "no way there",
            one(no_route()),
            undecided(&["address-not-probed notice"], "no-route-from-here"),
        ),
        (
            "no way to one of two",
            seen(vec![endpoint(1, sound()), failed(2, no_route())]),
            answers(&["address-not-probed notice"]),
        ),
    ]
}
