//! What the prober may have caused, and where other addresses answer.

use std::time::Duration;

use origin_probe::demo::pki::{Authority, CaIssuers, EndEntity, Window};
use origin_probe::limits::Shortage;
use origin_probe::observation::ResolutionFailure::{NoData, NxDomain, Refused, ServFail};
use origin_probe::observation::{
    ChainLength, CompetingAliases, Elsewhere, Endpoint, Failure, Family, FamilyAnswer,
    Interception, NameserverState, NotProbed, Observation, ProberState, Resolution,
    ResolutionFailure, TimeLimit, View,
};
use origin_probe::origin::Reachability;

use super::stage::{
    Pki, Row, answer, at, bad, dns_silence, end_entity, endpoint, failed, failure, may, no_route,
    now, refusal, resolution, row, seen, served, silence, unresolved, with_origin, with_prober,
};
use crate::common::{Found, answers, fails, undecided};

/// What the prober may have caused, and where other addresses answer.
pub(super) fn doubtful(pki: &Pki) -> Vec<Row> {
    let mut rows = of_the_prober();
    rows.extend(without_answer(pki));
    rows.extend(in_part(pki));
    rows.extend(without_time(pki));
    rows.extend(elsewhere(pki));
    rows
}

type Change = fn(&mut ProberState);

const LATE: Change = |prober| prober.event_loop_late = Duration::from_secs(2);
const HURRIED: Change = |prober| prober.time_limit = TimeLimit::ScrapeTimeout;

fn of_the_prober() -> Vec<Row> {
    let blind: Change = |prober| prober.elsewhere = Elsewhere::NothingReached;
    let new: Change = |prober| prober.last_reached = None;
    let silent = |change| with_prober(failure(silence()), change);
    let refused = |change| with_prober(failure(refusal()), change);
    let slow = Failure::HandshakeTimedOut { waited: Duration::from_secs(10), received: 0 };
    let slow = with_prober(failure(slow), LATE);
    let admitted = with_origin(silent(new), |o| o.reachable_from_here = Reachability::Reachable);
    let assumed = seen(vec![Endpoint { assumed_public: true, ..failed(1, silence()) }]);
    let timed_out = |reason| may("connection-timed-out", reason);
    vec![
        row("never let in", silent(new), timed_out("never-reached-from-here")),
        row("never let in, but said to be", admitted, bad("connection-timed-out", 504)),
        row(
            "on a network said to be reached",
            with_prober(assumed, new),
            bad("connection-timed-out", 504),
        ),
        row("blind and silent", silent(blind), timed_out("prober-blind")),
        row("blind and refused", refused(blind), may("connection-refused", "prober-blind")),
        row("late and silent", silent(LATE), timed_out("prober-overloaded")),
        row("late in the handshake", slow, may("handshake-timed-out", "prober-overloaded")),
        row("late, yet refused", refused(LATE), bad("connection-refused", 502)),
    ]
}

