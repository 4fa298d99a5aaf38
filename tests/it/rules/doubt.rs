//! What the prober may have caused, and where other addresses answer.

use std::time::Duration;

use origin_probe::demo::pki::{Authority, CaIssuers, EndEntity, Window};
use origin_probe::limits::Shortage;
use origin_probe::observation::{
    ChainLength, CompetingAliases, Elsewhere, Endpoint, Failure, Family, FamilyAnswer,
    Interception, NameserverState, NotProbed, Observation, ProberState, Resolution,
    ResolutionFailure, TimeLimit, View,
};
use origin_probe::origin::{Origin, Reachability};

use super::stage::{
    Pki, Row, address, at, dns_silence, end_entity, endpoint, failed, no_route, now, refusal,
    resolution, row, seen, silence, unresolved, with_origin, with_prober,
};
use crate::common::{answers, fails, undecided};

/// What the prober may have caused, and where other addresses answer.
pub(super) fn doubtful(pki: &Pki) -> Vec<Row> {
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
    let private = || failed(1, Failure::NotPublic { kind: "private (RFC 1918)" });
    let view = Resolution { view: View::System, ..at(&[address(1)]) };
    let confirmed_by = |second| Resolution { confirmation: Some(Box::new(second)), ..view.clone() };
    let unconfirmed = confirmed_by(resolution(Err(dns_silence())));
    let confirmed = confirmed_by(at(&[address(1)]));
    let hurried = |prober: &mut ProberState| prober.time_limit = TimeLimit::ScrapeTimeout;
    let missed = |reason| undecided(&["address-not-probed notice"], reason);
    let out_of_time = || Failure::NotProbed { reason: NotProbed::OutOfTime };
    let admitted =
        |reachability| move |origin: &mut Origin| origin.reachable_from_here = reachability;
    let timeout_504 = || fails(&["connection-timed-out fails"], 504);
    let assumed = Endpoint { assumed_public: true, ..failed(1, silence()) };
    let unresolvable = "origin-domain-unresolvable";
    vec![
        row(
            "never let in",
            with_prober(one(silence()), new),
            may("connection-timed-out", "never-reached-from-here"),
        ),
        row(
            "never let in, but said to be",
            with_origin(with_prober(one(silence()), new), admitted(Reachability::Reachable)),
            timeout_504(),
        ),
        row(
            "on a network said to be reached",
            with_prober(seen(vec![assumed]), new),
            timeout_504(),
        ),
        row(
            "blind and silent",
            with_prober(one(silence()), blind),
            may("connection-timed-out", "prober-blind"),
        ),
        row(
            "blind and refused",
            with_prober(one(refusal()), blind),
            may("connection-refused", "prober-blind"),
        ),
        row(
            "late and silent",
            with_prober(one(silence()), late),
            may("connection-timed-out", "prober-overloaded"),
        ),
        row(
            "late in the handshake",
            with_prober(one(slow()), late),
            may("handshake-timed-out", "prober-overloaded"),
        ),
        row(
            "late, yet refused",
            with_prober(one(refusal()), late),
            fails(&["connection-refused fails"], 502),
        ),
        row(
            "DNS silent",
            with_prober(unresolved(dns_silence()), mute),
            may(unresolvable, "resolver-silent"),
        ),
        row(
            "DNS refuses",
            with_prober(unresolved(ResolutionFailure::Refused), mute),
            may(unresolvable, "resolver-silent"),
        ),
        row(
            "no such domain, whatever else DNS does",
            with_prober(unresolved(ResolutionFailure::NxDomain), mute),
            fails(&["origin-domain-unresolvable fails"], 502),
        ),
        row(
            "DNS late",
            with_prober(unresolved(dns_silence()), late),
            may(unresolvable, "prober-overloaded"),
        ),
        row(
            "DNS fails by TCP",
            with_prober(unresolved(tcp_failure()), mute),
            may(unresolvable, "resolver-silent"),
        ),
        row(
            "DNS fails by TCP for this domain",
            unresolved(tcp_failure()),
            fails(&["origin-domain-unresolvable fails"], 502),
        ),
        row("DNS not asked", unresolved(not_asked(None)), may(unresolvable, "resolver-silent")),
        row("no file for DNS", unresolved(not_asked(FILES)), may(unresolvable, "own-failure")),
        row(
            "no file for DNS, while its nameserver answers others",
            with_prober(unresolved(not_asked(FILES)), |prober| {
                prober.nameserver = NameserverState::Answers;
            }),
            may(unresolvable, "own-failure"),
        ),
        row(
            "the first view denies the name, and there is no file to ask the second one",
            confirmed_without_files(unresolved(ResolutionFailure::NxDomain)),
            may(unresolvable, "own-failure"),
        ),
        row(
            "the first view has no address, and there is no file to ask the second one",
            confirmed_without_files(unresolved(ResolutionFailure::NoData)),
            may("no-usable-address", "own-failure"),
        ),
        row(
            "the first view has a private address, and there is no file to ask the second one",
            confirmed_without_files(seen(vec![private()])),
            may("address-not-public", "own-failure"),
        ),
        row(
            "no file to ask for the other family, while this one answers",
            with_other_family(seen(vec![endpoint(1, sound())]), not_asked(FILES)),
            may(unresolvable, "own-failure"),
        ),
        row(
            "silence for the other family, while this one answers",
            with_other_family(seen(vec![endpoint(1, sound())]), dns_silence()),
            answers(&[]),
        ),
        row("no file for a connection", one(no_file()), missed("own-failure")),
        row(
            "no file for one of two connections",
            seen(vec![endpoint(1, sound()), failed(2, no_file())]),
            missed("own-failure"),
        ),
        row(
            "no file for one connection, and the other refuses the handshake",
            seen(vec![failed(1, Failure::Alert { code: 40 }), failed(2, no_file())]),
            fails(&["address-not-probed notice", "handshake-refused fails"], 502),
        ),
        row(
            "our TLS library fails",
            one(Failure::NotProbed {
                reason: NotProbed::OwnFailure { shortage: None, detail: "no random".into() },
            }),
            missed("own-failure"),
        ),
        row(
            "DNS cut short while it answers others",
            unresolved(cut_short()),
            may(unresolvable, "not-enough-time"),
        ),
        row(
            "DNS cut short while it answers nothing",
            with_prober(unresolved(cut_short()), mute),
            may(unresolvable, "resolver-silent"),
        ),
        row(
            "DNS cut short by the scraper",
            with_prober(with_prober(unresolved(cut_short()), mute), hurried),
            may(unresolvable, "scrape-timeout-too-short"),
        ),
        row(
            "one family unresolved by TCP, the other without records",
            with_prober(two_families(ResolutionFailure::NoData, tcp_failure()), mute),
            may(unresolvable, "resolver-silent"),
        ),
        row(
            "one family cut short, the other failed",
            two_families(ResolutionFailure::ServFail, cut_short()),
            may(unresolvable, "not-enough-time"),
        ),
        row(
            "no such domain in one family",
            with_prober(two_families(ResolutionFailure::NxDomain, tcp_failure()), mute),
            fails(&["origin-domain-unresolvable fails"], 502),
        ),
        row(
            "more aliases than are followed",
            unresolved(ResolutionFailure::TooManyCnames { length: ChainLength::MoreThan(64) }),
            may(unresolvable, "undocumented"),
        ),
        row(
            "more aliases than the nameserver follows",
            unresolved(ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(20) }),
            may(unresolvable, "undocumented"),
        ),
        row("many aliases", through(16, seen(vec![endpoint(1, sound())])), answers(&[])),
        row(
            "more aliases than many follow",
            through(17, seen(vec![endpoint(1, sound())])),
            may(unresolvable, "undocumented"),
        ),
        row(
            "two aliases of one name",
            competing(seen(vec![endpoint(1, sound())])),
            answers(&["nameservers-disagree notice"]),
        ),
        row(
            "two aliases of one name, the first of which leads nowhere",
            competing(unresolved(ResolutionFailure::NxDomain)),
            undecided(
                &["origin-domain-unresolvable may-fail", "nameservers-disagree notice"],
                "undocumented",
            ),
        ),
        row(
            "two aliases of one name, the first of which has no address",
            competing(unresolved(ResolutionFailure::NoData)),
            undecided(
                &["no-usable-address may-fail", "nameservers-disagree notice"],
                "undocumented",
            ),
        ),
        row("no time", one(out_of_time()), missed("not-enough-time")),
        row(
            "no time, being late",
            with_prober(one(out_of_time()), late),
            missed("prober-overloaded"),
        ),
        row(
            "no time of the scraper",
            with_prober(one(out_of_time()), hurried),
            missed("scrape-timeout-too-short"),
        ),
        row(
            "no time for one of two addresses",
            seen(vec![endpoint(1, sound()), failed(2, out_of_time())]),
            answers(&["address-not-probed notice"]),
        ),
        row(
            "no time after the chain was read",
            seen(vec![Endpoint { chain: sound(), ..failed(1, out_of_time()) }]),
            missed("not-enough-time"),
        ),
        row(
            "no time after a chain that fails was read",
            seen(vec![Endpoint {
                chain: pki.issue(&end_entity(-90..-1)),
                ..failed(1, out_of_time())
            }]),
            fails(&["address-not-probed notice", "certificate-expired fails"], 502),
        ),
        row(
            "a private address in the system's view",
            Observation { resolution: Some(view), ..seen(vec![private()]) },
            may("address-not-public", "private-view"),
        ),
        row(
            "a private address in the system's view, while the public one is silent",
            Observation { resolution: Some(unconfirmed), ..seen(vec![private()]) },
            may("address-not-public", "private-view"),
        ),
        row(
            "a private address in both views",
            Observation { resolution: Some(confirmed), ..seen(vec![private()]) },
            fails(&["address-not-public fails"], 504),
        ),
        row(
            "intercepted",
            with_prober(seen(vec![endpoint(1, inspected.clone())]), |prober| {
                prober.interception = suspected;
            }),
            may("issuer-untrusted", "interception-suspected"),
        ),
        row(
            "not intercepted",
            seen(vec![endpoint(1, inspected)]),
            fails(&["issuer-untrusted fails"], 502),
        ),
        row(
            "one of two addresses refuses",
            seen(vec![endpoint(1, sound()), failed(2, refusal())]),
            may("connection-refused", "undocumented"),
        ),
        row(
            "one of two addresses is silent",
            seen(vec![endpoint(1, sound()), failed(2, silence())]),
            may("connection-timed-out", "undocumented"),
        ),
        row(
            "no way there",
            one(no_route()),
            undecided(&["address-not-probed notice"], "no-route-from-here"),
        ),
        row(
            "no way to one of two",
            seen(vec![endpoint(1, sound()), failed(2, no_route())]),
            answers(&["address-not-probed notice"]),
        ),
    ]
}

