//! What is to be done, where more is known than a rule's own remedy says: which repair applies, and
//! whether a change of the distribution would do as well. The sentences are in the snapshot.

use origin_probe::demo::pki::{EndEntity, Window};
use origin_probe::observation::{Endpoint, Failure, Observation, ProberState};
use origin_probe::origin::{IpAddressType, Origin};
use origin_probe::report::Report;
use origin_probe::rules::{ReadIn, RuleId, Topic};

use super::stage::{
    Pki, end_entity, failed, failure, judged, now, refusal, seen, served, silence, with_origin,
    with_prober,
};
use crate::common::by_hand;

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
    let served = served(pki.issue(&EndEntity::new(names, window)));
    with_origin(served, |origin| sends(origin, domain, hosts))
}

fn sends(origin: &mut Origin, domain: &str, hosts: &[&str]) {
    *origin = match hosts {
        [] => Origin::with_defaults(domain.parse().unwrap()),
        hosts => by_hand::forwarding(domain, hosts),
    };
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
            let down = |address: &str| {
                by_hand::failing(address.parse().unwrap(), 0, failure.clone(), now())
            };
            let up = |address: &str| {
                let chain = pki.issue(&end_entity(-90..30));
                by_hand::answering(address.parse().unwrap(), 0, chain, now())
            };
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
    let not_tls = Failure::NotTls { looks_like: Some("HTTP".into()), first_bytes: "48".into() };
    let mut rows = Vec::new();
    for domain in [
        "shop.s3-website-us-east-1.amazonaws.com",
        "shop.s3-website.eu-central-1.amazonaws.com",
        "my.shop.s3-website.cn-north-1.amazonaws.com.cn",
    ] {
        for (cause, rule) in [
            (refusal(), RuleId::ConnectionRefused),
            (silence(), RuleId::ConnectionTimedOut),
            (not_tls.clone(), RuleId::NotTls),
        ] {
            let seen = with_origin(failure(cause), |o| sends(o, domain, &[]));
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
    let unreached = with_prober(failure(silence()), |prober| {
        *prober = ProberState::default();
    });
    let report = judged(unreached);
    let finding = &report.verdict.findings[0];
    let (daemon, check) =
        (finding.remedy_read_in(ReadIn::Daemon), finding.remedy_read_in(ReadIn::Check));
    assert!(daemon.contains("reachable_from_here: \"no\"") && !daemon.contains("--"), "{daemon}");
    assert!(check.contains("--reachable no") && !check.contains("reachable_from"), "{check}");
}
