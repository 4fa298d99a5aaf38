//! An authoritative DNS server on loopback that can also misbehave.

mod zone;

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::Edns;
use hickory_server::proto::op::Header;
use hickory_server::proto::op::HeaderCounts;
use hickory_server::proto::op::Metadata;
use hickory_server::proto::op::OpCode;
use hickory_server::proto::op::ResponseCode;
use hickory_server::server::Request;
use hickory_server::server::RequestHandler;
use hickory_server::server::ResponseHandler;
use hickory_server::server::ResponseInfo;
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::TcpListener;
use tokio::net::UdpSocket;

use super::DemoError;
use zone::Reply;
use zone::Zone;

/// What the server does when it is asked for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsRecord {
    /// Answers with the addresses of the family asked for; with none of that family it is NODATA.
    Addresses { v4: Vec<Ipv4Addr>, v6: Vec<Ipv6Addr>, ttl_seconds: u32 },
    /// Answers with another name, and with what the zone knows of that one.
    Cname { target: String, ttl_seconds: u32 },
    /// Says that the name does not exist, as for every name that the zone does not hold.
    NameError,
    /// Says that the name exists and has nothing of the type asked for.
    NoData,
    /// Answers SERVFAIL.
    ServerFailure,
    /// Answers REFUSED.
    Refused,
    /// Never answers.
    Silence,
}

impl DnsRecord {
    /// Returns IPv4 addresses that may be kept for a minute.
    pub fn v4<const N: usize>(addresses: [Ipv4Addr; N]) -> Self {
        Self::Addresses { v4: addresses.into(), v6: Vec::new(), ttl_seconds: TTL_SECONDS }
    }

    /// Returns an alias that may be kept for a minute.
    pub fn cname(target: &str) -> Self {
        Self::Cname { target: target.to_owned(), ttl_seconds: TTL_SECONDS }
    }
}

/// A running DNS server, on UDP and TCP of one loopback port; it stops when dropped.
///
/// It answers for the root as well (SOA, NS), so that a client can tell that it is alive, unless
/// the zone says otherwise about the name `.`.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    _server: Server<Answering>,
}

impl DnsServer {
    /// Starts a server for these names on a port that the operating system chooses.
    pub async fn start<const N: usize>(records: [(&str, DnsRecord); N]) -> Result<Self, DemoError> {
        Self::serve(bind_both().await?, records)
    }

    /// Starts a server for these names on `address`: one that comes back where it was.
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

    /// Returns where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets what is answered for a name from now on, whatever it was before.
    pub fn set(&self, name: &str, record: DnsRecord) -> Result<(), DemoError> {
        lock(&self.zone).set(name, record)
    }

    /// Returns how many questions were asked about a name, of any type and over either protocol;
    /// 0 for what is no domain name.
    pub fn questions(&self, name: &str) -> u64 {
        lock(&self.zone).questions(name)
    }
}

impl fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// How long an answer may be kept unless the record says otherwise; the value of a load
/// balancer's own name.
pub(super) const TTL_SECONDS: u32 = 60;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How long a silent TCP client is kept.
const TCP_PATIENCE: Duration = Duration::from_secs(30);

/// How many responses may wait for a slow TCP client.
const TCP_RESPONSES: usize = 32;

/// How often a port is tried of which UDP is free and TCP is not.
const PORT_ATTEMPTS: usize = 32;

/// What is let through over UDP: the size that avoids fragments (DNS flag day 2020).
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
    // A zone is changed in single steps, so that even a panic leaves it whole.
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
        // A stub resolver asks this server as if it were a recursive one.
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
        // A client that has gone away is no matter of ours.
        response.send_response(message).await.unwrap_or(unsent)
    }
}

#[cfg(test)]
mod tests;
