//! What is to be done, where more is known than a rule's own remedy says: which repair applies, and
//! whether a change of the distribution would do as well. The sentences are in the snapshot.

use std::net::IpAddr;
use std::time::Duration;

use origin_probe::demo::pki::{EndEntity, Window};
use origin_probe::observation::{Endpoint, Failure, Observation, ProberState};
use origin_probe::origin::{IpAddressType, Origin, Target};
use origin_probe::report::Report;
use origin_probe::rules::{ReadIn, RuleId, Topic};

use super::stage::{
    Pki, endpoint, failed, judged, now, refusal, seen, silence, with_origin, with_prober,
};

/// What is to be done for a finding of a rule; whether the remedy has an alternative.
type Remedied = (RuleId, Topic, bool);

/// A story, what was seen, and what is to be done for each finding.
type Row = (String, Observation, Vec<Remedied>);

fn row(story: impl Into<String>, observation: Observation, expected: &[Remedied]) -> Row {
    (story.into(), observation, expected.to_vec())
}

/// Origins whose findings have remedies of their own.
pub(super) fn special(pki: &Pki) -> Vec<Row> {
    let mut rows = default_certificates(pki);
    rows.extend(platforms(pki));
    rows.extend(refused_hosts());
    rows.extend(dead_families(pki));
    rows.extend(s3_websites());
    rows
}

#[test]
fn each_finding_has_the_repair_of_its_cause() {
    for (story, observation, expected) in special(&Pki::new()) {
        assert_eq!(remedied(&judged(observation)), expected, "{story}");
    }
}

fn remedied(report: &Report) -> Vec<Remedied> {
    let findings = report.verdict.findings.iter();
    findings
        .map(|f| (f.rule.id, f.repair, f.remedy != f.sure_remedy.sure(ReadIn::Daemon)))
        .collect()
}

/// An origin at `domain`, to which these names are sent, that serves a certificate for `names`.
fn serving(pki: &Pki, domain: &str, hosts: &[&str], names: &[&str], days: i64) -> Observation {
    let window = Window::days(-90..days, now());
    let served = endpoint(1, pki.issue(&EndEntity::new(names, window)));
    with_origin(seen(vec![served]), |origin| sends(origin, domain, hosts))
}

fn sends(origin: &mut Origin, domain: &str, hosts: &[&str]) {
    *origin = Origin::with_defaults(domain.parse().unwrap());
    if !hosts.is_empty() {
        let domain = origin.domain().clone();
        let target = |host: &&str| Target::forwarded(&host.parse().unwrap(), &domain);
        origin.targets = hosts.iter().map(target).collect();
    }
}

fn default_certificates(pki: &Pki) -> Vec<Row> {
    let (domain, names) = ("origin.shop.example", ["ingress.local"]);
    vec![
        row(
            "an expired default certificate for a forwarded host",
            serving(pki, domain, &["www.shop.example"], &names, -1),
            &[
                (RuleId::NameNotInCertificate, Topic::DefaultCertificate, true),
                (RuleId::CertificateExpired, Topic::DefaultCertificate, false),
            ],
        ),
        row(
            "the same certificate without Host",
            serving(pki, domain, &[], &names, 30),
            &[(RuleId::NameNotInCertificate, Topic::Name, false)],
        ),
    ]
}

/// Only where the certificate is the customer's can viewers' hosts be forwarded instead.
fn platforms(pki: &Pki) -> Vec<Row> {
    let customers = [
        "shop-alb-1.eu-west-1.elb.amazonaws.com",
        "shop.eba-a1.eu-west-1.elasticbeanstalk.com",
        "shop.eba-a1.cn-north-1.eb.amazonaws.com.cn",
        "ec2-192-0-2-7.compute-1.amazonaws.com",
        "ec2-192-0-2-7.eu-west-1.compute.amazonaws.com",
        "a1b2.awsglobalaccelerator.com",
    ];
    let platforms = [
        "abc.execute-api.eu-west-1.amazonaws.com",
        "abc.eu-west-1.awsapprunner.com",
        "abc.lambda-url.eu-west-1.on.aws",
        "shop.s3.eu-west-1.amazonaws.com",
        "d111111abcdef8.cloudfront.net",
        "shop.azurewebsites.net",
        "shop-1.herokuapp.com",
    ];
    let of = |domain: &str, names: &[&str], has_alternative| {
        let remedied = (RuleId::NameNotInCertificate, Topic::PlatformName, has_alternative);
        row(domain, serving(pki, domain, &[], names, 30), &[remedied])
    };
    let names = ["www.shop.example"];
    let mut rows: Vec<Row> = customers.iter().map(|domain| of(domain, &names, true)).collect();
    rows.extend(platforms.iter().map(|domain| of(domain, &names, false)));
    let wildcard = ["*.s3.eu-west-1.amazonaws.com"];
    rows.push(of("my.shop.s3.eu-west-1.amazonaws.com", &wildcard, false));
    rows
}

