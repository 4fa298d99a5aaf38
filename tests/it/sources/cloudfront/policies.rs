//! Which policies are asked for, and what follows where they are withheld.

use super::{
    Account, Answer, ApiDouble, Distribution, api_documents, assert_said, list, paths, places,
    simple,
};
use crate::common::section::assert_section;
use origin_probe::origin::{Shard, Usage};

fn with_behavior(behavior: &str) -> Distribution {
    Distribution {
        aliases: vec!["www.e1.example".to_owned()],
        behavior: behavior.to_owned(),
        ..simple("E1")
    }
}

const OWN: &str = "<OriginRequestPolicyId>own</OriginRequestPolicyId>";
const OWN_CACHE: &str = "<CachePolicyId>own</CachePolicyId>";
/// AllViewer and CachingDisabled.
const MANAGED: &str = "<CachePolicyId>4135ea2d-6df8-44a3-9df3-4b5a84be39ad</CachePolicyId>\
                       <OriginRequestPolicyId>216adef6-5c7f-47e4-b989-5492eafa07d3\
                       </OriginRequestPolicyId>";
const LEGACY: &str = "<ForwardedValues><QueryString>false</QueryString><Cookies><Forward>none\
                      </Forward></Cookies><Headers><Quantity>1</Quantity><Items><Name>Host</Name>\
                      </Items></Headers></ForwardedValues>";

#[tokio::test]
async fn policies_decide_whether_host_is_forwarded_and_are_asked_for_where_they_are_not_known() {
    let forwarded = "E1: e1.example as www.e1.example+e1.cloudfront.net";
    let not = "E1: e1.example as e1.example";
    let origin_request = |behavior, headers| {
        Answer::Xml(api_documents::origin_request_policies("own", behavior, headers))
    };
    let cache =
        |behavior, headers| Answer::Xml(api_documents::cache_policies("own", behavior, headers));
    let nothing = || Answer::Error(404, "NoSuchThing");
    const TWO: &[&str] = &["/distribution", "/origin-request-policy"];
    const CACHE: &[&str] = &["/distribution", "/cache-policy"];
    for (behavior, answer, expected, asked) in [
        ("", nothing(), not, &["/distribution"][..]),
        (MANAGED, nothing(), forwarded, &["/distribution"]),
        (LEGACY, nothing(), forwarded, &["/distribution"]),
        (OWN, origin_request("allViewer", &[]), forwarded, TWO),
        (OWN, origin_request("allExcept", &["host"]), not, TWO),
        (OWN, origin_request("whitelist", &["Accept", "Host"]), forwarded, TWO),
        (OWN, origin_request("none", &[]), not, TWO),
        (OWN_CACHE, cache("whitelist", &["Host"]), forwarded, CACHE),
        (OWN_CACHE, cache("none", &[]), not, CACHE),
    ] {
        let list = list(&[with_behavior(behavior)]);
        let double = ApiDouble::start(None, move |request| match request.path() {
            "/distribution" => Answer::Xml(list.clone()),
            _ => answer.clone(),
        })
        .await;
        let mut account = Account::new(&double.url(), "", Shard::WHOLE);
        assert_eq!(account.parts().await, [expected], "{behavior}");
        let requests = double.asked();
        assert_eq!(paths(&requests), asked, "{behavior}");
        let kinds: Vec<&str> = requests.iter().filter_map(|one| one.query("Type")).collect();
        assert!(kinds.iter().all(|kind| *kind == "custom"), "{kinds:?}");
    }
}

#[tokio::test]
async fn a_policy_that_is_withheld_degrades_and_names_the_action() {
    let double = super::double(&[with_behavior(OWN)]).await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let origins = account.origins().await;
    let names: Vec<(&str, Usage)> = origins[0]
        .targets
        .iter()
        .map(|target| (target.server_name.as_str(), target.usage))
        .collect();
    assert_eq!(
        names,
        [
            ("e1.example", Usage::PolicyUnknown),
            ("www.e1.example", Usage::PolicyUnknown),
            ("e1.cloudfront.net", Usage::OwnDomain),
        ]
    );
    // What another reading would leave out is told anew.
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let problems = account.problems().await;
    assert_eq!(&places(&problems)[1..], ["E1"], "after the account's own");
    assert_eq!(account.failures(), [("access-denied".to_owned(), 1)]);
    assert_said("a policy that is withheld", &problems);
}

#[tokio::test]
async fn policies_that_were_known_stay_so_while_they_cannot_be_listed() {
    let list = list(&[with_behavior(OWN)]);
    let again = list.clone();
    let double = ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(list.clone()),
        _ => Answer::Xml(api_documents::origin_request_policies("own", "allViewer", &[])),
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    account.read().await;
    double.now(move |request| match request.path() {
        "/distribution" => Answer::Xml(again.clone()),
        _ => Answer::Error(400, "Throttling"),
    });
    let parts = account.parts().await;
    assert_eq!((parts.len(), &*parts[1]), (2, "E1: unchanged"), "{parts:?}");
    assert_eq!(account.failures(), [("throttled".to_owned(), 1)]);
    assert_section("sources", "CloudFront: policies cannot be listed again", &parts[0]);
}

#[tokio::test]
async fn a_managed_policy_newer_than_the_table_is_looked_up() {
    let list = list(&[with_behavior(OWN)]);
    let double = ApiDouble::start(None, move |request| match request.query("Type") {
        None => Answer::Xml(list.clone()),
        Some("custom") => Answer::Xml(api_documents::origin_request_policies("x", "none", &[])),
        Some(_) => Answer::Xml(api_documents::origin_request_policies("own", "none", &[])),
    })
    .await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    assert_eq!(account.parts().await, ["E1: e1.example as e1.example"]);
}
