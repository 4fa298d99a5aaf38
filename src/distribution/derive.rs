//! Derives from a distribution the origins to probe and the viewers that reach them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::origin::{DomainName, Exemption, Origin, Reachability, RenewalPolicy, Target, Usage};

use super::host_use::{HostUse, targets};
use super::parameter::is_template;
use super::route::routes;
use super::viewer_groups::ViewerGroups;
use super::{
    Distribution, Issue, IssueKind, OriginConnection, OriginKind, OriginSettings, Policies,
    ProbeName, Route, Subject, ViewerHost, VpcOrigin, connection,
};

/// The resources of an account that distributions refer to.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub policies: Policies,
    pub vpc_origins: Vec<VpcOrigin>,
}

/// Settings from the operator that are not part of a distribution.
#[derive(Clone, Debug)]
pub struct DeriveOptions {
    pub interval: Duration,
    /// The time between probes of an origin whose certificate Amazon renews.
    pub managed_interval: Duration,
    pub reachable_from_here: Reachability,
    pub renewal: RenewalPolicy,
    /// Names to probe for wildcards, or for a distribution without known names.
    pub hosts: Vec<DomainName>,
}

impl Default for DeriveOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(300),
            managed_interval: Duration::from_secs(6 * 3_600),
            reachable_from_here: Reachability::Auto,
            renewal: RenewalPolicy::default(),
            hosts: Vec::new(),
        }
    }
}

/// The result of deriving one distribution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derivation {
    /// The ID of the distribution; may be empty.
    pub distribution: Box<str>,
    pub origins: Vec<DerivedOrigin>,
    /// All names that viewers use.
    pub hosts: Arc<[ViewerHost]>,
    /// In order of precedence.
    pub routes: Vec<Route>,
    /// The policies that the routes use, except Amazon's managed ones.
    pub policies: Policies,
    pub probe_names: Vec<ProbeName>,
    pub issues: Vec<Issue>,
}

/// An origin and the viewers that can reach it.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedOrigin {
    pub origin: Arc<Origin>,
    pub kind: OriginKind,
    /// The names used by viewers whose requests can reach the origin.
    pub hosts: Arc<[ViewerHost]>,
}

impl Derivation {
    /// Returns the routes that lead to the origin with this ID.
    pub fn routes_to<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Route> {
        self.routes.iter().filter(move |route| route.origins().any(|origin| origin == id))
    }
}

/// Derives the origins and routes of a distribution, and the issues found.
pub fn derive(
    distribution: &Distribution,
    account: &Account,
    options: &DeriveOptions,
) -> Derivation {
    let mut issues = Vec::new();
    if let Some(mode) = distribution.connection_mode.as_deref()
        && !matches!(mode, "direct" | "tenant-only")
    {
        issues.push(Issue {
            subject: Subject::Distribution,
            kind: IssueKind::UnknownValue {
                setting: "ConnectionMode",
                value: mode.into(),
                assumed: "direct",
            },
        });
    }
    let routes = routes(distribution, &account.policies, &mut issues);
    let mut viewer_groups = ViewerGroups::of(distribution, &options.hosts, &mut issues);
    let probe_names = std::mem::take(&mut viewer_groups.probe_names);
    let all_hosts = viewer_groups.all_hosts();
    if all_hosts.is_empty() && routes.iter().any(|route| HostUse::of([route]).needs_hosts()) {
        let kind = match distribution.is_tenant_only() {
            true => IssueKind::NoTenant,
            false => IssueKind::NoViewerHost,
        };
        issues.push(Issue { subject: Subject::Distribution, kind });
    }
    let mut deriving = Deriving {
        distribution,
        account,
        options,
        viewer_groups,
        all_hosts,
        routes: &routes,
        origins: Vec::new(),
        positions: HashMap::new(),
        issues,
    };
    for settings in &distribution.origins {
        deriving.origin(settings);
    }
    let Deriving { origins, all_hosts: hosts, issues, .. } = deriving;
    let policies = account.policies.of_routes(&routes);
    let distribution = distribution.id.clone();
    Derivation { distribution, origins, hosts, routes, policies, probe_names, issues }
}

/// Returns the first alias that CloudFront does not send to `origin` as a server name; `None` if it
/// sends several names, because each of them serves the same purpose.
fn viewer_alias(hosts: &[ViewerHost], origin: &Origin) -> Option<DomainName> {
    let [only] = origin.targets.as_slice() else { return None };
    let is_other =
        |host: &&ViewerHost| host.usage != Usage::OwnDomain && host.name != only.server_name;
    hosts.iter().find(is_other).map(|host| host.name.clone())
}

struct Deriving<'a> {
    distribution: &'a Distribution,
    account: &'a Account,
    options: &'a DeriveOptions,
    viewer_groups: ViewerGroups<'a>,
    all_hosts: Arc<[ViewerHost]>,
    routes: &'a [Route],
    origins: Vec<DerivedOrigin>,
    positions: HashMap<(Box<str>, DomainName), usize>,
    issues: Vec<Issue>,
}

