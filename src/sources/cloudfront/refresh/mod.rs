//! One refresh: the API calls and their order, and the fallbacks for calls that fail.

mod tenants;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::config::{CloudFrontAccount, TagFilter};
use crate::distribution::{Account, OriginConnection, PolicyKind, VpcOrigin};
use crate::origin::{Reachability, Shard};

use super::api::{Api, Listed, Owner};
use super::failure::CallFailure;

/// The result of one refresh.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) account: Account,
    /// The selected distributions of this shard.
    pub(super) distributions: Vec<Whole>,
    /// Missing data of the whole account.
    pub(super) lacks: Vec<Lack>,
}

/// A distribution with its tenants, or why they could not be read.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) id: Arc<str>,
    pub(super) outcome: Result<Listed, CallFailure>,
    /// Missing data of the distribution.
    pub(super) lacks: Vec<Lack>,
}

/// Data that could not be read, and the consequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lack {
    pub(super) failure: CallFailure,
    pub(super) consequence: &'static str,
}

/// Data kept from one refresh to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The policies and VPC origins read last.
    account: Account,
    /// The parameters of each tenant with their version.
    tenants: HashMap<Box<str>, tenants::KnownTenant>,
}

/// Reads the distributions of `shard` and the data that they refer to.
///
/// # Errors
/// Returns an error if the distributions could not be listed or selected.
pub(super) async fn refresh(
    api: &Api,
    settings: &CloudFrontAccount,
    shard: Shard,
    memory: &mut Memory,
) -> Result<Catalogue, CallFailure> {
    let mut listed = api.distributions().await?;
    listed.retain(|listed| {
        let distribution = &listed.distribution;
        let is_named =
            settings.distributions.is_empty() || settings.distributions.contains(&distribution.id);
        is_named
            && settings.selection.leaves_out(distribution).is_none()
            && shard.takes_distribution(&distribution.id)
    });
    let mut catalogue = Catalogue::default();
    let mut chosen = Vec::new();
    for (listed, tags) in with_tags(api, settings, listed).await? {
        match tags {
            Ok(true) => chosen.push(listed),
            Ok(false) => {}
            Err(failure) => {
                let id = Arc::from(&*listed.distribution.id);
                let whole = Whole { id, outcome: Err(failure), lacks: Vec::new() };
                catalogue.distributions.push(whole);
            }
        }
    }
    policies(api, &chosen, memory, &mut catalogue.lacks).await;
    catalogue.account.policies = memory.account.policies.clone();
    if settings.reachable_from_here == Reachability::Reachable {
        vpc_origins(api, &chosen, memory, &mut catalogue.lacks).await;
        catalogue.account.vpc_origins.clone_from(&memory.account.vpc_origins);
    }
    let mut seen = BTreeSet::new();
    for listed in chosen {
        let whole = tenants::with_tenants(api, settings, listed, memory, &mut seen).await;
        catalogue.distributions.push(whole);
    }
    memory.tenants.retain(|id, _| seen.contains(id));
    Ok(catalogue)
}

/// Whether a distribution has the required tags.
type HasTags = Result<bool, CallFailure>;

/// Reads the tags of each distribution if there are tag filters.
///
/// # Errors
/// Returns an error if access to tags is denied, because the distributions cannot be selected
/// without them.
async fn with_tags(
    api: &Api,
    settings: &CloudFrontAccount,
    listed: Vec<Listed>,
) -> Result<Vec<(Listed, HasTags)>, CallFailure> {
    if settings.tags.is_empty() {
        return Ok(listed.into_iter().map(|listed| (listed, Ok(true))).collect());
    }
    let filters: Arc<[TagFilter]> = settings.tags.as_slice().into();
    let ask = |listed| tags_of(api.clone(), Arc::clone(&filters), listed);
    let mut asked = stream::iter(listed).map(ask).buffered(AT_ONCE);
    let mut all = Vec::new();
    while let Some((listed, tags)) = asked.next().await {
        match tags {
            Err(failure) if failure.is_denied() => return Err(failure),
            tags => all.push((listed, tags)),
        }
    }
    Ok(all)
}

async fn tags_of(api: Api, filters: Arc<[TagFilter]>, listed: Listed) -> (Listed, HasTags) {
    let tags = api.tags(&listed.arn).await.map(|tags| {
        let tags = || tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        filters.iter().all(|filter| filter.is_met(tags()))
    });
    (listed, tags)
}

/// Lists policies if an unknown one is used: the account's, and Amazon's managed ones if one is
/// newer than the built-in table.
async fn policies(api: &Api, chosen: &[Listed], memory: &mut Memory, lacks: &mut Vec<Lack>) {
    for kind in [PolicyKind::OriginRequest, PolicyKind::Cache] {
        let used = used(chosen, kind);
        let managed = crate::distribution::Policies::default();
        if used.iter().all(|id| managed.find(kind, id).is_some()) {
            continue;
        }
        for owner in [Owner::Account, Owner::Amazon] {
            match api.policies(kind, owner).await {
                Ok(policies) => {
                    for listed in policies {
                        if let Some(policy) = listed.policy {
                            memory.account.policies.add(kind, &listed.id, policy);
                        }
                    }
                }
                Err(failure) => {
                    lacks.push(Lack { failure, consequence: WITHOUT_POLICIES });
                    break;
                }
            }
            if used.iter().all(|id| memory.account.policies.find(kind, id).is_some()) {
                break;
            }
        }
    }
}

fn used(chosen: &[Listed], kind: PolicyKind) -> BTreeSet<&str> {
    let behaviors = chosen.iter().flat_map(|listed| &listed.distribution.behaviors);
    let ids = behaviors.filter_map(|behavior| match kind {
        PolicyKind::OriginRequest => behavior.origin_request_policy.as_deref(),
        PolicyKind::Cache => behavior.cache_policy.as_deref(),
    });
    ids.collect()
}

/// Reads the settings of VPC origins, which are needed if the prober can reach them.
async fn vpc_origins(api: &Api, chosen: &[Listed], memory: &mut Memory, lacks: &mut Vec<Lack>) {
    let origins = chosen.iter().flat_map(|listed| &listed.distribution.origins);
    let ids = origins.filter_map(|origin| match &origin.connection {
        OriginConnection::Vpc { id } => Some(id.clone()),
        _ => None,
    });
    let ids: BTreeSet<Box<str>> = ids.collect();
    let before = std::mem::take(&mut memory.account.vpc_origins);
    let mut failure = None;
    for id in ids {
        // After one failure, the other calls would most likely fail too.
        let found = match &failure {
            None => api.vpc_origin(&id).await,
            Some(failure) => Err(CallFailure::clone(failure)),
        };
        match found {
            Ok(origin) => memory.account.vpc_origins.push(VpcOrigin { id, ..origin }),
            Err(reason) => {
                memory.account.vpc_origins.extend(before.iter().find(|one| one.id == id).cloned());
                failure = Some(reason);
            }
        }
    }
    lacks.extend(failure.map(|failure| Lack { failure, consequence: WITHOUT_VPC_ORIGINS }));
}

const WITHOUT_POLICIES: &str =
    "origin-probe checks both with and without Host forwarding for unknown policies";
const WITHOUT_VPC_ORIGINS: &str = "new VPC origins are ignored";
/// The maximum number of concurrent calls; an account's rate limits are low.
const AT_ONCE: usize = 4;
