//! Chains of every shape through real handshakes: the whole list of findings, and the instant
//! from which the origin fails.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::common::{Found, answers, fails, found, undecided};
use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, CaIssuers, EndEntity, Issued, KeyAlgorithm, KeyPurpose,
    SelfSigned, Window,
};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use origin_probe::origin::Target;
use origin_probe::probe::ProbeOptions;
use origin_probe::report::Report;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DOMAIN: &str = "origin.example.com";
const HOST: &str = "www.example.com";

const ANCHOR: &str = "trust-anchor-served notice";
const MISSING: &str = "intermediate-missing fails";
const OUT_OF_ORDER: &str = "chain-out-of-order fails";
const TWICE: &str = "certificate-served-twice notice";
const UNRELATED: &str = "unrelated-certificate-served may-fail";

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(days * 24)
}

/// When a certificate that is valid for `days` more fails.
fn after(days: i64) -> Option<Timestamp> {
    Some(in_days(days) + SignedDuration::from_secs(1))
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
        self.intermediate.issue(&EndEntity::new(&[DOMAIN], Window::days(days, now()))).unwrap()
    }

    /// A private end entity says nothing of where its issuer can be had.
    fn issue_privately(&self) -> Issued {
        let end_entity = EndEntity {
            ca_issuers: CaIssuers::Absent,
            ..EndEntity::new(&[DOMAIN], Window::days(-20..70, now()))
        };
        self.private.issue(&end_entity).unwrap()
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
    let chain = std::iter::once(end_entity.der.clone())
        .chain(rest.iter().map(|authority| authority.der()))
        .collect();
    Row { story, chain, key: end_entity.key.clone(), expected, first_failure }
}

fn shapes(pki: &Pki) -> Vec<Row> {
    let sound = pki.issue(-20..70);
    let (root, int, second) = (&pki.root, &pki.intermediate, &pki.second);
    let bad = |rule: &str| fails(&[&format!("{rule} fails")], 502);
    let all = |findings: &[&str]| fails(findings, 502);
    let private = pki.issue_privately();
    let mut rows = vec![
        row("end entity and intermediate", &sound, &[int], answers(&[]), after(70)),
        row("the root trails", &sound, &[int, root], answers(&[ANCHOR]), after(70)),
        row("the intermediate twice", &sound, &[int, int], answers(&[TWICE]), after(70)),
        row(
            "an unrelated one at the end",
            &sound,
            &[int, second],
            undecided(&[UNRELATED], "undocumented"),
            after(70),
        ),
        row("no intermediate", &sound, &[], bad("intermediate-missing"), Some(now())),
        row("only the root", &sound, &[root], all(&[UNRELATED, ANCHOR, MISSING]), Some(now())),
        row("another's intermediate", &sound, &[second], all(&[UNRELATED, MISSING]), Some(now())),
        row(
            "root before intermediate",
            &sound,
            &[root, int],
            all(&[OUT_OF_ORDER, ANCHOR]),
            Some(now()),
        ),
        row(
            "an unrelated one between",
            &sound,
            &[second, int],
            all(&[OUT_OF_ORDER, UNRELATED]),
            Some(now()),
        ),
        row("expired", &pki.issue(-90..-1), &[int], bad("certificate-expired"), Some(now())),
        row(
            "not yet valid",
            &pki.issue(1..90),
            &[int],
            bad("certificate-not-yet-valid"),
            Some(now()),
        ),
        row(
            "ends within the second",
            &pki.issue(-90..0),
            &[int],
            answers(&["renewal-overdue notice"]),
            after(0),
        ),
        row("a private CA", &private, &[&pki.private], bad("issuer-untrusted"), Some(now())),
        row(
            "a private CA with its root",
            &private,
            &[&pki.private, &pki.private_root],
            bad("issuer-untrusted"),
            Some(now()),
        ),
        row("a private end entity alone", &private, &[], bad("issuer-untrusted"), Some(now())),
        Row {
            story: "intermediate first",
            chain: vec![int.der(), sound.der.clone()],
            key: sound.key.clone(),
            expected: bad("chain-out-of-order"),
            first_failure: Some(now()),
        },
        Row {
            story: "upside down, root first",
            chain: vec![root.der(), int.der(), sound.der.clone()],
            key: sound.key.clone(),
            expected: all(&[OUT_OF_ORDER, ANCHOR]),
            first_failure: Some(now()),
        },
        Row {
            story: "another's key",
            chain: vec![sound.der.clone(), int.der()],
            key: pki.issue(-20..70).key,
            expected: bad("key-mismatch"),
            first_failure: Some(now()),
        },
        Row {
            story: "garbage after a sound chain",
            chain: vec![sound.der.clone(), int.der(), vec![0x30; 40]],
            key: sound.key.clone(),
            expected: bad("certificate-malformed"),
            first_failure: Some(now()),
        },
        Row {
            story: "a line feed after the end entity",
            chain: vec![[&sound.der[..], b"\n"].concat(), int.der()],
            key: sound.key.clone(),
            expected: undecided(&["certificate-malformed may-fail"], "undocumented"),
            first_failure: after(70),
        },
        Row {
            story: "a line feed after the intermediate",
            chain: vec![sound.der.clone(), [&int.der()[..], b"\n"].concat()],
            key: sound.key.clone(),
            expected: undecided(&["certificate-malformed may-fail"], "undocumented"),
            first_failure: after(70),
        },
        Row {
            story: "another certificate after the end entity",
            chain: vec![[sound.der.clone(), int.der()].concat()],
            key: sound.key.clone(),
            expected: bad("certificate-malformed"),
            first_failure: Some(now()),
        },
        Row {
            story: "garbage in place of the end entity",
            chain: vec![vec![0x30; 400], int.der()],
            key: sound.key.clone(),
            expected: bad("certificate-malformed"),
            first_failure: Some(now()),
        },
        Row {
            story: "a hundred copies of the intermediate",
            chain: std::iter::once(sound.der.clone())
                .chain(std::iter::repeat_n(int.der(), 99))
                .collect(),
            key: sound.key.clone(),
            expected: undecided(&["chain-too-long may-fail", TWICE], "undocumented"),
            first_failure: after(70),
        },
    ];
    rows.push(Row {
        story: "the intermediate behind forty strangers",
        chain: strangers(pki, &sound),
        key: sound.key.clone(),
        expected: undecided(
            &["chain-too-long may-fail", "intermediate-missing may-fail"],
            "undocumented",
        ),
        first_failure: after(70),
    });
    rows.extend(self_signed());
    rows.extend(issuers(pki));
    rows.extend(kinds(pki));
    rows
}

