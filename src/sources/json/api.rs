//! The objects of CloudFront's API, with the members that are used. Nested objects and the items of
//! lists are parsed separately, so that an error in one does not affect the others. Other members,
//! such as `CustomHeaders`, are never stored.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::bounded::List;

/// A list with its length.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Items<'a> {
    pub(super) quantity: Option<&'a RawValue>,
    pub(super) items: Option<List<'a>>,
    pub(super) is_truncated: Option<&'a RawValue>,
}

/// A `Distribution`, whose settings are in its `DistributionConfig`, or a `DistributionSummary` or
/// `DistributionConfig`, which contain them directly.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Distribution<'a> {
    pub(super) id: Option<Box<str>>,
    pub(super) domain_name: Option<Box<str>>,
    pub(super) distribution_config: Option<&'a RawValue>,
    pub(super) aliases: Option<Items<'a>>,
    pub(super) enabled: Option<bool>,
    pub(super) staging: Option<bool>,
    pub(super) connection_mode: Option<Box<str>>,
    pub(super) origins: Option<Items<'a>>,
    pub(super) origin_groups: Option<Items<'a>>,
    pub(super) default_cache_behavior: Option<&'a RawValue>,
    pub(super) cache_behaviors: Option<Items<'a>>,
    pub(super) tenant_config: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Origin<'a> {
    pub(super) id: Box<str>,
    pub(super) domain_name: Box<str>,
    pub(super) custom_origin_config: Option<&'a RawValue>,
    pub(super) vpc_origin_config: Option<&'a RawValue>,
    pub(super) s3_origin_config: Option<IgnoredAny>,
    pub(super) connection_attempts: Option<i64>,
    pub(super) connection_timeout: Option<i64>,
    pub(super) origin_access_control_id: Option<Box<str>>,
}

/// A `CustomOriginConfig` or `VpcOriginEndpointConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct CustomOriginConfig<'a> {
    #[serde(rename = "HTTPSPort")]
    pub(super) https_port: Option<i64>,
    pub(super) origin_protocol_policy: Box<str>,
    pub(super) origin_ssl_protocols: Option<Items<'a>>,
    pub(super) ip_address_type: Option<Box<str>>,
    pub(super) origin_mtls_config: Option<&'a RawValue>,
}

/// A `CacheBehavior` with its path pattern, or a `DefaultCacheBehavior`, which has none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a, P: Deserialize<'de>"))]
pub(super) struct CacheBehavior<'a, P> {
    pub(super) path_pattern: P,
    pub(super) target_origin_id: Box<str>,
    pub(super) viewer_protocol_policy: Box<str>,
    pub(super) allowed_methods: Option<Items<'a>>,
    pub(super) cache_policy_id: Option<Box<str>>,
    pub(super) origin_request_policy_id: Option<Box<str>>,
    pub(super) forwarded_values: Option<&'a RawValue>,
    pub(super) function_associations: Option<Items<'a>>,
    pub(super) lambda_function_associations: Option<Items<'a>>,
    pub(super) grpc_config: Option<&'a RawValue>,
}
