//! One nameserver: how it is asked, and what its answer means.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use hickory_resolver::proto::op::DnsRequest;
use hickory_resolver::proto::op::DnsRequestOptions;
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::DNSClass;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::RecordType;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use crate::observation::ResolutionFailure;
use crate::observation::Transport;

use super::LONGEST_TIMEOUT;
use super::chain::seconds;
use super::tcp;
use super::udp;

/// One nameserver, asked by UDP, and by TCP where its answer does not fit.
pub(super) struct Nameserver {
    address: SocketAddr,
    timeout: Duration,
    sockets: Arc<Semaphore>,
    /// How many of the sockets this nameserver may take; `None` for all.
    share: Option<Arc<Semaphore>>,
}

/// The outcome of one question.
pub(super) struct Told {
    pub(super) outcome: Result<Reply, ResolutionFailure>,
    /// The transport of the last question to it.
    pub(super) transport: Transport,
}

/// An answer that settles the question: RCODE 0 or 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// False for NXDOMAIN: the last name that the records lead to does not exist (RFC 6604 §3).
    pub(super) name_exists: bool,
    /// The records of the answer section that are of the class IN.
    pub(super) records: Vec<Record>,
    /// The class of one that is of another class.
    pub(super) other_class: Option<DNSClass>,
    /// The SOA records that came with it, of the class IN.
    authorities: Vec<Record>,
}

impl Reply {
    /// Returns for how long it may be believed that there is nothing more of `name`: the smaller of
    /// its zone's SOA record's own TTL and last field (RFC 2308 §5).
    pub(super) fn negative_ttl_seconds(&self, name: &Name) -> Option<u32> {
        let of_its_zone = self.authorities.iter().filter(|record| record.name.zone_of(name));
        of_its_zone.into_iter().find_map(|record| match &record.data {
            RData::SOA(soa) => Some(seconds(record.ttl).min(seconds(soa.minimum))),
            _ => None,
        })
    }
}

impl Nameserver {
    /// Returns the nameserver at `address`, to be waited for as long as `timeout`; each question
    /// takes one of the `sockets`.
    pub(super) fn new(address: SocketAddr, timeout: Duration, sockets: Arc<Semaphore>) -> Self {
        Self { address, timeout: timeout.min(LONGEST_TIMEOUT), sockets, share: None }
    }

    /// Returns the same nameserver, asked over at most so many of `sockets`.
    pub(super) fn with_share(&self, share: usize, sockets: &Arc<Semaphore>) -> Self {
        let share = Some(Arc::new(Semaphore::new(share)));
        Self { share, ..Self::new(self.address, self.timeout, Arc::clone(sockets)) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what it says of the records of `name`, asked once.
    pub(super) async fn ask(&self, name: &Name, record_type: RecordType) -> Told {
        let query = Query::query(name.clone(), record_type);
        let mut options = DnsRequestOptions::default();
        let told = self.exchange(&query, options).await;
        match &told.outcome {
            // Old servers take the unknown record for an error (RFC 6891 §7).
            Err(ResolutionFailure::OtherCode { code }) if NO_EDNS.contains(code) => {
                options.use_edns = false;
                self.exchange(&query, options).await
            }
            _ => told,
        }
    }

    /// Returns whether it has an answer for the root over `transport`, whatever that is.
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
                // On the heap: hardly any question comes so far, and every question would be as
                // large.
                let outcome = Box::pin(self.exchange_by_tcp(query, &request)).await;
                return Told { outcome, transport: Transport::Tcp };
            }
            Ok(Ok(message)) => read_message(query, message),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(ResolutionFailure::TimedOut { waited: started.elapsed() }),
        };
        Told { outcome, transport: Transport::Udp }
    }

    /// Waits for a place, which is no part of the nameserver's time: first for one of its share, so
    /// that it takes none from the others while it waits. The semaphores are never closed; without a
    /// permit the questions would only be unbounded.
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
                let detail = format!("it does not answer within {seconds:.1} s");
                Err(ResolutionFailure::TcpFailed { detail })
            }
        }
    }
}

/// FORMERR, NOTIMP and BADVERS, which a server gives that knows no EDNS.
const NO_EDNS: [u16; 3] = [1, 4, 16];

/// Reads an answer as it came in.
pub(super) fn read_bytes(query: &Query, bytes: &[u8]) -> Result<Reply, ResolutionFailure> {
    let message = Message::from_vec(bytes)
        .map_err(|error| ResolutionFailure::Unusable { detail: error.to_string() })?;
    read_message(query, message)
}

fn read_message(query: &Query, message: Message) -> Result<Reply, ResolutionFailure> {
    // By TCP the id only has been compared.
    if message.queries != [query.clone()] {
        let detail = "it answers another question".to_owned();
        return Err(ResolutionFailure::Unusable { detail });
    }
    let is_of_the_internet = |record: &Record| record.dns_class == DNSClass::IN;
    let has = |record_type: RecordType| {
        let mut records = message.authorities.iter();
        records.any(|record| is_of_the_internet(record) && record.record_type() == record_type)
    };
    let is_referral = message.answers.is_empty() && has(RecordType::NS) && !has(RecordType::SOA);
    let name_exists = match message.metadata.response_code {
        // To take it for NODATA would blame the domain (RFC 2308 §2.2 tells the two apart).
        ResponseCode::NoError if is_referral => {
            let detail = "it refers to other nameservers instead of asking them itself".to_owned();
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