/// Questions and connections that could not be made or had no answer.
fn without_answer(pki: &Pki) -> Vec<Row> {
    let (sound, private) = (|| served(pki.sound()), || failure(private()));
    let own_failure = |rule| may(rule, "own-failure");
    let answering = |prober: &mut ProberState| prober.nameserver = NameserverState::Answers;
    let (detail, shortage) = ("no random".into(), None);
    let library = Failure::NotProbed { reason: NotProbed::OwnFailure { shortage, detail } };
    vec![
        row("DNS silent", mute(dns_silence()), unresolvable("resolver-silent")),
        row("DNS refuses", mute(Refused), unresolvable("resolver-silent")),
        row("no such domain, whatever else DNS does", mute(NxDomain), certainly()),
        row(
            "DNS late",
            with_prober(unresolved(dns_silence()), LATE),
            unresolvable("prober-overloaded"),
        ),
        row("DNS fails by TCP", mute(tcp_failure()), unresolvable("resolver-silent")),
        row("DNS fails by TCP for this domain", unresolved(tcp_failure()), certainly()),
        row("DNS not asked", unresolved(not_asked(None)), unresolvable("resolver-silent")),
        row("no file for DNS", unresolved(not_asked(FILES)), unresolvable("own-failure")),
        row(
            "no file for DNS, while its nameserver answers others",
            with_prober(unresolved(not_asked(FILES)), answering),
            unresolvable("own-failure"),
        ),
        row(
            "the first view denies the name, and there is no file to ask the second one",
            confirmed_without_files(unresolved(NxDomain)),
            unresolvable("own-failure"),
        ),
        row(
            "the first view has no address, and there is no file to ask the second one",
            confirmed_without_files(unresolved(NoData)),
            own_failure("no-usable-address"),
        ),
        row(
            "the first view has a private address, and there is no file to ask the second one",
            confirmed_without_files(private()),
            own_failure("address-not-public"),
        ),
        row(
            "no file to ask for the other family, while this one answers",
            with_other_family(sound(), not_asked(FILES)),
            unresolvable("own-failure"),
        ),
        row(
            "silence for the other family, while this one answers",
            with_other_family(sound(), dns_silence()),
            answers(&[]),
        ),
        row("no file for a connection", failure(no_file()), missed("own-failure")),
        row("no file for one of two connections", beside(pki, no_file()), missed("own-failure")),
        row(
            "no file for one connection, and the other refuses the handshake",
            seen(vec![failed(1, Failure::Alert { code: 40 }), failed(2, no_file())]),
            fails(&["address-not-probed notice", "handshake-refused fails"], 502),
        ),
        row("our TLS library fails", failure(library), missed("own-failure")),
    ]
}

/// Answers of DNS that are not whole, or not the same for everybody.
fn in_part(pki: &Pki) -> Vec<Row> {
    let sound = || served(pki.sound());
    let aliases = |length| unresolved(ResolutionFailure::TooManyCnames { length });
    let disagreeing = |rule: &str| {
        undecided(&[&format!("{rule} may-fail"), "nameservers-disagree notice"], "undocumented")
    };
    vec![
        row(
            "DNS cut short while it answers others",
            unresolved(cut_short()),
            unresolvable("not-enough-time"),
        ),
        row(
            "DNS cut short while it answers nothing",
            mute(cut_short()),
            unresolvable("resolver-silent"),
        ),
        row(
            "DNS cut short by the scraper",
            with_prober(mute(cut_short()), HURRIED),
            unresolvable("scrape-timeout-too-short"),
        ),
        row(
            "one family unresolved by TCP, the other without records",
            with_other_family(mute(NoData), tcp_failure()),
            unresolvable("resolver-silent"),
        ),
        row(
            "one family cut short, the other failed",
            with_other_family(unresolved(ServFail), cut_short()),
            unresolvable("not-enough-time"),
        ),
        row(
            "no such domain in one family",
            with_other_family(mute(NxDomain), tcp_failure()),
            certainly(),
        ),
        row(
            "more aliases than are followed",
            aliases(ChainLength::MoreThan(64)),
            unresolvable("undocumented"),
        ),
        row(
            "more aliases than the nameserver follows",
            aliases(ChainLength::Exactly(20)),
            unresolvable("undocumented"),
        ),
        row("many aliases", through(16, sound()), answers(&[])),
        row("more aliases than many follow", through(17, sound()), unresolvable("undocumented")),
        row(
            "two aliases of one name",
            competing(sound()),
            answers(&["nameservers-disagree notice"]),
        ),
        row(
            "two aliases of one name, the first of which leads nowhere",
            competing(unresolved(NxDomain)),
            disagreeing("origin-domain-unresolvable"),
        ),
        row(
            "two aliases of one name, the first of which has no address",
            competing(unresolved(NoData)),
            disagreeing("no-usable-address"),
        ),
    ]
}

