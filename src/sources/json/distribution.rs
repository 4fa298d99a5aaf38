//! Converts distributions. Parts with faults are left out.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::distribution::{
    Behavior, CustomOrigin, Distribution, EdgeFunction, OriginConnection, OriginGroup,
    OriginSettings, ParameterDefinition,
};
use crate::origin::OriginMtls;

use super::api;
use super::bounded::MOST_LISTED;
use super::error::Problem;
use super::reader::Reader;
use super::unknown::unknown_members;

/// Parses a `Distribution`, `DistributionSummary` or `DistributionConfig`. The last contains neither
/// ID nor domain.
pub(super) fn distribution(at: &Reader<'_, '_>) -> Option<Distribution> {
    let mut body: api::Distribution<'_> = at.read()?;
    let (id, domain_name) = (body.id.take(), body.domain_name.take());
    let nested = at.at(".DistributionConfig", body.distribution_config);
    let (at, body) = match body.distribution_config {
        Some(_) => (&nested, nested.read()?),
        None => (at, body),
    };
    let default = at.at(".DefaultCacheBehavior", body.default_cache_behavior);
    let default = behavior(&default, |_: Option<IgnoredAny>| DEFAULT_PATH.into());
    let path = |path: Box<str>| path;
    let mut behaviors = at.items(".CacheBehaviors", body.cache_behaviors, |at| behavior(at, path));
    behaviors.extend(default);
    behaviors.shrink_to_fit();
    if body.origins.is_none() {
        // If they are of the wrong kind, that is already reported.
        if at.find::<Option<IgnoredAny>>(&["Origins"])?.is_none() {
            at.at(".Origins", None).fault(Problem::Missing);
        }
        return None;
    }
    let tenants = at.at(".TenantConfig", body.tenant_config);
    let parameters = tenants.find(&["ParameterDefinitions"]).flatten();
    Some(Distribution {
        id: id.unwrap_or_default(),
        domain_name: unless_empty(domain_name),
        aliases: at.texts(".Aliases", body.aliases),
        is_enabled: body.enabled.unwrap_or(true),
        is_staging: body.staging.unwrap_or(false),
        connection_mode: unless_empty(body.connection_mode),
        origins: at.items(".Origins", body.origins, origin),
        origin_groups: at.items(".OriginGroups", body.origin_groups, group),
        behaviors,
        parameters: tenants.list(".ParameterDefinitions", parameters, MOST_LISTED, parameter),
        tenants: Vec::new(),
    })
}

/// The path pattern that the console shows for the default behavior, which has none.
const DEFAULT_PATH: &str = "*";

/// Returns `None` for an empty text, which the API uses for unset values.
fn unless_empty(text: Option<Box<str>>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty())
}

fn origin(at: &Reader<'_, '_>) -> Option<OriginSettings> {
    let origin: api::Origin<'_> = at.read()?;
    let connection = if origin.custom_origin_config.is_some() {
        let custom = at.at(".CustomOriginConfig", origin.custom_origin_config);
        OriginConnection::Custom(custom_origin(&custom)?)
    } else if origin.vpc_origin_config.is_some() {
        OriginConnection::Vpc { id: at.find(&["VpcOriginConfig", "VpcOriginId"])? }
    } else if origin.s3_origin_config.is_some() {
        OriginConnection::S3
    } else {
        OriginConnection::Unstated
    };
    Some(OriginSettings {
        unknown_members: unknown_members(at.value, &origin),
        id: origin.id,
        domain_name: origin.domain_name,
        connection,
        connection_attempts: origin.connection_attempts,
        connection_timeout: origin.connection_timeout,
        origin_access_control: unless_empty(origin.origin_access_control_id),
    })
}

/// Parses a `CustomOriginConfig` or `VpcOriginEndpointConfig`.
pub(super) fn custom_origin(at: &Reader<'_, '_>) -> Option<CustomOrigin> {
    let custom: api::CustomOriginConfig<'_> = at.read()?;
    let mtls = at.at(".OriginMtlsConfig", custom.origin_mtls_config);
    let certificate = unless_empty(mtls.find(&["ClientCertificateArn"]).flatten());
    Some(CustomOrigin {
        https_port: custom.https_port.unwrap_or(443),
        protocol_policy: custom.origin_protocol_policy,
        ssl_protocols: at.texts(".OriginSslProtocols", custom.origin_ssl_protocols),
        ip_address_type: unless_empty(custom.ip_address_type),
        // The certificate's ARN is not kept, because it contains the account ID.
        origin_mtls: certificate.map_or(OriginMtls::NotConfigured, |_| OriginMtls::Configured),
    })
}

fn group(at: &Reader<'_, '_>) -> Option<OriginGroup> {
    let id = at.find(&["Id"])?;
    let members = at.find(&["Members"]).flatten();
    let statuses = at.find(&["FailoverCriteria", "StatusCodes"]).flatten();
    let status = |at: &Reader<'_, '_>| u16::try_from(at.read::<i64>()?).ok();
    Some(OriginGroup {
        id,
        members: at.items(".Members", members, |at| at.find(&["OriginId"])),
        failover_statuses: at.items(".FailoverCriteria.StatusCodes", statuses, status),
    })
}

fn behavior<'a, P: Deserialize<'a>>(
    at: &Reader<'_, 'a>,
    path_pattern: fn(P) -> Box<str>,
) -> Option<Behavior> {
    let body: api::CacheBehavior<'_, P> = at.read()?;
    let event = |at: &Reader<'_, '_>| at.find(&["EventType"]);
    let functions = at.items(".FunctionAssociations", body.function_associations, event);
    let functions = functions.into_iter().map(EdgeFunction::Function);
    let lambdas = body.lambda_function_associations;
    let lambdas = at.items(".LambdaFunctionAssociations", lambdas, event).into_iter();
    let lambdas = lambdas.map(EdgeFunction::Lambda);
    let legacy = at.at(".ForwardedValues", body.forwarded_values);
    let headers = legacy.find(&["Headers"]).flatten();
    let grpc = at.at(".GrpcConfig", body.grpc_config);
    Some(Behavior {
        path_pattern: path_pattern(body.path_pattern),
        target_origin: body.target_origin_id,
        viewer_protocol_policy: body.viewer_protocol_policy,
        allowed_methods: at.texts(".AllowedMethods", body.allowed_methods),
        cache_policy: unless_empty(body.cache_policy_id),
        origin_request_policy: unless_empty(body.origin_request_policy_id),
        forwarded_headers: legacy.texts(".Headers", headers),
        edge_functions: functions.chain(lambdas).collect(),
        is_grpc: grpc.find(&["Enabled"]).flatten().unwrap_or(false),
    })
}

/// Parses a parameter that a multi-tenant distribution declares.
fn parameter(at: &Reader<'_, '_>) -> Option<ParameterDefinition> {
    let name = at.find(&["Name"])?;
    let default = at.find(&["Definition", "StringSchema", "DefaultValue"]).flatten();
    Some(ParameterDefinition { name, default_value: unless_empty(default) })
}
