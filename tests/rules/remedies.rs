//! What is to be done, where more is known than a rule's own remedy says.

use std::net::IpAddr;
use std::time::Duration;

use origin_probe::demo::pki::EndEntity;
use origin_probe::demo::pki::Window;
use origin_probe::observation::Endpoint;
use origin_probe::observation::Failure;
use origin_probe::observation::Observation;
use origin_probe::observation::ProberState;
use origin_probe::origin::IpAddressType;
use origin_probe::origin::Origin;
use origin_probe::origin::Target;
use origin_probe::report::Report;
use origin_probe::rules::ReadIn;

use super::stage::Pki;
use super::stage::endpoint;
use super::stage::judged;
use super::stage::now;
use super::stage::refusal;
use super::stage::seen;
use super::stage::silence;
use super::stage::with_origin;
use super::stage::with_prober;

/// An origin at `domain`, to which these names are sent, that serves a certificate for `names`.
fn serving(pki: &Pki, domain: &str, hosts: &[&str], names: &[&str], days: i64) -> Report {
    let window = Window::days(-90..days, now());
    let served = endpoint(1, pki.issue(&EndEntity::new(names, window)));
    judged(with_origin(seen(vec![served]), |origin| {
        *origin = Origin::with_defaults(domain.parse().unwrap());
        if let [host] = hosts {
            origin.targets = vec![Target::forwarded(&host.parse().unwrap(), origin.domain())];
        }
    }))
}

fn remedies(report: &Report) -> Vec<(&'static str, &str)> {
    report.verdict.findings.iter().map(|f| (f.rule.id, f.remedy.as_str())).collect()
}

#[test]
fn a_default_certificate_is_not_to_be_repaired_but_to_be_joined_by_the_hosts() {
    let (pki, host) = (Pki::new(), "www.shop.example");
    // It has ended, too.
    let report = serving(&pki, "origin.shop.example", &[host], &["ingress.local"], -1);
    let remedies = remedies(&report);
    let rules: Vec<&str> = remedies.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(rules, ["name-not-in-certificate", "certificate-expired"]);
    for (rule, remedy) in remedies {
        assert!(remedy.contains(host), "{rule}: {remedy}");
        for wrong in ["Set Origin Domain", "reissued", "Renew the", "Install"] {
            assert!(!remedy.contains(wrong), "{rule}: {remedy}");
        }
    }
    let detail = &report.verdict.findings[0].detail;
    assert_eq!(
        detail,
        "the server has no certificate for www.shop.example and serves its default, for ingress.local"
    );
    // Without Host the certificate itself is wrong.
    let report = serving(&pki, "origin.shop.example", &[], &["ingress.local"], 30);
    assert!(self::remedies(&report)[0].1.starts_with("Set Origin Domain"));
}

#[test]
fn no_certificate_is_asked_for_that_cannot_be_had() {
    let pki = Pki::new();
    for (domain, is_customers) in [
        ("shop-alb-1.eu-west-1.elb.amazonaws.com", true),
        ("shop.eba-a1.eu-west-1.elasticbeanstalk.com", true),
        ("shop.eba-a1.cn-north-1.eb.amazonaws.com.cn", true),
        ("ec2-192-0-2-7.compute-1.amazonaws.com", true),
        ("ec2-192-0-2-7.eu-west-1.compute.amazonaws.com", true),
        ("a1b2.awsglobalaccelerator.com", true),
        ("abc.execute-api.eu-west-1.amazonaws.com", false),
        ("abc.eu-west-1.awsapprunner.com", false),
        ("abc.lambda-url.eu-west-1.on.aws", false),
        ("shop.s3.eu-west-1.amazonaws.com", false),
        ("d111111abcdef8.cloudfront.net", false),
        ("shop.azurewebsites.net", false),
        ("shop-1.herokuapp.com", false),
    ] {
        let report = serving(&pki, domain, &[], &["www.shop.example"], 30);
        let [(rule, remedy)] = remedies(&report)[..] else { panic!("{domain}: {report:?}") };
        assert_eq!(rule, "name-not-in-certificate");
        assert!(!remedy.contains("reissued") && remedy.contains("Host header"), "{remedy}");
        assert_eq!(remedy.contains("forward the Host header (origin"), is_customers, "{remedy}");
        assert_eq!(remedy.contains("do not forward the Host header"), !is_customers, "{remedy}");
    }
}

