//! What the operator knows besides: names for wildcards, what edge functions choose, labels.

use std::time::Duration;

use super::{Account, Distribution, double, origin, simple};
use origin_probe::origin::Shard;

#[tokio::test]
async fn an_origin_is_as_the_distribution_has_it() {
    let double = double(&[simple("E1")]).await;
    let mut account = Account::new(&double.url(), "", Shard::WHOLE);
    let origins = account.origins().await;
    let [one] = &*origins else { panic!() };
    assert_eq!((&*one.key.distribution, &*one.key.id), ("E1", "app"));
    assert_eq!((one.connection_attempts, one.connection_timeout), (2, Duration::from_secs(5)));
    assert_eq!(one.labels.len(), 0, "{:?}", one.labels);
}

#[tokio::test]
async fn an_account_is_named_in_labels_only_on_request() {
    let double = double(&[simple("E1")]).await;
    let settings = "labels: [account_id, distribution_arn]";
    let mut account = Account::new(&double.url(), settings, Shard::WHOLE);
    let labels = &account.origins().await[0].labels;
    let labels: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        labels,
        [
            "account_id=999988887777",
            "distribution_arn=arn:aws:cloudfront::999988887777:distribution/E1"
        ]
    );
}

#[tokio::test]
async fn names_for_wildcards_and_what_edge_functions_choose_come_from_the_settings() {
    let distribution = Distribution {
        aliases: vec!["*.shop.example".to_owned()],
        behavior: "<OriginRequestPolicyId>216adef6-5c7f-47e4-b989-5492eafa07d3\
                   </OriginRequestPolicyId>"
            .to_owned(),
        ..Distribution::new("E1", [origin("app", "app.example")])
    };
    let double = double(&[distribution]).await;
    for (settings, expected) in [
        ("", "www.shop.example+e1.cloudfront.net"),
        ("probe_names: [eu.shop.example]", "eu.shop.example+e1.cloudfront.net"),
        ("targets: [{distribution: E1, origin: app, server_name: edge.example}]", "edge.example"),
    ] {
        let mut account = Account::new(&double.url(), settings, Shard::WHOLE);
        let expected = format!("E1: app.example as {expected}");
        assert_eq!(account.parts().await, [expected], "{settings}");
    }
}