impl Deriving<'_> {
    fn origin(&mut self, settings: &OriginSettings) {
        if !is_template(&settings.domain_name) {
            let hosts = Arc::clone(&self.all_hosts);
            return self.at(settings, &settings.domain_name, hosts);
        }
        let (domains, kinds) = self.viewer_groups.domains(&settings.domain_name);
        for (domain, hosts) in domains {
            self.at(settings, &domain, hosts.into());
        }
        for kind in kinds {
            self.add_issue(settings, kind);
        }
    }

    /// Derives the origin at one domain.
    fn at(&mut self, settings: &OriginSettings, domain: &str, hosts: Arc<[ViewerHost]>) {
        let mut assumptions = Vec::new();
        match self.made(settings, domain, &hosts, &mut assumptions) {
            Ok(Some(made)) => {
                let key = (settings.id.clone(), made.origin.key.domain.clone());
                match self.positions.get(&key) {
                    Some(_) => assumptions.push(IssueKind::DuplicateOrigin),
                    None => {
                        self.positions.insert(key, self.origins.len());
                        self.origins.push(made);
                    }
                }
            }
            // The missing viewer host was already reported for the distribution.
            Ok(None) => {}
            Err(kind) => assumptions.push(kind),
        }
        for kind in assumptions {
            self.add_issue(settings, kind);
        }
    }

    fn made(
        &self,
        settings: &OriginSettings,
        domain: &str,
        hosts: &Arc<[ViewerHost]>,
        assumptions: &mut Vec<IssueKind>,
    ) -> Result<Option<DerivedOrigin>, IssueKind> {
        let domain: DomainName =
            domain.parse().map_err(|error| IssueKind::NoDomain { value: domain.into(), error })?;
        let (kind, custom) = match &settings.connection {
            OriginConnection::Custom(custom) => (OriginKind::of(&domain), custom.clone()),
            OriginConnection::S3 => (OriginKind::S3Bucket, connection::of_bucket()),
            OriginConnection::Vpc { id } => {
                let known = self.account.vpc_origins.iter().find(|vpc| vpc.id == *id);
                let custom = known.map(|vpc| vpc.settings.clone());
                if custom.is_none() && self.options.reachable_from_here == Reachability::Reachable {
                    return Err(IssueKind::VpcOriginUnknown { id: id.clone() });
                }
                (OriginKind::Vpc, custom.unwrap_or_else(connection::of_bucket))
            }
            OriginConnection::Unstated => return Err(IssueKind::NoConnection),
        };
        let routes: Vec<&Route> = self
            .routes
            .iter()
            .filter(|route| route.origins().any(|id| *id == *settings.id))
            .collect();
        let mut origin = Origin::with_defaults(domain);
        origin.key.distribution = (*self.distribution.id).into();
        origin.key.id = (*settings.id).into();
        connection::connect(&mut origin, &custom, assumptions)?;
        connection::try_for(&mut origin, settings, assumptions);
        origin.exemption = self.exemption(kind, settings, &routes);
        origin.targets = targets(origin.domain(), hosts, HostUse::of(routes.iter().copied()));
        if origin.targets.is_empty() {
            if origin.exemption.is_none() {
                return Ok(None);
            }
            // An exempt origin is not probed, so the target is only a placeholder.
            origin.targets = vec![Target::unforwarded(origin.domain())];
        }
        origin.viewer_alias = viewer_alias(hosts, &origin);
        origin.interval = match kind.is_managed() {
            true => self.options.managed_interval,
            false => self.options.interval,
        };
        origin.reachable_from_here = self.options.reachable_from_here;
        origin.renewal = self.options.renewal;
        if let Some(name) = kind.as_str() {
            origin.labels.insert("origin_kind".to_owned(), name.to_owned());
        }
        if routes.iter().any(|route| route.is_dynamic) {
            origin.labels.insert("dynamic".to_owned(), "true".to_owned());
        }
        Ok(Some(DerivedOrigin { origin: Arc::new(origin), kind, hosts: Arc::clone(hosts) }))
    }

    fn exemption(
        &self,
        kind: OriginKind,
        settings: &OriginSettings,
        routes: &[&Route],
    ) -> Option<Exemption> {
        let is_reachable = self.options.reachable_from_here == Reachability::Reachable;
        match kind {
            OriginKind::Vpc if !is_reachable => Some(Exemption::VpcOrigin),
            OriginKind::S3Bucket if settings.origin_access_control.is_some() => {
                Some(Exemption::OriginAccessControl)
            }
            _ => routes.is_empty().then_some(Exemption::Unused),
        }
    }

    fn add_issue(&mut self, settings: &OriginSettings, kind: IssueKind) {
        let issue = Issue { subject: Subject::Origin(settings.id.clone()), kind };
        // The origins of several tenants share an ID, and therefore the same assumptions.
        if self.issues.last() != Some(&issue) {
            self.issues.push(issue);
        }
    }
}
