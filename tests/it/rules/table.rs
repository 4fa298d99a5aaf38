//! The tables themselves: rules, undecided reasons, topics and server products.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use origin_probe::origin::OriginSetting;
use origin_probe::rules::{
    Advice, Effect, ProberSetting, RULES, ReadIn, Rule, RuleId, SERVERS, UndecidedReason,
    ViewerError, find, nearest,
};

use super::sentences::printed;

#[test]
fn every_rule_is_whole_and_found_by_its_id() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        let id = rule.name;
        let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(is_kebab), "{id}");
        assert_eq!(find(id).map(|found| found.id), Some(rule.id));
        assert_eq!((rule.id.as_str(), rule.id.rule().name), (id, id));
        assert_eq!(format!("{:?}", rule.id).to_lowercase(), id.replace('-', ""));
        assert!(rule.since.split('.').filter_map(|part| part.parse::<u32>().ok()).count() == 3);
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{id}");
        assert!(rule.explanation.ends_with('.') && rule.explanation.len() > 40, "{id}");
        assert!(rule.remedy.ends_with('.'), "{id}");
        assert!(rule.citation.to_string().starts_with("https://docs.aws.amazon.com/"), "{id}");
        assert_eq!(rule.class.error.is_none(), rule.class.effect == Effect::Notice, "{id}");
    }
}

#[test]
fn each_rule_says_what_other_rooms_ask_about_it() {
    let of = |is: fn(&Rule) -> bool| -> Vec<RuleId> {
        RULES.iter().filter(|rule| is(rule)).map(|rule| rule.id).collect()
    };
    let on = |wanted: OriginSetting| -> Vec<RuleId> {
        let rules = RULES.iter().filter(|rule| rule.class.setting == Some(wanted));
        rules.map(|rule| rule.id).collect()
    };
    let refused = of(|rule| rule.class.error == Some(ViewerError::ConnectionRefused));
    assert_eq!(refused, [RuleId::ConnectionRefused]);
    let late = of(|rule| rule.class.error == Some(ViewerError::GatewayTimeout));
    assert_eq!(
        late,
        [RuleId::AddressNotPublic, RuleId::ConnectionTimedOut, RuleId::HandshakeTimedOut]
    );
    assert_eq!(of(|rule| rule.class.is_forgotten_issuer), [RuleId::IntermediateMissing]);
    let http = of(|rule| rule.class.applies_to_http);
    let [unresolvable, unusable, private] =
        [RuleId::OriginDomainUnresolvable, RuleId::NoUsableAddress, RuleId::AddressNotPublic];
    assert_eq!(http, [unresolvable, unusable, private]);
    assert_eq!(on(OriginSetting::OriginDomain), [unresolvable, private]);
    assert_eq!(on(OriginSetting::AddressType), [unusable]);
    let [refused, named, host] =
        [RuleId::ServerNameRefused, RuleId::NameNotInCertificate, RuleId::HostNotInCertificate];
    assert_eq!(on(OriginSetting::ServerName), [refused, named, host]);
    let port = [RuleId::ConnectionRefused, RuleId::ConnectionTimedOut, RuleId::NotTls];
    assert_eq!(on(OriginSetting::HttpsPort), port);
    let versions = [RuleId::Sslv3NotOffered, RuleId::NoSharedProtocolVersion];
    assert_eq!(on(OriginSetting::SslProtocols), versions);
    let asking = [RuleId::ClientCertificateRequired, RuleId::ClientCertificateRequested];
    assert_eq!(on(OriginSetting::ClientCertificate), asking);
}

#[test]
fn every_reason_is_whole() {
    let labels: BTreeSet<&str> = UndecidedReason::all().map(UndecidedReason::as_str).collect();
    let explained: BTreeSet<&str> =
        UndecidedReason::all().map(|reason| reason.facts().explanation).collect();
    assert_eq!((labels.len(), explained.len()), (UndecidedReason::all().count(), labels.len()));
    for reason in UndecidedReason::all() {
        let facts = reason.facts();
        assert!(facts.explanation.len() > 20 && !facts.explanation.ends_with('.'), "{reason}");
        assert!(facts.remedy.len() > 20 && !facts.remedy.ends_with('.'), "{reason}");
        if let Some(blind) = &facts.blind {
            assert!(blind.meaning.ends_with('.') && facts.is_from_prober, "{reason}");
        }
    }
}

fn is_whole(advice: &Advice) -> bool {
    let code = advice.change.iter().flat_map(|change| [&change.before, &change.after]);
    advice.text.ends_with('.')
        && advice.text.len() > 10
        && code
            .chain([&advice.commands])
            .all(|code| code == code.trim_end() && !code.contains('\t'))
        && advice.change.as_ref().is_none_or(|change| change.before != change.after)
        && (advice.change.is_some() || !advice.commands.is_empty())
}

