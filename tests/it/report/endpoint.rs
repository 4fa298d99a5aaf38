use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::report::OriginJson;
use serde_json::json;

use crate::report::sample::Sample;

#[test]
fn bytes_that_are_no_certificate_keep_their_place() {
    let chain = ChainFacts::analyse(&[b"nothing"], &TrustAnchors::none());
    let sample = Sample::of("www.shop.example").serving_chain("192.0.2.1", chain);
    let report = sample.report();
    let value = serde_json::to_value(OriginJson::new(&report)).unwrap();
    assert_eq!(
        value["endpoints"][0]["served_chain"],
        json!([{
            "subject": null, "issuer": null, "serial": null, "not_before": null,
            "not_after": null, "sha256": null, "dns_names": []
        }])
    );
}
