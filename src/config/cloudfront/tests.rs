//! What may be said of an account, and what is refused.

use std::path::Path;
use std::time::Duration;

use super::AccountLabel;
use super::CloudFrontAccount;
use super::CloudFrontRegion;
use super::TagFilter;
use crate::config::Config;
use crate::distribution::Choice;
use crate::distribution::Selection;
use crate::origin::Reachability;

const SECRET: &str = "open,sesame";

fn parse(text: &str) -> Result<Config, String> {
    let config = Config::parse(Path::new("c.yaml"), text.as_bytes());
    config.map_err(|errors| errors.to_string())
}

/// Returns the accounts of a file that has nothing else.
fn accounts(list: &str) -> Result<Vec<CloudFrontAccount>, String> {
    Ok(parse(&format!("discovery: {{cloudfront: {list}}}"))?.discovery.cloudfront)
}

fn full() -> String {
    format!(
        "[{{name: shop, region: cn-northwest-1, profile: ops, role_arn: \
         'arn:aws-cn:iam::123456789012:role/probes/origin-probe', external_id: '{SECRET}', \
         endpoint_url: 'http://127.0.0.1:5000', refresh: 1h, distributions: [E1A, E2B], \
         tags: {{stage: [prod, live], team: shop, monitored: '*'}}, include_disabled: true, \
         include_staging: true, tenants: false, reachable_from_here: no, \
         probe_names: [shop.example.com], targets: [{{distribution: E1A, origin: app, \
         server_name: edge.example.com, allowed_names: ['*.example.com', '*.example.com']}}], \
         labels: [account_id, distribution_arn]}}, {{name: other}}]"
    )
}

#[test]
fn an_account_needs_only_a_name() {
    let account = CloudFrontAccount {
        name: "shop".into(),
        region: CloudFrontRegion::Global,
        profile: None,
        role: None,
        endpoint_url: None,
        refresh: Duration::from_secs(900),
        distributions: vec![],
        tags: vec![],
        selection: Selection::default(),
        tenants: Choice::Take,
        reachable_from_here: Reachability::Auto,
        probe_names: vec![],
        targets: vec![],
        labels: vec![],
    };
    assert_eq!(accounts("[{name: shop}]"), Ok(vec![account.clone()]));
    let text = "probe: {reachable_from_here: yes}\ndiscovery: {cloudfront: [{name: shop}]}";
    let expected = CloudFrontAccount { reachable_from_here: Reachability::Reachable, ..account };
    assert_eq!(parse(text).unwrap().discovery.cloudfront, [expected]);
}

