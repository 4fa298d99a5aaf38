//! The records of the DNS server, and the reply to a query.

use std::collections::BTreeMap;

use hickory_server::proto::ProtoError;
use hickory_server::proto::op::{LowerQuery, ResponseCode};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType, rdata};

use super::{DemoError, DnsRecord};

/// The records by name, and the number of queries for each name.
#[derive(Default)]
pub(super) struct Zone {
    records: BTreeMap<LowerName, Known>,
    questions: BTreeMap<LowerName, u64>,
}

impl Zone {
    pub(super) fn set(&mut self, name: &str, record: DnsRecord) -> Result<(), DemoError> {
        let refused = |source| DemoError::DnsName { name: name.to_owned(), source };
        let owner = parse(name).map_err(refused)?;
        let known = match record {
            DnsRecord::Addresses { v4, v6, ttl_seconds } => {
                let v4 = v4.into_iter().map(|address| RData::A(rdata::A(address)));
                let v6 = v6.into_iter().map(|address| RData::AAAA(rdata::AAAA(address)));
                Known::Addresses { data: v4.chain(v6).collect(), ttl_seconds }
            }
            DnsRecord::Cname { target, ttl_seconds } => {
                Known::Cname { target: parse(&target).map_err(refused)?, ttl_seconds }
            }
            DnsRecord::NameError => Known::Absent(ResponseCode::NXDomain),
            DnsRecord::NoData => Known::Absent(ResponseCode::NoError),
            DnsRecord::ServerFailure => Known::Failure(ResponseCode::ServFail),
            DnsRecord::Refused => Known::Failure(ResponseCode::Refused),
            DnsRecord::Silence => Known::Silence,
        };
        self.records.insert(LowerName::new(&owner), known);
        Ok(())
    }

    pub(super) fn questions(&self, name: &str) -> u64 {
        parse(name)
            .ok()
            .and_then(|name| self.questions.get(&LowerName::new(&name)).copied())
            .unwrap_or(0)
    }

    /// Counts a query and returns the reply to it.
    pub(super) fn answer(&mut self, question: &LowerQuery) -> Reply {
        *self.questions.entry(question.name().clone()).or_default() += 1;
        let asked = question.query_type();
        // Answers keep the letter case of the query, as nameservers do.
        let mut owner = question.original().name().clone();
        let mut aliases = Vec::new();
        loop {
            match self.records.get(&LowerName::new(&owner)) {
                None if owner.is_root() => return root_reply(asked),
                None => return absent(ResponseCode::NXDomain, aliases),
                Some(Known::Absent(code)) => return absent(*code, aliases),
                Some(Known::Failure(code)) => return Reply::Code(*code),
                Some(Known::Silence) => return Reply::Silence,
                Some(Known::Addresses { data, ttl_seconds }) => {
                    let before = aliases.len();
                    aliases.extend(
                        data.iter().filter(|data| data.record_type() == asked).map(|data| {
                            Record::from_rdata(owner.clone(), *ttl_seconds, data.clone())
                        }),
                    );
                    return if aliases.len() == before {
                        absent(ResponseCode::NoError, aliases)
                    } else {
                        Reply::Found(aliases)
                    };
                }
                Some(Known::Cname { target, ttl_seconds }) => {
                    let data = RData::CNAME(rdata::CNAME(target.clone()));
                    let alias = Record::from_rdata(owner, *ttl_seconds, data);
                    // Answer a CNAME loop once around; the client has to detect it.
                    let is_loop = aliases.contains(&alias);
                    if !is_loop {
                        aliases.push(alias);
                    }
                    if is_loop || asked == RecordType::CNAME {
                        return Reply::Found(aliases);
                    }
                    owner = target.clone();
                }
            }
        }
    }
}

/// The reply to a query.
pub(super) enum Reply {
    Silence,
    /// A response code without records.
    Code(ResponseCode),
    Found(Vec<Record>),
    /// NXDOMAIN or NODATA, with the SOA record that gives the negative TTL (RFC 2308 §3).
    Absent {
        code: ResponseCode,
        aliases: Vec<Record>,
        authority: Box<Record>,
    },
}

enum Known {
    Addresses { data: Vec<RData>, ttl_seconds: u32 },
    Cname { target: Name, ttl_seconds: u32 },
    Absent(ResponseCode),
    Failure(ResponseCode),
    Silence,
}

/// The TTL of negative answers.
const NEGATIVE_TTL_SECONDS: u32 = 5;

/// The name of the nameserver.
const NAME_SERVER: &str = "dns.demo-authority.example.";

fn parse(name: &str) -> Result<Name, ProtoError> {
    let mut name = Name::from_ascii(name)?;
    name.set_fqdn(true);
    Ok(name)
}

fn absent(code: ResponseCode, aliases: Vec<Record>) -> Reply {
    Reply::Absent { code, aliases, authority: Box::new(root_soa()) }
}

fn root_reply(asked: RecordType) -> Reply {
    match asked {
        RecordType::SOA => Reply::Found(vec![root_soa()]),
        RecordType::NS => Reply::Found(vec![Record::from_rdata(
            Name::root(),
            NEGATIVE_TTL_SECONDS,
            RData::NS(rdata::NS(name_server())),
        )]),
        _ => absent(ResponseCode::NoError, Vec::new()),
    }
}

fn root_soa() -> Record {
    let soa =
        rdata::SOA::new(name_server(), name_server(), 1, 3600, 600, 86400, NEGATIVE_TTL_SECONDS);
    Record::from_rdata(Name::root(), NEGATIVE_TTL_SECONDS, RData::SOA(soa))
}

fn name_server() -> Name {
    parse(NAME_SERVER).expect("the constant is a valid domain name")
}
