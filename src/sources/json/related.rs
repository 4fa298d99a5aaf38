//! Converts the resources that distributions refer to: policies, tenants, VPC origins.

use crate::distribution::{HostHeader, Policies, Policy, PolicyKind, Tenant, VpcOrigin};

use super::bounded::{List, MOST_LISTED};
use super::distribution::custom_origin;
use super::error::Problem;
use super::reader::Reader;

/// Parses and adds the `OriginRequestPolicy` or `CachePolicy` in a document or an item.
pub(super) fn policy(at: &Reader<'_, '_>, key: &str, policies: &mut Policies) -> Option<()> {
    let (kind, nested) = match key {
        "CachePolicy" => (PolicyKind::Cache, Some("ParametersInCacheKeyAndForwardedToOrigin")),
        _ => (PolicyKind::OriginRequest, None),
    };
    let settings = format!("{key}Config");
    let id: Box<str> = at.find(&[key, "Id"])?;
    let name: Option<Box<str>> = at.find(&[key, &settings, "Name"])?;
    let keys = [key, &settings].into_iter().chain(nested).chain(["HeadersConfig"]);
    let keys: Vec<&str> = keys.collect();
    let step = format!(".{}", keys.join("."));
    let headers = at.at(&step, at.find(&keys)?);
    let named = headers.texts(".Headers", headers.find(&["Headers"])?);
    let behavior: Box<str> = headers.find(&["HeaderBehavior"])?;
    match HostHeader::of(kind, &behavior, named.iter().map(|name| &**name)) {
        Some(host) => policies.add(kind, &id, Policy { name: name.unwrap_or_default(), host }),
        None => headers.at(".HeaderBehavior", None).fault(Problem::UnknownHeaderBehavior),
    }
    None
}

/// Parses a `DistributionTenant`, or its summary, which has no parameters.
pub(super) fn tenant(at: &Reader<'_, '_>) -> Option<Tenant> {
    let domain = |at: &Reader<'_, '_>| {
        let status: Option<Box<str>> = at.find(&["Status"])?;
        if status.as_deref() == Some("inactive") { None } else { at.find(&["Domain"]) }
    };
    let parameter = |at: &Reader<'_, '_>| Some((at.find(&["Name"])?, at.find(&["Value"])?));
    let id = at.find(&["Id"])?;
    let parameters: Option<List<'_>> = at.find(&["Parameters"]).flatten();
    Some(Tenant {
        id,
        distribution_id: at.find(&["DistributionId"])?,
        is_enabled: at.find(&["Enabled"]).flatten().unwrap_or(true),
        domains: at.list(".Domains", at.find(&["Domains"]).flatten(), MOST_LISTED, domain),
        parameters: parameters
            .map(|list| at.list(".Parameters", Some(list), MOST_LISTED, parameter)),
    })
}

/// Parses a `VpcOrigin`.
pub(super) fn vpc_origin(at: &Reader<'_, '_>) -> Option<VpcOrigin> {
    let settings = at.find(&["VpcOriginEndpointConfig"])?;
    let settings = custom_origin(&at.at(".VpcOriginEndpointConfig", settings))?;
    Some(VpcOrigin { id: at.find(&["Id"])?, settings })
}
