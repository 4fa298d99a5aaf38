//! Documents of every kind. Those that are wrong have a file of their own.

mod refused;

use serde_json::{Value, json};

use crate::common::section::assert_section;
use origin_probe::distribution::{
    CustomOrigin, Distribution, EdgeFunction, HostHeader, OriginConnection, OriginSettings,
    ParameterDefinition, PolicyKind,
};
use origin_probe::origin::OriginMtls;
use origin_probe::sources::Catalogue;

/// A secret that stands in every document, where secrets stand.
const SECRET: &str = "s3cr3t-header-value";

fn configuration() -> Value {
    json!({
        "CallerReference": "1",
        "Aliases": {"Quantity": 2, "Items": ["www.shop.example", "*.shop.example"]},
        "Origins": {"Quantity": 4, "Items": [
            {
                "Id": "shop", "DomainName": "origin.shop.example", "OriginPath": "",
                "CustomHeaders": {"Quantity": 1, "Items": [
                    {"HeaderName": "X-Secret", "HeaderValue": SECRET}
                ]},
                "CustomOriginConfig": {
                    "HTTPPort": 80, "HTTPSPort": 8443, "OriginProtocolPolicy": "match-viewer",
                    "OriginSslProtocols": {"Quantity": 2, "Items": ["TLSv1.1", "TLSv1.2"]},
                    "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5,
                    "IpAddressType": "dualstack",
                    "OriginMtlsConfig": {"ClientCertificateArn": "arn:aws:acm:us-east-1:1:certificate/2"}
                },
                "ConnectionAttempts": 2, "ConnectionTimeout": 5,
                "OriginShield": {"Enabled": false}, "OriginAccessControlId": ""
            },
            {
                "Id": "bucket", "DomainName": "b.s3.eu-west-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""}, "OriginAccessControlId": "E2OAC"
            },
            {
                "Id": "private", "DomainName": "internal.example",
                "VpcOriginConfig": {"VpcOriginId": "vo_1"}
            },
            {"Id": "bare", "DomainName": "bare.example"}
        ]},
        "OriginGroups": {"Quantity": 1, "Items": [{
            "Id": "both",
            "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [502, 503]}},
            "Members": {"Quantity": 2, "Items": [{"OriginId": "shop"}, {"OriginId": "bucket"}]}
        }]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "both", "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"],
                "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
            "LambdaFunctionAssociations": {"Quantity": 0},
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"
        },
        "CacheBehaviors": {"Quantity": 1, "Items": [{
            "PathPattern": "/api/*", "TargetOriginId": "shop", "ViewerProtocolPolicy": "allow-all",
            "FunctionAssociations": {"Quantity": 1, "Items": [
                {"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}
            ]},
            "ForwardedValues": {"QueryString": true, "Cookies": {"Forward": "all"},
                "Headers": {"Quantity": 1, "Items": ["Host"]}},
            "GrpcConfig": {"Enabled": true}
        }]},
        "Comment": "", "Enabled": true, "Staging": false, "ConnectionMode": "direct",
        "TenantConfig": {"ParameterDefinitions": [
            {"Name": "shop", "Definition": {"StringSchema": {"Required": false, "DefaultValue": "std"}}}
        ]}
    })
}

fn read(documents: &[Value]) -> Catalogue {
    let text: Vec<String> = documents.iter().map(ToString::to_string).collect();
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", text.join("\n").as_bytes()).unwrap();
    catalogue.settle();
    catalogue
}

fn faults(catalogue: &Catalogue) -> Vec<String> {
    catalogue.faults.iter().map(ToString::to_string).collect()
}

/// Returns where the faults are, as paths of keys.
fn places(catalogue: &Catalogue) -> Vec<String> {
    let faults = faults(catalogue).into_iter();
    let place = |fault: String| {
        let fault = fault.strip_prefix("shop.json: ")?;
        Some(fault.split_once(": ")?.0.to_owned())
    };
    faults.map(|fault| place(fault).unwrap()).collect()
}

