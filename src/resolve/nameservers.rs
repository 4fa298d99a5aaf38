//! Several nameservers taken as one: in which order they are asked, and whose word counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::RecordType;
use tokio::sync::Semaphore;

use crate::observation::ResolutionFailure;
use crate::observation::Transport;
use crate::observation::View;

use super::ResolverSettings;
use super::nameserver::Nameserver;
use super::nameserver::Reply;

/// The nameservers of one view.
pub(super) struct Nameservers {
    nameservers: Vec<Nameserver>,
    view: View,
    attempts: usize,
    /// The place of the one that answered last. Without it every question would wait for a dead
    /// one that stands first.
    preferred: AtomicUsize,
}

/// The end of one question, and who brought it about.
pub(super) struct Answered<'a> {
    pub(super) outcome: Result<Reply, ResolutionFailure>,
    /// None when several were asked and none said anything.
    pub(super) nameserver: Option<&'a Nameserver>,
    /// The transport of the last question to it.
    pub(super) transport: Transport,
}

impl Nameservers {
    /// Returns the nameservers at `addresses`, to be asked in this order.
    pub(super) fn new(
        addresses: &[SocketAddr],
        view: View,
        settings: &ResolverSettings,
        sockets: &Arc<Semaphore>,
    ) -> Self {
        let nameserver = |&address| Nameserver::new(address, settings.timeout, Arc::clone(sockets));
        let nameservers = addresses.iter().map(nameserver).collect();
        let attempts = settings.attempts.max(1);
        Self { nameservers, view, attempts, preferred: AtomicUsize::new(0) }
    }

    /// Returns every nameserver on its own, as often asked as all of them, with an equal share of so
    /// many `places`: where all waited for one, a silent nameserver would hold up the rest. Each
    /// question takes one of `sockets` as well, which outlast a reload.
    pub(super) fn apart(
        &self,
        places: usize,
        sockets: &Arc<Semaphore>,
    ) -> impl Iterator<Item = (SocketAddr, Self)> {
        let share = (places / self.nameservers.len().max(1)).max(1);
        self.nameservers.iter().map(move |nameserver| {
            let alone = Self {
                nameservers: vec![nameserver.with_share(share, sockets)],
                view: self.view,
                attempts: self.attempts,
                preferred: AtomicUsize::new(0),
            };
            (nameserver.address(), alone)
        })
    }

    pub(super) fn view(&self) -> View {
        self.view
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.nameservers.iter().map(|nameserver| nameserver.address())
    }

    /// Returns the first reply that any nameserver gives, or the most telling failure.
    pub(super) async fn ask(&self, name: &Name, record_type: RecordType) -> Answered<'_> {
        let started = Instant::now();
        let count = self.nameservers.len();
        let preferred = self.preferred.load(Ordering::Relaxed);
        let mut nameserver = None;
        let mut transport = Transport::Udp;
        let mut failure = ResolutionFailure::TimedOut { waited: Duration::ZERO };
        for turn in 0..self.attempts * count {
            let index = (preferred + turn) % count;
            let asked = &self.nameservers[index];
            let told = asked.ask(name, record_type).await;
            match told.outcome {
                Ok(reply) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    let transport = told.transport;
                    return Answered { outcome: Ok(reply), nameserver: Some(asked), transport };
                }
                Err(latest) if weight(&latest) >= weight(&failure) => {
                    let is_silence = matches!(latest, ResolutionFailure::TimedOut { .. });
                    nameserver = (count == 1 || !is_silence).then_some(asked);
                    failure = latest;
                    transport = told.transport;
                }
                Err(_) => {}
            }
        }
        if let ResolutionFailure::TimedOut { waited } = &mut failure {
            *waited = started.elapsed();
        }
        Answered { outcome: Err(failure), nameserver, transport }
    }

    /// Returns whether the one at `address`, or any if it is `None`, answers for the root over
    /// `transport`.
    pub(super) async fn answers_for_the_root(
        &self,
        address: Option<SocketAddr>,
        transport: Transport,
    ) -> bool {
        let is_meant =
            |nameserver: &Nameserver| address.is_none_or(|address| nameserver.address() == address);
        for _ in 0..self.attempts {
            let asked: FuturesUnordered<_> = self
                .nameservers
                .iter()
                .filter(|nameserver| is_meant(nameserver))
                .map(|asked| asked.answers_for_the_root(transport))
                .collect();
            if asked.any(|answers| async move { answers }).await {
                return true;
            }
        }
        false
    }
}

/// Returns how much a failure tells: what a nameserver said outweighs what it left unsaid. One
/// that could not be asked because no socket was left might have had the answer.
fn weight(failure: &ResolutionFailure) -> u8 {
    match failure {
        failure if failure.is_own() => 3,
        ResolutionFailure::NotAsked { .. } | ResolutionFailure::TimedOut { .. } => 0,
        ResolutionFailure::TcpFailed { .. } | ResolutionFailure::Unusable { .. } => 1,
        _ => 2,
    }
}
