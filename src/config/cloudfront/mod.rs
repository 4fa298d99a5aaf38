//! The AWS accounts whose distributions are read: credentials, filters, and settings for their
//! origins.

mod role;
mod tags;
mod targets;

use std::collections::HashMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::OriginDefaults;
use crate::config::error_kind::{ErrorKind, Kind, Shown};
use crate::config::read::Place;
use crate::config::scalar::{Choice, Length, Printable, printable_text};
use crate::config::value::{Given, Later, List, Scalar, is_default, quoted_keys, unless_empty};
use crate::distribution::Selection;
use crate::origin::{DomainName, Reachability};

use role::RoleArn;
use tags::{Tags, tags};
use targets::{EdgeTargetEntry, edge_targets};

pub use role::{ExternalId, Role};
pub use tags::TagFilter;
pub use targets::EdgeTarget;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct AccountEntry {
    /// Unique name of the account in metrics, on pages and in logs.
    #[schemars(extend("x-required" = true))]
    name: Given<Printable>,
    /// AWS partition: `cn-northwest-1` is CloudFront in China.
    region: Given<CloudFrontRegion>,
    /// Profile in the shared AWS files. None: the environment decides.
    #[serde(deserialize_with = "unless_empty", skip_serializing_if = "is_default")]
    profile: Given<Printable>,
    /// Role to assume with the credentials found.
    #[serde(deserialize_with = "unless_empty", skip_serializing_if = "is_default")]
    role_arn: Given<RoleArn>,
    /// External ID that the role's trust policy requires; never shown. Requires `role_arn`.
    #[serde(deserialize_with = "unless_empty", skip_serializing_if = "is_default")]
    external_id: Given<ExternalId>,
    /// API endpoint to use instead of CloudFront's, for tests.
    #[serde(deserialize_with = "unless_empty", skip_serializing_if = "is_default")]
    endpoint_url: Given<ApiUrl>,
    /// Time between [refreshes](discovery.md#refreshes-and-failures) of all distributions.
    // From an interval that the API's rate limits allow to one that still notices changes.
    refresh: Given<Length<300_000, 86_400_000>>,
    /// IDs of the distributions to include. Empty: all.
    distributions: List<DistributionId>,
    /// Tags that a distribution must have, all of them. Each has a value or a list of values.
    #[schemars(extend("x-valid" = tags::VALID))]
    #[serde(serialize_with = "quoted_keys")]
    tags: Later<Tags>,
    /// Whether to include disabled distributions.
    include_disabled: Given<bool>,
    /// Whether to include staging distributions.
    include_staging: Given<bool>,
    /// Whether to read the tenants of multi-tenant distributions.
    tenants: Given<bool>,
    /// Overrides the setting for the account's origins.
    #[schemars(extend("x-default" = "probe.reachable_from_here"))]
    #[serde(skip_serializing_if = "is_default")]
    reachable_from_here: Given<Reachability>,
    /// Names to probe for wildcard aliases, such as shop.example.com for *.example.com. Default for
    /// a wildcard: another alias that it covers, or www.
    probe_names: List<DomainName>,
    /// Server names that edge functions choose.
    targets: Later<Vec<EdgeTargetEntry>>,
    /// Account data to add as labels of `cloudfront_origin_info`.
    labels: List<AccountLabel>,
}

impl Default for AccountEntry {
    fn default() -> Self {
        Self {
            name: Given::default(),
            region: CloudFrontRegion::Global.into(),
            profile: Given::default(),
            role_arn: Given::default(),
            external_id: Given::default(),
            endpoint_url: Given::default(),
            refresh: Length(Duration::from_secs(900)).into(),
            distributions: List::default(),
            tags: Later::default(),
            include_disabled: Given::default(),
            include_staging: Given::default(),
            tenants: true.into(),
            reachable_from_here: Given::default(),
            probe_names: List::default(),
            targets: Later::default(),
            labels: List::default(),
        }
    }
}

/// The settings of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudFrontAccount {
    /// The unique name of the account in metrics, on pages and in logs.
    pub name: Box<str>,
    pub region: CloudFrontRegion,
    /// The profile in the shared AWS files; `None`: the environment decides.
    pub profile: Option<Box<str>>,
    /// The role to assume with the credentials found.
    pub role: Option<Role>,
    /// The API endpoint to use instead of CloudFront's.
    pub endpoint_url: Option<Box<str>>,
    /// The time between refreshes.
    pub refresh: Duration,
    /// The IDs of the distributions to include; empty: all.
    pub distributions: Vec<Box<str>>,
    /// All of these tags are required.
    pub tags: Vec<TagFilter>,
    pub selection: Selection,
    /// Whether to read the tenants of multi-tenant distributions.
    pub tenants: bool,
    pub reachable_from_here: Reachability,
    /// Names to probe for wildcard aliases.
    pub probe_names: Vec<DomainName>,
    /// Server names that edge functions choose.
    pub targets: Vec<EdgeTarget>,
    /// Account data to add as labels.
    pub labels: Vec<AccountLabel>,
}