fn error(text: impl AsRef<[u8]>) -> String {
    Catalogue::default().read("shop.json", text.as_ref()).unwrap_err().to_string()
}

#[test]
fn a_configuration_is_read_whole() {
    let catalogue = read(&[json!({"ETag": "E3", "DistributionConfig": configuration()})]);
    assert_eq!(faults(&catalogue), [""; 0]);
    let [distribution] = catalogue.distributions.as_slice() else { panic!("{catalogue:?}") };
    let Distribution { origins, behaviors, origin_groups, .. } = distribution;
    assert_eq!((&*distribution.id, &distribution.domain_name), ("", &None));
    assert_eq!(
        distribution.aliases,
        [Box::<str>::from("www.shop.example"), Box::<str>::from("*.shop.example")]
    );
    assert!(distribution.is_enabled && !distribution.is_staging);
    assert!(!distribution.is_tenant_only());
    assert_eq!(
        origins[0],
        OriginSettings {
            id: "shop".into(),
            domain_name: "origin.shop.example".into(),
            connection: OriginConnection::Custom(CustomOrigin {
                https_port: 8443,
                protocol_policy: "match-viewer".into(),
                ssl_protocols: vec!["TLSv1.1".into(), "TLSv1.2".into()],
                ip_address_type: Some("dualstack".into()),
                origin_mtls: OriginMtls::Configured,
            }),
            connection_attempts: Some(2),
            connection_timeout: Some(5),
            origin_access_control: None,
            unknown_members: Vec::new(),
        }
    );
    assert_eq!(origins[1].connection, OriginConnection::S3);
    assert_eq!(origins[1].origin_access_control.as_deref(), Some("E2OAC"));
    assert_eq!(origins[2].connection, OriginConnection::Vpc { id: "vo_1".into() });
    assert_eq!(origins[3].connection, OriginConnection::Unstated);
    assert_eq!(origin_groups[0].members, [Box::<str>::from("shop"), Box::<str>::from("bucket")]);
    assert_eq!(origin_groups[0].failover_statuses, [502, 503]);
    let [api, default] = behaviors.as_slice() else { panic!("{behaviors:?}") };
    assert_eq!((&*api.path_pattern, &*default.path_pattern), ("/api/*", "*"));
    assert_eq!(api.forwarded_headers, [Box::<str>::from("Host")]);
    assert_eq!(api.edge_functions, [EdgeFunction::Function("viewer-request".into())]);
    assert!(api.is_grpc && !default.is_grpc);
    assert_eq!(default.allowed_methods, [Box::<str>::from("HEAD"), Box::<str>::from("GET")]);
    assert_eq!(default.cache_policy.as_deref(), Some("658327ea-f89d-4fab-a63d-7e88639e58f6"));
    assert_eq!(default.origin_request_policy, None);
    assert_eq!(
        distribution.parameters,
        [ParameterDefinition { name: "shop".into(), default_value: Some("std".into()) }]
    );
}

#[test]
fn no_header_value_is_kept_anywhere() {
    let catalogue = read(&[json!({"DistributionConfig": configuration()})]);
    assert!(!format!("{catalogue:?}").contains(SECRET));
    // Nor is it repeated where a document is broken in the middle of it.
    let text = json!({"DistributionConfig": configuration()}).to_string();
    let cut = text.find(SECRET).unwrap() + 9;
    assert!(!error(&text[..cut]).contains("s3cr3t"));
    let typed = text.replace(&format!("\"{SECRET}\""), &format!("{{\"{SECRET}\": 1}}"));
    let mut catalogue = Catalogue::default();
    catalogue.read("shop.json", typed.as_bytes()).unwrap();
    assert_eq!(faults(&catalogue), [""; 0]);
}

