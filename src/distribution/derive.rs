//! From a distribution to the origins as they are to be probed, and to who reaches them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::origin::DomainName;
use crate::origin::Exemption;
use crate::origin::Origin;
use crate::origin::Reachability;
use crate::origin::RenewalPolicy;
use crate::origin::Target;
use crate::origin::Usage;

use super::Distribution;
use super::Gap;
use super::Obstacle;
use super::OriginConnection;
use super::OriginKind;
use super::OriginSettings;
use super::Policies;
use super::ProbeName;
use super::Route;
use super::Subject;
use super::ViewerHost;
use super::VpcOrigin;
use super::connection;
use super::parameter::is_template;
use super::parties::Parties;
use super::route::routes;
use super::targets::Ways;
use super::targets::targets;

/// What an account has besides its distributions.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub policies: Policies,
    pub vpc_origins: Vec<VpcOrigin>,
}

/// What the operator says, who knows what no distribution tells.
#[derive(Clone, Debug)]
pub struct Terms {
    pub interval: Duration,
    /// How often an origin is probed whose certificate Amazon renews.
    pub managed_interval: Duration,
    pub reachable_from_here: Reachability,
    pub renewal: RenewalPolicy,
    /// Names that stand for wildcards, or for a distribution of which no name is known.
    pub hosts: Vec<DomainName>,
}

impl Default for Terms {
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

/// What follows from one distribution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derivation {
    /// The distribution's id; may be empty.
    pub distribution: Box<str>,
    pub origins: Vec<DerivedOrigin>,
    /// All names under which viewers come.
    pub hosts: Arc<[ViewerHost]>,
    /// In the order of their precedence.
    pub routes: Vec<Route>,
    /// The policies that the routes name, but for Amazon's own.
    pub policies: Policies,
    pub probe_names: Vec<ProbeName>,
    pub gaps: Vec<Gap>,
}

/// An origin with who may reach it.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedOrigin {
    pub origin: Arc<Origin>,
    pub kind: OriginKind,
    /// The names under which viewers come whose requests may reach it.
    pub hosts: Arc<[ViewerHost]>,
}

impl Derivation {
    /// Returns the routes that lead to an origin, with the id of the origin in its distribution.
    pub fn routes_to<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Route> {
        self.routes.iter().filter(move |route| route.origins().any(|origin| origin == id))
    }
}

/// Derives everything that can be, and says what cannot.
pub fn derive(distribution: &Distribution, account: &Account, terms: &Terms) -> Derivation {
    let mut gaps = Vec::new();
    if let Some(mode) = distribution.connection_mode.as_deref()
        && !matches!(mode, "direct" | "tenant-only")
    {
        gaps.push(Gap {
            subject: Subject::Distribution,
            obstacle: Obstacle::UnknownValue {
                setting: "ConnectionMode",
                value: mode.into(),
                assumed: "direct",
            },
        });
    }
    let routes = routes(distribution, &account.policies, &mut gaps);
    let mut parties = Parties::of(distribution, &terms.hosts, &mut gaps);
    let probe_names = std::mem::take(&mut parties.probe_names);
    let all_hosts = parties.all_hosts();
    if all_hosts.is_empty() && routes.iter().any(|route| Ways::of([route]).needs_hosts()) {
        let obstacle = match distribution.is_tenant_only() {
            true => Obstacle::NoTenant,
            false => Obstacle::NoViewerHost,
        };
        gaps.push(Gap { subject: Subject::Distribution, obstacle });
    }
    let mut deriving = Deriving {
        distribution,
        account,
        terms,
        parties,
        all_hosts,
        routes: &routes,
        origins: Vec::new(),
        positions: HashMap::new(),
        gaps,
    };
    for settings in &distribution.origins {
        deriving.origin(settings);
    }
    let Deriving { origins, all_hosts: hosts, gaps, .. } = deriving;
    let policies = account.policies.of_routes(&routes);
    let distribution = distribution.id.clone();
    Derivation { distribution, origins, hosts, routes, policies, probe_names, gaps }
}

/// Returns the first alias that is not sent to `origin` as a server name; `None` where viewers'
/// names are sent, each of which serves as well.
fn viewer_alias(hosts: &[ViewerHost], origin: &Origin) -> Option<DomainName> {
    let [only] = origin.targets.as_slice() else { return None };
    let is_other =
        |host: &&ViewerHost| host.usage != Usage::OwnDomain && host.name != only.server_name;
    hosts.iter().find(is_other).map(|host| host.name.clone())
}