fn tcp_failure() -> ResolutionFailure {
    ResolutionFailure::TcpFailed { detail: "connection refused".to_owned() }
}

const FILES: Option<Shortage> = Some(Shortage::Files);

fn not_asked(shortage: Option<Shortage>) -> ResolutionFailure {
    let detail = "Too many open files (os error 24)".to_owned();
    ResolutionFailure::NotAsked { shortage, detail }
}

fn no_file() -> Failure {
    let detail = "Too many open files (os error 24)".into();
    Failure::NotProbed { reason: NotProbed::OwnFailure { shortage: FILES, detail } }
}

/// The same, with what became of the question for the other family.
fn with_other_family(mut observation: Observation, failure: ResolutionFailure) -> Observation {
    let first = observation.resolution.as_mut().unwrap();
    first.answers.extend(
        resolution(Err(failure))
            .answers
            .into_iter()
            .map(|answer| FamilyAnswer { family: Family::Ipv6, ..answer }),
    );
    observation
}

/// The same, where the second view could not be asked.
fn confirmed_without_files(mut observation: Observation) -> Observation {
    let first = observation.resolution.as_mut().unwrap();
    first.confirmation = Some(Box::new(resolution(Err(not_asked(FILES)))));
    observation
}

fn cut_short() -> ResolutionFailure {
    ResolutionFailure::OutOfTime { waited: Duration::from_secs(9) }
}

fn two_families(ipv4: ResolutionFailure, ipv6: ResolutionFailure) -> Observation {
    let mut observation = unresolved(ipv4);
    let answers = &mut observation.resolution.as_mut().unwrap().answers;
    let ipv6 = FamilyAnswer { family: Family::Ipv6, outcome: Err(ipv6), ..answers[0].clone() };
    answers.push(ipv6);
    observation
}

/// The same, reached through so many canonical names.
fn through(aliases: usize, mut observation: Observation) -> Observation {
    let answer = &mut observation.resolution.as_mut().unwrap().answers[0];
    answer.cnames = (0..aliases).map(|n| format!("a{n}.example").parse().unwrap()).collect();
    observation
}

/// The same, through a name that has two canonical names.
fn competing(mut observation: Observation) -> Observation {
    let answer = &mut observation.resolution.as_mut().unwrap().answers[0];
    answer.competing_aliases = Some(CompetingAliases {
        name: "origin.example.com".into(),
        targets: ["a.example", "b.example"].map(Into::into).to_vec(),
    });
    observation
}
