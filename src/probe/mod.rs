//! One origin, from its name to everything its servers say: resolve, shake hands with every
//! address for every server name, analyse the chains, within a deadline.

mod chains;
mod errand;
mod limits;
mod lookup;
mod pulse;
mod reached;
mod routes;
mod shared;
mod wellbeing;

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::stream::StreamExt;
use jiff::Timestamp;
use tokio::time::Instant;

pub use chains::Chains;
pub use chains::ChainsOfOrigin;
pub use errand::AskedBy;
pub use errand::Errand;
pub use errand::ProbeLimits;
pub use limits::Sockets;
pub use pulse::Pulse;
pub use shared::SharedConnections;
pub use wellbeing::Wellbeing;
pub use wellbeing::may_be_the_nameservers_fault;

use crate::chain::TrustAnchors;
use crate::handshake::Client;
use crate::handshake::Outcome;
use crate::handshake::Request;
use crate::limits::ChainBudget;
use crate::observation::Endpoint;
use crate::observation::Failure;
use crate::observation::NameserverState;
use crate::observation::NotProbed;
pub use crate::observation::Observation;
use crate::observation::ProberState;
use crate::observation::Resolution;
use crate::origin::DomainName;
use crate::origin::Origin;
use crate::origin::Reachability;
pub use crate::resolve::Freshness;
use crate::resolve::Resolver;

use limits::Standing;
use reached::Reached;
use routes::Routes;
use shared::Connection;

/// What every probe of a process shares.
#[derive(Debug)]
pub struct Prober {
    resolver: Arc<Resolver>,
    client: Client,
    chains: Chains,
    sockets: Sockets,
    routes: Routes,
    reached: Reached,
    settings: ProbeLimits,
}

impl Prober {
    /// Joins the parts.
    pub fn new(
        resolver: Arc<Resolver>,
        client: Client,
        anchors: Arc<TrustAnchors>,
        sockets: Sockets,
        settings: ProbeLimits,
    ) -> Self {
        let chains = Chains::new(anchors, ChainBudget::of_process());
        let (routes, reached) = (Routes::default(), Reached::default());
        Self { resolver, client, chains, sockets, routes, reached, settings }
    }

    /// Probes one origin. Whatever the origin does is in the observation.
    ///
    /// It takes no longer than the deadline, and where it has to wait for sockets no longer than twice
    /// as long: what an endpoint waits does not count against its own connection and handshake. With
    /// a deadline of the errand's own there is no such allowance.
    pub async fn probe(
        &self,
        origin: Arc<Origin>,
        errand: &Errand,
        started_at: Timestamp,
    ) -> Observation {
        let began = Instant::now();
        let most = self.settings.deadline;
        let deadline = began + errand.deadline.map_or(most, |wanted| wanted.min(most));
        let mut observation = Observation {
            prober: ProberState { time_limit: errand.time_limit, ..ProberState::default() },
            ..Observation::new(Arc::clone(&origin), started_at)
        };
        if !origin.is_judged() {
            return observation;
        }
        let addresses = match errand.address {
            Some(address) => vec![address],
            None => {
                let resolution = self.resolve(&origin, errand, deadline).await;
                let addresses = self.usable(&resolution);
                observation.resolution = Some(resolution);
                addresses
            }
        };
        observation.resolve_time = began.elapsed();
        if may_be_the_nameservers_fault(&observation) {
            // Another question to the same nameserver tells its silence from the domain's fault.
            let unanswered = observation.resolution.iter().flat_map(Resolution::unanswered);
            let root = self.resolver.answer_for_the_root(unanswered);
            observation.prober.nameserver = match tokio::time::timeout_at(deadline, root).await {
                Ok(true) => NameserverState::Answers,
                Ok(false) => NameserverState::Silent,
                Err(_) => NameserverState::OutOfTime,
            };
        }
        // Nameservers that are slow or silent are no reason to shake hands later.
        let (endpoints, each_nameserver) = tokio::join!(
            self.shake_hands(&observation, &addresses, errand, deadline),
            self.ask_each_nameserver(&observation, errand, deadline),
        );
        observation.endpoints = endpoints;
        if let Some(resolution) = &mut observation.resolution {
            resolution.each_nameserver = each_nameserver;
        }
        observation.duration = began.elapsed();
        observation
    }

