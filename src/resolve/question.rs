//! One question, A or AAAA, followed to its end: the addresses, or why there are none.

use std::time::Duration;

use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::RecordType;

use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::origin::DomainName;

use super::chain::Chain;
use super::chain::Endless;
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
    let mut answer = FamilyAnswer {
        family,
        cnames: Vec::new(),
        outcome: Err(ResolutionFailure::CnameLoop),
        nameserver: None,
        negative_ttl_seconds: None,
        age: Duration::ZERO,
    };
    let mut chain = match Name::from_labels(domain.labels().map(str::as_bytes)) {
        Ok(name) => Chain::new(name),
        Err(error) => {
            answer.outcome = Err(ResolutionFailure::Unusable { detail: error.to_string() });
            return answer;
        }
    };
    for _ in 0..MAX_QUESTIONS {
        let answered = nameservers.ask(chain.end(), record_type(family)).await;
        answer.nameserver = answered.nameserver.map(Nameserver::address);
        answer.outcome = match (answered.outcome, answered.nameserver) {
            (Ok(reply), _) => match read(&mut chain, family, &reply) {
                Step::Settled(outcome) => {
                    if let Err(ResolutionFailure::NxDomain | ResolutionFailure::NoData) = outcome {
                        let ttl = reply.negative_ttl_seconds;
                        answer.negative_ttl_seconds = ttl.map(|ttl| chain.limit(ttl));
                    }
                    outcome
                }
                Step::Onward => continue,
            },
            (Err(ResolutionFailure::ServFail), Some(nameserver)) => {
                Err(trace(&mut chain, nameserver).await)
            }
            (Err(failure), _) => Err(failure),
        };
        break;
    }
    answer.cnames = chain.cnames();
    answer
}

/// Names that lead on through so many answers count as endless.
const MAX_QUESTIONS: usize = 16;

enum Step {
    Settled(Result<Vec<ResolvedAddress>, ResolutionFailure>),
    /// The answer ends at a canonical name of which it says nothing.
    Onward,
}

fn read(chain: &mut Chain, family: Family, reply: &Reply) -> Step {
    let known = chain.length();
    if chain.follow(&reply.records) == Err(Endless) {
        return Step::Settled(Err(ResolutionFailure::CnameLoop));
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
    Step::Settled(Err(absence(chain.end(), &reply.records)))
}

/// Returns what an answer without an address means.
fn absence(name: &Name, records: &[Record]) -> ResolutionFailure {
    match records.first() {
        Some(first) if records.iter().all(|record| record.name != *name) => {
            ResolutionFailure::Unusable {
                detail: format!("its records are of another name, {}", first.name.to_ascii()),
            }
        }
        _ => ResolutionFailure::NoData,
    }
}

/// Returns why a nameserver failed, having asked it for one canonical name after the other.
///
/// Most recursive nameservers answer a loop with SERVFAIL and nothing else.
async fn trace(chain: &mut Chain, nameserver: &Nameserver) -> ResolutionFailure {
    for _ in 0..MAX_QUESTIONS {
        let known = chain.length();
        let Ok(reply) = nameserver.ask(chain.end(), RecordType::CNAME).await else {
            return ResolutionFailure::ServFail;
        };
        if chain.follow(&reply.records) == Err(Endless) {
            return ResolutionFailure::CnameLoop;
        }
        if chain.length() == known {
            return ResolutionFailure::ServFail;
        }
    }
    ResolutionFailure::CnameLoop
}

fn record_type(family: Family) -> RecordType {
    match family {
        Family::Ipv4 => RecordType::A,
        Family::Ipv6 => RecordType::AAAA,
    }
}
