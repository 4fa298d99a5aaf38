//! The AWS accounts whose distributions are read: who asks, which distributions count, and what
//! the operator knows of their origins.

mod role;
mod show;
mod tags;
mod targets;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::OriginDefaults;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;
use crate::distribution::Choice;
use crate::distribution::Selection;
use crate::origin::DomainName;
use crate::origin::Reachability;

pub use role::ExternalId;
pub use role::Role;
pub use tags::TagFilter;
pub use targets::EdgeTarget;

pub(super) const ACCOUNT_KEYS: &[Key] = &[
    key("name", "Names the account in metrics, on pages and in the log; each account has its own."),
    key("region", "The partition: `cn-northwest-1` is CloudFront in China."),
    key("profile", "The profile of the shared AWS files. None: what the environment says."),
    key("role_arn", "The role that is assumed with the credentials found."),
    key("external_id", "What the role's trust policy asks for; never shown. Needs `role_arn`."),
    key("endpoint_url", "Asked instead of CloudFront's own endpoint, for tests."),
    key(
        "refresh",
        "How often everything is listed. It comes sooner after a failure, later when AWS \
         throttles, and at once with a reload (by `POST /-/reload` once in 5m).",
    ),
    key("distributions", "The ids of the distributions that count. Empty: all."),
    key(
        "tags",
        "Which tags they must have, all of them: to each key a value, a list of values, or \
         `\"*\"` for any.",
    ),
    key("include_disabled", "Whether disabled distributions count."),
    key("include_staging", "Whether staging distributions count."),
    key("tenants", "Whether tenants of multi-tenant distributions are read."),
    key("reachable_from_here", "Whether the account's origins admit this prober."),
    key(
        "probe_names",
        "Names that stand for wildcard aliases, such as shop.example.com for *.example.com. \
         For a wildcard without one: another alias, or www.",
    ),
    key("targets", "What edge functions choose, which no distribution tells."),
    key("labels", "What of the account is told in labels of `cloudfront_origin_info`."),
];

/// One account, and what of it is probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudFrontAccount {
    /// Names it in metrics, on pages and in the log; no other account has it.
    pub name: Box<str>,
    pub region: CloudFrontRegion,
    /// The profile of the shared AWS files; `None`: what the environment says.
    pub profile: Option<Box<str>>,
    /// The role that is assumed with the credentials found.
    pub role: Option<Role>,
    /// Asked instead of AWS.
    pub endpoint_url: Option<Box<str>>,
    /// How often the distributions are listed.
    pub refresh: Duration,
    /// The ids of those that count; empty: all.
    pub distributions: Vec<Box<str>>,
    /// What the tags of those that count must be.
    pub tags: Vec<TagFilter>,
    pub selection: Selection,
    /// Whether tenants of multi-tenant distributions are read.
    pub tenants: Choice,
    pub reachable_from_here: Reachability,
    /// Names that stand for the wildcards among the aliases.
    pub probe_names: Vec<DomainName>,
    /// What edge functions choose.
    pub targets: Vec<EdgeTarget>,
    /// What of the account is told in labels.
    pub labels: Vec<AccountLabel>,
}

/// Which CloudFront: each signs for the one region of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudFrontRegion {
    Global,
    China,
}

impl CloudFrontRegion {
    /// Every value, in the spelling of AWS.
    pub const ALL: [(&'static str, Self); 2] =
        [("us-east-1", Self::Global), ("cn-northwest-1", Self::China)];

    /// Returns the spelling of AWS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Global => "us-east-1",
            Self::China => "cn-northwest-1",
        }
    }
}

/// Something of the account that metrics tell only when asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountLabel {
    AccountId,
    DistributionArn,
}

