//! Derives origins and problems from the API's description of a distribution.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::{AccountLabel, CloudFrontAccount, OriginDefaults};
use crate::distribution::{Account, DeriveOptions, Issue, IssueKind, derive, shown};
use crate::origin::{Origin, Shard};
use crate::sources::{Found, FoundOrigin, Place, Problem, Problems};

use super::api::Listed;
use super::refresh::Lack;

/// The settings and account data needed to derive a distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) settings: &'a CloudFrontAccount,
    pub(super) defaults: &'a OriginDefaults,
    pub(super) account: &'a Account,
}

impl Surroundings<'_> {
    /// Returns the origins and problems of a distribution.
    pub(super) fn derive(&self, listed: &Listed, lacks: &[Lack]) -> Found {
        let part: Arc<str> = Arc::from(&*listed.distribution.id);
        let mut problems = Problems::default();
        let mut tell = |what: String| {
            let place = Place { part: Arc::clone(&part), line: None };
            problems.add(|| Problem { place, what });
        };
        lacks.iter().for_each(|lack| tell(lack.to_string()));
        let options = DeriveOptions {
            interval: self.defaults.interval,
            reachable_from_here: self.settings.reachable_from_here,
            renewal: self.defaults.renewal,
            hosts: self.settings.probe_names.clone(),
            ..DeriveOptions::default()
        };
        let mut derivation = derive(&listed.distribution, self.account, &options);
        let issues = derivation.issues.iter().filter(|issue| !self.is_wanted(issue));
        issues.for_each(|issue| tell(words(issue)));
        let labels = self.labels(&listed.arn);
        let mut origins = Vec::new();
        for derived in &mut derivation.origins {
            self.add_what_is_known_here(&mut derived.origin, &labels);
            origins.push(FoundOrigin {
                line: None,
                origin: Arc::clone(&derived.origin),
                is_last_good: false,
            });
        }
        for target in &self.settings.targets {
            let is_here = *target.distribution == *listed.distribution.id;
            if is_here && !origins.iter().any(|found| target.is_of(&found.origin)) {
                let id = shown(&target.origin);
                tell(format!(
                    "unknown origin {id} in `targets`; use an origin ID of this distribution"
                ));
            }
        }
        Found { origins, distribution: Some(Arc::new(derivation)), problems, ..Found::default() }
    }

    /// Applies the configured edge targets and labels to an origin.
    fn add_what_is_known_here(&self, origin: &mut Arc<Origin>, labels: &BTreeMap<String, String>) {
        let targets = self.settings.targets.iter().filter(|target| target.is_of(origin));
        let targets: Vec<_> = targets.map(|target| target.at(origin.domain())).collect();
        if !targets.is_empty() || !labels.is_empty() {
            let origin = Arc::make_mut(origin);
            if !targets.is_empty() {
                origin.targets = targets;
            }
            origin.labels.extend(labels.clone());
        }
    }

    fn labels(&self, arn: &str) -> BTreeMap<String, String> {
        let value = |label: &AccountLabel| match label {
            AccountLabel::DistributionArn => Some(arn),
            // arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE1ABCD
            AccountLabel::AccountId => arn.split(':').nth(4),
        };
        let asked = self.settings.labels.iter();
        let named = asked.filter_map(|label| {
            let name = AccountLabel::ALL.iter().find(|(_, each)| each == label)?.0;
            let is_printable = |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic());
            Some((name.to_owned(), value(label).filter(is_printable)?.to_owned()))
        });
        named.collect()
    }

    /// Returns whether an issue is an expected result of the settings.
    fn is_wanted(&self, issue: &Issue) -> bool {
        let is_of_tenants =
            matches!(issue.kind, IssueKind::NoTenant | IssueKind::ParameterWithoutValue { .. });
        is_of_tenants && !self.settings.tenants
    }
}

/// The name of the part for problems of the account as a whole. It cannot be a distribution ID,
/// because those have no lower-case letters.
const ACCOUNT: &str = "account";

/// Returns a part with the problems of the account as a whole; `None` if there are none.
pub(super) fn of_account(
    surroundings: &Surroundings<'_>,
    shard: Shard,
    lacks: &[Lack],
    present: &BTreeSet<&str>,
) -> Option<(Arc<str>, Found)> {
    let name: Arc<str> = ACCOUNT.into();
    let mut problems = Problems::default();
    let mut tell = |what: String| {
        let place = Place { part: Arc::clone(&name), line: None };
        problems.add(|| Problem { place, what });
    };
    lacks.iter().for_each(|lack| tell(lack.to_string()));
    let settings = surroundings.settings;
    let named = settings.distributions.iter().map(|id| ("distributions", id));
    let named =
        named.chain(settings.targets.iter().map(|target| ("targets", &target.distribution)));
    for (key, id) in named.collect::<BTreeSet<_>>() {
        if shard.takes_distribution(id) && !present.contains(&**id) {
            tell(format!(
                "distribution {id} in `{key}` not found; check that it exists in this account and \
                 is not excluded as disabled, staging or by its tags"
            ));
        }
    }
    (problems.count() > 0).then_some((name, Found { problems, ..Found::default() }))
}

/// Formats an issue for data from the API: without advice to provide more files.
fn words(issue: &Issue) -> String {
    let subject = &issue.subject;
    match &issue.kind {
        IssueKind::UnknownPolicy { kind, id } => format!(
            "{subject}: {kind} {} is unknown, so origin-probe checks both with and without Host \
             forwarding",
            shown(id)
        ),
        IssueKind::VpcOriginUnknown { id } => {
            format!("{subject}: settings of VPC origin {} could not be read", shown(id))
        }
        IssueKind::NoTenant => {
            format!("{subject}: multi-tenant distribution without enabled tenants")
        }
        IssueKind::NoViewerHost => format!(
            "{subject}: Host is forwarded, but no viewer host is known; add one to `probe_names`"
        ),
        IssueKind::ParameterWithoutValue { name, tenant: Some(tenant), others } => format!(
            "{subject}: no value for parameter {} in tenant {}{}; origin ignored",
            shown(name),
            shown(tenant),
            if *others == 0 { String::new() } else { format!(" and {others} more") },
        ),
        IssueKind::ParameterWithoutValue { name, tenant: None, .. } => {
            format!("{subject}: no tenant has a value for parameter {}", shown(name))
        }
        _ => issue.to_string(),
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; until then, {}", self.failure, self.consequence)
    }
}
