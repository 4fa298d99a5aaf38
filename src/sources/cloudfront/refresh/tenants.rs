//! The tenants of multi-tenant distributions, and their parameters.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::config::CloudFrontAccount;
use crate::distribution::{Distribution, Tenant};

use super::super::api::ListedTenant;
use super::{AT_ONCE, Api, CallFailure, Lack, Listed, Memory, Whole};

/// A tenant's parameters, as names and values, and their version.
#[derive(Clone, Debug)]
pub(super) struct KnownTenant {
    version: Box<str>,
    parameters: Vec<(Box<str>, Box<str>)>,
}

/// Reads the tenants of a multi-tenant distribution, and their parameters if an origin domain needs
/// them.
pub(super) async fn with_tenants(
    api: &Api,
    settings: &CloudFrontAccount,
    mut listed: Listed,
    memory: &mut Memory,
    seen: &mut BTreeSet<Box<str>>,
) -> Whole {
    let id: Arc<str> = Arc::from(&*listed.distribution.id);
    let mut lacks = Vec::new();
    let is_asked = listed.distribution.is_tenant_only() && settings.tenants;
    let outcome = match is_asked {
        true => match tenants(api, &mut listed.distribution, memory, seen).await {
            Ok(()) => Ok(listed),
            Err(failure) if failure.is_denied() => {
                lacks.push(Lack { failure, consequence: WITHOUT_TENANTS });
                Ok(listed)
            }
            Err(failure) => Err(failure),
        },
        false => Ok(listed),
    };
    if outcome.is_err() {
        // The previous tenants stay in use, so keep their parameters.
        seen.extend(memory.tenants.keys().cloned());
    }
    Whole { id, outcome, lacks }
}

async fn tenants(
    api: &Api,
    distribution: &mut Distribution,
    memory: &mut Memory,
    seen: &mut BTreeSet<Box<str>>,
) -> Result<(), CallFailure> {
    let listed = api.tenants(&distribution.id).await?;
    let needs_parameters =
        distribution.origins.iter().any(|origin| origin.domain_name.contains("{{"));
    if needs_parameters {
        distribution.parameters = api.parameters(&distribution.id).await?;
        let unknown = listed.iter().filter(|tenant| {
            let known = memory.tenants.get(&tenant.id);
            tenant.is_enabled && known.is_none_or(|known| known.version != tenant.version)
        });
        let unknown: Vec<ListedTenant> = unknown.cloned().collect();
        let ask = |tenant| parameters_of(api.clone(), tenant);
        let mut asked = stream::iter(unknown).map(ask).buffer_unordered(AT_ONCE);
        while let Some((tenant, parameters)) = asked.next().await {
            // Kept even if a later call fails: the next refresh continues from there.
            let known = KnownTenant { version: tenant.version, parameters: parameters? };
            memory.tenants.insert(tenant.id, known);
        }
    }
    for tenant in listed {
        seen.insert(tenant.id.clone());
        let known = memory.tenants.get(&tenant.id);
        distribution.tenants.push(Tenant {
            parameters: known.map(|known| known.parameters.clone()),
            distribution_id: distribution.id.clone(),
            is_enabled: tenant.is_enabled,
            domains: tenant.domains,
            id: tenant.id,
        });
    }
    Ok(())
}

async fn parameters_of(
    api: Api,
    tenant: ListedTenant,
) -> (ListedTenant, Result<Vec<(Box<str>, Box<str>)>, CallFailure>) {
    let parameters = api.parameters_of_tenant(&tenant.id).await;
    (tenant, parameters)
}

const WITHOUT_TENANTS: &str = "the tenants' origins are checked without their domains";