impl AccountLabel {
    /// Every value, in the file's spelling, which is the label's name.
    pub const ALL: [(&'static str, Self); 2] =
        [("account_id", Self::AccountId), ("distribution_arn", Self::DistributionArn)];
}

/// Decides every account; wrong ones are complained about and left out.
pub(super) fn accounts(
    discovery: &Section<'_>,
    defaults: &OriginDefaults,
) -> Vec<CloudFrontAccount> {
    let mut accounts = Vec::new();
    let mut lines: HashMap<String, u32> = HashMap::new();
    discovery.each_section("cloudfront", ACCOUNT_KEYS, |section| {
        let name = section.required("name", scalar::label_value);
        if let Some(name) = &name
            && let Some(first_line) = lines.insert(name.clone(), section.line_of("name"))
        {
            section.complain("name", Fault::DuplicateName { value: Excerpt::of(name), first_line });
        }
        accounts.extend(account(&section, name, defaults));
    });
    if !accounts.is_empty() && !cfg!(feature = "aws") {
        discovery.complain("cloudfront", Fault::NotBuilt { feature: "aws" });
    }
    accounts
}

fn account(
    section: &Section<'_>,
    name: Option<String>,
    defaults: &OriginDefaults,
) -> Option<CloudFrontAccount> {
    let choice = |key| match section.value(key, scalar::boolean) {
        Some(true) => Some(Choice::Take),
        Some(false) => Some(Choice::LeaveOut),
        None => None,
    };
    let region = section
        .value("region", |node| scalar::choice(node, &CloudFrontRegion::ALL))
        .unwrap_or(CloudFrontRegion::Global);
    let account = CloudFrontAccount {
        name: Box::default(),
        region,
        profile: given(section, "profile", scalar::label_value).map(Into::into),
        role: role::role(section),
        endpoint_url: given(section, "endpoint_url", url),
        refresh: section
            .value("refresh", |node| scalar::duration(node, REFRESH))
            .unwrap_or(DEFAULT_REFRESH),
        distributions: section.items("distributions", distribution_id),
        tags: tags::tags(section),
        selection: Selection {
            disabled: choice("include_disabled").unwrap_or_default(),
            staging: choice("include_staging").unwrap_or_default(),
        },
        tenants: choice("tenants").unwrap_or(Choice::Take),
        reachable_from_here: section
            .value("reachable_from_here", |node| scalar::choice(node, &Reachability::ALL))
            .unwrap_or(defaults.reachable_from_here),
        probe_names: section.items("probe_names", scalar::domain_name),
        targets: targets::targets(section),
        labels: section.items("labels", |node| scalar::choice(node, &AccountLabel::ALL)),
    };
    Some(CloudFrontAccount { name: name?.into(), ..account })
}

/// Returns what `read` makes of a value that may be left out or empty.
fn given<T>(
    section: &Section<'_>,
    key: &'static str,
    read: impl FnOnce(&Node<'_>) -> Result<T, Fault>,
) -> Option<T> {
    section.has(key).then(|| section.value(key, read)).flatten()
}

/// Reads the id of a distribution, such as `E2EXAMPLE1ABCD`.
fn distribution_id(node: &Node<'_>) -> Result<Box<str>, Fault> {
    let wanted = "distribution id; write such as E2EXAMPLE1ABCD";
    let text = scalar::label_value(node)?;
    match text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        true => Ok(text.into()),
        false => Err(Fault::Malformed { value: Excerpt::of(&text), wanted }),
    }
}

/// Reads where the API is; a user or a password in it would be shown, so there may be none.
fn url(node: &Node<'_>) -> Result<Box<str>, Fault> {
    let wanted = "a URL such as http://127.0.0.1:5000, without a user, path or query";
    let text = scalar::label_value(node)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let is_authority = |rest: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        !rest.is_empty() && rest.bytes().all(allowed)
    };
    match rest.is_some_and(is_authority) {
        true => Ok(text.into()),
        // It may hold a password.
        false => Err(Fault::WrongKind { found: node.kind(), wanted }),
    }
}

/// From what the API's limits bear to what still is discovery.
const REFRESH: RangeInclusive<Duration> = Duration::from_secs(300)..=Duration::from_secs(86_400);
const DEFAULT_REFRESH: Duration = Duration::from_secs(900);

#[cfg(all(test, feature = "aws"))]
mod tests;