#[test]
fn every_key_is_taken() {
    let accounts = accounts(&full()).unwrap();
    let account = &accounts[0];
    assert_eq!(account.region.as_str(), "cn-northwest-1");
    assert_eq!(account.profile.as_deref(), Some("ops"));
    let role = account.role.as_ref().unwrap();
    assert_eq!(&*role.arn, "arn:aws-cn:iam::123456789012:role/probes/origin-probe");
    assert_eq!(role.external_id.as_ref().unwrap().expose(), SECRET);
    assert_eq!(account.endpoint_url.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(account.refresh, Duration::from_secs(3_600));
    let ids: Vec<&str> = account.distributions.iter().map(|id| &**id).collect();
    assert_eq!(ids, ["E1A", "E2B"]);
    let tag = |key: &str, values: &[&str]| TagFilter {
        key: key.into(),
        values: values.iter().map(|value| (*value).into()).collect(),
    };
    let tags = [tag("stage", &["prod", "live"]), tag("team", &["shop"]), tag("monitored", &[])];
    assert_eq!(account.tags, tags);
    assert_eq!(account.selection, Selection { disabled: Choice::Take, staging: Choice::Take });
    assert_eq!(account.tenants, Choice::LeaveOut);
    assert_eq!(account.reachable_from_here, Reachability::Unreachable);
    assert_eq!(account.probe_names, ["shop.example.com".parse().unwrap()]);
    assert_eq!(account.targets[0].allowed_names, ["*.example.com".parse().unwrap()]);
    assert_eq!(account.labels, [AccountLabel::AccountId, AccountLabel::DistributionArn]);
    assert_eq!(&*accounts[1].name, "other");
}

#[test]
fn a_tag_is_met_by_one_of_its_values() {
    let accounts = accounts(&full()).unwrap();
    let [stage, _, monitored] = &*accounts[0].tags else { panic!() };
    assert!(stage.is_met([("team", "x"), ("stage", "live")]));
    assert!(!stage.is_met([("stage", "test")]) && !stage.is_met([("Stage", "live")]));
    assert!(monitored.is_met([("monitored", "")]) && !monitored.is_met([]));
}

#[test]
fn what_is_shown_reads_the_same_but_for_the_secret() {
    let config = parse(&format!("discovery: {{cloudfront: {}}}", full())).unwrap();
    let shown = config.show_settings();
    let debug = format!("{config:?}");
    assert!(!shown.contains(SECRET) && !debug.contains(SECRET), "{shown}\n{debug}");
    let read = parse(&shown.replace("\"<secret>\"", &format!("'{SECRET}'"))).unwrap();
    assert_eq!(read.discovery, config.discovery, "{shown}");
}

#[test]
fn a_bad_setting_is_refused_with_its_key() {
    for (account, expected) in [
        ("{}", "name: is missing; it is required"),
        ("{name: b, nmae: a}", "nmae: is no key here; did you mean `name`?"),
        (
            "{name: a, region: eu-west-1}",
            "region: `eu-west-1` is not taken; use us-east-1 or cn-northwest-1",
        ),
        ("{name: a, refresh: 4m59s}", "refresh: 4m59s is out of range; use 5m to 1d"),
        (
            "{name: a, role_arn: origin-probe}",
            "role_arn: `origin-probe` is no role; write its ARN, such as arn:aws:iam::123456789012:role/origin-probe",
        ),
        (
            "{name: a, role_arn: 'arn:aws:iam::123456789012:user/x'}",
            "role_arn: `arn:aws:iam::123456789012:user/x` is no role; write its ARN, such as arn:aws:iam::123456789012:role/origin-probe",
        ),
        (
            "{name: a, external_id: 'open,sesame'}",
            "external_id: is asked for by a role only; give `role_arn` too",
        ),
        (
            "{name: a, role_arn: 'arn:aws:iam::123456789012:role/x', external_id: 'open sesame'}",
            "external_id: is not an external id: 2 to 1224 letters, digits and _+=,.@:/-",
        ),
        (
            "{name: a, endpoint_url: 'http://user:sesame@x.example'}",
            "endpoint_url: is a single value; write a URL such as http://127.0.0.1:5000, without a user, path or query",
        ),
        (
            "{name: a, distributions: [e1]}",
            "distributions[0]: `e1` is no distribution id; write such as E2EXAMPLE1ABCD",
        ),
        (
            "{name: a, tags: {stage: 'prod*'}}",
            "tags.stage: `prod*` is no value of a tag; `*` stands alone, for any value",
        ),
        (
            "{name: a, tags: {stage: []}}",
            "tags.stage: is a list; write a value, a list of values, or \"*\" for any",
        ),
        (
            "{name: a, include_disabled: yes}",
            "include_disabled: `yes` is not taken; use true or false",
        ),
        (
            "{name: a, probe_names: ['*.example.com']}",
            "probe_names[0]: `*.example.com` is a wildcard; name one host, such as `www.example.com`",
        ),
        (
            "{name: a, targets: [{distribution: E1, origin: a}]}",
            "targets[0].server_name: is missing; it is required",
        ),
        (
            "{name: a, targets: [&t {distribution: E1, origin: a, server_name: a.example}, *t]}",
            "targets[1].server_name: a.example is a server name of this origin already; name each once",
        ),
        (
            "{name: a, labels: [account]}",
            "labels[0]: `account` is not taken; use account_id or distribution_arn",
        ),
    ] {
        let error = accounts(&format!("[{account}]")).unwrap_err();
        let expected = format!("c.yaml:1: discovery.cloudfront[0].{expected}");
        assert_eq!(error, expected, "{account}");
        assert!(!error.contains("sesame"), "{error}");
    }
    assert_eq!(
        accounts("[{name: a}, {name: a}]").unwrap_err(),
        "c.yaml:1: discovery.cloudfront[1].name: `a` is the name of another account on line 1; give each its own"
    );
}
