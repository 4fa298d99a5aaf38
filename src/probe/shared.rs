//! Connections that several origins have in common, made once per round of probes.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::handshake::ServedHandshake;
use crate::origin::{DomainName, SslProtocols};

/// The results of the connections of one round of probes. Identical connections share one result,
/// which is dropped with the round.
#[derive(Debug, Default)]
pub struct SharedConnections {
    outcomes: Mutex<HashMap<Connection, Arc<OnceCell<ServedHandshake>>>>,
    /// The bytes of certificates in the results.
    bytes: AtomicUsize,
}

/// Everything that distinguishes one connection from another for the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Connection {
    pub(super) address: SocketAddr,
    pub(super) server_name: DomainName,
    pub(super) ssl_protocols: SslProtocols,
    pub(super) attempts: u8,
    pub(super) connection_timeout: Duration,
    /// Its number among the further connections to the same endpoint, if it is one.
    pub(super) sample: Option<u16>,
}

impl SharedConnections {
    /// Returns the result of `connection`, and runs `connect` unless another origin already has.
    ///
    /// If that other origin is cancelled, this one connects itself.
    pub(super) async fn outcome(
        &self,
        connection: Connection,
        connect: impl Future<Output = ServedHandshake>,
    ) -> ServedHandshake {
        let cell = {
            let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(outcomes.entry(connection.clone()).or_default())
        };
        let counted = async {
            let outcome = connect.await;
            let bytes: usize = outcome.served.iter().map(Vec::len).sum();
            if self.bytes.fetch_add(bytes, Relaxed) + bytes > MOST_BYTES {
                // Those that are waiting get the result; later ones connect themselves.
                let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                outcomes.remove(&connection);
                self.bytes.fetch_sub(bytes, Relaxed);
            }
            outcome
        };
        cell.get_or_init(|| counted).await.clone()
    }
}

/// How many bytes of certificates one round keeps: those of a thousand usual chains.
const MOST_BYTES: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::{Connection, SharedConnections};
    use crate::handshake::ServedHandshake;
    use crate::observation::Failure;
    use crate::origin::SslProtocols;

    fn connection(port: u16, server_name: &str) -> Connection {
        Connection {
            address: ([192, 0, 2, 1], port).into(),
            server_name: server_name.parse().unwrap(),
            ssl_protocols: SslProtocols::default(),
            attempts: 3,
            connection_timeout: Duration::from_secs(10),
            sample: None,
        }
    }

    fn outcome(attempts: u8) -> ServedHandshake {
        ServedHandshake::failed(Failure::ConnectionRefused { attempts })
    }

    #[tokio::test]
    async fn the_same_connection_is_made_once_and_another_one_by_itself() {
        let shared = SharedConnections::default();
        let ask = async |port, name, attempts| {
            let connect = async move { outcome(attempts) };
            shared.outcome(connection(port, name), connect).await.handshake.failure
        };
        let refused = |attempts| Some(Failure::ConnectionRefused { attempts });
        assert_eq!(ask(443, "a.example", 1).await, refused(1));
        assert_eq!(ask(443, "a.example", 2).await, refused(1));
        assert_eq!(ask(443, "b.example", 3).await, refused(3));
        assert_eq!(ask(8443, "a.example", 4).await, refused(4));
    }

    #[tokio::test]
    async fn who_waits_for_one_that_is_cut_off_connects_itself() {
        let shared = SharedConnections::default();
        let never = shared.outcome(connection(443, "a.example"), std::future::pending());
        let mut never = Box::pin(never);
        assert!((&mut never).now_or_never().is_none());
        let own = shared.outcome(connection(443, "a.example"), async { outcome(1) });
        let mut own = Box::pin(own);
        assert!((&mut own).now_or_never().is_none());
        drop(never);
        assert_eq!(own.await.handshake.failure, Some(Failure::ConnectionRefused { attempts: 1 }));
    }
}
