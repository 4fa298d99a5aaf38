//! A real TLS server that presents whatever it is given.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::server::Acceptor;
use rustls::server::NoServerSessionStorage;
use rustls::server::ResolvesServerCertUsingSni;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::sign::SingleCertAndKey;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::DemoError;
use super::listen::CLIENT_PATIENCE;
use super::listen::Listening;
use super::listen::hang_up;

/// What is presented for one server name.
#[derive(Clone, PartialEq, Eq)]
pub struct ServedCertificate {
    /// The certificates in DER, sent exactly as they are and in this order; none of them is
    /// looked into, and the list may be empty.
    pub chain: Vec<Vec<u8>>,
    /// The private key as PKCS #8 in DER; need not belong to the first certificate.
    pub key: Vec<u8>,
    /// The OCSP response in DER that is stapled for clients that ask.
    pub ocsp_staple: Option<Vec<u8>>,
}

impl ServedCertificate {
    /// Returns a chain with its key and without a staple.
    pub fn new(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Self {
        Self { chain, key, ocsp_staple: None }
    }
}

impl fmt::Debug for ServedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedCertificate")
            .field("certificates", &self.chain.len())
            .field("ocsp_staple", &self.ocsp_staple.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Which certificate is presented to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// By the server name sent, in lower case.
    pub by_name: BTreeMap<String, ServedCertificate>,
    /// For every other name and for none; if absent, those are refused by the fatal alert
    /// `unrecognized_name` (RFC 6066 §3).
    pub for_others: Option<ServedCertificate>,
}

impl Certificates {
    /// Presents one certificate to everyone.
    pub fn for_everyone(served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::new(), for_others: Some(served) }
    }

    /// Presents one certificate under one name and refuses all other names.
    pub fn only_for(name: &str, served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::from([(name.to_owned(), served)]), for_others: None }
    }
}

/// The protocol versions that a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersions {
    #[default]
    Tls12And13,
    Tls12,
    Tls13,
}

/// Whether a server wants a certificate of its client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    #[default]
    NotAsked,
    /// A client without one is let in.
    Asked {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
    /// A client without one is turned away.
    Required {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
}

/// How a server behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsServerOptions {
    pub certificates: Certificates,
    pub versions: TlsVersions,
    /// IANA numbers; empty is all that rustls has.
    pub cipher_suites: Vec<u16>,
    /// IANA numbers of key exchange groups; empty is all that rustls has.
    pub groups: Vec<u16>,
    pub client_authentication: ClientAuthentication,
}

impl TlsServerOptions {
    /// Returns a server of TLS 1.2 and 1.3 with these certificates.
    pub fn new(certificates: Certificates) -> Self {
        Self { certificates, ..Self::default() }
    }
}

/// A running TLS server; it stops when dropped.
#[derive(Debug)]
pub struct TlsServer {
    listening: Listening,
    presented: Arc<ArcSwap<Presented>>,
    seen: Arc<Seen>,
}

impl TlsServer {
    /// Starts a server on the address; port 0 is any.
    pub async fn start(
        ip: IpAddr,
        port: u16,
        options: &TlsServerOptions,
    ) -> Result<Self, DemoError> {
        let wanted = SocketAddr::new(ip, port);
        let presented = Presented::load(&options.certificates)
            .map_err(|source| DemoError::Tls { address: wanted, source })?;
        let presented = Arc::new(ArcSwap::from_pointee(presented));
        let config = server_config(options, wanted)?;
        let seen = Arc::new(Seen::default());
        let serve = {
            let (presented, seen) = (Arc::clone(&presented), Arc::clone(&seen));
            move |stream| {
                let (config, presented, seen) =
                    (config.clone(), Arc::clone(&presented), Arc::clone(&seen));
                // What a client does wrong ends its own connection and nothing else.
                async move { serve(stream, config, &presented, &seen).await.unwrap_or(()) }.boxed()
            }
        };
        Ok(Self { listening: Listening::start(ip, port, serve).await?, presented, seen })
    }

    /// Returns where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Returns how many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.listening.connections()
    }

    /// Returns how many handshakes the server has seen to their end.
    pub fn handshakes(&self) -> u64 {
        self.seen.handshakes.load(Ordering::Relaxed)
    }

    /// Returns how often each server name was sent; `None` stands for no name at all.
    pub fn server_names(&self) -> BTreeMap<Option<String>, u64> {
        self.seen.server_names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Presents other certificates from the next connection on.
    pub fn present(&self, certificates: &Certificates) -> Result<(), DemoError> {
        let presented = Presented::load(certificates)
            .map_err(|source| DemoError::Tls { address: self.address(), source })?;
        self.presented.store(Arc::new(presented));
        Ok(())
    }
}

/// The certificates with their keys loaded.
#[derive(Debug)]
struct Presented {
    by_name: BTreeMap<String, CertifiedKey>,
    for_others: Option<CertifiedKey>,
}