/// A list too long to be followed to the end: what seems to be missing may be there.
fn strangers(pki: &Pki, end_entity: &Issued) -> Vec<Vec<u8>> {
    let strangers = (0..40).map(|_| pki.issue(-20..70).der);
    std::iter::once(end_entity.der.clone())
        .chain(strangers)
        .chain([pki.intermediate.der()])
        .collect()
}

fn self_signed() -> Vec<Row> {
    let issue = |days, shape| {
        EndEntity::new(&[DOMAIN], Window::days(days, now())).self_signed(shape).unwrap()
    };
    let self_signed = || fails(&["certificate-self-signed fails"], 502);
    let both = fails(&["certificate-expired fails", "certificate-self-signed fails"], 502);
    let (request, plain) = (SelfSigned::OpensslRequest, SelfSigned::EndEntity);
    vec![
        row("openssl req -x509", &issue(-20..70, request), &[], self_signed(), Some(now())),
        row("self-signed, no CA", &issue(-20..70, plain), &[], self_signed(), Some(now())),
        row("self-signed and expired", &issue(-90..-1, plain), &[], both, Some(now())),
    ]
}

/// Intermediates that end before their end entity, and cross-signed ones beside them.
fn issuers(pki: &Pki) -> Vec<Row> {
    let options = AuthorityOptions::default();
    let limited = |days| pki.root.intermediate("Short CA", Window::days(days, now()), &options);
    let end_entity = EndEntity::new(&[DOMAIN], Window::days(-20..70, now()));
    let (past, soon, early) = (limited(-90..-1), limited(-90..30), limited(5..90));
    let (past, soon, early) = (past.unwrap(), soon.unwrap(), early.unwrap());
    let old_root = Authority::root("Old Root", Window::days(-1000..-10, now())).unwrap();
    let cross = old_root.cross_sign(&pki.root, Window::days(-900..-10, now()), &options).unwrap();
    let sound = pki.issue(-20..70);
    vec![
        row(
            "the intermediate has expired",
            &past.issue(&end_entity).unwrap(),
            &[&past],
            fails(&["intermediate-expired fails"], 502),
            Some(now()),
        ),
        row(
            "the intermediate ends before the end entity",
            &soon.issue(&end_entity).unwrap(),
            &[&soon],
            answers(&[]),
            after(30),
        ),
        row(
            "the intermediate is not valid yet",
            &early.issue(&end_entity).unwrap(),
            &[&early],
            fails(&["certificate-not-yet-valid fails"], 502),
            Some(now()),
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
    let base = || EndEntity::new(&[DOMAIN], Window::days(-20..70, now()));
    let issue = |end_entity: &EndEntity| pki.intermediate.issue(end_entity).unwrap();
    let int = &pki.intermediate;
    let client = EndEntity { key_purposes: vec![KeyPurpose::ClientAuthentication], ..base() };
    let options = AuthorityOptions {
        permitted_names: vec!["other.example".to_owned()],
        ..AuthorityOptions::default()
    };
    let narrow =
        pki.root.intermediate("Narrow CA", Window::days(-90..900, now()), &options).unwrap();
    let violated = || fails(&["chain-constraint-violated fails"], 502);
    let mut rows = vec![
        row("for clients only", &issue(&client), &[int], violated(), Some(now())),
        row(
            "outside its issuer's names",
            &narrow.issue(&base()).unwrap(),
            &[&narrow],
            violated(),
            Some(now()),
        ),
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
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let prober = crate::common::prober(dns.address(), &pki.root.pem(), Duration::from_secs(5));
    for row in shapes(&pki) {
        let served = ServedCertificate::new(row.chain, row.key);
        let options = TlsServerOptions::new(Certificates::for_everyone(served));
        let server = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
        let origin = Arc::new(crate::common::origin(DOMAIN, server.address().port()));
        let observation = prober.probe(origin, &ProbeOptions::default(), now()).await;
        let report = Report::new(None, Arc::new(observation), now());
        let story = row.story;
        assert_eq!(found(&report), row.expected, "{story}: {:#?}", report.verdict.findings);
        assert_eq!(report.first_failure, row.first_failure, "{story}");
    }
}

#[tokio::test]
async fn the_certificate_must_carry_the_origin_domain_or_the_forwarded_host() {
    let pki = Pki::new();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let prober = crate::common::prober(dns.address(), &pki.root.pem(), Duration::from_secs(5));
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
        let served = ServedCertificate::new(vec![issued.der, pki.intermediate.der()], issued.key);
        let options = TlsServerOptions::new(Certificates::for_everyone(served));
        let server = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
        let mut origin = crate::common::origin(DOMAIN, server.address().port());
        origin.targets = vec![target.clone()];
        let observation = prober.probe(Arc::new(origin), &ProbeOptions::default(), now()).await;
        let report = Report::new(None, Arc::new(observation), now());
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
        assert!(server.server_names().contains_key(&Some(target.server_name.to_string())));
    }
}

#[tokio::test]
async fn a_key_that_cloudfront_never_asks_for_is_named() {
    let pki = Pki::new();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let prober = crate::common::prober(dns.address(), &pki.root.pem(), Duration::from_secs(5));
    for (key_algorithm, expected) in [
        // In TLS 1.3 it has the number of a scheme that CloudFront offers.
        (KeyAlgorithm::EcdsaP521, undecided(&["key-unsupported may-fail"], "undocumented")),
        (KeyAlgorithm::Ed25519, fails(&["key-unsupported fails"], 502)),
    ] {
        let end_entity =
            EndEntity { key_algorithm, ..EndEntity::new(&[DOMAIN], Window::days(-20..70, now())) };
        let issued = pki.intermediate.issue(&end_entity).unwrap();
        let served = ServedCertificate::new(vec![issued.der, pki.intermediate.der()], issued.key);
        let options = TlsServerOptions::new(Certificates::for_everyone(served));
        let server = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
        let origin = Arc::new(crate::common::origin(DOMAIN, server.address().port()));
        let observation = prober.probe(origin, &ProbeOptions::default(), now()).await;
        let report = Report::new(None, Arc::new(observation), now());
        assert_eq!(found(&report), expected, "{key_algorithm:?}");
    }
}