fn without_time(pki: &Pki) -> Vec<Row> {
    let out_of_time = || Failure::NotProbed { reason: NotProbed::OutOfTime };
    let late = with_prober(failure(out_of_time()), LATE);
    let hurried = with_prober(failure(out_of_time()), HURRIED);
    let after = |chain| seen(vec![Endpoint { chain, ..failed(1, out_of_time()) }]);
    vec![
        row("no time", failure(out_of_time()), missed("not-enough-time")),
        row("no time, being late", late, missed("prober-overloaded")),
        row("no time of the scraper", hurried, missed("scrape-timeout-too-short")),
        row(
            "no time for one of two addresses",
            beside(pki, out_of_time()),
            answers(&["address-not-probed notice"]),
        ),
        row("no time after the chain was read", after(pki.sound()), missed("not-enough-time")),
        row(
            "no time after a chain that fails was read",
            after(pki.issue(&end_entity(-90..-1))),
            fails(&["address-not-probed notice", "certificate-expired fails"], 502),
        ),
    ]
}

/// Observations of which other probers would say something else.
fn elsewhere(pki: &Pki) -> Vec<Row> {
    let own = Authority::root("Inspector", Window::days(-9..900, now())).unwrap();
    let inspected = own.issue(&EndEntity { ca_issuers: CaIssuers::Absent, ..end_entity(-1..9) });
    let inspected = served(pki.chain(&[inspected.unwrap().der]));
    let suspected = Interception::Suspected { issuer: "Inspector".into(), domains: 3 };
    let view = Resolution { view: View::System, ..at(1) };
    let seen_by = |resolution| Observation { resolution: Some(resolution), ..failure(private()) };
    let confirmed_by =
        |second| seen_by(Resolution { confirmation: Some(Box::new(second)), ..view.clone() });
    let intercepted = with_prober(inspected.clone(), |prober| prober.interception = suspected);
    vec![
        row(
            "a private address in the system's view",
            seen_by(view.clone()),
            may("address-not-public", "private-view"),
        ),
        row(
            "a private address in the system's view, while the public one is silent",
            confirmed_by(resolution(dns_silence())),
            may("address-not-public", "private-view"),
        ),
        row("a private address in both views", confirmed_by(at(1)), bad("address-not-public", 504)),
        row("intercepted", intercepted, may("issuer-untrusted", "interception-suspected")),
        row("not intercepted", inspected, bad("issuer-untrusted", 502)),
        row(
            "one of two addresses refuses",
            beside(pki, refusal()),
            may("connection-refused", "undocumented"),
        ),
        row(
            "one of two addresses is silent",
            beside(pki, silence()),
            may("connection-timed-out", "undocumented"),
        ),
        row("no way there", failure(no_route()), missed("no-route-from-here")),
        row(
            "no way to one of two",
            beside(pki, no_route()),
            answers(&["address-not-probed notice"]),
        ),
    ]
}

fn mute(failure: ResolutionFailure) -> Observation {
    with_prober(unresolved(failure), |prober| prober.nameserver = NameserverState::Silent)
}

fn beside(pki: &Pki, failure: Failure) -> Observation {
    seen(vec![endpoint(1, pki.sound()), failed(2, failure)])
}

fn private() -> Failure {
    Failure::NotPublic { kind: "private (RFC 1918)".into() }
}

fn unresolvable(reason: &'static str) -> Found {
    may("origin-domain-unresolvable", reason)
}

fn certainly() -> Found {
    bad("origin-domain-unresolvable", 502)
}

fn missed(reason: &'static str) -> Found {
    undecided(&["address-not-probed notice"], reason)
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
    first.answers.push(FamilyAnswer { family: Family::Ipv6, ..answer(Err(failure)) });
    observation
}

/// The same, where the second view could not be asked.
fn confirmed_without_files(mut observation: Observation) -> Observation {
    let first = observation.resolution.as_mut().unwrap();
    first.confirmation = Some(Box::new(resolution(not_asked(FILES))));
    observation
}

fn cut_short() -> ResolutionFailure {
    ResolutionFailure::OutOfTime { waited: Duration::from_secs(9) }
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