#[test]
fn a_bucket_with_dots_has_more_labels_than_its_wildcard_covers() {
    let names = ["*.s3.eu-west-1.amazonaws.com"];
    let report = serving(&Pki::new(), "my.shop.s3.eu-west-1.amazonaws.com", &[], &names, 30);
    assert!(remedies(&report)[0].1.contains("S3 origin"));
}

fn at(address: &str, failure: Option<Failure>) -> Endpoint {
    let was_reached = failure.as_ref().is_none_or(|failure| failure.stage() != "connect");
    let served = failure.is_none().then(|| {
        let window = Window::days(-90..30, now());
        Pki::new().issue(&EndEntity::new(&["origin.example.com"], window)).unwrap()
    });
    Endpoint {
        address: address.parse::<IpAddr>().unwrap(),
        failure,
        connect_time: was_reached.then_some(Duration::from_millis(1)),
        ..endpoint(1, served)
    }
}

fn dualstack(endpoints: Vec<Endpoint>) -> Observation {
    with_origin(seen(endpoints), |origin| origin.ip_address_type = IpAddressType::Dualstack)
}

#[test]
fn a_dead_address_family_can_be_left_out() {
    const V4: [&str; 2] = ["203.0.113.1", "203.0.113.2"];
    const V6: [&str; 2] = ["2001:db8::1", "2001:db8::2"];
    for failure in [refusal(), silence()] {
        for (dead, alive, record, family) in [
            (V6, V4, "AAAA record", "IpAddressType to ipv4"),
            (V4, V6, "A record", "IpAddressType to ipv6"),
        ] {
            let endpoints = [
                at(dead[0], Some(failure.clone())),
                at(dead[1], Some(failure.clone())),
                at(alive[0], None),
            ];
            for finding in judged(dualstack(endpoints.to_vec())).verdict.findings {
                assert!(finding.remedy.contains(record), "{}", finding.remedy);
                assert!(finding.remedy.contains(family), "{}", finding.remedy);
            }
            // As long as one address of the family answers it is that address that is dead.
            let mut endpoints = endpoints.to_vec();
            endpoints.push(at(dead[1], None));
            endpoints.remove(1);
            for finding in judged(dualstack(endpoints)).verdict.findings {
                assert!(!finding.remedy.contains("IpAddressType"), "{}", finding.remedy);
                assert!(finding.remedy.contains(dead[0]), "{}", finding.remedy);
                assert!(!finding.remedy.contains("correct the port"), "{}", finding.remedy);
            }
        }
    }
}

#[test]
fn an_s3_website_speaks_plain_http_however_it_fails() {
    let not_tls = Failure::NotTls { looks_like: Some("HTTP"), first_bytes: "48".into() };
    for domain in [
        "shop.s3-website-us-east-1.amazonaws.com",
        "shop.s3-website.eu-central-1.amazonaws.com",
        "my.shop.s3-website.cn-north-1.amazonaws.com.cn",
    ] {
        for failure in [refusal(), silence(), not_tls.clone()] {
            let observation = with_origin(seen(vec![at("203.0.113.1", Some(failure))]), |origin| {
                *origin = Origin::with_defaults(domain.parse().unwrap());
            });
            for is_new_here in [false, true] {
                let observation = with_prober(observation.clone(), |prober| {
                    if is_new_here {
                        *prober = ProberState::default();
                    }
                });
                let report = judged(observation);
                let [(_, remedy)] = remedies(&report)[..] else { panic!("{report:?}") };
                assert!(remedy.contains("plain HTTP only"), "{remedy}");
            }
        }
    }
}

#[test]
fn check_names_options_where_the_daemon_names_keys() {
    let unreached = with_prober(seen(vec![at("203.0.113.1", Some(silence()))]), |prober| {
        *prober = ProberState::default();
    });
    let report = judged(unreached);
    let finding = &report.verdict.findings[0];
    let (daemon, check) =
        (finding.remedy_read_in(ReadIn::Daemon), finding.remedy_read_in(ReadIn::Check));
    assert!(daemon.contains("reachable_from_here: no") && !daemon.contains("--"), "{daemon}");
    assert!(check.contains("--reachable no") && !check.contains("reachable_from"), "{check}");
}
