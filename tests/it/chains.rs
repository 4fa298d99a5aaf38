//! Chains of every shape through real handshakes: the whole list of findings, and the instant
//! from which the origin fails.

use std::time::Duration;

use crate::common::loopback::{DOMAIN, Loopback, end_entity, now, serve, serve_below};
use crate::common::{Found, answers, fails, found, origin, undecided};
use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, CaIssuers, EndEntity, Issued, KeyAlgorithm, KeyPurpose,
    SelfSigned, Window,
};
use origin_probe::origin::{Origin, Target};

const HOST: &str = "www.example.com";

const ANCHOR: &str = "trust-anchor-served notice";
const MISSING: &str = "intermediate-missing fails";
const OUT_OF_ORDER: &str = "chain-out-of-order fails";
const TWICE: &str = "certificate-served-twice notice";
const UNRELATED: &str = "unrelated-certificate-served may-fail";

/// When a certificate that is valid for `days` more fails.
fn after(days: i64) -> Option<Timestamp> {
    Some(now() + SignedDuration::from_secs(days * 86_400 + 1))
}

/// The authorities from which every chain is put together.
struct Pki {
    root: Authority,
    intermediate: Authority,
    second: Authority,
    private_root: Authority,
    private: Authority,
}

impl Pki {
    fn new() -> Self {
        let long = || Window::days(-1000..3000, now());
        let options = AuthorityOptions::default();
        let root = Authority::root("Test Root", long()).unwrap();
        let intermediate = root.intermediate("Test CA 1", long(), &options).unwrap();
        let second = root.intermediate("Test CA 2", long(), &options).unwrap();
        let private_options =
            AuthorityOptions { ca_issuers: CaIssuers::Absent, ..AuthorityOptions::default() };
        let private_root = Authority::root_with("Private Root", long(), &private_options).unwrap();
        let private = private_root.intermediate("Private CA", long(), &private_options).unwrap();
        Self { root, intermediate, second, private_root, private }
    }

    fn issue(&self, days: std::ops::Range<i64>) -> Issued {
        self.intermediate.issue(&end_entity(days)).unwrap()
    }

    /// A private end entity says nothing of where its issuer can be had.
    fn issue_privately(&self) -> Issued {
        let end_entity = EndEntity { ca_issuers: CaIssuers::Absent, ..end_entity(-20..70) };
        self.private.issue(&end_entity).unwrap()
    }

    async fn prober(&self) -> Loopback {
        Loopback::trusting(&self.root, Duration::from_secs(5)).await
    }
}

struct Row {
    story: &'static str,
    chain: Vec<Vec<u8>>,
    key: Vec<u8>,
    expected: Found,
    first_failure: Option<Timestamp>,
}

fn row(
    story: &'static str,
    end_entity: &Issued,
    rest: &[&Authority],
    expected: Found,
    first_failure: Option<Timestamp>,
) -> Row {
    let above = rest.iter().map(|authority| authority.der());
    let chain = [end_entity.der.clone()].into_iter().chain(above).collect();
    list(story, chain, &end_entity.key, expected, first_failure)
}

/// A list that is not of whole certificates in their order.
fn list(
    story: &'static str,
    chain: Vec<Vec<u8>>,
    key: &[u8],
    expected: Found,
    first_failure: Option<Timestamp>,
) -> Row {
    Row { story, chain, key: key.to_vec(), expected, first_failure }
}

