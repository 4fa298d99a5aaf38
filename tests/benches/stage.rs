//! The PKI and the servers of the benchmarks: a chain is an end entity and one intermediate; the
//! servers run on a thread of their own.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::net::IpAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use jiff::Timestamp;
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, EndEntity, Issued, KeyAlgorithm, Window,
};
use origin_probe::demo::server::{
    Certificates, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions,
};

use super::measure::current_thread;

/// A root and an intermediate.
pub struct Pki {
    pub root: Authority,
    pub intermediate: Authority,
    now: Timestamp,
}

impl Pki {
    pub fn new(now: Timestamp) -> Self {
        let long = || Window::days(-100..1000, now);
        let root = Authority::root("Bench Root", long()).unwrap();
        let options = AuthorityOptions::default();
        let intermediate = root.intermediate("Bench CA", long(), &options).unwrap();
        Self { root, intermediate, now }
    }

    pub fn issue(&self, names: &[&str], key_algorithm: KeyAlgorithm) -> Issued {
        let end_entity = EndEntity::new(names, Window::days(-20..70, self.now));
        self.intermediate.issue(&EndEntity { key_algorithm, ..end_entity }).unwrap()
    }

    /// Starts a server of a chain of two.
    pub async fn serve(&self, ip: IpAddr, issued: Issued, versions: TlsVersions) -> TlsServer {
        let chain = vec![issued.der, self.intermediate.der()];
        let served = ServedCertificate::new(chain, issued.key);
        let certificates = Certificates::for_everyone(served);
        let options = TlsServerOptions { versions, ..TlsServerOptions::new(certificates) };
        TlsServer::start(ip, 0, &options).await.unwrap()
    }
}

/// A thread that runs servers until it is dropped.
#[derive(Debug)]
pub struct OwnThread {
    serving: Option<JoinHandle<()>>,
    hold: Option<mpsc::Sender<()>>,
}

impl OwnThread {
    /// Starts a thread on which `start` starts the servers. Returns the second value of `start`,
    /// too.
    pub fn start<Servers, Told: Send + 'static, Starting>(
        start: impl FnOnce() -> Starting + Send + 'static,
    ) -> (Self, Told)
    where
        Starting: Future<Output = (Servers, Told)>,
    {
        let (send, receive) = mpsc::channel();
        let (hold, wait) = mpsc::channel::<()>();
        let serving = std::thread::spawn(move || {
            current_thread().block_on(async {
                let (_servers, told) = start().await;
                send.send(told).unwrap();
                tokio::task::spawn_blocking(move || wait.recv()).await.unwrap().unwrap_err();
            });
        });
        let told = receive.recv().unwrap();
        (Self { serving: Some(serving), hold: Some(hold) }, told)
    }
}

impl Drop for OwnThread {
    fn drop(&mut self) {
        self.hold.take();
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
    }
}
