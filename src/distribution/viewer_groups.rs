//! Groups of viewers with the same parameters, and therefore the same origin domains.

use std::collections::HashMap;
use std::sync::Arc;

use crate::origin::DomainName;

use super::parameter::expand;
use super::viewer_host::ViewerHosts;
use super::{Distribution, Issue, IssueKind, ProbeName, ViewerHost};

/// Viewers with the same parameters: those of a tenant, or all.
#[derive(Debug)]
struct Party {
    /// The position of the tenant.
    tenant: Option<usize>,
    hosts: Vec<ViewerHost>,
}

/// All viewers of a distribution.
#[derive(Debug)]
pub(super) struct ViewerGroups<'a> {
    distribution: &'a Distribution,
    viewer_groups: Vec<Party>,
    pub(super) probe_names: Vec<ProbeName>,
}

impl<'a> ViewerGroups<'a> {
    pub(super) fn of(
        distribution: &'a Distribution,
        given: &[DomainName],
        issues: &mut Vec<Issue>,
    ) -> Self {
        let (mut viewer_groups, mut probe_names) = (Vec::new(), Vec::new());
        if distribution.is_tenant_only() {
            for (position, tenant) in distribution.tenants.iter().enumerate() {
                if tenant.is_enabled {
                    let mut hosts = ViewerHosts::default();
                    hosts.add(&tenant.domains, given, issues);
                    probe_names.append(&mut hosts.probe_names);
                    viewer_groups.push(Party { tenant: Some(position), hosts: hosts.hosts });
                }
            }
        } else {
            let hosts = ViewerHosts::of(distribution, given, issues);
            probe_names = hosts.probe_names;
            viewer_groups.push(Party { tenant: None, hosts: hosts.hosts });
        }
        Self { distribution, viewer_groups, probe_names }
    }

    /// Returns the names that any viewer uses.
    pub(super) fn all_hosts(&self) -> Arc<[ViewerHost]> {
        self.viewer_groups.iter().flat_map(|party| &party.hosts).cloned().collect()
    }

    /// Returns the domains that a template expands to, each with its viewer hosts, and the issues
    /// for viewers without one.
    pub(super) fn domains(
        &self,
        template: &str,
    ) -> (Vec<(String, Vec<ViewerHost>)>, Vec<IssueKind>) {
        let definitions = &self.distribution.parameters;
        let mut domains: Vec<(String, Vec<ViewerHost>)> = Vec::new();
        let mut positions: HashMap<String, usize> = HashMap::new();
        let mut kinds: Vec<IssueKind> = Vec::new();
        let nobody = Party { tenant: None, hosts: Vec::new() };
        let viewer_groups = match self.viewer_groups.as_slice() {
            [] => std::slice::from_ref(&nobody),
            viewer_groups => viewer_groups,
        };
        for party in viewer_groups {
            let tenant = party.tenant.and_then(|position| self.distribution.tenants.get(position));
            match expand(template, tenant, definitions) {
                Ok(domain) => {
                    let position = *positions.entry(domain.clone()).or_insert(domains.len());
                    match domains.get_mut(position) {
                        Some((_, hosts)) => hosts.extend(party.hosts.iter().cloned()),
                        None => domains.push((domain, party.hosts.clone())),
                    }
                }
                Err(kind) => note(&mut kinds, kind),
            }
        }
        (domains, kinds)
    }
}

/// Adds an issue. Tenants without the same parameter are counted in one issue.
fn note(kinds: &mut Vec<IssueKind>, kind: IssueKind) {
    if let IssueKind::ParameterWithoutValue { name, .. } = &kind {
        let known = kinds.iter_mut().find_map(|known| match known {
            IssueKind::ParameterWithoutValue { name: known, others, .. } if known == name => {
                Some(others)
            }
            _ => None,
        });
        if let Some(others) = known {
            *others += 1;
            return;
        }
    }
    kinds.push(kind);
}
