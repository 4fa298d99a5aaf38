//! Which distributions are taken.

use super::{
    Account, Answer, ApiDouble, Distribution, api_documents, assert_said, distribution_list,
    double, list, paths, places, simple,
};
use crate::common::section::assert_section;
use origin_probe::origin::Shard;

#[tokio::test]
async fn every_page_is_asked_for() {
    let double = ApiDouble::start(None, |request| {
        let page: usize = request.query("Marker").map_or(0, |marker| marker.parse().unwrap());
        assert_eq!(request.query("MaxItems"), Some("100"));
        let ids = (page * 100..).take(if page == 2 { 50 } else { 100 });
        let summaries: Vec<String> = ids.map(|id| simple(&format!("E{id}")).summary()).collect();
        let next = (page + 1).to_string();
        Answer::Xml(distribution_list(&summaries, (page < 2).then_some(&next)))
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let parts = account.parts().await;
    assert_eq!(parts.len(), 250);
    assert_eq!(parts[249], "E249: e249.example as e249.example");
    let lines: Vec<String> = double.asked().into_iter().map(|request| request.line).collect();
    let page = |rest| format!("GET /2020-05-31/distribution?{rest}MaxItems=100");
    assert_eq!(lines, [page(""), page("Marker=1&"), page("Marker=2&")]);
    let calls = "origin_probe_discovery_api_calls_total{operation=\"ListDistributions\"}";
    assert_eq!(account.metric(calls), "3");
}

#[tokio::test]
async fn ids_staging_and_disabled_decide() {
    let all = [
        simple("E1"),
        Distribution { enabled: false, ..simple("E2") },
        Distribution { staging: true, ..simple("E3") },
        simple("E4"),
    ];
    for (settings, expected) in [
        ("", &["E1", "E4"][..]),
        ("include_disabled: true", &["E1", "E2", "E4"]),
        ("include_staging: true, distributions: [E3, E4]", &["E3", "E4"]),
    ] {
        let double = double(&all).await;
        let mut account = Account::new(&double.url(), settings, Shard::WHOLE);
        let expected: Vec<String> = expected
            .iter()
            .map(|id| format!("{id}: {0}.example as {0}.example", id.to_lowercase()))
            .collect();
        assert_eq!(account.parts().await, expected, "{settings}");
        assert_eq!(paths(&double.asked()), ["/distribution"]);
    }
}

#[tokio::test]
async fn what_is_named_and_not_there_is_said() {
    let double = double(&[simple("E1")]).await;
    let settings = "distributions: [E1, E9], targets: [{distribution: E1, origin: api, \
                    server_name: a.example}]";
    let mut account = Account::new(&double.url(), settings, Shard::WHOLE);
    let problems = account.problems().await;
    assert_eq!(&places(&problems)[1..], ["E1"], "after the account's own");
    assert!(problems[0].1.contains("E9") && problems[1].1.contains("`api`"), "{problems:?}");
    assert_said("settings that name what is not there", &problems);
}

#[tokio::test]
async fn tags_decide_and_are_asked_for_only_then() {
    let all = list(&[simple("E1"), simple("E2"), simple("E3")]);
    let double = ApiDouble::start(None, move |request| {
        let arn = |id| format!("arn%3Aaws%3Acloudfront%3A%3A999988887777%3Adistribution%2F{id}");
        let resource = request.query("Resource").unwrap_or_default().to_owned();
        let tags = |tags: &[(&str, &str)]| Answer::Xml(api_documents::tags(tags));
        match request.path() {
            "/distribution" => Answer::Xml(all.clone()),
            "/tagging" if resource == arn("E1") => tags(&[("stage", "prod"), ("team", "a")]),
            "/tagging" if resource == arn("E2") => tags(&[("stage", "test"), ("team", "a")]),
            "/tagging" => Answer::Error(400, "Throttling"),
            other => panic!("{other}"),
        }
    })
    .await;
    let settings = "tags: {stage: [prod, live], team: '*'}";
    let mut account = Account::new(&double.url(), settings, Shard::WHOLE);
    let parts = account.parts().await;
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[0].starts_with("E3: failed, "), "{parts:?}");
    assert_eq!(parts[1], "E1: e1.example as e1.example");
    assert_eq!(account.failures(), [("throttled".to_owned(), 1)]);
    assert_section("sources", "CloudFront: tags cannot be listed", &parts[0]);
}

#[tokio::test]
async fn shards_share_the_distributions_and_ask_for_no_more_than_their_own() {
    let own_policy = "<OriginRequestPolicyId>own</OriginRequestPolicyId>";
    let all: Vec<Distribution> = (0..40).map(|id| simple(&format!("E{id}"))).collect();
    let mut all = all;
    // One distribution alone needs policies.
    all[7].behavior = own_policy.to_owned();
    let list = list(&all);
    let (mut names, mut asked_for_policies) = (Vec::new(), 0);
    for ordinal in 0..3 {
        let list = list.clone();
        let double = ApiDouble::start(None, move |request| match request.path() {
            "/distribution" => Answer::Xml(list.clone()),
            _ => Answer::Xml(api_documents::origin_request_policies("own", "none", &[])),
        })
        .await;
        let mut account = Account::new(&double.url(), "", Shard::new(ordinal, 3).unwrap());
        let parts = account.parts().await;
        assert!((4..24).contains(&parts.len()), "{parts:?}");
        names.extend(parts);
        asked_for_policies += paths(&double.asked()).len() - 1;
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), asked_for_policies), (40, 1));
}

#[tokio::test]
async fn what_is_as_before_is_not_news() {
    let double = double(&[simple("E1"), simple("E2")]).await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    account.read().await;
    assert_eq!(account.parts().await, ["E1: unchanged", "E2: unchanged"]);
    let changed = list(&[Distribution::new("E1", [super::origin("app", "other.example")])]);
    double.now(move |_| Answer::Xml(changed.clone()));
    assert_eq!(account.parts().await, ["E1: other.example as other.example"]);
}
