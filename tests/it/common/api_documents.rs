//! Documents as CloudFront's API writes them.
use std::fmt::Write;

/// A distribution; what is not said is as in most of them.
#[derive(Clone, Debug)]
pub struct Distribution {
    pub id: String,
    pub aliases: Vec<String>,
    pub enabled: bool,
    pub staging: bool,
    pub connection_mode: &'static str,
    /// Whole `Origin` elements.
    pub origins: Vec<String>,
    /// What the default behavior has besides its target: policies, or `ForwardedValues`.
    pub behavior: String,
    pub viewer_protocol_policy: &'static str,
}

impl Distribution {
    pub fn new(id: impl Into<String>, origins: impl IntoIterator<Item = String>) -> Self {
        Self {
            id: id.into(),
            aliases: Vec::new(),
            enabled: true,
            staging: false,
            connection_mode: "direct",
            origins: origins.into_iter().collect(),
            behavior: String::new(),
            viewer_protocol_policy: "redirect-to-https",
        }
    }

    /// Returns the `DistributionSummary` of a list; requests go to the origin `app`.
    pub fn summary(&self) -> String {
        let Self { id, enabled, staging, behavior, viewer_protocol_policy, .. } = self;
        format!(
            "<DistributionSummary><Id>{id}</Id><ETag>E</ETag>\
             <ARN>arn:aws:cloudfront::999988887777:distribution/{id}</ARN><Status>Deployed</Status>\
             <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>\
             <DomainName>{}.cloudfront.net</DomainName>{}{}{}\
             <DefaultCacheBehavior><TargetOriginId>app</TargetOriginId>\
             <ViewerProtocolPolicy>{viewer_protocol_policy}</ViewerProtocolPolicy>{behavior}\
             </DefaultCacheBehavior><CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>\
             <CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses>\
             <Comment>c</Comment><PriceClass>PriceClass_All</PriceClass><Enabled>{enabled}</Enabled>\
             <ViewerCertificate><CloudFrontDefaultCertificate>true</CloudFrontDefaultCertificate>\
             </ViewerCertificate><Restrictions><GeoRestriction><RestrictionType>none\
             </RestrictionType><Quantity>0</Quantity></GeoRestriction></Restrictions>\
             <WebACLId/><HttpVersion>http2</HttpVersion><IsIPV6Enabled>true</IsIPV6Enabled>\
             <Staging>{staging}</Staging><ConnectionMode>{}</ConnectionMode>\
             </DistributionSummary>",
            id.to_lowercase(),
            list("Aliases", "CNAME", &self.aliases),
            format_args!(
                "<Origins><Quantity>{}</Quantity><Items>{}</Items></Origins>",
                self.origins.len(),
                self.origins.concat()
            ),
            "<OriginGroups><Quantity>0</Quantity></OriginGroups>",
            self.connection_mode,
        )
    }
}

/// The header value that every origin of [`origin`] has, and that may be seen nowhere.
pub const SECRET: &str = "open-sesame-8d1f";

/// An origin with a custom header; `settings` is what stands beside it.
pub fn origin_with(id: &str, domain: &str, settings: &str) -> String {
    format!(
        "<Origin><Id>{id}</Id><DomainName>{domain}</DomainName><OriginPath/><CustomHeaders>\
         <Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>x-key</HeaderName>\
         <HeaderValue>{SECRET}</HeaderValue></OriginCustomHeader></Items></CustomHeaders>{settings}\
         <ConnectionAttempts>2</ConnectionAttempts><ConnectionTimeout>5</ConnectionTimeout>\
         </Origin>"
    )
}

/// A custom origin that is asked by https only.
pub fn origin(id: &str, domain: &str) -> String {
    origin_with(id, domain, &custom_origin(443, "https-only", "TLSv1.2"))
}

pub fn custom_origin(port: u16, protocol_policy: &str, ssl_protocol: &str) -> String {
    format!(
        "<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>{port}</HTTPSPort>\
         <OriginProtocolPolicy>{protocol_policy}</OriginProtocolPolicy><OriginSslProtocols>\
         <Quantity>1</Quantity><Items><SslProtocol>{ssl_protocol}</SslProtocol></Items>\
         </OriginSslProtocols><OriginReadTimeout>30</OriginReadTimeout>\
         <OriginKeepaliveTimeout>5</OriginKeepaliveTimeout></CustomOriginConfig>"
    )
}

/// One page of distributions; `next` is where the next begins.
pub fn distribution_list(summaries: &[String], next: Option<&str>) -> String {
    let mut rest = String::new();
    if let Some(next) = next {
        let _ = write!(rest, "<NextMarker>{next}</NextMarker>");
    }
    format!(
        "<?xml version=\"1.0\"?><DistributionList \
         xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Marker/>{rest}\
         <MaxItems>100</MaxItems><IsTruncated>{}</IsTruncated><Quantity>{}</Quantity>\
         <Items>{}</Items></DistributionList>",
        next.is_some(),
        summaries.len(),
        summaries.concat()
    )
}

