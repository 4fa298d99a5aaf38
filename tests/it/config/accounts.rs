//! What may be said of an account, and what is refused.

use std::time::Duration;

use origin_probe::config::{
    AccountLabel, CloudFrontAccount, CloudFrontRegion, ConfigErrors, TagFilter,
};

use super::{Row, kinds_of, parse, row};
use origin_probe::distribution::Selection;
use origin_probe::origin::Reachability;

const SECRET: &str = "open,sesame";

/// Returns a file that has nothing else.
pub(super) fn with_accounts(list: &str) -> String {
    format!("discovery: {{cloudfront: {list}}}")
}

fn accounts(list: &str) -> Result<Vec<CloudFrontAccount>, ConfigErrors> {
    Ok(parse(&with_accounts(list))?.discovery.cloudfront)
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
        tenants: true,
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
    let tags = [tag("monitored", &[]), tag("stage", &["prod", "live"]), tag("team", &["shop"])];
    assert_eq!(account.tags, tags);
    assert_eq!(account.selection, Selection { disabled: true, staging: true });
    assert!(!account.tenants);
    assert_eq!(account.reachable_from_here, Reachability::Unreachable);
    assert_eq!(account.probe_names, ["shop.example.com".parse().unwrap()]);
    assert_eq!(account.targets[0].allowed_names, ["*.example.com".parse().unwrap()]);
    assert_eq!(account.labels, [AccountLabel::AccountId, AccountLabel::DistributionArn]);
    assert_eq!(&*accounts[1].name, "other");
}

#[test]
fn a_tag_is_met_by_one_of_its_values() {
    let accounts = accounts(&full()).unwrap();
    let [monitored, stage, _] = &*accounts[0].tags else { panic!() };
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

/// Accounts, each with the key and the kind of its error.
pub(super) const ACCOUNTS: &[Row] = &[
    row("{}", "name", "Missing"),
    row("{name: b, nmae: a}", "nmae", "UnknownKey"),
    row("{name: a, region: eu-west-1}", "region", "NotOneOf"),
    row("{name: a, refresh: 4m59s}", "refresh", "OutOfRange"),
    row("{name: a, role_arn: origin-probe}", "role_arn", "Malformed"),
    row("{name: a, role_arn: 'arn:aws:iam::123456789012:user/x'}", "role_arn", "Malformed"),
    row("{name: a, external_id: 'open,sesame'}", "external_id", "ExternalIdOfNoRole"),
    row(
        "{name: a, role_arn: 'arn:aws:iam::123456789012:role/x', external_id: 'open sesame'}",
        "external_id",
        "MalformedSecret",
    ),
    row("{name: a, endpoint_url: 'http://user:sesame@x.example'}", "endpoint_url", "WrongKind"),
    row("{name: a, distributions: [e1]}", "distributions[0]", "Malformed"),
    row("{name: a, tags: {stage: 'prod*'}}", "tags.stage", "Malformed"),
    row("{name: a, tags: {stage: []}}", "tags.stage", "WrongKind"),
    row("{name: a, include_disabled: yes}", "include_disabled", "NotOneOf"),
    row("{name: a, probe_names: ['*.example.com']}", "probe_names[0]", "Name"),
    row("{name: a, targets: [{distribution: E1, origin: a}]}", "targets[0].server_name", "Missing"),
    row(
        "{name: a, targets: [&t {distribution: E1, origin: a, server_name: a.example}, *t]}",
        "targets[1].server_name",
        "DuplicateServerName",
    ),
    row("{name: a, labels: [account]}", "labels[0]", "NotOneOf"),
];

#[test]
fn a_bad_setting_is_refused_with_its_key() {
    for row in ACCOUNTS {
        let errors = parse(&with_accounts(&format!("[{}]", row.input))).unwrap_err();
        let expected = row.error(1, "discovery.cloudfront[0].");
        assert_eq!(kinds_of(&errors), [expected], "{}", row.input);
        assert!(!errors.to_string().contains("sesame"), "{errors}");
    }
    let same = parse(&with_accounts("[{name: a}, {name: a}]")).unwrap_err();
    let expected = (Some(1), "discovery.cloudfront[1].name".to_owned(), "DuplicateName".to_owned());
    assert_eq!(kinds_of(&same), [expected]);
}
