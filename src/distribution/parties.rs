//! Which viewers share one set of parameters, and so the origin domains that these make.

use std::collections::HashMap;
use std::sync::Arc;

use crate::origin::DomainName;

use super::Distribution;
use super::Gap;
use super::Obstacle;
use super::ProbeName;
use super::ViewerHost;
use super::parameter::expand;
use super::viewer_host::ViewerHosts;

/// Viewers who share one set of parameters: those of a tenant, or all.
#[derive(Debug)]
struct Party {
    /// The position of the tenant.
    tenant: Option<usize>,
    hosts: Vec<ViewerHost>,
}

/// All viewers of a distribution.
#[derive(Debug)]
pub(super) struct Parties<'a> {
    distribution: &'a Distribution,
    parties: Vec<Party>,
    pub(super) probe_names: Vec<ProbeName>,
}

impl<'a> Parties<'a> {
    pub(super) fn of(
        distribution: &'a Distribution,
        given: &[DomainName],
        gaps: &mut Vec<Gap>,
    ) -> Self {
        let (mut parties, mut probe_names) = (Vec::new(), Vec::new());
        if distribution.is_tenant_only() {
            for (position, tenant) in distribution.tenants.iter().enumerate() {
                if tenant.is_enabled {
                    let mut hosts = ViewerHosts::default();
                    hosts.add(&tenant.domains, given, gaps);
                    probe_names.append(&mut hosts.probe_names);
                    parties.push(Party { tenant: Some(position), hosts: hosts.hosts });
                }
            }
        } else {
            let hosts = ViewerHosts::of(distribution, given, gaps);
            probe_names = hosts.probe_names;
            parties.push(Party { tenant: None, hosts: hosts.hosts });
        }
        Self { distribution, parties, probe_names }
    }

    /// Returns the names under which any of them come.
    pub(super) fn all_hosts(&self) -> Arc<[ViewerHost]> {
        self.parties.iter().flat_map(|party| &party.hosts).cloned().collect()
    }

    /// Returns the domains that parameters make of a template, each with its viewers, and why
    /// there is none for some.
    pub(super) fn domains(
        &self,
        template: &str,
    ) -> (Vec<(String, Vec<ViewerHost>)>, Vec<Obstacle>) {
        let definitions = &self.distribution.parameters;
        let mut domains: Vec<(String, Vec<ViewerHost>)> = Vec::new();
        let mut positions: HashMap<String, usize> = HashMap::new();
        let mut obstacles: Vec<Obstacle> = Vec::new();
        let nobody = Party { tenant: None, hosts: Vec::new() };
        let parties = match self.parties.as_slice() {
            [] => std::slice::from_ref(&nobody),
            parties => parties,
        };
        for party in parties {
            let tenant = party.tenant.and_then(|position| self.distribution.tenants.get(position));
            match expand(template, tenant, definitions) {
                Ok(domain) => {
                    let position = *positions.entry(domain.clone()).or_insert(domains.len());
                    match domains.get_mut(position) {
                        Some((_, hosts)) => hosts.extend(party.hosts.iter().cloned()),
                        None => domains.push((domain, party.hosts.clone())),
                    }
                }
                Err(obstacle) => note(&mut obstacles, obstacle),
            }
        }
        (domains, obstacles)
    }
}

/// Adds an obstacle; tenants who lack the same parameter are counted.
fn note(obstacles: &mut Vec<Obstacle>, obstacle: Obstacle) {
    if let Obstacle::ParameterWithoutValue { name, .. } = &obstacle {
        let known = obstacles.iter_mut().find_map(|known| match known {
            Obstacle::ParameterWithoutValue { name: known, others, .. } if known == name => {
                Some(others)
            }
            _ => None,
        });
        if let Some(others) = known {
            *others += 1;
            return;
        }
    }
    obstacles.push(obstacle);
}