/// An AWS partition. CloudFront requests are signed for its one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudFrontRegion {
    Global,
    China,
}

impl CloudFrontRegion {
    /// Returns AWS's spelling.
    pub fn as_str(self) -> &'static str {
        self.spelling()
    }
}

/// Account data that metrics contain only if configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountLabel {
    AccountId,
    DistributionArn,
}

impl AccountLabel {
    /// Every value with its spelling in the file, which is also the label name.
    pub const ALL: [(&'static str, Self); 2] =
        [("account_id", Self::AccountId), ("distribution_arn", Self::DistributionArn)];
}

impl Choice for CloudFrontRegion {
    const SPELLINGS: &'static [(&'static str, Self)] =
        &[("us-east-1", Self::Global), ("cn-northwest-1", Self::China)];
}

impl Choice for AccountLabel {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

/// Returns the accounts of the list at `list`. Reports and leaves out invalid ones.
pub(super) fn accounts(
    list: &Place<'_>,
    defaults: &OriginDefaults,
) -> (Vec<AccountEntry>, Vec<CloudFrontAccount>) {
    let (mut entries, mut accounts) = (Vec::new(), Vec::new());
    let mut lines: HashMap<String, u32> = HashMap::new();
    for at in list.sections() {
        let mut entry: AccountEntry = at.read();
        let name_at = at.key("name");
        name_at.require();
        if let Given(Some(Printable(name))) = &entry.name
            && let Some(first_line) = lines.insert(name.clone(), name_at.line())
        {
            name_at.error(ErrorKind::DuplicateName { value: Shown::of(name), first_line });
        }
        accounts.extend(entry.account(&at, defaults));
        entries.push(entry);
    }
    if !entries.is_empty() && !cfg!(feature = "aws") {
        list.error(ErrorKind::NotBuilt { feature: "aws" });
    }
    (entries, accounts)
}

impl AccountEntry {
    /// Returns the account, and keeps the parts that are read later. Returns `None` after an error.
    fn account(&mut self, at: &Place<'_>, defaults: &OriginDefaults) -> Option<CloudFrontAccount> {
        let (filters, written) = tags(&at.key("tags"));
        let (targets, entries) = edge_targets(&at.key("targets"));
        self.tags = Later(written);
        self.targets = Later(entries);
        let role_at = at.key("role_arn");
        if self.external_id.0.is_some() && !role_at.is_given() {
            at.key("external_id").error(ErrorKind::ExternalIdOfNoRole);
        }
        let role = self
            .role_arn
            .0
            .clone()
            .map(|RoleArn(arn)| Role { arn: arn.into(), external_id: self.external_id.0.clone() });
        Some(CloudFrontAccount {
            name: self.name.0.as_ref()?.0.as_str().into(),
            region: self.region.0?,
            profile: self.profile.0.as_ref().map(|profile| profile.0.as_str().into()),
            role,
            endpoint_url: self.endpoint_url.0.as_ref().map(|url| url.0.as_str().into()),
            refresh: self.refresh.0?.0,
            distributions: self.distributions.valid().map(|id| id.0.as_str().into()).collect(),
            tags: filters,
            selection: Selection {
                disabled: self.include_disabled.0?,
                staging: self.include_staging.0?,
            },
            tenants: self.tenants.0?,
            reachable_from_here: self.reachable_from_here.0.unwrap_or(defaults.reachable_from_here),
            probe_names: self.probe_names.valid().cloned().collect(),
            targets,
            labels: self.labels.valid().copied().collect(),
        })
    }
}

/// The ID of a distribution, such as `E2EXAMPLE1ABCD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DistributionId(String);

impl Scalar for DistributionId {
    const VALID: &'static str = "an ID such as E2EXAMPLE1ABCD";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let text = printable_text(text)?;
        match text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            true => Ok(Self(text.to_owned())),
            false => Err(Self::malformed(text, "a distribution ID")),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

/// The URL of the API. It must not contain a user or a password, because it is displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ApiUrl(String);

impl Scalar for ApiUrl {
    const VALID: &'static str = "a URL such as http://127.0.0.1:5000 (without user, path or query)";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let text = printable_text(text)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let is_authority = |rest: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
            !rest.is_empty() && rest.bytes().all(allowed)
        };
        match rest.is_some_and(is_authority) {
            true => Ok(Self(text.to_owned())),
            // The value may contain a password, so the error does not show it.
            false => {
                Err(ErrorKind::WrongKind { found: Kind::Text, wanted: Self::VALID.to_owned() })
            }
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}
