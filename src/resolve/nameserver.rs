//! One nameserver: how it is queried, and how its answer is interpreted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::observation::{ResolutionFailure, Transport};

use super::chain::seconds;
use super::{LONGEST_TIMEOUT, tcp, udp};

/// One nameserver, queried over UDP, and over TCP if its answer is truncated.
pub(super) struct Nameserver {
    address: SocketAddr,
    timeout: Duration,
    sockets: Arc<Semaphore>,
    /// The limit of this nameserver's sockets; `None` if it may use all of them.
    share: Option<Arc<Semaphore>>,
}

/// The outcome of one query.
pub(super) struct Told {
    pub(super) outcome: Result<Reply, ResolutionFailure>,
    /// The transport of the last query to it.
    pub(super) transport: Transport,
}

/// A conclusive answer: RCODE 0 or 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// False for NXDOMAIN: the last name of the CNAME chain does not exist (RFC 6604 §3).
    pub(super) name_exists: bool,
    /// The records of class IN in the answer section.
    pub(super) records: Vec<Record>,
    /// The class of a record that is not of class IN.
    pub(super) other_class: Option<DNSClass>,
    /// The SOA records of class IN in the authority section.
    authorities: Vec<Record>,
}

impl Reply {
    /// Returns how long a negative answer for `name` may be cached: the smaller of the TTL and the
    /// last field of its zone's SOA record (RFC 2308 §5).
    pub(super) fn negative_ttl_seconds(&self, name: &Name) -> Option<u32> {
        let of_its_zone = self.authorities.iter().filter(|record| record.name.zone_of(name));
        of_its_zone.into_iter().find_map(|record| match &record.data {
            RData::SOA(soa) => Some(seconds(record.ttl).min(seconds(soa.minimum))),
            _ => None,
        })
    }
}

impl Nameserver {
    /// Returns the nameserver at `address`, whose answer is awaited for `timeout`; each query takes
    /// one of the `sockets`.
    pub(super) fn new(address: SocketAddr, timeout: Duration, sockets: Arc<Semaphore>) -> Self {
        Self { address, timeout: timeout.min(LONGEST_TIMEOUT), sockets, share: None }
    }