fn shapes(pki: &Pki) -> Vec<Row> {
    let sound = pki.issue(-20..70);
    let (root, int, second) = (&pki.root, &pki.intermediate, &pki.second);
    let bad = |rule: &str| fails(&[&format!("{rule} fails")], 502);
    let all = |findings: &[&str]| fails(findings, 502);
    let may = |findings: &[&str]| undecided(findings, "undocumented");
    let private = pki.issue_privately();
    let (own, ca, key) = (|| sound.der.clone(), || int.der(), &*sound.key);
    let line_feed = |der: Vec<u8>| [&der[..], b"\n"].concat();
    let strangers = (0..40).map(|_| pki.issue(-20..70).der);
    let at_once = Some(now());
    let mut rows = vec![
        row("end entity and intermediate", &sound, &[int], answers(&[]), after(70)),
        row("the root trails", &sound, &[int, root], answers(&[ANCHOR]), after(70)),
        row("the intermediate twice", &sound, &[int, int], answers(&[TWICE]), after(70)),
        row("an unrelated one at the end", &sound, &[int, second], may(&[UNRELATED]), after(70)),
        row("no intermediate", &sound, &[], bad("intermediate-missing"), at_once),
        row("only the root", &sound, &[root], all(&[UNRELATED, ANCHOR, MISSING]), at_once),
        row("another's intermediate", &sound, &[second], all(&[UNRELATED, MISSING]), at_once),
        row(
            "root before intermediate",
            &sound,
            &[root, int],
            all(&[OUT_OF_ORDER, ANCHOR]),
            at_once,
        ),
        row(
            "an unrelated one between",
            &sound,
            &[second, int],
            all(&[OUT_OF_ORDER, UNRELATED]),
            at_once,
        ),
        row("expired", &pki.issue(-90..-1), &[int], bad("certificate-expired"), at_once),
        row("not yet valid", &pki.issue(1..90), &[int], bad("certificate-not-yet-valid"), at_once),
        row(
            "ends within the second",
            &pki.issue(-90..0),
            &[int],
            answers(&["renewal-overdue notice"]),
            after(0),
        ),
        row("a private CA", &private, &[&pki.private], bad("issuer-untrusted"), at_once),
        row(
            "a private CA with its root",
            &private,
            &[&pki.private, &pki.private_root],
            bad("issuer-untrusted"),
            at_once,
        ),
        row("a private end entity alone", &private, &[], bad("issuer-untrusted"), at_once),
        list("intermediate first", vec![ca(), own()], key, bad("chain-out-of-order"), at_once),
        list(
            "upside down, root first",
            vec![root.der(), ca(), own()],
            key,
            all(&[OUT_OF_ORDER, ANCHOR]),
            at_once,
        ),
        list(
            "another's key",
            vec![own(), ca()],
            &pki.issue(-20..70).key,
            bad("key-mismatch"),
            at_once,
        ),
        list(
            "garbage after a sound chain",
            vec![own(), ca(), vec![0x30; 40]],
            key,
            bad("certificate-malformed"),
            at_once,
        ),
        list(
            "a line feed after the end entity",
            vec![line_feed(own()), ca()],
            key,
            may(&["certificate-malformed may-fail"]),
            after(70),
        ),
        list(
            "a line feed after the intermediate",
            vec![own(), line_feed(ca())],
            key,
            may(&["certificate-malformed may-fail"]),
            after(70),
        ),
        list(
            "another certificate after the end entity",
            vec![[own(), ca()].concat()],
            key,
            bad("certificate-malformed"),
            at_once,
        ),
        list(
            "garbage in place of the end entity",
            vec![vec![0x30; 400], ca()],
            key,
            bad("certificate-malformed"),
            at_once,
        ),
        row(
            "a hundred copies of the intermediate",
            &sound,
            &[int; 99],
            may(&["chain-too-long may-fail", TWICE]),
            after(70),
        ),
        // Too long to be followed to the end: what seems to be missing may be there.
        list(
            "the intermediate behind forty strangers",
            [own()].into_iter().chain(strangers).chain([ca()]).collect(),
            key,
            may(&["chain-too-long may-fail", "intermediate-missing may-fail"]),
            after(70),
        ),
    ];
    rows.extend(self_signed());
    rows.extend(issuers(pki));
    rows.extend(kinds(pki));
    rows
}

fn self_signed() -> Vec<Row> {
    let at_once = Some(now());
    let issue = |days, shape| end_entity(days).self_signed(shape).unwrap();
    let self_signed = || fails(&["certificate-self-signed fails"], 502);
    let both = fails(&["certificate-expired fails", "certificate-self-signed fails"], 502);
    let (request, plain) = (SelfSigned::OpensslRequest, SelfSigned::EndEntity);
    vec![
        row("openssl req -x509", &issue(-20..70, request), &[], self_signed(), at_once),
        row("self-signed, no CA", &issue(-20..70, plain), &[], self_signed(), at_once),
        row("self-signed and expired", &issue(-90..-1, plain), &[], both, at_once),
    ]
}

/// Intermediates that end before their end entity, and cross-signed ones beside them.
fn issuers(pki: &Pki) -> Vec<Row> {
    let at_once = Some(now());
    let options = AuthorityOptions::default();
    let limited =
        |days| pki.root.intermediate("Short CA", Window::days(days, now()), &options).unwrap();
    let below = |authority: &Authority| authority.issue(&end_entity(-20..70)).unwrap();
    let (past, soon, early) = (limited(-90..-1), limited(-90..30), limited(5..90));
    let old_root = Authority::root("Old Root", Window::days(-1000..-10, now())).unwrap();
    let cross = old_root.cross_sign(&pki.root, Window::days(-900..-10, now()), &options).unwrap();
    let sound = pki.issue(-20..70);
    vec![
        row(
            "the intermediate has expired",
            &below(&past),
            &[&past],
            fails(&["intermediate-expired fails"], 502),
            at_once,
        ),
        row(
            "the intermediate ends before the end entity",
            &below(&soon),
            &[&soon],
            answers(&[]),
            after(30),
        ),
        row(
            "the intermediate is not valid yet",
            &below(&early),
            &[&early],
            fails(&["certificate-not-yet-valid fails"], 502),
            at_once,
        ),
        row(
            "an expired cross-certificate beside a good path",
            &sound,
            &[&pki.intermediate, &cross],
            answers(&[]),
            after(70),
        ),
    ]
}

