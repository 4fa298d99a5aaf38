//! Converts the SDK's types to those of origin-probe. Custom headers are dropped here.

use aws_sdk_cloudfront::types as sdk;

use crate::distribution::{
    Behavior, CustomOrigin, Distribution, EdgeFunction, OriginConnection, OriginGroup,
    OriginSettings, ParameterDefinition, VpcOrigin,
};
use crate::origin::OriginMtls;

/// Returns a distribution without parameters and tenants, which lists do not contain.
pub(super) fn distribution(summary: sdk::DistributionSummary) -> Distribution {
    let behaviors = summary.cache_behaviors.and_then(|list| list.items).unwrap_or_default();
    let mut behaviors: Vec<Behavior> = behaviors.into_iter().map(behavior).collect();
    behaviors.extend(summary.default_cache_behavior.map(default_behavior));
    Distribution {
        id: summary.id.into(),
        domain_name: unless_empty(Some(summary.domain_name)),
        aliases: texts(summary.aliases.and_then(|list| list.items)),
        is_enabled: summary.enabled,
        is_staging: summary.staging,
        connection_mode: summary.connection_mode.map(|mode| mode.as_str().into()),
        origins: summary.origins.map(|list| list.items).into_iter().flatten().map(origin).collect(),
        origin_groups: summary
            .origin_groups
            .and_then(|list| list.items)
            .into_iter()
            .flatten()
            .map(group)
            .collect(),
        behaviors,
        parameters: Vec::new(),
        tenants: Vec::new(),
    }
}

/// Returns the parameters that a multi-tenant distribution declares.
pub(super) fn parameters(config: sdk::TenantConfig) -> Vec<ParameterDefinition> {
    let definitions = config.parameter_definitions.into_iter().flatten();
    let parameters = definitions.map(|definition| {
        let schema = definition.definition.and_then(|definition| definition.string_schema);
        ParameterDefinition {
            name: definition.name.into(),
            default_value: unless_empty(schema.and_then(|schema| schema.default_value)),
        }
    });
    parameters.collect()
}

/// Returns a VPC origin's settings; `None` if the response does not contain them.
pub(super) fn vpc_origin(origin: sdk::VpcOrigin) -> Option<VpcOrigin> {
    let settings = origin.vpc_origin_endpoint_config?;
    Some(VpcOrigin {
        id: origin.id.into(),
        settings: CustomOrigin {
            https_port: settings.https_port.into(),
            protocol_policy: settings.origin_protocol_policy.as_str().into(),
            ssl_protocols: ssl_protocols(settings.origin_ssl_protocols),
            ip_address_type: settings.ip_address_type.map(|kind| kind.as_str().into()),
            origin_mtls: OriginMtls::NotConfigured,
        },
    })
}

fn origin(origin: sdk::Origin) -> OriginSettings {
    let connection = if let Some(custom) = origin.custom_origin_config {
        OriginConnection::Custom(custom_origin(custom))
    } else if let Some(vpc) = origin.vpc_origin_config {
        OriginConnection::Vpc { id: vpc.vpc_origin_id.into() }
    } else if origin.s3_origin_config.is_some() {
        OriginConnection::S3
    } else {
        OriginConnection::Unstated
    };
    OriginSettings {
        id: origin.id.into(),
        domain_name: origin.domain_name.into(),
        connection,
        connection_attempts: origin.connection_attempts.map(Into::into),
        connection_timeout: origin.connection_timeout.map(Into::into),
        origin_access_control: unless_empty(origin.origin_access_control_id),
        // The SDK drops them.
        unknown_members: Vec::new(),
    }
}

fn custom_origin(custom: sdk::CustomOriginConfig) -> CustomOrigin {
    // The certificate's ARN is not kept, because it contains the account ID.
    let mtls = custom.origin_mtls_config.filter(|mtls| !mtls.client_certificate_arn.is_empty());
    CustomOrigin {
        https_port: custom.https_port.into(),
        protocol_policy: custom.origin_protocol_policy.as_str().into(),
        ssl_protocols: ssl_protocols(custom.origin_ssl_protocols),
        ip_address_type: custom.ip_address_type.map(|kind| kind.as_str().into()),
        origin_mtls: match mtls {
            Some(_) => OriginMtls::Configured,
            None => OriginMtls::NotConfigured,
        },
    }
}