    /// Returns the same nameserver, limited to `share` of the `sockets`.
    pub(super) fn with_share(&self, share: usize, sockets: &Arc<Semaphore>) -> Self {
        let share = Some(Arc::new(Semaphore::new(share)));
        Self { share, ..Self::new(self.address, self.timeout, Arc::clone(sockets)) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its answer for the records of `name`, queried once.
    pub(super) async fn ask(&self, name: &Name, record_type: RecordType) -> Told {
        let query = Query::query(name.clone(), record_type);
        let mut options = DnsRequestOptions::default();
        let told = self.exchange(&query, options).await;
        match &told.outcome {
            // Old servers treat the unknown record as an error (RFC 6891 §7).
            Err(ResolutionFailure::OtherCode { code }) if NO_EDNS.contains(code) => {
                options.use_edns = false;
                self.exchange(&query, options).await
            }
            _ => told,
        }
    }

    /// Returns whether it gives any conclusive answer for the root over `transport`.
    pub(super) async fn answers_for_the_root(&self, transport: Transport) -> bool {
        let (name, record_type) = (Name::root(), RecordType::SOA);
        let outcome = match transport {
            Transport::Udp => self.ask(&name, record_type).await.outcome,
            Transport::Tcp => {
                let query = Query::query(name, record_type);
                let request = DnsRequest::from_query(query.clone(), DnsRequestOptions::default());
                let _socket = self.socket().await;
                self.exchange_by_tcp(&query, &request).await
            }
        };
        match outcome {
            Ok(_) => true,
            Err(failure) => matches!(failure, ResolutionFailure::OtherCode { .. }),
        }
    }

    async fn exchange(&self, query: &Query, options: DnsRequestOptions) -> Told {
        let _socket = self.socket().await;
        let started = Instant::now();
        let request = DnsRequest::from_query(query.clone(), options);
        let outcome = match timeout(self.timeout, udp::ask(self.address, &request)).await {
            Ok(Ok(message)) if message.metadata.truncation => {
                // On the heap: few queries need it, and every future would be as large.
                let outcome = Box::pin(self.exchange_by_tcp(query, &request)).await;
                return Told { outcome, transport: Transport::Tcp };
            }
            Ok(Ok(message)) => read_message(query, message),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(ResolutionFailure::TimedOut { waited: started.elapsed() }),
        };
        Told { outcome, transport: Transport::Udp }
    }

    /// Waits for a permit; the wait does not count as the nameserver's time. The nameserver's own
    /// share comes first, so that it takes none from the others while it waits. The semaphores are
    /// never closed; without a permit the queries would only be unlimited.
    async fn socket(&self) -> [Option<SemaphorePermit<'_>>; 2] {
        let share = match &self.share {
            Some(share) => share.acquire().await.ok(),
            None => None,
        };
        [share, self.sockets.acquire().await.ok()]
    }

    async fn exchange_by_tcp(
        &self,
        query: &Query,
        request: &DnsRequest,
    ) -> Result<Reply, ResolutionFailure> {
        match timeout(self.timeout, tcp::ask(self.address, request)).await {
            Ok(Ok(message)) => read_message(query, message),
            Ok(Err(failure)) => Err(failure),
            Err(_) => {
                let seconds = self.timeout.as_secs_f64();
                let detail = format!("no answer within {seconds:.1} s");
                Err(ResolutionFailure::TcpFailed { detail })
            }
        }
    }
}

/// FORMERR, NOTIMP and BADVERS, which servers without EDNS return.
const NO_EDNS: [u16; 3] = [1, 4, 16];

/// Interprets an answer in wire format.
pub(super) fn read_bytes(query: &Query, bytes: &[u8]) -> Result<Reply, ResolutionFailure> {
    let message = Message::from_vec(bytes)
        .map_err(|error| ResolutionFailure::Unusable { detail: error.to_string() })?;
    read_message(query, message)
}

fn read_message(query: &Query, message: Message) -> Result<Reply, ResolutionFailure> {
    // Over TCP, only the id has been compared.
    if message.queries != [query.clone()] {
        let detail = "it answers a different question".to_owned();
        return Err(ResolutionFailure::Unusable { detail });
    }
    let is_of_the_internet = |record: &Record| record.dns_class == DNSClass::IN;
    let has = |record_type: RecordType| {
        let mut records = message.authorities.iter();
        records.any(|record| is_of_the_internet(record) && record.record_type() == record_type)
    };
    let is_referral = message.answers.is_empty() && has(RecordType::NS) && !has(RecordType::SOA);
    let name_exists = match message.metadata.response_code {
        // Treating it as NODATA would blame the domain (RFC 2308 §2.2 distinguishes the two).
        ResponseCode::NoError if is_referral => {
            let detail = "it is a referral to other nameservers, not a recursive answer".to_owned();
            return Err(ResolutionFailure::Unusable { detail });
        }
        ResponseCode::NoError => true,
        ResponseCode::NXDomain => false,
        ResponseCode::ServFail => return Err(ResolutionFailure::ServFail),
        ResponseCode::Refused => return Err(ResolutionFailure::Refused),
        code => return Err(ResolutionFailure::OtherCode { code: code.into() }),
    };
    let mut authorities = message.authorities;
    authorities
        .retain(|record| is_of_the_internet(record) && record.record_type() == RecordType::SOA);
    let mut records = message.answers;
    let other_class = records.iter().map(|record| record.dns_class).find(|c| *c != DNSClass::IN);
    records.retain(is_of_the_internet);
    Ok(Reply { name_exists, records, other_class, authorities })
}
