//! A server that inspects the ClientHello before it answers, like load balancers and Schannel. It
//! rejects an unsuitable ClientHello with an alert, a close or a reset.

use std::io;
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client_hello::ClientHello;
use super::{Script, flight, read_client_hello, respond};

/// Which clients a server accepts, and how it rejects the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosy {
    /// A ClientHello must meet all of these.
    pub demands: Vec<Demand>,
    /// The reply to other clients.
    pub otherwise: Box<Script>,
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
        respond(&self.otherwise, record, stream).await
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
