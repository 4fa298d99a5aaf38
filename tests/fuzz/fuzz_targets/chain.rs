//! From the bytes of a served list to a verdict and its first failure: never a panic, and the
//! prediction holds.
//!
//! The input is a sequence of entries, each with a length of two bytes before it.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::observation::{Endpoint, Handshake, Observation};
use origin_probe::origin::Origin;
use origin_probe::report::{OriginJson, Report};
use origin_probe::verdict::{Answer, first_failure, judge};

/// The anchor of the seeds.
static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| {
    let mut anchors = TrustAnchors::none();
    let root = include_bytes!("../seeds/root.der");
    anchors.add_der(&root.as_slice().into()).expect("the seeds' root is a certificate");
    anchors
});

fuzz_target!(|data: &[u8]| {
    let mut list: Vec<&[u8]> = Vec::new();
    let mut rest = data;
    while let Some(([high, low], after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (entry, after) = after.split_at(length);
        list.push(entry);
        rest = after;
    }
    if list.is_empty() {
        return;
    }
    let now = Timestamp::from_second(1_796_000_000).expect("a time in range");
    let chain = ChainFacts::analyse(&list, &ANCHORS);
    let endpoint = Endpoint {
        chain: Some(Arc::new(chain)),
        handshake: Handshake {
            connect_time: Some(Duration::from_millis(1)),
            ..Handshake::default()
        },
        ..Endpoint::new([203, 0, 114, 1].into(), 0, now)
    };
    let domain = "origin.example.com".parse().expect("a domain");
    let observation = Observation {
        endpoints: vec![endpoint],
        ..Observation::new(Arc::new(Origin::with_defaults(domain)), now)
    };
    if let Some(at) = first_failure(&observation, now).origin.filter(|at| *at > now) {
        let before = at - jiff::SignedDuration::from_secs(1);
        assert_ne!(judge(&observation, before).conclusion.answer, Answer::Fails);
        assert_eq!(judge(&observation, at).conclusion.answer, Answer::Fails);
    }
    let report = Report::new(None, Arc::new(observation), now);
    let json = serde_json::to_string(&OriginJson::new(&report)).expect("a report can be written");
    assert!(!json.contains(|c: char| c.is_control()));
});
