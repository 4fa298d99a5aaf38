//! The files under `config/`.

use super::MINIMAL;
use super::origin;
use super::parse;
#[cfg(feature = "aws")]
use crate::config::cloudfront::ACCOUNT_KEYS;
use crate::config::discovery::DISCOVERY_KEYS;
use crate::config::origins::ORIGIN_KEYS;
use crate::config::probe_endpoint::ALLOW_KEYS;
use crate::config::probe_endpoint::PROBE_ENDPOINT_KEYS;
use crate::config::renewal::RENEWAL_KEYS;
use crate::config::renewal::THRESHOLD_KEYS;
use crate::config::settings;
use crate::config::targets::TARGET_KEYS;
use crate::config::tree::Node;
use crate::config::tree::Value;

const EXAMPLE: &str = include_str!("../../../config/origin-probe.yaml");

#[test]
fn the_example_file_shows_the_defaults() {
    let mut expected = parse(MINIMAL).unwrap();
    expected.resolver.confirm_with =
        vec!["1.1.1.1:53".parse().unwrap(), "8.8.8.8:53".parse().unwrap()];
    // The default depends on the memory limit.
    expected.limits.chain_bytes = Some(128 << 20);
    expected.origins = vec![origin("viewer_hosts: [www.example.com]").into()];
    assert_eq!(parse(EXAMPLE), Ok(expected));
}

#[test]
fn the_example_file_has_every_key() {
    let root = Node::parse(EXAMPLE).unwrap();
    for (path, keys) in [
        (&[][..], settings::FILE_KEYS),
        (&["web"], settings::WEB_KEYS),
        (&["log"], settings::LOG_KEYS),
        (&["probe"], settings::PROBE_KEYS),
        (&["resolver"], settings::RESOLVER_KEYS),
        (&["trust_anchors"], settings::TRUST_ANCHORS_KEYS),
        (&["reachability"], settings::REACHABILITY_KEYS),
        (&["renewal"], RENEWAL_KEYS),
        (&["renewal", "warning"], THRESHOLD_KEYS),
        (&["renewal", "critical"], THRESHOLD_KEYS),
        (&["probe_endpoint"], PROBE_ENDPOINT_KEYS),
        (&["probe_endpoint", "allow"], ALLOW_KEYS),
        (&["discovery"], DISCOVERY_KEYS),
        (&["origins"], ORIGIN_KEYS),
    ] {
        let mut node = &root;
        for step in path {
            let Value::Mapping(entries) = &node.value else { panic!("{path:?}") };
            node = &entries.iter().find(|entry| entry.key == *step).unwrap().node;
        }
        if let Value::List(items) = &node.value {
            node = &items[0];
        }
        let Value::Mapping(entries) = &node.value else { panic!("{path:?}") };
        let shown: Vec<_> = entries.iter().map(|entry| &*entry.key).collect();
        let known: Vec<_> = keys.iter().map(|key| key.name).collect();
        assert_eq!(shown, known, "{path:?}");
    }
    for key in TARGET_KEYS {
        assert!(EXAMPLE.contains(&format!("{}:", key.name)), "{}", key.name);
    }
}

#[cfg(feature = "aws")]
#[test]
fn the_example_account_has_every_key_with_its_default() {
    let lines = EXAMPLE.lines().skip_while(|line| !line.starts_with("  #   - name: "));
    let account: Vec<&str> = lines.map_while(|line| line.strip_prefix("  #")).collect();
    let text = format!("discovery:\n  cloudfront:\n{}\n", account.join("\n"));
    for key in ACCOUNT_KEYS {
        let key = key.name;
        assert!(
            text.contains(&format!("   {key}:")) || text.contains(&format!("- {key}:")),
            "{key}"
        );
    }
    assert_eq!(parse(&text), parse("discovery: {cloudfront: [{name: shop}]}"), "{text}");
}
