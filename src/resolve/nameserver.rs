//! One nameserver: how it is asked, and what its answer means.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use hickory_resolver::NameServerPool;
use hickory_resolver::PoolContext;
use hickory_resolver::TlsConfig;
use hickory_resolver::config::ConnectionConfig;
use hickory_resolver::config::NameServerConfig;
use hickory_resolver::config::ResolverOpts;
use hickory_resolver::net::DnsError;
use hickory_resolver::net::NetError;
use hickory_resolver::net::NoRecords;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::net::xfer::FirstAnswer;
use hickory_resolver::proto::op::DnsRequest;
use hickory_resolver::proto::op::DnsRequestOptions;
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::RecordType;
use tokio::time::timeout;

use crate::observation::ResolutionFailure;

use super::LONGEST_TIMEOUT;
use super::MAX_CONCURRENT_QUESTIONS;
use super::ResolverError;
use super::chain::seconds;
use super::udp;

/// One nameserver, asked by UDP, and by TCP where its answer does not fit.
///
/// TCP is the library's, on the level below its resolver: that one follows canonical names on its
/// own and forgets them when they lead nowhere, and does not tell which nameserver answered.
pub(super) struct Nameserver {
    address: SocketAddr,
    timeout: Duration,
    tcp: NameServerPool<TokioRuntimeProvider>,
}

/// An answer that settles the question: RCODE 0 or 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// False for NXDOMAIN: the last name that the records lead to does not exist (RFC 6604 §3).
    pub(super) name_exists: bool,
    /// The answer section.
    pub(super) records: Vec<Record>,
    /// For how long it may be believed that there is nothing more, as the zone's SOA record says.
    pub(super) negative_ttl_seconds: Option<u32>,
}