impl Presented {
    fn load(certificates: &Certificates) -> Result<Self, rustls::Error> {
        let by_name = certificates
            .by_name
            .iter()
            .map(|(name, served)| Ok((name.to_ascii_lowercase(), load(served)?)))
            .collect::<Result<_, rustls::Error>>()?;
        let for_others = certificates.for_others.as_ref().map(load).transpose()?;
        Ok(Self { by_name, for_others })
    }

    fn choose(&self, server_name: Option<&str>) -> Option<&CertifiedKey> {
        server_name
            .and_then(|name| self.by_name.get(&name.to_ascii_lowercase()))
            .or(self.for_others.as_ref())
    }
}

#[derive(Debug, Default)]
struct Seen {
    handshakes: AtomicU64,
    server_names: Mutex<BTreeMap<Option<String>, u64>>,
}

/// How long a client may take for its handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(30);

/// A fatal alert `unrecognized_name` in a record of its own (RFC 8446 §6, RFC 6066 §3). rustls
/// would say `access_denied`.
const UNRECOGNIZED_NAME: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 112];

fn load(served: &ServedCertificate) -> Result<CertifiedKey, rustls::Error> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(served.key.clone()));
    let key = aws_lc_rs::default_provider().key_provider.load_private_key(key)?;
    let chain = served.chain.iter().cloned().map(CertificateDer::from).collect();
    // Not `from_der`, which refuses a key that does not belong to the certificate.
    let mut certified = CertifiedKey::new(chain, key);
    certified.ocsp.clone_from(&served.ocsp_staple);
    Ok(certified)
}

fn provider(options: &TlsServerOptions) -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    if !options.cipher_suites.is_empty() {
        provider
            .cipher_suites
            .retain(|suite| options.cipher_suites.contains(&u16::from(suite.suite())));
    }
    if !options.groups.is_empty() {
        provider.kx_groups.retain(|group| options.groups.contains(&u16::from(group.name())));
    }
    provider
}

fn server_config(
    options: &TlsServerOptions,
    address: SocketAddr,
) -> Result<ServerConfig, DemoError> {
    let provider = Arc::new(provider(options));
    let versions: &[&rustls::SupportedProtocolVersion] = match options.versions {
        TlsVersions::Tls12And13 => &[&rustls::version::TLS12, &rustls::version::TLS13],
        TlsVersions::Tls12 => &[&rustls::version::TLS12],
        TlsVersions::Tls13 => &[&rustls::version::TLS13],
    };
    let verifier = |authority: &[u8]| {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(authority))
            .map_err(|source| DemoError::Tls { address, source })?;
        Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)))
    };
    let unusable = |source| DemoError::ClientAuthority { address, source };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|source| DemoError::Tls { address, source })?;
    let builder = match &options.client_authentication {
        ClientAuthentication::NotAsked => builder.with_no_client_auth(),
        ClientAuthentication::Asked { authority } => {
            let verifier = verifier(authority)?.allow_unauthenticated().build();
            builder.with_client_cert_verifier(verifier.map_err(unusable)?)
        }
        ClientAuthentication::Required { authority } => {
            let verifier = verifier(authority)?.build();
            builder.with_client_cert_verifier(verifier.map_err(unusable)?)
        }
    };
    // The certificate is put in for each connection, when its server name is known.
    let mut config = builder.with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
    // A resumed session would hide a certificate that has been exchanged.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

async fn serve(
    stream: TcpStream,
    mut config: ServerConfig,
    presented: &ArcSwap<Presented>,
    seen: &Seen,
) -> io::Result<()> {
    let accepting = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let mut start = tokio::time::timeout(HANDSHAKE_PATIENCE, accepting).await??;
    let server_name = start.client_hello().server_name().map(str::to_owned);
    let certified = presented.load().choose(server_name.as_deref()).cloned();
    *seen
        .server_names
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(server_name)
        .or_default() += 1;
    let Some(certified) = certified else {
        start.io.write_all(&UNRECOGNIZED_NAME).await?;
        return hang_up(&mut start.io).await;
    };
    config.cert_resolver = Arc::new(SingleCertAndKey::from(certified));
    let handshake = start.into_stream(Arc::new(config)).into_fallible();
    let mut stream = match tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await? {
        Ok(stream) => stream,
        Err((_, mut stream)) => return hang_up(&mut stream).await,
    };
    seen.handshakes.fetch_add(1, Ordering::Relaxed);
    let mut buffer = [0; 4096];
    let reading = async {
        while stream.read(&mut buffer).await? > 0 {}
        io::Result::Ok(())
    };
    tokio::time::timeout(CLIENT_PATIENCE, reading).await??;
    stream.shutdown().await
}

#[cfg(test)]
mod tests;
