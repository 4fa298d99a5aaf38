//! A group of nameservers: in which order they are queried, and whose answer counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::sync::Semaphore;

use crate::observation::{ResolutionFailure, Transport, View};
use crate::origin::ProberConfig;

use super::nameserver::{Nameserver, Reply};

/// The nameservers of one view.
pub(super) struct Nameservers {
    nameservers: Vec<Nameserver>,
    view: View,
    attempts: usize,
    /// The index of the one that answered last. Otherwise every query would first wait for a dead
    /// nameserver at the top of the list.
    preferred: AtomicUsize,
}

/// The outcome of one query, and the nameserver that decided it.
pub(super) struct Answered<'a> {
    pub(super) outcome: Result<Reply, ResolutionFailure>,
    /// `None` if several were queried and none answered.
    pub(super) nameserver: Option<&'a Nameserver>,
    /// The transport of the last query to it.
    pub(super) transport: Transport,
}

impl Nameservers {
    /// Returns the nameservers at `addresses`, to be queried in this order.
    pub(super) fn new(
        addresses: &[SocketAddr],
        view: View,
        config: &ProberConfig,
        sockets: &Arc<Semaphore>,
    ) -> Self {
        let nameserver =
            |&address| Nameserver::new(address, config.dns_timeout, Arc::clone(sockets));
        let nameservers = addresses.iter().map(nameserver).collect();
        let attempts = config.dns_attempts.max(1);
        Self { nameservers, view, attempts, preferred: AtomicUsize::new(0) }
    }

    /// Returns every nameserver individually, with the same number of attempts and an equal share
    /// of `places`, so that a silent nameserver does not delay the others. Each query also takes
    /// one of `sockets`, which outlive a reload.
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

    /// Returns the first conclusive answer of any nameserver, or else the most informative failure.
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

    /// Returns whether the nameserver at `address`, or any if it is `None`, answers for the root
    /// over `transport`.
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

/// Returns how informative a failure is: an answer outweighs a timeout. A nameserver that could not
/// be queried because no socket was left might have had the answer.
fn weight(failure: &ResolutionFailure) -> u8 {
    match failure {
        failure if failure.is_own() => 3,
        ResolutionFailure::NotAsked { .. } | ResolutionFailure::TimedOut { .. } => 0,
        ResolutionFailure::TcpFailed { .. } | ResolutionFailure::Unusable { .. } => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use hickory_resolver::proto::rr::{Name, RecordType};
    use tokio::net::UdpSocket;
    use tokio::sync::Semaphore;

    use crate::observation::View;
    use crate::origin::ProberConfig;

    use super::Nameservers;

    #[tokio::test]
    async fn nameservers_by_themselves_share_the_sockets_of_a_resolver_before() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let one: [SocketAddr; 1] = [server.local_addr().unwrap()];
        let config = ProberConfig { nameservers: one.to_vec(), ..ProberConfig::default() };
        let name = Name::from_ascii("plain.example.").unwrap();
        let sockets = Arc::new(Semaphore::new(1));
        let alone = || {
            let all = Nameservers::new(&one, View::Configured, &config, &sockets);
            all.apart(1, &sockets).next().unwrap().1
        };
        let (before, after) = (alone(), alone());
        let mut asked_before = Box::pin(before.ask(&name, RecordType::A));
        let mut asked_after = Box::pin(after.ask(&name, RecordType::A));
        let mut buffer = [0; 512];
        // The server never answers: the first query holds the only socket until it is dropped.
        tokio::select! {
            biased;
            _ = &mut asked_before => panic!("nothing was answered"),
            _ = &mut asked_after => panic!("nothing was answered"),
            question = server.recv_from(&mut buffer) => assert!(question.is_ok()),
        }
        assert_eq!(sockets.available_permits(), 0);
        assert!(server.try_recv_from(&mut buffer).is_err());
        drop(asked_before);
        tokio::select! {
            _ = &mut asked_after => panic!("nothing was answered"),
            question = server.recv_from(&mut buffer) => assert!(question.is_ok()),
        }
    }
}