struct Deriving<'a> {
    distribution: &'a Distribution,
    account: &'a Account,
    terms: &'a Terms,
    parties: Parties<'a>,
    all_hosts: Arc<[ViewerHost]>,
    routes: &'a [Route],
    origins: Vec<DerivedOrigin>,
    positions: HashMap<(Box<str>, DomainName), usize>,
    gaps: Vec<Gap>,
}

impl Deriving<'_> {
    fn origin(&mut self, settings: &OriginSettings) {
        if !is_template(&settings.domain_name) {
            let hosts = Arc::clone(&self.all_hosts);
            return self.at(settings, &settings.domain_name, hosts);
        }
        let (domains, obstacles) = self.parties.domains(&settings.domain_name);
        for (domain, hosts) in domains {
            self.at(settings, &domain, hosts.into());
        }
        for obstacle in obstacles {
            self.complain(settings, obstacle);
        }
    }

    /// Derives the origin at one domain.
    fn at(&mut self, settings: &OriginSettings, domain: &str, hosts: Arc<[ViewerHost]>) {
        let mut assumptions = Vec::new();
        match self.made(settings, domain, &hosts, &mut assumptions) {
            Ok(Some(made)) => {
                let key = (settings.id.clone(), made.origin.key.domain.clone());
                match self.positions.get(&key) {
                    Some(_) => assumptions.push(Obstacle::DuplicateOrigin),
                    None => {
                        self.positions.insert(key, self.origins.len());
                        self.origins.push(made);
                    }
                }
            }
            // That no viewer's name is known has been said of the distribution.
            Ok(None) => {}
            Err(obstacle) => assumptions.push(obstacle),
        }
        for obstacle in assumptions {
            self.complain(settings, obstacle);
        }
    }

    fn made(
        &self,
        settings: &OriginSettings,
        domain: &str,
        hosts: &Arc<[ViewerHost]>,
        assumptions: &mut Vec<Obstacle>,
    ) -> Result<Option<DerivedOrigin>, Obstacle> {
        let domain: DomainName =
            domain.parse().map_err(|error| Obstacle::NoDomain { value: domain.into(), error })?;
        let (kind, custom) = match &settings.connection {
            OriginConnection::Custom(custom) => (OriginKind::of(&domain), custom.clone()),
            OriginConnection::S3 => (OriginKind::S3Bucket, connection::of_bucket()),
            OriginConnection::Vpc { id } => {
                let known = self.account.vpc_origins.iter().find(|vpc| vpc.id == *id);
                let custom = known.map(|vpc| vpc.settings.clone());
                if custom.is_none() && self.terms.reachable_from_here == Reachability::Reachable {
                    return Err(Obstacle::VpcOriginUnknown { id: id.clone() });
                }
                (OriginKind::Vpc, custom.unwrap_or_else(connection::of_bucket))
            }
            OriginConnection::Unstated => return Err(Obstacle::NoConnection),
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
        origin.targets = targets(origin.domain(), hosts, Ways::of(routes.iter().copied()));
        if origin.targets.is_empty() {
            if origin.exemption.is_none() {
                return Ok(None);
            }
            // No name is sent to an origin that is exempt.
            origin.targets = vec![Target::unforwarded(origin.domain())];
        }
        origin.viewer_alias = viewer_alias(hosts, &origin);
        origin.interval = match kind.is_managed() {
            true => self.terms.managed_interval,
            false => self.terms.interval,
        };
        origin.reachable_from_here = self.terms.reachable_from_here;
        origin.renewal = self.terms.renewal;
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
        let is_reachable = self.terms.reachable_from_here == Reachability::Reachable;
        match kind {
            OriginKind::Vpc if !is_reachable => Some(Exemption::VpcOrigin),
            OriginKind::S3Bucket if settings.origin_access_control.is_some() => {
                Some(Exemption::OriginAccessControl)
            }
            _ => routes.is_empty().then_some(Exemption::Unused),
        }
    }

    fn complain(&mut self, settings: &OriginSettings, obstacle: Obstacle) {
        let gap = Gap { subject: Subject::Origin(settings.id.clone()), obstacle };
        // Tenants' origins of one id have what was assumed for it in common.
        if self.gaps.last() != Some(&gap) {
            self.gaps.push(gap);
        }
    }
}
