use std::sync::Arc;

use origin_probe::report::{OriginJson, origin_pieces, to_json, to_json_lines};
use serde_json::json;

use crate::report::sample::{Sample, now};

#[test]
fn an_origin_not_probed_yet_is_undecided_and_empty() {
    let sample = Sample::of("www.shop.example").with_id("shop");
    assert_eq!(
        OriginJson::not_probed_yet(&sample.origin).to_string(),
        concat!(
            r#"{"origin":"shop","distribution":"","domain":"www.shop.example","port":443,"#,
            r#""verdict":"undecided","undecided_reasons":["not-probed-yet"],"status":null,"#,
            r#""failing_ratio":null,"first_failure":null,"failing_since":null,"#,
            r#""probed_at":null,"next_probe":null,"chain_read_at":null,"violations":[],"resolution":"#,
            r#"{"cnames":[],"addresses":[],"nameserver":null,"error":null,"#,
            r#""negative_ttl_seconds":null,"nameservers":[]},"endpoints":[],"endpoints_total":0,"#,
            r#""endpoints_next":null,"impact":[]}"#
        )
    );
}

#[test]
fn characters_that_turn_text_are_escaped_and_the_value_is_the_same() {
    let report = Sample::of("www.shop.example").with_id("a\u{202e}b\u{2069}\u{61c}").report();
    let json = OriginJson::new(&report);
    let pieces = origin_pieces(Arc::new(report.clone()), None, Arc::from([]), 0);
    let value = serde_json::to_value(&json).unwrap();
    for text in [
        json.to_string(),
        to_json(&value).unwrap(),
        to_json_lines(&json).unwrap(),
        pieces.map(|piece| piece.render()).collect(),
    ] {
        assert!(text.contains(r"a\u202eb\u2069\u061c"), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["origin"], "a\u{202e}b\u{2069}\u{61c}");
    }
}

#[test]
fn instants_are_cut_to_the_second() {
    let at = now() + jiff::SignedDuration::from_millis(1_999);
    let report = Sample::of("www.shop.example").report_at(at);
    let value = serde_json::to_value(OriginJson::new(&report)).unwrap();
    assert_eq!(value["probed_at"], json!("2026-11-24T00:00:01Z"));
}