    async fn shake_hands(
        &self,
        observation: &Observation,
        addresses: &[IpAddr],
        errand: &Errand,
        deadline: Instant,
    ) -> Vec<Endpoint> {
        let origin = &observation.origin;
        let all = origin.targets.len().max(1);
        let taken = self.settings.max_server_names.clamp(1, all);
        let targets: Vec<usize> = (0..taken).map(|n| (errand.first_target + n) % all).collect();
        let chains = &self.chains.of_origin(origin, &targets);
        let mut pending: FuturesUnordered<_> = addresses
            .iter()
            .flat_map(|address| targets.iter().map(move |target| (*address, *target)))
            .enumerate()
            .map(|(place, (address, target))| async move {
                (place, self.endpoint(observation, address, target, errand, deadline, chains).await)
            })
            .collect();
        let mut endpoints = Vec::with_capacity(pending.len());
        while let Some(endpoint) = pending.next().await {
            endpoints.extend(endpoint.1.map(|e| (endpoint.0, e)));
        }
        endpoints.sort_unstable_by_key(|(place, _)| *place);
        endpoints.into_iter().map(|(_, endpoint)| endpoint).collect()
    }

    async fn endpoint(
        &self,
        observation: &Observation,
        address: IpAddr,
        target: usize,
        errand: &Errand,
        deadline: Instant,
        chains: &ChainsOfOrigin<'_>,
    ) -> Option<Endpoint> {
        let origin = &observation.origin;
        let assumed_public = self.is_assumed_public(address);
        let unknown =
            Endpoint { assumed_public, ..Endpoint::new(address, target, observation.started_at) };
        let unreached = |failure| Endpoint { failure: Some(failure), ..unknown.clone() };
        if let Some(refusal) = errand.refusal(address, assumed_public) {
            return Some(unreached(refusal));
        }
        if origin.reachable_from_here == Reachability::Unreachable {
            return None;
        }
        if let Some(reason) = self.routes.missing(address, Instant::now()) {
            return Some(unreached(Failure::NotProbed { reason }));
        }
        let server_name = &origin.targets.get(target)?.server_name;
        let connect = self.connect(origin, address, server_name, errand, deadline);
        let outcome = match &errand.shared {
            None => connect.await,
            Some(shared) => {
                let connection = Connection {
                    address: SocketAddr::new(address, origin.https_port),
                    server_name: server_name.clone(),
                    ssl_protocols: origin.ssl_protocols.clone(),
                    attempts: origin.connection_attempts,
                    connection_timeout: origin.connection_timeout,
                };
                shared.outcome(connection, connect).await
            }
        };
        let now = Instant::now();
        if outcome.connect_time.is_some() {
            self.reached.note(address, now);
        }
        let settle = |failure| self.reached.settle(address, failure, origin.interval, now);
        let failure = outcome.failure.map(settle);
        self.routes.note(address, failure.as_ref(), now);
        let chain = chains.facts(&outcome.served);
        let end_entity = chain.as_ref().and_then(|chain| chain.end_entity());
        let staple = outcome.staple.as_deref().zip(end_entity);
        Some(Endpoint {
            staple: staple.map(|(staple, certificate)| certificate.stapled_status(staple)),
            engine: outcome.engine,
            tls: outcome.tls,
            chain,
            key_proof: outcome.key_proof,
            client_certificate: outcome.client_certificate,
            warnings: outcome.warnings,
            listed_versions: outcome.listed_versions,
            failure,
            connect_time: outcome.connect_time,
            handshake_time: outcome.handshake_time,
            ..unknown
        })
    }

    async fn connect(
        &self,
        origin: &Origin,
        address: IpAddr,
        server_name: &DomainName,
        errand: &Errand,
        deadline: Instant,
    ) -> Outcome {
        let standing = match &errand.asked_by {
            AskedBy::Anyone { .. } => Standing::Guest,
            AskedBy::Operator if errand.hung.contains(&address) => Standing::Hung,
            AskedBy::Operator => Standing::DidNotHang,
        };
        let began = Instant::now();
        let permit = self.sockets.acquire(address, standing);
        let Ok(Some(_permit)) = tokio::time::timeout_at(deadline, permit).await else {
            return Outcome::failed(Failure::NotProbed { reason: NotProbed::OutOfTime });
        };
        // A busy address is not the origin's fault: whoever waits for it has its full time after that.
        let deadline = match errand.deadline {
            Some(_) => deadline,
            None => deadline + began.elapsed(),
        };
        let request = Request {
            address: SocketAddr::new(address, origin.https_port),
            server_name,
            other_name: origin.other_name(server_name),
            ssl_protocols: &origin.ssl_protocols,
            attempts: origin.connection_attempts,
            connection_timeout: origin.connection_timeout,
            handshake_timeout: self.settings.handshake_timeout,
            deadline,
        };
        // On the heap: it is large, would be moved again and again on its way up, and those that
        // wait for a socket do without.
        Box::pin(self.client.shake_hands(&request)).await
    }

    /// Forgets what nameservers said of domains that `is_used` does not know.
    pub fn forget_domains_unless(&self, is_used: impl Fn(&DomainName) -> bool) {
        self.resolver.forget_unless(is_used);
    }

    /// Forgets what was learnt of the network of this machine: it is tried again.
    pub fn look_for_routes_again(&self) {
        self.routes.forget();
    }
}