/// A list with one origin request policy, which has this behavior and names these headers.
pub fn origin_request_policies(id: &str, behavior: &str, headers: &[&str]) -> String {
    format!(
        "<OriginRequestPolicyList><MaxItems>100</MaxItems><Quantity>1</Quantity><Items>\
         <OriginRequestPolicySummary><Type>custom</Type><OriginRequestPolicy><Id>{id}</Id>\
         <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><OriginRequestPolicyConfig>\
         <Name>own</Name><HeadersConfig><HeaderBehavior>{behavior}</HeaderBehavior>{}\
         </HeadersConfig><CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig>\
         <QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig>\
         </OriginRequestPolicyConfig></OriginRequestPolicy></OriginRequestPolicySummary></Items>\
         </OriginRequestPolicyList>",
        list("Headers", "Name", headers)
    )
}

/// A list with one cache policy.
pub fn cache_policies(id: &str, behavior: &str, headers: &[&str]) -> String {
    format!(
        "<CachePolicyList><MaxItems>100</MaxItems><Quantity>1</Quantity><Items>\
         <CachePolicySummary><Type>custom</Type><CachePolicy><Id>{id}</Id>\
         <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><CachePolicyConfig>\
         <Name>own</Name><MinTTL>1</MinTTL><ParametersInCacheKeyAndForwardedToOrigin>\
         <EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><HeadersConfig>\
         <HeaderBehavior>{behavior}</HeaderBehavior>{}</HeadersConfig><CookiesConfig>\
         <CookieBehavior>none</CookieBehavior></CookiesConfig><QueryStringsConfig>\
         <QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig>\
         </ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig></CachePolicy>\
         </CachePolicySummary></Items></CachePolicyList>",
        list("Headers", "Name", headers)
    )
}

/// A list of tenants, each with an id and a domain.
pub fn tenants(distribution: &str, version: &str, tenants: &[(&str, &str)]) -> String {
    let tenants: String = tenants
        .iter()
        .map(|(id, domain)| {
            format!(
                "<DistributionTenantSummary><Id>{id}</Id><DistributionId>{distribution}\
                 </DistributionId><Name>{id}</Name><Arn>arn:aws:cloudfront::999988887777:\
                 distribution-tenant/{id}</Arn><Domains><member><Domain>{domain}</Domain>\
                 <Status>active</Status></member></Domains><ConnectionGroupId>cg</ConnectionGroupId>\
                 <CreatedTime>2026-01-01T00:00:00Z</CreatedTime>\
                 <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><ETag>{version}</ETag>\
                 <Enabled>true</Enabled><Status>Deployed</Status></DistributionTenantSummary>"
            )
        })
        .collect();
    format!(
        "<ListDistributionTenantsResult><DistributionTenantList>{tenants}\
         </DistributionTenantList></ListDistributionTenantsResult>"
    )
}

/// A tenant with the value of one parameter.
pub fn tenant(id: &str, name: &str, value: &str) -> String {
    format!(
        "<DistributionTenant><Id>{id}</Id><Parameters><member><Name>{name}</Name>\
         <Value>{value}</Value></member></Parameters></DistributionTenant>"
    )
}

pub fn vpc_origin(id: &str, port: u16) -> String {
    format!(
        "<VpcOrigin><Id>{id}</Id><Arn>arn:aws:cloudfront::999988887777:vpcorigin/{id}</Arn>\
         <Status>Deployed</Status><CreatedTime>2026-01-01T00:00:00Z</CreatedTime>\
         <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><VpcOriginEndpointConfig>\
         <Name>{id}</Name><Arn>arn:aws:elasticloadbalancing:eu-west-1:999988887777:x</Arn>\
         <HTTPPort>80</HTTPPort><HTTPSPort>{port}</HTTPSPort>\
         <OriginProtocolPolicy>https-only</OriginProtocolPolicy><OriginSslProtocols>\
         <Quantity>1</Quantity><Items><SslProtocol>TLSv1.1</SslProtocol></Items>\
         </OriginSslProtocols></VpcOriginEndpointConfig></VpcOrigin>"
    )
}

pub fn tags(tags: &[(&str, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .collect();
    format!("<Tags><Items>{tags}</Items></Tags>")
}

fn list(outer: &str, inner: &str, items: &[impl AsRef<str>]) -> String {
    let quantity = items.len();
    let items: String =
        items.iter().map(|item| format!("<{inner}>{}</{inner}>", item.as_ref())).collect();
    let items = if quantity == 0 { String::new() } else { format!("<Items>{items}</Items>") };
    format!("<{outer}><Quantity>{quantity}</Quantity>{items}</{outer}>")
}

/// Returns a document without the first `field` within the first `element`.
pub fn without(document: &str, element: &str, field: &str) -> String {
    let (start, end) = (format!("<{field}>"), format!("</{field}>"));
    let (before, rest) = document.split_once(&format!("<{element}>")).unwrap();
    if let Some((head, tail)) = rest.split_once(&format!("<{field}/>")) {
        return format!("{before}<{element}>{head}{tail}");
    }
    let (head, mut tail) = rest.split_once(&start).unwrap();
    let mut depth = 1;
    while depth > 0 {
        let (inner, outer) = tail.split_once(&end).unwrap();
        depth += inner.matches(&start).count();
        depth -= 1;
        tail = outer;
    }
    format!("{before}<{element}>{head}{tail}")
}
