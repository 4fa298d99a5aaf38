//! Collects the names of an origin's members that are not in the API yet. Their values are dropped.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserializer;
use serde_json::value::RawValue;

use super::api::Origin;
use super::bounded::Parts;

/// The members of `Origin`, used or not (API 2020-05-31).
const ORIGIN: &str = "Id DomainName OriginPath CustomHeaders S3OriginConfig CustomOriginConfig \
    VpcOriginConfig ConnectionAttempts ConnectionTimeout ResponseCompletionTimeout OriginShield \
    OriginAccessControlId";

/// The members of `CustomOriginConfig` (ibid.).
const CUSTOM: &str = "HTTPPort HTTPSPort OriginProtocolPolicy OriginSslProtocols OriginReadTimeout \
    OriginKeepaliveTimeout IpAddressType OriginMtlsConfig";

/// The members of `VpcOriginConfig` (ibid.).
const VPC: &str = "VpcOriginId OwnerAccountId OriginReadTimeout OriginKeepaliveTimeout";

static KNOWN: LazyLock<[Vec<&str>; 3]> =
    LazyLock::new(|| [ORIGIN, CUSTOM, VPC].map(|names| names.split(' ').collect()));

/// The maximum number of names, and of characters in each.
const MOST: usize = 16;
const LONGEST: usize = 64;

/// Returns the names of the unknown members of an origin, without duplicates.
pub(super) fn unknown_members(body: &str, origin: &Origin<'_>) -> Vec<Box<str>> {
    let mut names = BTreeSet::new();
    let objects = [
        (Some(body), ""),
        (origin.custom_origin_config.map(RawValue::get), "CustomOriginConfig."),
        (origin.vpc_origin_config.map(RawValue::get), "VpcOriginConfig."),
    ];
    for ((object, prefix), known) in objects.into_iter().zip(&*KNOWN) {
        let collect = Parts("an object", |key: Cow<'_, str>, _| {
            if names.len() < MOST && !known.contains(&&*key) {
                let name = prefix.chars().chain(key.chars()).take(LONGEST);
                names.insert(name.collect::<String>().into_boxed_str());
            }
        });
        // Objects that are not valid are reported elsewhere.
        let object = object.map(serde_json::Deserializer::from_str);
        _ = object.map(|mut object| object.deserialize_map(collect));
    }
    names.into_iter().collect()
}
