//! Documents as CloudFront's API writes them: those in `documents`, with what a test says.

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
        let count = self.origins.len().to_string();
        let (enabled, staging) = (self.enabled.to_string(), self.staging.to_string());
        let values = [
            ("id", &*self.id),
            ("domain", &self.id.to_lowercase()),
            ("aliases", &list("Aliases", "CNAME", &self.aliases)),
            ("count", &count),
            ("origins", &self.origins.concat()),
            ("viewer_protocol_policy", self.viewer_protocol_policy),
            ("behavior", &self.behavior),
            ("enabled", &enabled),
            ("staging", &staging),
            ("connection_mode", self.connection_mode),
        ];
        filled(include_str!("documents/distribution_summary.xml"), &values)
    }
}

/// Returns a document with these values in the place of `{names}`, on one line, as the API writes it.
pub fn filled(document: &str, values: &[(&str, &str)]) -> String {
    let document: String = document.lines().map(str::trim).collect();
    values.iter().fold(document, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The header value that every origin of [`origin`] has, and that may be seen nowhere.
pub const SECRET: &str = "open-sesame-8d1f";

/// An origin with a custom header; `settings` is what stands beside it.
pub fn origin_with(id: &str, domain: &str, settings: &str) -> String {
    let document = include_str!("documents/origin.xml");
    filled(document, &[("id", id), ("domain", domain), ("secret", SECRET), ("settings", settings)])
}

/// A custom origin that is asked by https only.
pub fn origin(id: &str, domain: &str) -> String {
    origin_with(id, domain, &custom_origin(443, "https-only", "TLSv1.2"))
}

pub fn custom_origin(port: u16, protocol_policy: &str, ssl_protocol: &str) -> String {
    let policies = [("protocol_policy", protocol_policy), ("ssl_protocol", ssl_protocol)];
    let document = filled(include_str!("documents/custom_origin.xml"), &policies);
    filled(&document, &[("port", &port.to_string())])
}

/// One page of distributions; `next` is where the next begins.
pub fn distribution_list(summaries: &[String], next: Option<&str>) -> String {
    let rest = next.map(|next| format!("<NextMarker>{next}</NextMarker>")).unwrap_or_default();
    let count = summaries.len().to_string();
    let is_truncated = next.is_some().to_string();
    let list = [("rest", &*rest), ("is_truncated", &is_truncated), ("count", &count)];
    let document = filled(include_str!("documents/distribution_list.xml"), &list);
    filled(&document, &[("summaries", &summaries.concat())])
}

/// A list with one origin request policy, which has this behavior and names these headers.
pub fn origin_request_policies(id: &str, behavior: &str, headers: &[&str]) -> String {
    policies(include_str!("documents/origin_request_policies.xml"), id, behavior, headers)
}

/// A list with one cache policy.
pub fn cache_policies(id: &str, behavior: &str, headers: &[&str]) -> String {
    policies(include_str!("documents/cache_policies.xml"), id, behavior, headers)
}

fn policies(document: &str, id: &str, behavior: &str, headers: &[&str]) -> String {
    let headers = list("Headers", "Name", headers);
    filled(document, &[("id", id), ("behavior", behavior), ("headers", &headers)])
}

/// A list of tenants, each with an id and a domain.
pub fn tenants(distribution: &str, version: &str, tenants: &[(&str, &str)]) -> String {
    let of = [("distribution", distribution), ("version", version)];
    let document = filled(include_str!("documents/tenant_summary.xml"), &of);
    let tenant = |(id, domain): &(&str, &str)| filled(&document, &[("id", id), ("domain", domain)]);
    let tenants: String = tenants.iter().map(tenant).collect();
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
    let document = include_str!("documents/vpc_origin.xml");
    filled(document, &[("id", id), ("port", &port.to_string())])
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
