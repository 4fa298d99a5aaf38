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
    let mut answer = unanswered(family);
    let mut chain = match chain_from(domain) {
        Ok(chain) => chain,
        Err(failure) => return FamilyAnswer { outcome: Err(failure), ..answer },
    };
    // One more: each question but the last leads on to another name.
    for _ in 0..=MAX_CNAMES {
        let answered = nameservers.ask(chain.end(), record_type(family)).await;
        answer.nameserver = answered.nameserver.map(Nameserver::address);
        answer.transport = answered.transport;
        answer.outcome = match (answered.outcome, answered.nameserver) {
            (Ok(reply), _) => match read(&mut chain, family, &reply) {
                Step::Settled(outcome) => {
                    answer.negative_ttl_seconds = negative_ttl_seconds(&chain, &outcome, &reply);
                    outcome
                }
                Step::Onward => continue,
            },
            (Err(ResolutionFailure::ServFail), Some(nameserver)) => {
                Err(trace(&mut chain, nameserver, family).await)
            }
            (Err(failure), _) => Err(failure),
        };
        break;
    }
    answer.cnames = chain.cnames();
    answer.competing_aliases = chain.competing_aliases();
    answer
}

/// Returns what the bytes of one nameserver's answer say of the addresses of `domain`; `None`
/// where they end at a canonical name that another question has to follow.
///
/// The resolver reads every answer in this way; by itself it is for the fuzz target.
pub fn read_answer(message: &[u8], domain: &DomainName, family: Family) -> Option<FamilyAnswer> {
    let mut answer = unanswered(family);
    let reply = chain_from(domain).and_then(|chain| {
        let query = Query::query(chain.end().clone(), record_type(family));
        Ok((chain, nameserver::read_bytes(&query, message)?))
    });
    answer.outcome = match reply {
        Ok((mut chain, reply)) => {
            let Step::Settled(outcome) = read(&mut chain, family, &reply) else { return None };
            answer.negative_ttl_seconds = negative_ttl_seconds(&chain, &outcome, &reply);
            answer.cnames = chain.cnames();
            answer.competing_aliases = chain.competing_aliases();
            outcome
        }
        Err(failure) => Err(failure),
    };
    Some(answer)
}

fn unanswered(family: Family) -> FamilyAnswer {
    FamilyAnswer {
        family,
        cnames: Vec::new(),
        outcome: Err(Stop::TooLong.into()),
        competing_aliases: None,
        nameserver: None,
        transport: Transport::Udp,
        negative_ttl_seconds: None,
        age: Duration::ZERO,
    }
}

fn chain_from(domain: &DomainName) -> Result<Chain, ResolutionFailure> {
    Name::from_labels(domain.labels().map(str::as_bytes))
        .map(Chain::new)
        .map_err(|error| ResolutionFailure::Unusable { detail: error.to_string() })
}

fn negative_ttl_seconds(
    chain: &Chain,
    outcome: &Result<Vec<ResolvedAddress>, ResolutionFailure>,
    reply: &Reply,
) -> Option<u32> {
    match outcome {
        Err(ResolutionFailure::NxDomain | ResolutionFailure::NoData) => {
            reply.negative_ttl_seconds(chain.end()).map(|ttl| chain.limit(ttl))
        }
        _ => None,
    }
}

/// Every recursive nameserver follows as many canonical names.
const FOLLOWED_BY_ALL: usize = 8;

enum Step {
    Settled(Result<Vec<ResolvedAddress>, ResolutionFailure>),
    /// The answer ends at a canonical name of which it says nothing.
    Onward,
}

fn read(chain: &mut Chain, family: Family, reply: &Reply) -> Step {
    let known = chain.length();
    if let Err(stop) = chain.follow(&reply.records) {
        return Step::Settled(Err(stop.into()));
    }
    if !reply.name_exists {
        return Step::Settled(Err(ResolutionFailure::NxDomain));
    }
    let addresses = chain.addresses(family, &reply.records);
    if !addresses.is_empty() {
        return Step::Settled(Ok(addresses));
    }
    if chain.length() > known {
        return Step::Onward;
    }
    Step::Settled(Err(absence(chain.end(), reply)))
}

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
