//! The kinds of documents, and how each is known.

use super::Catalogue;
use super::distribution;
use super::error::Problem;
use super::reader::Reader;
use super::surroundings;

/// A kind of document that is known by its only key.
pub(super) struct Wrapped {
    pub(super) key: &'static str,
    pub(super) read: fn(&mut Catalogue, &Reader<'_>) -> Result<(), Problem>,
}

/// A kind of document that is known by what it must hold.
pub(super) struct Bare {
    pub(super) keys: &'static [&'static str],
    pub(super) read: fn(&mut Catalogue, &Reader<'_>) -> Result<(), Problem>,
}

/// The key by which each kind of document is known.
pub(super) const KINDS: [Wrapped; 13] = [
    Wrapped {
        key: "Distribution",
        read: |catalogue, body| {
            distribution::whole(body).into_iter().for_each(|found| catalogue.add(found, body));
            Ok(())
        },
    },
    Wrapped {
        key: "DistributionConfig",
        read: |catalogue, body| {
            distribution::configuration(body)
                .into_iter()
                .for_each(|found| catalogue.add(found, body));
            Ok(())
        },
    },
    Wrapped {
        key: "DistributionConfigWithTags",
        read: |catalogue, body| {
            let settings = body.find("DistributionConfig");
            let found = settings.and_then(|settings| distribution::configuration(&settings));
            found.into_iter().for_each(|found| catalogue.add(found, body));
            Ok(())
        },
    },
    Wrapped {
        key: "DistributionList",
        read: |catalogue, body| {
            body.check_whole();
            for item in body.items_within() {
                distribution::whole(&item)
                    .into_iter()
                    .for_each(|found| catalogue.add(found, &item));
            }
            Ok(())
        },
    },
    Wrapped { key: "DistributionIdList", read: |_, _| Err(Problem::OnlyIds) },
    Wrapped {
        key: "OriginRequestPolicy",
        read: |catalogue, body| {
            surroundings::origin_request_policy(body, &mut catalogue.account.policies);
            Ok(())
        },
    },
    Wrapped {
        key: "OriginRequestPolicyList",
        read: |catalogue, body| {
            for item in body.items_within() {
                if let Some(policy) = item.find("OriginRequestPolicy") {
                    surroundings::origin_request_policy(&policy, &mut catalogue.account.policies);
                }
            }
            Ok(())
        },
    },
    Wrapped {
        key: "CachePolicy",
        read: |catalogue, body| {
            surroundings::cache_policy(body, &mut catalogue.account.policies);
            Ok(())
        },
    },
    Wrapped {
        key: "CachePolicyList",
        read: |catalogue, body| {
            for item in body.items_within() {
                if let Some(policy) = item.find("CachePolicy") {
                    surroundings::cache_policy(&policy, &mut catalogue.account.policies);
                }
            }
            Ok(())
        },
    },
    Wrapped {
        key: "DistributionTenant",
        read: |catalogue, body| {
            catalogue.tenants.extend(surroundings::tenant(body));
            Ok(())
        },
    },
    Wrapped {
        key: "DistributionTenantList",
        read: |catalogue, body| {
            for item in body.list().into_iter().flatten() {
                catalogue.tenants.extend(surroundings::tenant(&item));
            }
            Ok(())
        },
    },
    Wrapped {
        key: "VpcOrigin",
        read: |catalogue, body| {
            catalogue.account.vpc_origins.extend(surroundings::vpc_origin(body));
            Ok(())
        },
    },
    Wrapped { key: "VpcOriginList", read: |_, _| Err(Problem::OnlySummaries) },
];

/// What is known without a key of its own: items taken out of a list, and what is given to
/// `create-distribution`.
pub(super) const BARE: [Bare; 2] = [
    Bare {
        keys: &["Origins", "DefaultCacheBehavior"],
        read: |catalogue, body| {
            distribution::whole(body).into_iter().for_each(|found| catalogue.add(found, body));
            Ok(())
        },
    },
    Bare {
        keys: &["DistributionId", "Domains"],
        read: |catalogue, body| {
            catalogue.tenants.extend(surroundings::tenant(body));
            Ok(())
        },
    },
];
