//! A server that inspects the ClientHello before it answers, like load balancers and Schannel. It
//! rejects an unsuitable ClientHello with an alert, a close or a reset.

use std::io;
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client_hello::ClientHello;
use super::{flight, read_client_hello};
use crate::demo::listen::{hang_up, wait_for_close};

/// Which clients a server accepts, and how it rejects the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosy {
    /// A ClientHello must meet all of these.
    pub demands: Vec<Demand>,
    pub otherwise: Refusal,
    /// A group to request with a HelloRetryRequest before rejecting the client, if the ClientHello
    /// lists it. Servers that prefer ML-KEM do this.
    pub retry: Option<u16>,
    /// The server that accepted connections are forwarded to.
    pub behind: SocketAddr,
}

/// A requirement on a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// This version, as a wire value.
    Version(u16),
    /// Not this version.
    NoVersion(u16),
    /// At least one of these suites (IANA numbers).
    CipherSuite(Vec<u16>),
    /// None of these suites (IANA numbers).
    NoCipherSuite(Vec<u16>),
    Group(u16),
    SignatureScheme(u16),
    ServerName(String),
    NoServerName,
    /// No request for a stapled OCSP response.
    NoStatusRequest,
    /// At most this many cipher suites: some old servers fail with more.
    AtMostCipherSuites(usize),
}

/// How an unsuitable client is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Alert {
        level: u8,
        code: u8,
    },
    Close,
    Reset,
    Silence,
    /// A TLS 1.3 ServerHello, regardless of the offer, and nothing more.
    Tls13ServerHello,
}

impl Choosy {
    pub(super) async fn serve(&self, record: &[u8], mut stream: TcpStream) -> io::Result<()> {
        let message = record.get(flight::RECORD_HEADER..).unwrap_or_default();
        let hello = ClientHello::read(message);
        let suits = hello
            .as_ref()
            .is_some_and(|hello| self.demands.iter().all(|demand| demand.is_met_by(hello)));
        if suits {
            let mut behind = TcpStream::connect(self.behind).await?;
            behind.write_all(record).await?;
            tokio::io::copy_bidirectional(&mut stream, &mut behind).await?;
            return Ok(());
        }
        let hello = hello.unwrap_or_default();
        if let Some(group) = self.retry.filter(|group| hello.groups.contains(group)) {
            let retry = flight::hello_retry_request(&hello.session_id, group);
            stream.write_all(&flight::records(&retry)).await?;
            // A ChangeCipherSpec may come first (RFC 8446 §D.4).
            while read_client_hello(&mut stream).await?.first() == Some(&CHANGE_CIPHER_SPEC) {}
        }
        match self.otherwise {
            Refusal::Tls13ServerHello => {
                let messages = flight::server_hello_of_tls13(flight::TLS_1_2, &hello.session_id);
                stream.write_all(&flight::records(&messages)).await?;
                wait_for_close(&mut stream).await
            }
            Refusal::Alert { level, code } => {
                stream.write_all(&flight::alert_record(level, code)).await?;
                hang_up(&mut stream).await
            }
            Refusal::Close => hang_up(&mut stream).await,
            Refusal::Reset => stream.set_zero_linger(),
            Refusal::Silence => wait_for_close(&mut stream).await,
        }
    }
}

impl Demand {
    fn is_met_by(&self, hello: &ClientHello) -> bool {
        let offers = |suites: &[u16]| suites.iter().any(|one| hello.cipher_suites.contains(one));
        match self {
            Self::Version(version) => hello.versions.contains(version),
            Self::NoVersion(version) => !hello.versions.contains(version),
            Self::CipherSuite(suites) => offers(suites),
            Self::NoCipherSuite(suites) => !offers(suites),
            Self::Group(group) => hello.groups.contains(group),
            Self::SignatureScheme(scheme) => hello.signature_schemes.contains(scheme),
            Self::ServerName(name) => hello.server_name.as_ref() == Some(name),
            Self::NoServerName => hello.server_name.is_none(),
            Self::NoStatusRequest => !hello.status_request,
            Self::AtMostCipherSuites(most) => hello.cipher_suites.len() <= *most,
        }
    }
}

const CHANGE_CIPHER_SPEC: u8 = 20;