/// Not to forward Host is an alternative only where the domain may answer.
fn refused_hosts() -> Vec<Row> {
    let refused = |domain: &str, hosts: &[&str]| {
        let endpoint = |target| Endpoint { target, ..failed(1, Failure::Alert { code: 112 }) };
        let endpoints = (0..hosts.len()).map(endpoint).collect();
        with_origin(seen(endpoints), |origin| sends(origin, domain, hosts))
    };
    let (domain, alias) = ("origin.shop.example", "www.shop.example");
    let (beanstalk, api) =
        ("shop.eu-west-1.elasticbeanstalk.com", "abc.execute-api.eu-west-1.amazonaws.com");
    let own = "d111111abcdef8.cloudfront.net";
    let with = |has_alternative| (RuleId::ServerNameRefused, Topic::ServerName, has_alternative);
    vec![
        row("an alias is refused", refused(domain, &[alias]), &[with(true)]),
        row("the domain, too", refused(domain, &[domain, alias]), &[with(true), with(false)]),
        row("an alias of Beanstalk", refused(beanstalk, &[alias]), &[with(false)]),
        row("an alias of an API", refused(api, &[alias]), &[with(true)]),
        row("the distribution's own name", refused(domain, &[own]), &[with(true)]),
        row("the same of Beanstalk", refused(beanstalk, &[own]), &[with(false)]),
    ]
}

fn at(pki: &Pki, address: &str, failure: Option<Failure>) -> Endpoint {
    let was_reached = failure.as_ref().is_none_or(|failure| failure.stage() != "connect");
    let served = failure.is_none().then(|| {
        let window = Window::days(-90..30, now());
        pki.issue(&EndEntity::new(&["origin.example.com"], window)).unwrap()
    });
    let mut endpoint = endpoint(1, served);
    endpoint.address = address.parse::<IpAddr>().unwrap();
    endpoint.handshake.failure = failure;
    endpoint.handshake.connect_time = was_reached.then_some(Duration::from_millis(1));
    endpoint
}

/// As long as one address of the family answers it is a single address that is dead.
fn dead_families(pki: &Pki) -> Vec<Row> {
    const V4: [&str; 2] = ["203.0.113.1", "203.0.113.2"];
    const V6: [&str; 2] = ["2001:db8::1", "2001:db8::2"];
    let dualstack = |endpoints| {
        with_origin(seen(endpoints), |origin| origin.ip_address_type = IpAddressType::Dualstack)
    };
    let mut rows = Vec::new();
    for (failure, rule, repair) in [
        (refusal(), RuleId::ConnectionRefused, Topic::Listen),
        (silence(), RuleId::ConnectionTimedOut, Topic::Admit),
    ] {
        for (name, dead, alive) in [("IPv6", V6, V4), ("IPv4", V4, V6)] {
            let down = |address| at(pki, address, Some(failure.clone()));
            let up = |address| at(pki, address, None);
            let all = dualstack(vec![down(dead[0]), down(dead[1]), up(alive[0])]);
            let one = dualstack(vec![down(dead[0]), up(alive[0]), up(dead[1])]);
            let family = (rule, Topic::DeadFamily, false);
            rows.push(row(format!("{rule:?}: no {name} address"), all, &[family, family]));
            rows.push(row(format!("{rule:?}: one {name} address"), one, &[(rule, repair, false)]));
        }
    }
    rows
}

/// However it fails, and whether or not anything was ever reached from here.
fn s3_websites() -> Vec<Row> {
    let not_tls = Failure::NotTls { looks_like: Some("HTTP"), first_bytes: "48".into() };
    let mut rows = Vec::new();
    for domain in [
        "shop.s3-website-us-east-1.amazonaws.com",
        "shop.s3-website.eu-central-1.amazonaws.com",
        "my.shop.s3-website.cn-north-1.amazonaws.com.cn",
    ] {
        for (failure, rule) in [
            (refusal(), RuleId::ConnectionRefused),
            (silence(), RuleId::ConnectionTimedOut),
            (not_tls.clone(), RuleId::NotTls),
        ] {
            let seen = with_origin(seen(vec![failed(1, failure)]), |o| sends(o, domain, &[]));
            let new_here = with_prober(seen.clone(), |prober| *prober = ProberState::default());
            let website = [(rule, Topic::S3Website, false)];
            rows.push(row(format!("{domain}: {rule:?}"), seen, &website));
            rows.push(row(format!("{domain}: {rule:?}, never reached"), new_here, &website));
        }
    }
    rows
}

#[test]
fn check_names_options_where_the_daemon_names_keys() {
    let unreached = with_prober(seen(vec![failed(1, silence())]), |prober| {
        *prober = ProberState::default();
    });
    let report = judged(unreached);
    let finding = &report.verdict.findings[0];
    let (daemon, check) =
        (finding.remedy_read_in(ReadIn::Daemon), finding.remedy_read_in(ReadIn::Check));
    assert!(daemon.contains("reachable_from_here: \"no\"") && !daemon.contains("--"), "{daemon}");
    assert!(check.contains("--reachable no") && !check.contains("reachable_from"), "{check}");
}