#[test]
fn every_topic_has_advice_for_each_of_the_six_products_or_for_none() {
    for rule in RULES {
        let (id, topic) = (rule.name, rule.repair);
        assert!(!topic.setting().is_empty() && !topic.setting().ends_with('.'), "{id}");
        assert!(is_whole(topic.first()), "{id}: {:?}", topic.first());
        for (server, advice) in topic.on_servers() {
            assert!(is_whole(advice), "{id} on {}: {advice:?}", server.name);
        }
        let servers = topic.on_servers().count();
        assert!(servers == 0 || servers == 6, "{id}: {servers}");
        for advice in topic.on_servers().map(|(_, advice)| advice).chain([topic.first()]) {
            let change = advice.change.iter().flat_map(|change| [&change.before, &change.after]);
            for line in change.chain([&advice.commands]).flat_map(|code| code.lines()) {
                assert!(line.chars().count() <= 100, "{id}: {line}");
            }
        }
    }
    let anchors: BTreeSet<&str> = SERVERS.iter().map(|server| &*server.anchor).collect();
    assert_eq!((anchors.len(), SERVERS.len()), (6, 6));
}

#[test]
fn a_near_miss_is_recognised() {
    let long = "a".repeat(100_000);
    for (id, expected) in [
        ("certificate-expird", Some(RuleId::CertificateExpired)),
        ("Certificate_Expired", Some(RuleId::CertificateExpired)),
        ("expired", Some(RuleId::CertificateExpired)),
        ("missing-intermediate", Some(RuleId::IntermediateMissing)),
        ("unresolvable", Some(RuleId::OriginDomainUnresolvable)),
        ("elephant", None),
        ("é", None),
        ("", None),
        (&long, None),
    ] {
        assert_eq!(nearest(id).map(|rule| rule.id), expected, "{id}");
    }
}

#[test]
fn every_key_that_a_remedy_names_can_be_configured() {
    let example = fs::read_to_string("config/origin-probe.yaml").unwrap();
    for setting in ProberSetting::ALL {
        let named = setting.named(ReadIn::Daemon);
        for key in named.split(':').next().unwrap().split('.') {
            let is_there = example.lines().any(|line| {
                let line = line.trim_start_matches(['#', ' ', '-']);
                line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
                    || line.contains(&format!("{{{key}:"))
                    || line.contains(&format!(", {key}:"))
            });
            assert!(is_there, "{named}: {key}");
        }
    }
}

#[test]
fn every_option_that_a_remedy_names_is_one_of_check() {
    let help = printed(&["check", "--help"]);
    for setting in ProberSetting::ALL {
        let option = setting.named(ReadIn::Check).split(' ').next().unwrap();
        assert!(help.contains(&format!(" {option} <")), "{option}");
    }
}

/// A remedy that wrote a key out would show it to readers of `check`, too.
#[test]
fn no_rule_writes_a_setting_out() {
    let names = |text: &str| {
        ["reachability.", "reachable_from_here", "probe_endpoint.", "confirm_with", "check_all"]
            .into_iter()
            .chain(["resolver.nameservers", "assume_public", "handshake_timeout", "--"])
            .any(|name| text.contains(name))
    };
    for rule in RULES {
        assert!(!names(rule.remedy), "{}: {}", rule.name, rule.remedy);
        let file = format!("src/rules/{}.rs", rule.name.replace('-', "_"));
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(str::trim_start) {
            // What explains a rule is read in the documents.
            let is_code = !line.starts_with("//") && !line.starts_with("explanation:");
            for quoted in line.split('"').skip(1).step_by(2).filter(|_| is_code) {
                assert!(!names(quoted), "{file}: {line}");
            }
        }
    }
}

/// A rule says everything about itself; the others ask its fields or compare a `RuleId`.
#[test]
fn no_other_room_names_a_rule_by_a_string() {
    // The kinds of failures are a contract of their own, and some are called like a rule. The demo
    // may not import the rules, and its scenarios are what the tests compare with.
    let allowed = ["src/observation/failure.rs", "src/demo"];
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| !file.starts_with("src/rules")) {
        if allowed.iter().any(|allowed| file.starts_with(allowed)) || file.ends_with("tests.rs") {
            continue;
        }
        if file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for rule in RULES.iter().filter(|rule| code.contains(&format!("\"{}\"", rule.name))) {
            offences.push(format!("{} names {}", file.display(), rule.name));
        }
    }
    assert_eq!(offences, [""; 0]);
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, files),
            false => files.push(path),
        }
    }
}