#[test]
fn the_names_of_unknown_members_are_kept_and_their_values_are_not() {
    let mut configuration = configuration();
    let origins = configuration["Origins"]["Items"].as_array_mut().unwrap();
    origins[0]["ResponseCompletionTimeout"] = 30.into();
    origins[0]["TlsPolicy"] = json!({"TlsPolicy": SECRET});
    origins[0]["CustomOriginConfig"]["TlsPolicy"] = SECRET.into();
    origins[0]["CustomOriginConfig"]["OriginSniName"] = json!([SECRET]);
    origins[0]["CustomOriginConfig"]["OriginMtlsConfig"]["Own"] = SECRET.into();
    origins[2]["VpcOriginConfig"] = json!({
        "VpcOriginId": "vo_1", "OwnerAccountId": "1", "OriginReadTimeout": 30,
        "OriginKeepaliveTimeout": 5, "Fallback": null, "Quorum": SECRET
    });
    for number in 0..20 {
        // They are the same in their first 64 characters.
        origins[3][format!("{}{number}", "ä".repeat(64))] = SECRET.into();
    }
    for number in 0..15 {
        origins[3][format!("Ab{number:02}")] = SECRET.into();
        origins[2]["VpcOriginConfig"][format!("Own{number:02}")] = SECRET.into();
    }
    let catalogue = read(&[json!({"DistributionConfig": configuration})]);
    assert_eq!(faults(&catalogue), [""; 0]);
    assert!(!format!("{catalogue:?}").contains(SECRET));
    let origins = &catalogue.distributions[0].origins;
    let unknown = |at: usize| -> Vec<&str> {
        origins[at].unknown_members.iter().map(|name| &**name).collect()
    };
    let own = ["CustomOriginConfig.OriginSniName", "CustomOriginConfig.TlsPolicy", "TlsPolicy"];
    assert_eq!(unknown(0), own);
    assert_eq!(unknown(1), [""; 0]);
    let vpc = unknown(2);
    assert_eq!((vpc.len(), vpc[0]), (16, "VpcOriginConfig.Fallback"));
    let lengths: Vec<usize> = unknown(3).iter().map(|name| name.chars().count()).collect();
    assert_eq!(lengths, [[4; 15].as_slice(), &[64]].concat());
}

#[test]
fn every_kind_of_document_with_distributions_is_known() {
    let with = |id: &str| {
        let mut summary = configuration();
        summary["Id"] = id.into();
        summary["DomainName"] = "d111.cloudfront.net".into();
        summary
    };
    let list = || json!({"DistributionList": {"Items": [with("E1"), with("E2")]}});
    let whole = || {
        json!({"Distribution": {
            "Id": "E1", "DomainName": "d111.cloudfront.net", "DistributionConfig": configuration()
        }})
    };
    for (documents, ids) in [
        (vec![list()], vec!["E1", "E2"]),
        (vec![json!([with("E1"), with("E2")])], vec!["E1", "E2"]),
        (vec![json!([[with("E1")], [whole()]])], vec!["E1"]),
        (vec![whole(), list()], vec!["E1", "E2"]),
        (vec![configuration(), configuration()], vec!["", ""]),
        (
            vec![json!({"DistributionConfigWithTags": {
                "DistributionConfig": configuration(), "Tags": {"Items": []}
            }})],
            vec![""],
        ),
        (vec![json!({"DistributionList": {"Quantity": 0}})], vec![]),
    ] {
        let catalogue = read(&documents);
        let found: Vec<&str> = catalogue.distributions.iter().map(|found| &*found.id).collect();
        assert_eq!(found, ids);
        assert_eq!(faults(&catalogue), [""; 0]);
    }
}

