//! One query, A or AAAA, followed to its end: the addresses, or why there are none.

use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, Record, RecordType};

use crate::observation::{ChainLength, Family, FamilyAnswer, ResolutionFailure, ResolvedAddress};
use crate::origin::DomainName;

use super::chain::{Chain, MAX_CNAMES, too_long};
use super::nameserver;
use super::nameserver::{Nameserver, Reply};
use super::nameservers::Nameservers;

/// Returns the nameservers' answer for the addresses of `domain` in one family.
///
/// A recursive nameserver returns the CNAME records and the addresses in one answer. Nameservers
/// that stop before the end are queried again for the name at which they stopped.
pub(super) async fn answer(
    nameservers: &Nameservers,
    domain: &DomainName,
    family: Family,
) -> FamilyAnswer {
    let mut question = match Question::new(domain, family) {
        Ok(question) => question,
        Err(answer) => return *answer,
    };
    // One more: each query but the last leads to another name.
    for _ in 0..=MAX_CNAMES {
        let answered = nameservers.ask(question.chain.end(), record_type(family)).await;
        question.answer.nameserver = answered.nameserver.map(Nameserver::address);
        question.answer.transport = answered.transport;
        let outcome = match (answered.outcome, answered.nameserver) {
            (Ok(reply), _) => match question.read(&reply) {
                Some(outcome) => outcome,
                None => continue,
            },
            (Err(ResolutionFailure::ServFail), Some(nameserver)) => {
                Err(trace(&mut question.chain, nameserver, family).await)
            }
            (Err(failure), _) => Err(failure),
        };
        return question.settled(outcome);
    }
    question.settled(Err(too_long()))
}

/// Returns what one nameserver's answer in wire format says about the addresses of `domain`; `None`
/// if it ends at a CNAME record that another query has to follow.
///
/// The resolver interprets every answer in this way. It is public for the fuzz target.
pub fn read_answer(message: &[u8], domain: &DomainName, family: Family) -> Option<FamilyAnswer> {
    let mut question = match Question::new(domain, family) {
        Ok(question) => question,
        Err(answer) => return Some(*answer),
    };
    let query = Query::query(question.chain.end().clone(), record_type(family));
    let outcome = match nameserver::read_bytes(&query, message) {
        Ok(reply) => question.read(&reply)?,
        Err(failure) => Err(failure),
    };
    Some(question.settled(outcome))
}

/// A query in progress.
struct Question {
    /// The CNAME chain so far.
    chain: Chain,
    answer: FamilyAnswer,
}

impl Question {
    /// Returns the query for a domain, or the answer if its name cannot be queried.
    fn new(domain: &DomainName, family: Family) -> Result<Self, Box<FamilyAnswer>> {
        let answer = |failure| FamilyAnswer::failed(family, failure);
        match Name::from_labels(domain.labels().map(str::as_bytes)) {
            Ok(name) => Ok(Self { chain: Chain::new(name), answer: answer(too_long()) }),
            Err(error) => {
                let failure = ResolutionFailure::Unusable { detail: error.to_string() };
                Err(Box::new(answer(failure)))
            }
        }
    }

    /// Returns the outcome; `None` if the reply ends at a CNAME record and says nothing about its
    /// target.
    fn read(&mut self, reply: &Reply) -> Option<Result<Vec<ResolvedAddress>, ResolutionFailure>> {
        let known = self.chain.length();
        if let Err(failure) = self.chain.follow(&reply.records) {
            return Some(Err(failure));
        }
        let failure = if reply.name_exists {
            let addresses = self.chain.addresses(self.answer.family, &reply.records);
            if !addresses.is_empty() {
                return Some(Ok(addresses));
            }
            if self.chain.length() > known {
                return None;
            }
            absence(self.chain.end(), reply)
        } else {
            ResolutionFailure::NxDomain
        };
        if matches!(failure, ResolutionFailure::NxDomain | ResolutionFailure::NoData) {
            let ttl = reply.negative_ttl_seconds(self.chain.end());
            self.answer.negative_ttl_seconds = ttl.map(|ttl| self.chain.limit(ttl));
        }
        Some(Err(failure))
    }

    fn settled(self, outcome: Result<Vec<ResolvedAddress>, ResolutionFailure>) -> FamilyAnswer {
        FamilyAnswer {
            outcome,
            cnames: self.chain.cnames(),
            competing_aliases: self.chain.competing_aliases(),
            ..self.answer
        }
    }
}

/// Every recursive nameserver follows this many CNAME records.
const FOLLOWED_BY_ALL: usize = 8;

/// Interprets an answer without addresses.
fn absence(name: &Name, reply: &Reply) -> ResolutionFailure {
    let is_of_name = |record: &Record| record.name == *name;
    let detail = match (reply.records.first(), reply.other_class) {
        (Some(first), _) if !reply.records.iter().any(is_of_name) => {
            format!("its records are for another name, {}", first.name.to_ascii())
        }
        (None, Some(class)) => format!("its records have the class {class}, not IN"),
        _ => return ResolutionFailure::NoData,
    };
    ResolutionFailure::Unusable { detail }
}

/// Returns why a nameserver failed, by querying it for one CNAME target after the other.
///
/// Most recursive nameservers answer a loop, or a chain longer than they follow, with a bare
/// SERVFAIL.
async fn trace(chain: &mut Chain, nameserver: &Nameserver, family: Family) -> ResolutionFailure {
    for _ in 0..=MAX_CNAMES {
        let known = chain.length();
        let Ok(reply) = nameserver.ask(chain.end(), RecordType::CNAME).await.outcome else {
            return ResolutionFailure::ServFail;
        };
        if let Err(failure) = chain.follow(&reply.records) {
            return failure;
        }
        if chain.length() == known {
            break;
        }
    }
    if chain.length() < FOLLOWED_BY_ALL {
        return ResolutionFailure::ServFail;
    }
    // If the end has an address of its own, the nameserver failed because of the length.
    match nameserver.ask(chain.end(), record_type(family)).await.outcome {
        Ok(reply) if !chain.addresses(family, &reply.records).is_empty() => {
            ResolutionFailure::TooManyCnames { length: ChainLength::Exactly(chain.length()) }
        }
        _ => ResolutionFailure::ServFail,
    }
}

fn record_type(family: Family) -> RecordType {
    match family {
        Family::Ipv4 => RecordType::A,
        Family::Ipv6 => RecordType::AAAA,
    }
}
