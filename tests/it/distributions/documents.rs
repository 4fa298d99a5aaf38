//! What may be given, what is left out, and what is refused.

use serde_json::json;

use super::{shop, stage};
use crate::common::stage::{CACHING_DISABLED, EXCEPT_HOST, behavior, distribution, setting};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_on_standard_input_is_checked_whole() {
    let stage = stage("list").await;
    let origins = [stage.origin("healthy", "https-only"), stage.origin("expired", "match-viewer")];
    let default = behavior("healthy", CACHING_DISABLED, EXCEPT_HOST);
    let mut summary = distribution(&origins, default)["Distribution"]["DistributionConfig"].take();
    summary["Id"] = "E1SHOP".into();
    summary["DomainName"] = "d111.cloudfront.net".into();
    let mut other = summary.clone();
    other["Id"] = "E2OLD".into();
    other["DefaultCacheBehavior"]["TargetOriginId"] = "expired".into();
    let list = json!({"DistributionList": {"Items": [summary, other]}}).to_string();
    let ran = stage.check_input(&["--distribution-config", "-"], &[], &list);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.err, "");
    let lines = ran.out.lines().filter(|line| line.starts_with('E') && line.contains('/'));
    let states = lines.map(|line| {
        let mut parts = line.split("  ");
        (parts.next().unwrap(), parts.nth(1).unwrap().split(' ').next().unwrap())
    });
    let shop = [("E1SHOP/healthy", "answers"), ("E1SHOP/expired", "not")];
    let old = [("E2OLD/healthy", "not"), ("E2OLD/expired", "fails")];
    assert_eq!(states.collect::<Vec<_>>(), [shop, old].concat());
    assert!(ran.out.contains("no behavior of the distribution uses this origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_and_staging_distributions_are_taken_when_asked_for() {
    let stage = stage("include").await;
    let mut shop = shop(&stage, "expired", CACHING_DISABLED, EXCEPT_HOST);
    *setting(&mut shop, "Enabled") = false.into();
    *setting(&mut shop, "Staging") = true.into();
    let ran = stage.check_shop(&shop, &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let skipped = "E1SHOP: disabled, skipped; use --include disabled to check it";
    let none = "no distributions to check in the given files";
    assert_eq!(ran.err, format!("origin-probe: {skipped}\norigin-probe: {none}\n"));
    let ran = stage.check_shop(&shop, &["--include", "disabled"]);
    assert!(ran.err.contains("use --include staging to check it"), "{}", ran.err);
    let ran = stage.check_shop(&shop, &["--include", "disabled,staging"]);
    assert_eq!(ran.code, 1, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_origin_is_undecided_and_the_others_are_checked() {
    let stage = stage("broken").await;
    let mut nameless = stage.origin("expired", "https-only");
    nameless["DomainName"] = json!(["a", "b"]);
    let mut unstated = stage.origin("untrusted-root", "https-only");
    unstated.as_object_mut().unwrap().remove("CustomOriginConfig");
    let origins = [stage.origin("healthy", "https-only"), nameless, unstated];
    let shop = distribution(&origins, behavior("healthy", CACHING_DISABLED, EXCEPT_HOST));
    let ran = stage.check_shop(&shop, &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.starts_with("E1SHOP/healthy  "), "{}", ran.out);
    for line in [
        "origin-probe: shop.json: Distribution.DistributionConfig.Origins.Items[1].DomainName: \
         expected a string, found a list",
        "origin-probe: E1SHOP: origin `untrusted-root`: no CustomOriginConfig, \
         S3OriginConfig or VpcOriginConfig; origin ignored",
    ] {
        assert!(ran.err.lines().any(|said| said == line), "{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_distribution_is_refused_with_exit_code_3() {
    let stage = stage("refused").await;
    stage.write("yaml.json", "Distribution:\n  Id: E1\n");
    stage.write("empty.json", "");
    for (arguments, word) in [
        (&["--distribution-config", "no/such/file.json"][..], "no/such/file.json: cannot be read"),
        (&["--distribution-config", "yaml.json"], "yaml.json: line 1, column 1"),
        (&["--distribution-config", "empty.json"], "empty.json: no input"),
        (&["--distribution-config", "."], ".: cannot be read"),
        (&["--distribution-config", "-", "--related", "-"], "can be read only once"),
        (&["a.example", "--distribution-config", "-"], "cannot be used with"),
        (&["a.example", "--related", "empty.json"], "cannot be used with"),
    ] {
        let ran = stage.check(arguments, &[]);
        assert_eq!(ran.code, 3, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
    }
}
