//! One question, A or AAAA, followed to its end: the addresses, or why there are none.

use std::time::Duration;

use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::RecordType;

use crate::observation::ChainLength;
use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::observation::Transport;
use crate::origin::DomainName;

use super::chain::Chain;
use super::chain::MAX_CNAMES;
use super::chain::Stop;
use super::nameserver;
use super::nameserver::Nameserver;
use super::nameserver::Reply;
use super::nameservers::Nameservers;

/// Returns what the nameservers say of the addresses of `domain` in one family.
///
/// A recursive nameserver gives the canonical names and the addresses in one answer. Those that
/// stop on the way are asked again for the name they stopped at.
pub(super) async fn answer(
    nameservers: &Nameservers,
    domain: &DomainName,
    family: Family,
) -> FamilyAnswer {
    let mut question = match Question::new(domain, family) {
        Ok(question) => question,
        Err(answer) => return *answer,
    };
    // One more: each question but the last leads on to another name.
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
    question.settled(Err(Stop::TooLong.into()))
}

/// Returns what the bytes of one nameserver's answer say of the addresses of `domain`; `None`
/// where they end at a canonical name that another question has to follow.
///
/// The resolver reads every answer in this way; by itself it is for the fuzz target.
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

/// A question on its way to its answer.
struct Question {
    /// The canonical names so far.
    chain: Chain,
    answer: FamilyAnswer,
}

impl Question {
    /// Returns the question about a domain; the answer where its name cannot be asked for.
    fn new(domain: &DomainName, family: Family) -> Result<Self, Box<FamilyAnswer>> {
        let answer = |failure| FamilyAnswer {
            family,
            cnames: Vec::new(),
            outcome: Err(failure),
            competing_aliases: None,
            nameserver: None,
            transport: Transport::Udp,
            negative_ttl_seconds: None,
            age: Duration::ZERO,
        };
        match Name::from_labels(domain.labels().map(str::as_bytes)) {
            Ok(name) => Ok(Self { chain: Chain::new(name), answer: answer(Stop::TooLong.into()) }),
            Err(error) => {
                let failure = ResolutionFailure::Unusable { detail: error.to_string() };
                Err(Box::new(answer(failure)))
            }
        }
    }

    /// Returns the outcome; `None` where the reply ends at a canonical name and says nothing about
    /// it.
    fn read(&mut self, reply: &Reply) -> Option<Result<Vec<ResolvedAddress>, ResolutionFailure>> {
        let known = self.chain.length();
        if let Err(stop) = self.chain.follow(&reply.records) {
            return Some(Err(stop.into()));
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

/// Every recursive nameserver follows as many canonical names.
const FOLLOWED_BY_ALL: usize = 8;

/// Returns what an answer without an address means.
fn absence(name: &Name, reply: &Reply) -> ResolutionFailure {
    let is_of_name = |record: &Record| record.name == *name;
    let detail = match (reply.records.first(), reply.other_class) {
        (Some(first), _) if !reply.records.iter().any(is_of_name) => {
            format!("its records are of another name, {}", first.name.to_ascii())
        }
        (None, Some(class)) => format!("its records are of the class {class}, not IN"),
        _ => return ResolutionFailure::NoData,
    };
    ResolutionFailure::Unusable { detail }
}

/// Returns why a nameserver failed, having asked it for one canonical name after the other.
///
/// Most recursive nameservers answer a loop, and a chain longer than they follow, with SERVFAIL and
/// nothing else.
async fn trace(chain: &mut Chain, nameserver: &Nameserver, family: Family) -> ResolutionFailure {
    for _ in 0..=MAX_CNAMES {
        let known = chain.length();
        let Ok(reply) = nameserver.ask(chain.end(), RecordType::CNAME).await.outcome else {
            return ResolutionFailure::ServFail;
        };
        if let Err(stop) = chain.follow(&reply.records) {
            return stop.into();
        }
        if chain.length() == known {
            break;
        }
    }
    if chain.length() < FOLLOWED_BY_ALL {
        return ResolutionFailure::ServFail;
    }
    // Where the end has an address by itself, the length is what the nameserver failed on.
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
