//! One probe of one origin: resolves its domain, performs a handshake with every address for every
//! server name and analyses the chains, within a deadline.

mod chains;
mod limits;
mod lookup;
mod loop_lag;
mod options;
mod prober_health;
mod reached;
mod routes;
mod shared;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub use chains::{Chains, ChainsOfOrigin};
pub use loop_lag::LoopLag;
pub use options::{ProbeOptions, Requester};
pub use prober_health::{ProberHealth, may_be_the_nameservers_fault};
pub use shared::SharedConnections;

use crate::chain::TrustAnchors;
use crate::handshake::{Client, Request, ServedHandshake};
use crate::limits::ChainBudget;
use crate::observation::{
    Endpoint, Engine, Failure, Handshake, NameserverState, NotProbed, Observation, ProberState,
    Resolution, Sample,
};
use crate::origin::{DomainName, Origin, ProberConfig, Reachability};
use crate::resolve::Resolver;

use limits::{Priority, Sockets};
use lookup::MAX_ADDRESSES;
use reached::Reached;
use routes::Routes;
use shared::Connection;

/// The state that all probes of a process share.
#[derive(Debug)]
pub struct Prober {
    resolver: Arc<Resolver>,
    client: Client,
    chains: Chains,
    sockets: Sockets,
    routes: Routes,
    reached: Reached,
    /// Limits the further connections of all origins.
    samples: Arc<Semaphore>,
    config: ProberConfig,
}

/// One connection to make.
#[derive(Clone, Copy)]
struct Errand<'a> {
    address: IpAddr,
    target: usize,
    options: &'a ProbeOptions,
    deadline: Instant,
    /// Its number and engine, if it is one of several to the same endpoint.
    sample: Option<(u16, Engine)>,
}

impl Prober {
    /// Assembles the prober from its parts.
    pub fn new(
        resolver: Arc<Resolver>,
        client: Client,
        anchors: Arc<TrustAnchors>,
        config: ProberConfig,
    ) -> Self {
        let sockets = Sockets::new(config.concurrency, config.per_address);
        let chains = Chains::new(anchors, ChainBudget::of_process());
        let (routes, reached) = (Routes::default(), Reached::default());
        let samples = Arc::new(Semaphore::new((config.concurrency / 10).max(1)));
        Self { resolver, client, chains, sockets, routes, reached, samples, config }
    }

    /// Probes one origin. Whatever the origin does is in the observation.
    ///
    /// It takes no longer than the deadline, or twice that if it has to wait for sockets: waiting
    /// does not count against an endpoint's connection and handshake. A deadline in the options
    /// does not have this allowance.
    pub async fn probe(
        &self,
        origin: Arc<Origin>,
        options: &ProbeOptions,
        started_at: Timestamp,
    ) -> Observation {
        let began = Instant::now();
        let most = self.config.deadline;
        let deadline = began + options.deadline.map_or(most, |wanted| wanted.min(most));
        let mut observation = Observation {
            prober: ProberState { time_limit: options.time_limit, ..ProberState::default() },
            ..Observation::new(Arc::clone(&origin), started_at)
        };
        if !origin.is_judged() {
            return observation;
        }
        if !options.samples.is_empty() {
            let samples = Box::pin(self.samples(&observation, options, deadline));
            observation.endpoints = samples.await;
            observation.duration = began.elapsed();
            return observation;
        }
        let mut addresses = match options.address {
            Some(address) => vec![address],
            None => {
                // On the heap until it ends, like every large step: a probe that waits for a silent
                // server is small, and there may be thousands.
                let resolution = Box::pin(self.resolve(&origin, options, deadline)).await;
                let addresses = self.usable(&resolution);
                observation.resolution = Some(resolution);
                addresses
            }
        };
        observation.resolve_time = began.elapsed();
        if may_be_the_nameservers_fault(&observation) {
            // Another query to the same nameserver distinguishes its failure from the domain's.
            let unanswered = observation.resolution.iter().flat_map(Resolution::unanswered);
            let root = self.resolver.answer_for_the_root(unanswered);
            let root = Box::pin(tokio::time::timeout_at(deadline, root));
            observation.prober.nameserver = match root.await {
                Ok(true) => NameserverState::Answers,
                Ok(false) => NameserverState::Silent,
                Err(_) => NameserverState::OutOfTime,
            };
        }
        let named = addresses.len();
        if named > 0 {
            let mut others = options.remembered.clone();
            others.extend(Box::pin(self.look_again(&observation, options, deadline)).await);
            for address in others {
                if !addresses.contains(&address) && addresses.len() < 2 * MAX_ADDRESSES {
                    addresses.push(address);
                }
            }
        }
        // Slow or silent nameservers must not delay the handshakes.
        let (endpoints, each_nameserver) = tokio::join!(
            self.shake_hands(&observation, &addresses, options, deadline),
            Box::pin(self.ask_each_nameserver(&observation, options, deadline)),
        );
        observation.endpoints = endpoints;
        let remembered = addresses.get(named..).unwrap_or_default();
        for endpoint in &mut observation.endpoints {
            endpoint.is_remembered = remembered.contains(&endpoint.address);
        }
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
        options: &ProbeOptions,
        deadline: Instant,
    ) -> Vec<Endpoint> {
        let origin = &observation.origin;
        let all = origin.targets.len().max(1);
        let taken = self.config.max_server_names.clamp(1, all);
        let targets: Vec<usize> = (0..taken).map(|n| (options.first_target + n) % all).collect();
        let chains = &self.chains.of_origin(origin, &targets);
        let endpoints = addresses.iter().flat_map(|address| {
            targets.iter().map(move |target| {
                let (address, target) = (*address, *target);
                let errand = Errand { address, target, options, deadline, sample: None };
                self.endpoint(observation, errand, chains)
            })
        });
        join_all(endpoints).await.into_iter().flatten().collect()
    }

