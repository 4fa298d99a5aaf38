//! What distributions refer to, in JSON: policies, tenants, VPC origins.

use crate::distribution::HostHeader;
use crate::distribution::Policies;
use crate::distribution::Policy;
use crate::distribution::PolicyKind;
use crate::distribution::Tenant;
use crate::distribution::VpcOrigin;

use super::distribution::custom_origin;
use super::error::Problem;
use super::reader::Reader;
use super::reader::exactly;

/// Takes in an `OriginRequestPolicy`.
pub(super) fn origin_request_policy(body: &Reader<'_>, policies: &mut Policies) {
    let settings = body.required_object("OriginRequestPolicyConfig");
    let headers = settings.as_ref().and_then(|settings| settings.required_object("HeadersConfig"));
    add(body, PolicyKind::OriginRequest, settings, headers, policies);
}

/// Takes in a `CachePolicy`.
pub(super) fn cache_policy(body: &Reader<'_>, policies: &mut Policies) {
    let settings = body.required_object("CachePolicyConfig");
    // A policy without them forwards nothing.
    let key = settings
        .as_ref()
        .and_then(|settings| settings.object("ParametersInCacheKeyAndForwardedToOrigin"));
    let headers = key.and_then(|key| key.required_object("HeadersConfig"));
    add(body, PolicyKind::Cache, settings, headers, policies);
}

fn add(
    body: &Reader<'_>,
    kind: PolicyKind,
    settings: Option<Reader<'_>>,
    headers: Option<Reader<'_>>,
    policies: &mut Policies,
) {
    let (Some(id), Some(settings), Some(headers)) = (body.required_text("Id"), settings, headers)
    else {
        return;
    };
    let Some(behavior) = headers.required_text("HeaderBehavior") else { return };
    let named = headers.texts("Headers");
    match HostHeader::of(kind, &behavior, named.iter().map(|name| &**name)) {
        Some(host) => {
            let name = settings.text("Name").unwrap_or_default();
            policies.add(kind, &id, Policy { name, host });
        }
        None => headers.complain("HeaderBehavior", Problem::UnknownHeaderBehavior),
    }
}

/// Reads a `DistributionTenant`, or its summary, which does not tell the parameters.
pub(super) fn tenant(body: &Reader<'_>) -> Option<Tenant> {
    let domains = body.find("Domains").and_then(|domains| domains.list());
    let is_active = |domain: &Reader<'_>| domain.text("Status").as_deref() != Some("inactive");
    let parameters = body.find("Parameters").and_then(|parameters| parameters.list());
    Some(Tenant {
        id: body.required_text("Id")?,
        distribution_id: body.required_text("DistributionId")?,
        is_enabled: body.flag("Enabled").unwrap_or(true),
        domains: exactly(
            domains
                .into_iter()
                .flatten()
                .filter(is_active)
                .filter_map(|domain| domain.required_text("Domain")),
        ),
        parameters: parameters
            .map(|parameters| exactly(parameters.filter_map(|item| parameter(&item)))),
    })
}

fn parameter(body: &Reader<'_>) -> Option<(Box<str>, Box<str>)> {
    Some((body.required_text("Name")?, body.required_text("Value")?))
}

/// Reads a `VpcOrigin`.
pub(super) fn vpc_origin(body: &Reader<'_>) -> Option<VpcOrigin> {
    let settings = body.required_object("VpcOriginEndpointConfig")?;
    Some(VpcOrigin { id: body.required_text("Id")?, settings: custom_origin(&settings)? })
}