impl Nameserver {
    /// Returns the nameserver at `address`, to be waited for as long as `timeout`.
    pub(super) fn new(address: SocketAddr, timeout: Duration) -> Result<Self, ResolverError> {
        let timeout = timeout.min(LONGEST_TIMEOUT);
        let mut options = ResolverOpts::default();
        options.timeout = timeout;
        // Our own bound is the one that counts; beyond this one the library would answer "busy".
        options.max_active_requests = MAX_CONCURRENT_QUESTIONS;
        let tls = TlsConfig::new().map_err(|error| ResolverError::NameserverUnusable {
            nameserver: address,
            detail: error.to_string(),
        })?;
        let mut connection = ConnectionConfig::tcp();
        connection.port = address.port();
        let trusts_negative_answers = true;
        let config = NameServerConfig::new(address.ip(), trusts_negative_answers, vec![connection]);
        let tcp = NameServerPool::from_config(
            [config],
            Arc::new(PoolContext::new(options, tls)),
            TokioRuntimeProvider::default(),
        );
        Ok(Self { address, timeout, tcp })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what it says of the records of `name`, asked once.
    pub(super) async fn ask(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Result<Reply, ResolutionFailure> {
        let query = Query::query(name.clone(), record_type);
        let mut options = DnsRequestOptions::default();
        match self.exchange(&query, options).await {
            // Old servers take the unknown record for an error (RFC 6891 §7).
            Err(ResolutionFailure::OtherCode { code }) if NO_EDNS.contains(&code) => {
                options.use_edns = false;
                self.exchange(&query, options).await
            }
            outcome => outcome,
        }
    }

    /// Tells whether it has an answer for the root, whatever that is.
    pub(super) async fn answers_for_the_root(&self) -> bool {
        match self.ask(&Name::root(), RecordType::SOA).await {
            Ok(_) => true,
            Err(failure) => matches!(failure, ResolutionFailure::OtherCode { .. }),
        }
    }

    async fn exchange(
        &self,
        query: &Query,
        options: DnsRequestOptions,
    ) -> Result<Reply, ResolutionFailure> {
        let started = Instant::now();
        let request = DnsRequest::from_query(query.clone(), options);
        match timeout(self.timeout, udp::ask(self.address, &request)).await {
            // On the heap: hardly any question comes so far, and every question would be as large.
            Ok(Ok(message)) if message.metadata.truncation => {
                Box::pin(self.exchange_by_tcp(query, options, started)).await
            }
            Ok(Ok(message)) => read_message(query, message),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(ResolutionFailure::TimedOut { waited: started.elapsed() }),
        }
    }

    async fn exchange_by_tcp(
        &self,
        query: &Query,
        options: DnsRequestOptions,
        started: Instant,
    ) -> Result<Reply, ResolutionFailure> {
        let answer = self.tcp.lookup(query.clone(), options).first_answer();
        // A connection and its answer are timed apart by the library.
        match timeout(self.timeout, answer).await {
            Ok(Ok(response)) => read_message(query, response.into_message()),
            Ok(Err(NetError::Dns(DnsError::NoRecordsFound(none)))) => read_absence(query, &none),
            Ok(Err(NetError::Dns(DnsError::ResponseCode(code)))) => Err(failure_of(code)),
            Ok(Err(NetError::Timeout)) | Err(_) => {
                Err(ResolutionFailure::TimedOut { waited: started.elapsed() })
            }
            Ok(Err(error)) => Err(ResolutionFailure::Unusable { detail: error.to_string() }),
        }
    }
}

/// FORMERR, NOTIMP and BADVERS, which a server gives that knows no EDNS.
const NO_EDNS: [u16; 3] = [1, 4, 16];

fn read_message(query: &Query, message: Message) -> Result<Reply, ResolutionFailure> {
    // By TCP the library compares the id only.
    if message.queries != [query.clone()] {
        return Err(other_question());
    }
    let is_referral = message.answers.is_empty()
        && message.authorities.iter().any(|record| record.record_type() == RecordType::NS)
        && !message.authorities.iter().any(|record| record.record_type() == RecordType::SOA);
    let negative_ttl_seconds = negative_ttl(&message.authorities);
    settle(message.metadata.response_code, message.answers, negative_ttl_seconds, is_referral)
}

fn read_absence(query: &Query, none: &NoRecords) -> Result<Reply, ResolutionFailure> {
    if *none.query != *query {
        return Err(other_question());
    }
    let is_referral = none.ns.is_some() && none.soa.is_none();
    let negative_ttl_seconds = none.authorities.as_deref().and_then(negative_ttl);
    settle(none.response_code, Vec::new(), negative_ttl_seconds, is_referral)
}

fn settle(
    code: ResponseCode,
    records: Vec<Record>,
    negative_ttl_seconds: Option<u32>,
    is_referral: bool,
) -> Result<Reply, ResolutionFailure> {
    match code {
        // To take it for NODATA would blame the domain (RFC 2308 §2.2 tells the two apart).
        ResponseCode::NoError if is_referral => Err(ResolutionFailure::Unusable {
            detail: "it refers to other nameservers instead of asking them itself".to_owned(),
        }),
        ResponseCode::NoError => Ok(Reply { name_exists: true, records, negative_ttl_seconds }),
        ResponseCode::NXDomain => Ok(Reply { name_exists: false, records, negative_ttl_seconds }),
        code => Err(failure_of(code)),
    }
}

/// Returns the smaller of the SOA record's own TTL and its last field (RFC 2308 §5).
fn negative_ttl(authorities: &[Record]) -> Option<u32> {
    authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some(seconds(record.ttl).min(seconds(soa.minimum))),
        _ => None,
    })
}

fn failure_of(code: ResponseCode) -> ResolutionFailure {
    match code {
        ResponseCode::ServFail => ResolutionFailure::ServFail,
        ResponseCode::Refused => ResolutionFailure::Refused,
        code => ResolutionFailure::OtherCode { code: code.into() },
    }
}

fn other_question() -> ResolutionFailure {
    ResolutionFailure::Unusable { detail: "it answers another question".to_owned() }
}
