//! A distribution in JSON: `Distribution`, `DistributionSummary` or `DistributionConfig`.

use crate::distribution::Behavior;
use crate::distribution::CustomOrigin;
use crate::distribution::Distribution;
use crate::distribution::EdgeFunction;
use crate::distribution::EventType;
use crate::distribution::OriginConnection;
use crate::distribution::OriginGroup;
use crate::distribution::OriginSettings;
use crate::distribution::ParameterDefinition;
use crate::origin::OriginMtls;

use super::reader::Reader;
use super::reader::exactly;

/// Reads a distribution with its id and domain; a `Distribution` has the rest in its
/// configuration, a summary beside them.
pub(super) fn whole(body: &Reader<'_>) -> Option<Distribution> {
    let settings = body.object("DistributionConfig");
    let mut distribution = configuration(settings.as_ref().unwrap_or(body))?;
    distribution.id = body.text("Id").unwrap_or_default();
    distribution.domain_name = body.text_unless_empty("DomainName");
    Some(distribution)
}

/// Reads a configuration, which tells neither its id nor its domain. What is wrong in one place of
/// it is left out.
pub(super) fn configuration(body: &Reader<'_>) -> Option<Distribution> {
    let default = body.required_object("DefaultCacheBehavior");
    let behaviors = body.items("CacheBehaviors");
    let behaviors =
        behaviors.filter_map(|item| behavior(&item, item.required_text("PathPattern")?));
    let tenants = body.object("TenantConfig");
    body.required_object("Origins")?;
    Some(Distribution {
        id: Box::default(),
        domain_name: None,
        aliases: body.texts("Aliases"),
        is_enabled: body.flag("Enabled").unwrap_or(true),
        is_staging: body.flag("Staging").unwrap_or(false),
        connection_mode: body.text_unless_empty("ConnectionMode"),
        origins: exactly(body.items("Origins").filter_map(|item| origin(&item))),
        origin_groups: exactly(body.items("OriginGroups").filter_map(|item| group(&item))),
        behaviors: exactly(
            behaviors.chain(default.and_then(|default| behavior(&default, DEFAULT_PATH.into()))),
        ),
        parameters: tenants.iter().flat_map(parameters).collect(),
        tenants: Vec::new(),
    })
}

/// The default behavior has no path pattern of its own; the console shows this one.
const DEFAULT_PATH: &str = "*";

fn origin(body: &Reader<'_>) -> Option<OriginSettings> {
    let connection = if let Some(custom) = body.object("CustomOriginConfig") {
        OriginConnection::Custom(custom_origin(&custom)?)
    } else if let Some(vpc) = body.object("VpcOriginConfig") {
        OriginConnection::Vpc { id: vpc.required_text("VpcOriginId")? }
    } else if body.object("S3OriginConfig").is_some() {
        OriginConnection::S3
    } else {
        OriginConnection::Unstated
    };
    Some(OriginSettings {
        id: body.required_text("Id")?,
        domain_name: body.required_text("DomainName")?,
        connection,
        connection_attempts: body.number("ConnectionAttempts"),
        connection_timeout: body.number("ConnectionTimeout"),
        origin_access_control: body.text_unless_empty("OriginAccessControlId"),
    })
}

/// Reads `CustomOriginConfig` or `VpcOriginEndpointConfig`.
pub(super) fn custom_origin(body: &Reader<'_>) -> Option<CustomOrigin> {
    let mtls = body.object("OriginMtlsConfig");
    let certificate = mtls.and_then(|mtls| mtls.text_unless_empty("ClientCertificateArn"));
    Some(CustomOrigin {
        https_port: body.number("HTTPSPort").unwrap_or(443),
        protocol_policy: body.required_text("OriginProtocolPolicy")?,
        ssl_protocols: body.texts("OriginSslProtocols"),
        ip_address_type: body.text_unless_empty("IpAddressType"),
        // The certificate's ARN, which has the account's id, is not kept.
        origin_mtls: match certificate {
            Some(_) => OriginMtls::Configured,
            None => OriginMtls::NotConfigured,
        },
    })
}

fn group(body: &Reader<'_>) -> Option<OriginGroup> {
    let criteria = body.object("FailoverCriteria");
    let statuses = criteria.into_iter().flat_map(|criteria| criteria.items("StatusCodes"));
    let members = body.items("Members");
    Some(OriginGroup {
        id: body.required_text("Id")?,
        members: exactly(members.filter_map(|member| member.required_text("OriginId"))),
        failover_statuses: exactly(
            statuses.filter_map(|status| u16::try_from(status.as_number()?).ok()),
        ),
    })
}

fn behavior(body: &Reader<'_>, path_pattern: Box<str>) -> Option<Behavior> {
    let legacy = body.object("ForwardedValues");
    let functions = body.items("FunctionAssociations");
    let functions = functions.filter_map(|item| Some(EdgeFunction::Function(event(&item)?)));
    let lambdas = body.items("LambdaFunctionAssociations");
    let lambdas = lambdas.filter_map(|item| Some(EdgeFunction::Lambda(event(&item)?)));
    let grpc = body.object("GrpcConfig");
    Some(Behavior {
        path_pattern,
        target_origin: body.required_text("TargetOriginId")?,
        viewer_protocol_policy: body.required_text("ViewerProtocolPolicy")?,
        allowed_methods: body.texts("AllowedMethods"),
        cache_policy: body.text_unless_empty("CachePolicyId"),
        origin_request_policy: body.text_unless_empty("OriginRequestPolicyId"),
        forwarded_headers: legacy.map(|legacy| legacy.texts("Headers")).unwrap_or_default(),
        edge_functions: exactly(functions.chain(lambdas)),
        is_grpc: grpc.and_then(|grpc| grpc.flag("Enabled")).unwrap_or(false),
    })
}

fn event(body: &Reader<'_>) -> Option<EventType> {
    body.required_text("EventType").map(EventType)
}

/// Reads the parameters that a multi-tenant distribution declares.
fn parameters(body: &Reader<'_>) -> Vec<ParameterDefinition> {
    let definitions = body.find("ParameterDefinitions").and_then(|list| list.list());
    let definition = |item: Reader<'_>| {
        let schema =
            item.object("Definition").and_then(|definition| definition.object("StringSchema"));
        Some(ParameterDefinition {
            name: item.required_text("Name")?,
            default_value: schema.and_then(|schema| schema.text_unless_empty("DefaultValue")),
        })
    };
    exactly(definitions.into_iter().flatten().filter_map(definition))
}
