//! From what the API told of a distribution to the origins that are probed, and what is wrong.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::AccountLabel;
use crate::config::CloudFrontAccount;
use crate::config::OriginDefaults;
use crate::discovery::Found;
use crate::discovery::FoundOrigin;
use crate::discovery::Place;
use crate::discovery::Problem;
use crate::discovery::Problems;
use crate::distribution::Account;
use crate::distribution::Choice;
use crate::distribution::Gap;
use crate::distribution::Obstacle;
use crate::distribution::Terms;
use crate::distribution::derive;
use crate::distribution::shown;
use crate::origin::Origin;
use crate::origin::Shard;

use super::api::Listed;
use super::refresh::Lack;

/// What a distribution stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) settings: &'a CloudFrontAccount,
    pub(super) defaults: &'a OriginDefaults,
    pub(super) account: &'a Account,
}

impl Surroundings<'_> {
    /// Returns the origins of a distribution, and what could not be told of it.
    pub(super) fn derive(&self, listed: &Listed, lacks: &[Lack]) -> Found {
        let part: Arc<str> = Arc::from(&*listed.distribution.id);
        let mut problems = Problems::default();
        let mut tell = |what: String| {
            let place = Place { part: Arc::clone(&part), line: None };
            problems.add(|| Problem { place, what });
        };
        lacks.iter().for_each(|lack| tell(lack.to_string()));
        let terms = Terms {
            interval: self.defaults.interval,
            reachable_from_here: self.settings.reachable_from_here,
            renewal: self.defaults.renewal,
            hosts: self.settings.probe_names.clone(),
            ..Terms::default()
        };
        let mut derivation = derive(&listed.distribution, self.account, &terms);
        let gaps = derivation.gaps.iter().filter(|gap| !self.is_wanted(gap));
        gaps.for_each(|gap| tell(words(gap)));
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
                tell(format!("`targets` names the origin {id}, which the distribution has not"));
            }
        }
        Found { origins, distribution: Some(Arc::new(derivation)), problems, ..Found::default() }
    }

    /// Puts in what edge functions choose, and the labels that are asked for.
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

    /// Tells whether a gap is what the settings ask for.
    fn is_wanted(&self, gap: &Gap) -> bool {
        let is_of_tenants =
            matches!(gap.obstacle, Obstacle::NoTenant | Obstacle::ParameterWithoutValue { .. });
        is_of_tenants && self.settings.tenants == Choice::LeaveOut
    }
}

/// What the part is called that stands for what distributions have in common. No id of a
/// distribution has small letters.
const ACCOUNT: &str = "the account";

/// Returns what is wrong with the account as a whole, as a part of its own; `None` where nothing
/// is.
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
                "`{key}` names {id}, which is none of the distributions that are taken; see that \
                 it exists in this account, and that it is not left out as disabled, staging or by \
                 its tags"
            ));
        }
    }
    (problems.count() > 0).then_some((name, Found { problems, ..Found::default() }))
}

/// Says what a gap means where the API was asked, and not somebody who had files at hand.
fn words(gap: &Gap) -> String {
    let subject = &gap.subject;
    match &gap.obstacle {
        Obstacle::UnknownPolicy { kind, id } => format!(
            "{subject}: {kind} {} is not known, so Host may be forwarded or not; both are tried",
            shown(id)
        ),
        Obstacle::VpcOriginUnknown { id } => {
            format!("{subject}: the settings of VPC origin {} could not be read", shown(id))
        }
        Obstacle::NoTenant => format!(
            "{subject}: viewers come by tenants only, and there is none that is known and enabled"
        ),
        Obstacle::NoViewerHost => format!(
            "{subject}: Host is forwarded, and no name is known under which viewers come; add one \
             to `probe_names`"
        ),
        Obstacle::ParameterWithoutValue { name, tenant: Some(tenant), others } => format!(
            "{subject}: tenant {} gives no value for the parameter {}{}; it is left out",
            shown(tenant),
            shown(name),
            if *others == 0 { String::new() } else { format!(", nor do {others} more") },
        ),
        Obstacle::ParameterWithoutValue { name, tenant: None, .. } => {
            format!("{subject}: no tenant gives a value for the parameter {}", shown(name))
        }
        _ => gap.to_string(),
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; until then {}", self.failure, self.consequence)
    }
}
