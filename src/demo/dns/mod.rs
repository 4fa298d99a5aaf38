//! An authoritative DNS server on loopback that can also fail on purpose.

mod zone;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use super::DemoError;
use zone::{Reply, Zone};

/// How the server answers queries for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsRecord {
    /// Answers with the addresses of the requested family, or NODATA if there are none.
    Addresses { v4: Vec<Ipv4Addr>, v6: Vec<Ipv6Addr>, ttl_seconds: u32 },
    /// Answers with a CNAME record, and with the zone's records of its target.
    Cname { target: String, ttl_seconds: u32 },
    /// Answers NXDOMAIN, as for every name that is not in the zone.
    NameError,
    /// Answers NODATA: the name exists, but has no record of the requested type.
    NoData,
    /// Answers SERVFAIL.
    ServerFailure,
    /// Answers REFUSED.
    Refused,
    /// Never answers.
    Silence,
}

impl DnsRecord {
    /// Returns IPv4 addresses with a TTL of a minute.
    pub fn v4<const N: usize>(addresses: [Ipv4Addr; N]) -> Self {
        Self::Addresses { v4: addresses.into(), v6: Vec::new(), ttl_seconds: TTL_SECONDS }
    }

    /// Returns a CNAME with a TTL of a minute.
    pub fn cname(target: &str) -> Self {
        Self::Cname { target: target.to_owned(), ttl_seconds: TTL_SECONDS }
    }
}

/// A running DNS server, on UDP and TCP of one loopback port. It stops when dropped.
///
/// It also answers queries for the root (SOA, NS), so that clients can check that it is running. A
/// record for the name `.` in the zone overrides this.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    _server: Server<Answering>,
}

impl DnsServer {
    /// Starts a server with these records on a port chosen by the operating system.
    pub async fn start<const N: usize>(records: [(&str, DnsRecord); N]) -> Result<Self, DemoError> {
        Self::serve(bind_both().await?, records)
    }

    /// Starts a server with these records on `address`, for example to restart a stopped one.
    pub async fn start_at<const N: usize>(
        address: SocketAddr,
        records: [(&str, DnsRecord); N],
    ) -> Result<Self, DemoError> {
        let failed = |source| DemoError::Listen { address, source };
        let udp = UdpSocket::bind(address).await.map_err(failed)?;
        Self::serve((udp, TcpListener::bind(address).await.map_err(failed)?), records)
    }

    fn serve<const N: usize>(
        (udp, tcp): (UdpSocket, TcpListener),
        records: [(&str, DnsRecord); N],
    ) -> Result<Self, DemoError> {
        let mut zone = Zone::default();
        for (name, record) in records {
            zone.set(name, record)?;
        }
        let address =
            udp.local_addr().map_err(|source| DemoError::Listen { address: ANY_PORT, source })?;
        let zone = Arc::new(Mutex::new(zone));
        let mut server = Server::new(Answering { zone: Arc::clone(&zone) });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_PATIENCE, TCP_RESPONSES);
        Ok(Self { address, zone, _server: server })
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds or replaces the record of a name.
    pub fn set(&self, name: &str, record: DnsRecord) -> Result<(), DemoError> {
        lock(&self.zone).set(name, record)
    }

    /// Returns the number of queries for a name, of any type and over both protocols; 0 if it is
    /// not a domain name.
    pub fn questions(&self, name: &str) -> u64 {
        lock(&self.zone).questions(name)
    }
}

impl fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The default TTL, equal to that of AWS load balancer names.
pub(super) const TTL_SECONDS: u32 = 60;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The timeout of idle TCP clients.
const TCP_PATIENCE: Duration = Duration::from_secs(30);

/// How many responses are queued for a slow TCP client.
const TCP_RESPONSES: usize = 32;

/// How many ports are tried until one is free for both UDP and TCP.
const PORT_ATTEMPTS: usize = 32;

/// The largest UDP payload, which avoids fragmentation (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;

async fn bind_both() -> Result<(UdpSocket, TcpListener), DemoError> {
    let mut taken = io::Error::from(io::ErrorKind::AddrInUse);
    let mut address = ANY_PORT;
    for _ in 0..PORT_ATTEMPTS {
        let udp = UdpSocket::bind(ANY_PORT)
            .await
            .map_err(|source| DemoError::Listen { address: ANY_PORT, source })?;
        address =
            udp.local_addr().map_err(|source| DemoError::Listen { address: ANY_PORT, source })?;
        match TcpListener::bind(address).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => taken = error,
        }
    }
    Err(DemoError::Listen { address, source: taken })
}

fn lock(zone: &Mutex<Zone>) -> MutexGuard<'_, Zone> {
    // Each change of a zone is a single step, so a panic cannot leave it inconsistent.
    zone.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Answering {
    zone: Arc<Mutex<Zone>>,
}

impl Answering {
    fn reply(&self, request: &Request) -> Reply {
        if request.metadata.op_code != OpCode::Query {
            return Reply::Code(ResponseCode::NotImp);
        }
        match request.request_info() {
            Ok(info) => lock(&self.zone).answer(info.query),
            Err(_) => Reply::Code(ResponseCode::FormErr),
        }
    }
}

#[async_trait]
impl RequestHandler for Answering {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        // Stub resolvers query this server as if it were recursive.
        metadata.recursion_available = true;
        let unsent = ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() });
        let (answers, authority) = match self.reply(request) {
            Reply::Silence => return unsent,
            Reply::Code(code) => {
                metadata.response_code = code;
                (Vec::new(), None)
            }
            Reply::Found(answers) => (answers, None),
            Reply::Absent { code, aliases, authority } => {
                metadata.response_code = code;
                (aliases, Some(authority))
            }
        };
        let mut edns = Edns::new();
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(asked) = &request.edns {
            edns.set_max_payload(asked.max_payload().clamp(512, UDP_PAYLOAD));
            builder.edns(&edns);
        }
        let message = builder.build(metadata, &answers, &[], authority.as_deref(), &[]);
        // Ignore clients that have disconnected.
        response.send_response(message).await.unwrap_or(unsent)
    }
}