fn ssl_protocols(protocols: Option<sdk::OriginSslProtocols>) -> Vec<Box<str>> {
    let protocols = protocols.map(|protocols| protocols.items).unwrap_or_default();
    protocols.iter().map(|protocol| protocol.as_str().into()).collect()
}

fn group(group: sdk::OriginGroup) -> OriginGroup {
    let members = group.members.map(|members| members.items).unwrap_or_default();
    let statuses = group.failover_criteria.and_then(|criteria| criteria.status_codes);
    let statuses = statuses.map(|statuses| statuses.items).unwrap_or_default();
    OriginGroup {
        id: group.id.into(),
        members: members.into_iter().map(|member| member.origin_id.into()).collect(),
        failover_statuses: statuses
            .into_iter()
            .filter_map(|status| u16::try_from(status).ok())
            .collect(),
    }
}

#[allow(deprecated, reason = "many distributions still have forwarded values")]
fn behavior(behavior: sdk::CacheBehavior) -> Behavior {
    Behavior {
        path_pattern: behavior.path_pattern.into(),
        target_origin: behavior.target_origin_id.into(),
        viewer_protocol_policy: behavior.viewer_protocol_policy.as_str().into(),
        allowed_methods: methods(behavior.allowed_methods),
        cache_policy: unless_empty(behavior.cache_policy_id),
        origin_request_policy: unless_empty(behavior.origin_request_policy_id),
        forwarded_headers: forwarded_headers(behavior.forwarded_values),
        edge_functions: edge_functions(
            behavior.function_associations,
            behavior.lambda_function_associations,
        ),
        is_grpc: behavior.grpc_config.is_some_and(|grpc| grpc.enabled),
    }
}

#[allow(deprecated, reason = "many distributions still have forwarded values")]
fn default_behavior(behavior: sdk::DefaultCacheBehavior) -> Behavior {
    Behavior {
        // The path pattern that the console shows for the default behavior, which has none.
        path_pattern: "*".into(),
        target_origin: behavior.target_origin_id.into(),
        viewer_protocol_policy: behavior.viewer_protocol_policy.as_str().into(),
        allowed_methods: methods(behavior.allowed_methods),
        cache_policy: unless_empty(behavior.cache_policy_id),
        origin_request_policy: unless_empty(behavior.origin_request_policy_id),
        forwarded_headers: forwarded_headers(behavior.forwarded_values),
        edge_functions: edge_functions(
            behavior.function_associations,
            behavior.lambda_function_associations,
        ),
        is_grpc: behavior.grpc_config.is_some_and(|grpc| grpc.enabled),
    }
}

fn methods(methods: Option<sdk::AllowedMethods>) -> Vec<Box<str>> {
    let methods = methods.map(|methods| methods.items).unwrap_or_default();
    methods.iter().map(|method| method.as_str().into()).collect()
}

fn forwarded_headers(values: Option<sdk::ForwardedValues>) -> Vec<Box<str>> {
    texts(values.and_then(|values| values.headers).and_then(|headers| headers.items))
}

fn edge_functions(
    functions: Option<sdk::FunctionAssociations>,
    lambdas: Option<sdk::LambdaFunctionAssociations>,
) -> Vec<EdgeFunction> {
    let event = |event: &sdk::EventType| event.as_str().into();
    let functions = functions.and_then(|list| list.items).unwrap_or_default();
    let lambdas = lambdas.and_then(|list| list.items).unwrap_or_default();
    let functions = functions.iter().map(|one| EdgeFunction::Function(event(&one.event_type)));
    functions
        .chain(lambdas.iter().map(|one| EdgeFunction::Lambda(event(&one.event_type))))
        .collect()
}

fn texts(texts: Option<Vec<String>>) -> Vec<Box<str>> {
    texts.into_iter().flatten().map(Into::into).collect()
}

fn unless_empty(text: Option<String>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty()).map(Into::into)
}