    /// Makes the further connections that `options` ask for: at each endpoint one after the other,
    /// until one of them times out.
    async fn samples(
        &self,
        observation: &Observation,
        options: &ProbeOptions,
        deadline: Instant,
    ) -> Vec<Endpoint> {
        let targets: Vec<usize> = options.samples.iter().map(|sample| sample.target).collect();
        let chains = &self.chains.of_origin(&observation.origin, &targets);
        let at_endpoints = options.samples.iter().map(|sample| async move {
            let Sample { address, target, engine, connections } = *sample;
            let mut results = Vec::new();
            for number in 0..connections {
                let permit = Arc::clone(&self.samples).acquire_owned();
                let Ok(Ok(_permit)) = tokio::time::timeout_at(deadline, permit).await else {
                    break;
                };
                let sample = Some((number, engine));
                let errand = Errand { address, target, options, deadline, sample };
                let result = self.endpoint(observation, errand, chains).await;
                let has_hung = result.as_ref().is_none_or(Endpoint::hung);
                results.extend(result);
                if has_hung {
                    break;
                }
            }
            results
        });
        join_all(at_endpoints).await.concat()
    }

    async fn endpoint(
        &self,
        observation: &Observation,
        errand: Errand<'_>,
        chains: &ChainsOfOrigin<'_>,
    ) -> Option<Endpoint> {
        let Errand { address, target, options, .. } = errand;
        let origin = &observation.origin;
        let assumed_public = self.is_assumed_public(address);
        let unknown = || {
            let started_at = observation.started_at;
            Endpoint { assumed_public, ..Endpoint::new(address, target, started_at) }
        };
        let unreached = |failure| Endpoint { handshake: Handshake::failed(failure), ..unknown() };
        if let Some(refusal) = options.refusal(address, assumed_public) {
            return Some(unreached(refusal));
        }
        if origin.reachable_from_here == Reachability::Unreachable {
            return None;
        }
        if let Some(reason) = self.routes.missing(address, Instant::now()) {
            return Some(unreached(Failure::NotProbed { reason }));
        }
        let server_name = &origin.targets.get(target)?.server_name;
        let connect = Box::pin(self.connect(origin, server_name, errand));
        let ServedHandshake { mut handshake, served, staple } = match &options.shared {
            None => connect.await,
            Some(shared) => {
                let connection = Connection {
                    address: SocketAddr::new(address, origin.https_port),
                    server_name: server_name.clone(),
                    ssl_protocols: origin.ssl_protocols.clone(),
                    attempts: origin.connection_attempts,
                    connection_timeout: origin.connection_timeout,
                    sample: errand.sample.map(|(number, _)| number),
                };
                Box::pin(shared.outcome(connection, connect)).await
            }
        };
        let now = Instant::now();
        if handshake.connect_time.is_some() {
            self.reached.note(address, now);
        }
        let settle = |failure| self.reached.settle(address, failure, origin.interval, now);
        handshake.failure = handshake.failure.map(settle);
        self.routes.note(address, handshake.failure.as_ref(), now);
        let chain = chains.facts(&served);
        let end_entity = chain.as_ref().and_then(|chain| chain.end_entity());
        let staple = staple.as_deref().zip(end_entity);
        Some(Endpoint {
            handshake,
            staple: staple.map(|(staple, certificate)| certificate.stapled_status(staple)),
            chain,
            ..unknown()
        })
    }

    async fn connect(
        &self,
        origin: &Origin,
        server_name: &DomainName,
        errand: Errand<'_>,
    ) -> ServedHandshake {
        let Errand { address, options, deadline, .. } = errand;
        let priority = match &options.asked_by {
            Requester::Anyone { .. } => Priority::OnDemand,
            // Further connections do not delay probes.
            Requester::Operator if errand.sample.is_some() => Priority::OnDemand,
            Requester::Operator if options.hung.contains(&address) => Priority::Slow,
            Requester::Operator => Priority::Normal,
        };
        let began = Instant::now();
        // On the heap until a socket is free: the wait's state is larger than what comes after it.
        let permit = self.sockets.acquire(address, priority);
        let permit = Box::pin(tokio::time::timeout_at(deadline, permit));
        let Ok(Some(_permit)) = permit.await else {
            return ServedHandshake::failed(Failure::NotProbed { reason: NotProbed::OutOfTime });
        };
        // A busy address is not the origin's fault, so the full time begins after the wait.
        let deadline = match options.deadline {
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
            handshake_timeout: self.config.handshake_timeout,
            deadline,
        };
        // On the heap: the future is large and would be moved repeatedly, and probes that wait for
        // a socket do not need it yet.
        match errand.sample {
            None => Box::pin(self.client.shake_hands(&request)).await,
            Some((_, engine)) => Box::pin(self.client.sample(&request, engine)).await,
        }
    }

    /// Removes the cached DNS answers for domains that `is_used` does not accept.
    pub fn forget_domains_unless(&self, is_used: impl Fn(&DomainName) -> bool) {
        self.resolver.forget_unless(is_used);
    }

    /// Forgets that this machine has no route, so that the next probe tries again.
    pub fn look_for_routes_again(&self) {
        self.routes.forget();
    }
}