#[test]
fn policies_tell_what_becomes_of_host() {
    let origin_request = |id: &str, behavior: &str, headers: Value| {
        json!({
            "OriginRequestPolicy": {"Id": id, "OriginRequestPolicyConfig": {
                "Name": "own", "HeadersConfig": {"HeaderBehavior": behavior, "Headers": headers}
            }}
        })
    };
    let cache = json!({"CachePolicyList": {"Quantity": 1, "Items": [{
        "Type": "custom",
        "CachePolicy": {"Id": "c1", "CachePolicyConfig": {
            "Name": "keyed", "ParametersInCacheKeyAndForwardedToOrigin": {
                "HeadersConfig": {"HeaderBehavior": "whitelist",
                    "Headers": {"Quantity": 1, "Items": ["host"]}}
            }
        }}
    }]}});
    let catalogue = read(&[
        origin_request("o1", "allExcept", json!({"Quantity": 1, "Items": ["Host"]})),
        origin_request("o2", "allViewer", Value::Null),
        origin_request("o3", "allButSome", Value::Null),
        cache,
    ]);
    let find = |kind, id| catalogue.account.policies.find(kind, id).map(|policy| policy.host);
    assert_eq!(find(PolicyKind::OriginRequest, "o1"), Some(HostHeader::NotForwarded));
    assert_eq!(find(PolicyKind::OriginRequest, "o2"), Some(HostHeader::Forwarded));
    assert_eq!(find(PolicyKind::OriginRequest, "o3"), None);
    assert_eq!(find(PolicyKind::Cache, "c1"), Some(HostHeader::Forwarded));
    assert_eq!(
        places(&catalogue),
        ["document 3.OriginRequestPolicy.OriginRequestPolicyConfig.HeadersConfig.HeaderBehavior"]
    );
    assert_section("sources", "JSON: a policy that is not known", &faults(&catalogue).join("\n"));
}

#[test]
fn tenants_find_their_distribution_whatever_comes_first() {
    let tenant = json!({"DistributionTenant": {
        "Id": "dt_1", "DistributionId": "E1", "Enabled": true,
        "Domains": [
            {"Domain": "a.example", "Status": "active"},
            {"Domain": "b.example", "Status": "inactive"}
        ],
        "Parameters": [{"Name": "shop", "Value": "x"}]
    }});
    let list = json!({"DistributionTenantList": [
        {"Id": "dt_1", "DistributionId": "E1", "Domains": []},
        {"Id": "dt_2", "DistributionId": "E1", "Domains": [{"Domain": "c.example"}]},
        {"Id": "dt_3", "DistributionId": "E9", "Domains": []}
    ]});
    let vpc = json!({"VpcOrigin": {"Id": "vo_1", "VpcOriginEndpointConfig": {
        "Name": "n", "HTTPPort": 80, "HTTPSPort": 8443, "OriginProtocolPolicy": "https-only"
    }}});
    let mut summary = configuration();
    summary["Id"] = "E1".into();
    let catalogue = read(&[list, tenant, vpc, summary]);
    assert_eq!(faults(&catalogue), [""; 0]);
    let tenants = &catalogue.distributions[0].tenants;
    let found: Vec<(&str, usize, bool)> = tenants
        .iter()
        .map(|tenant| (&*tenant.id, tenant.domains.len(), tenant.parameters.is_some()))
        .collect();
    assert_eq!(found, [("dt_2", 1, false), ("dt_1", 1, true)]);
    assert_eq!(catalogue.account.vpc_origins[0].settings.https_port, 8443);
}

#[test]
fn a_configuration_alone_has_the_tenants_that_are_given() {
    let tenant =
        json!({"DistributionTenant": {"Id": "dt_1", "DistributionId": "E1", "Domains": []}});
    let alone = json!({"DistributionConfig": configuration()});
    let tenants = |documents: &[Value]| -> Vec<usize> {
        read(documents).distributions.iter().map(|found| found.tenants.len()).collect()
    };
    assert_eq!(tenants(&[alone.clone(), tenant.clone()]), [1]);
    assert_eq!(tenants(&[alone.clone(), alone, tenant]), [0, 0]);
}
