//! The names that viewers use: aliases, the domains of tenants, and the distribution's own domain.

use std::collections::HashSet;

use crate::origin::{DomainName, Usage};

use super::{Distribution, Issue, IssueKind, Subject};

/// A name that viewers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerHost {
    pub name: DomainName,
    /// Whether viewers are expected to use the name.
    pub usage: Usage,
    /// The wildcard alias that the name represents, if it was derived from one.
    pub stands_for: Option<Box<str>>,
}

/// The name probed for a wildcard alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeName {
    /// `*.example.com`
    pub wildcard: Box<str>,
    pub name: DomainName,
}

/// Collects names without duplicates.
#[derive(Debug, Default)]
pub(super) struct ViewerHosts {
    pub(super) hosts: Vec<ViewerHost>,
    pub(super) probe_names: Vec<ProbeName>,
    seen: HashSet<DomainName>,
}

impl ViewerHosts {
    /// Returns the names of a distribution without tenants: its aliases and its own domain, which
    /// viewers are expected to use only if there are no aliases. If neither is known, `given` is
    /// used.
    pub(super) fn of(
        distribution: &Distribution,
        given: &[DomainName],
        issues: &mut Vec<Issue>,
    ) -> Self {
        let mut hosts = Self::default();
        hosts.add(&distribution.aliases, given, issues);
        let usage = match hosts.hosts.is_empty() {
            true => Usage::Certain,
            false => Usage::OwnDomain,
        };
        match &distribution.domain_name {
            Some(own) => match own.parse() {
                Ok(name) => hosts.take(name, usage, None),
                Err(error) => issues.push(Issue {
                    subject: Subject::Distribution,
                    kind: IssueKind::NoDomain { value: own.clone(), error },
                }),
            },
            None if hosts.hosts.is_empty() => {
                given.iter().for_each(|name| hosts.take(name.clone(), Usage::Certain, None));
            }
            None => {}
        }
        hosts
    }

    /// Adds names and wildcards.
    ///
    /// A wildcard is represented by all given names that it covers. If there are none, it is
    /// represented by an explicit alias that it covers, which is known to be in use, or else by
    /// `www`.
    pub(super) fn add(
        &mut self,
        names: &[Box<str>],
        given: &[DomainName],
        issues: &mut Vec<Issue>,
    ) {
        let mut wildcards = Vec::new();
        for name in names {
            let (base, is_wildcard) = match name.strip_prefix("*.") {
                Some(base) => (base, true),
                None => (&**name, false),
            };
            match base.parse::<DomainName>() {
                Ok(base) if is_wildcard => wildcards.push((name, base)),
                Ok(name) => self.take(name, Usage::Certain, None),
                Err(error) => issues.push(Issue {
                    subject: Subject::Alias(name.clone()),
                    kind: IssueKind::NoDomain { value: name.clone(), error },
                }),
            }
        }
        let explicit: Vec<DomainName> = self.hosts.iter().map(|host| host.name.clone()).collect();
        for (wildcard, base) in wildcards {
            let covered = |name: &&DomainName| covers(&base, name);
            let mut stand_ins: Vec<DomainName> = given.iter().filter(covered).cloned().collect();
            if stand_ins.is_empty() {
                stand_ins.extend(explicit.iter().find(covered).cloned());
            }
            if stand_ins.is_empty() {
                // Parsing fails if the base is too long for another label, so no name can match.
                stand_ins.extend(format!("www.{base}").parse::<DomainName>().ok());
            }
            for name in stand_ins {
                let probe_name = ProbeName { wildcard: wildcard.clone(), name: name.clone() };
                self.probe_names.push(probe_name);
                self.take(name, Usage::Certain, Some(wildcard));
            }
        }
    }

    fn take(&mut self, name: DomainName, usage: Usage, wildcard: Option<&str>) {
        if self.seen.insert(name.clone()) {
            self.hosts.push(ViewerHost { name, usage, stands_for: wildcard.map(Into::into) });
        }
    }
}

/// Returns whether the wildcard alias `*.` plus `base` covers a name. CloudFront's wildcards match
/// any number of labels (guide, `CNAMEs`, "Using the * wildcard in alternate domain names").
fn covers(base: &DomainName, name: &DomainName) -> bool {
    let rest = name.as_str().strip_suffix(base.as_str());
    rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}