/// Keys, purposes and constraints.
fn kinds(pki: &Pki) -> Vec<Row> {
    let at_once = Some(now());
    let base = || end_entity(-20..70);
    let issue = |end_entity: &EndEntity| pki.intermediate.issue(end_entity).unwrap();
    let int = &pki.intermediate;
    let client = EndEntity { key_purposes: vec![KeyPurpose::ClientAuthentication], ..base() };
    let options = AuthorityOptions {
        permitted_names: vec!["other.example".to_owned()],
        ..AuthorityOptions::default()
    };
    let narrow =
        pki.root.intermediate("Narrow CA", Window::days(-90..900, now()), &options).unwrap();
    let outside = narrow.issue(&base()).unwrap();
    let violated = || fails(&["chain-constraint-violated fails"], 502);
    let mut rows = vec![
        row("for clients only", &issue(&client), &[int], violated(), at_once),
        row("outside its issuer's names", &outside, &[&narrow], violated(), at_once),
    ];
    for (story, key_algorithm) in
        [("P-384", KeyAlgorithm::EcdsaP384), ("RSA-2048", KeyAlgorithm::Rsa2048)]
    {
        let issued = issue(&EndEntity { key_algorithm, ..base() });
        rows.push(row(story, &issued, &[int], answers(&[]), after(70)));
    }
    rows
}

#[tokio::test]
async fn every_shape_of_chain_gets_exactly_its_causes() {
    let pki = Pki::new();
    let prober = pki.prober().await;
    for row in shapes(&pki) {
        let server = serve(row.chain, row.key).await;
        let report = prober.probe(origin(DOMAIN, server.address().port())).await;
        let story = row.story;
        assert_eq!(found(&report), row.expected, "{story}: {:#?}", report.verdict.findings);
        assert_eq!(report.brief.first_failure(), row.first_failure, "{story}");
    }
}

#[tokio::test]
async fn the_certificate_must_carry_the_origin_domain_or_the_forwarded_host() {
    let pki = Pki::new();
    let prober = pki.prober().await;
    let (domain, host) = (DOMAIN.parse().unwrap(), HOST.parse().unwrap());
    let unforwarded = Target::unforwarded(&domain);
    let forwarded = Target::forwarded(&host, &domain);
    let by_hand = Target::new(host.clone(), vec!["*.edge.example".parse().unwrap()]);
    let missing = || fails(&["name-not-in-certificate fails"], 502);
    let notice = || answers(&["host-not-in-certificate notice"]);
    let common_name_only = EndEntity::common_name_only(DOMAIN, Window::days(-20..70, now()));
    let names = |names: &[&str]| EndEntity::new(names, Window::days(-20..70, now()));
    let misleading =
        EndEntity { common_name: Some(DOMAIN.to_owned()), ..names(&["other.example"]) };
    for (story, end_entity, target, expected) in [
        ("the domain", names(&[DOMAIN]), &unforwarded, answers(&[])),
        ("a wildcard", names(&["*.example.com"]), &unforwarded, answers(&[])),
        ("upper case", names(&["ORIGIN.EXAMPLE.COM"]), &unforwarded, answers(&[])),
        ("a wildcard too deep", names(&["*.com"]), &unforwarded, missing()),
        ("the host, not forwarded", names(&[HOST]), &unforwarded, missing()),
        ("the host, forwarded", names(&[HOST]), &forwarded, answers(&[])),
        ("both", names(&[HOST, DOMAIN]), &forwarded, answers(&[])),
        ("only the domain, Host forwarded", names(&[DOMAIN]), &forwarded, notice()),
        ("neither", names(&["a.example"]), &forwarded, missing()),
        (
            "the common name alone",
            common_name_only,
            &unforwarded,
            answers(&["common-name-only notice"]),
        ),
        ("the common name beside other names", misleading, &unforwarded, missing()),
        ("a name by hand", names(&["a.edge.example"]), &by_hand, answers(&[])),
        ("its wildcard by hand", names(&["*.edge.example"]), &by_hand, answers(&[])),
        ("not the name by hand", names(&[HOST, DOMAIN]), &by_hand, missing()),
    ] {
        let issued = pki.intermediate.issue(&end_entity).unwrap();
        let server = serve_below(issued, &[&pki.intermediate]).await;
        let origin = origin(DOMAIN, server.address().port());
        let report = prober.probe(Origin { targets: vec![target.clone()], ..origin }).await;
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
        assert!(server.server_names().contains_key(&Some(target.server_name.to_string())));
    }
}

#[tokio::test]
async fn a_key_that_cloudfront_never_asks_for_is_named() {
    let pki = Pki::new();
    let prober = pki.prober().await;
    for (key_algorithm, expected) in [
        // In TLS 1.3 it has the number of a scheme that CloudFront offers.
        (KeyAlgorithm::EcdsaP521, undecided(&["key-unsupported may-fail"], "undocumented")),
        (KeyAlgorithm::Ed25519, fails(&["key-unsupported fails"], 502)),
    ] {
        let end_entity = EndEntity { key_algorithm, ..end_entity(-20..70) };
        let issued = pki.intermediate.issue(&end_entity).unwrap();
        let server = serve_below(issued, &[&pki.intermediate]).await;
        let report = prober.probe(origin(DOMAIN, server.address().port())).await;
        assert_eq!(found(&report), expected, "{key_algorithm:?}");
    }
}
