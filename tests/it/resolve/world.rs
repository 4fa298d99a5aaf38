//! What a recursive nameserver says of a small world.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::{A, NS};
use hickory_resolver::proto::rr::{RData, Record, RecordType};

use super::test_nameserver::{Answer, Question, a, aaaa, cname, name, of_chaos};
use origin_probe::observation::Transport;

pub(super) fn noerror(records: Vec<Record>) -> Answer {
    Answer::Records(ResponseCode::NoError, records)
}

pub(super) fn code(code: ResponseCode) -> Answer {
    Answer::Records(code, Vec::new())
}

/// A recursive nameserver's view of a small world; a name's first label tells its story.
pub(super) fn world(question: &Question) -> Answer {
    let owner = question.name.as_str();
    let is_ipv4 = question.record_type == RecordType::A;
    let is_cname = question.record_type == RecordType::CNAME;
    let alias = |ttl, target: &str| noerror(vec![cname(owner, ttl, target)]);
    let all = |parts: &[Vec<Record>]| noerror(parts.concat());
    let both = |owner: &str, ttl| match question.record_type {
        RecordType::A => vec![a(owner, ttl, "192.0.2.1"), a(owner, ttl, "192.0.2.2")],
        RecordType::AAAA => vec![aaaa(owner, ttl, "2001:db8::1")],
        _ => Vec::new(),
    };
    match owner.split('.').next().unwrap() {
        "" | "nodata" => noerror(Vec::new()),
        "plain" => noerror(both(owner, 60)),
        "ipv4only" if is_ipv4 => noerror(both(owner, 60)),
        "ipv4only" => noerror(Vec::new()),
        "ipv6servfail" if is_ipv4 => noerror(both(owner, 60)),
        "nxdomain" => code(ResponseCode::NXDomain),
        "servfail" | "ipv6servfail" => code(ResponseCode::ServFail),
        "refused" => code(ResponseCode::Refused),
        "notauth" => code(ResponseCode::NotAuth),
        "code11" => code(ResponseCode::Unknown(11)),
        "noedns" if question.has_edns => code(ResponseCode::FormErr),
        "noedns" => noerror(both(owner, 60)),
        "chain" => all(&[
            vec![
                cname(owner, 300, "chain1.example"),
                cname("chain1.example", 20, "chain2.example"),
                cname("chain2.example", 300, "plain.example"),
            ],
            both("plain.example", 60),
        ]),
        "stepwise" => alias(30, "step1.example"),
        "step1" => alias(40, "plain.example"),
        "loop" => {
            noerror(vec![cname(owner, 5, "back.example"), cname("back.example", 5, "loop.example")])
        }
        "steploop" => alias(5, "stepback.example"),
        "stepback" => alias(5, "steploop.example"),
        "failloop" if is_cname => alias(5, "failback.example"),
        "failback" if is_cname => alias(5, "failloop.example"),
        "failloop" | "failback" => code(ResponseCode::ServFail),
        "failend" if is_cname => alias(5, "servfail.example"),
        "failend" => code(ResponseCode::ServFail),
        "without" => {
            let label = owner.trim_end_matches(".example").trim_start_matches("without.");
            let next: u32 = label.trim_start_matches('n').parse().unwrap_or(0) + 1;
            alias(5, &format!("without.n{next}.example"))
        }
        "long20" => all(&[
            vec![cname(owner, 60, "link1.example")],
            (1..20).map(|n| link(n, n + 1)).collect(),
            both("link20.example", 60),
        ]),
        "long70" => all(&[
            vec![cname(owner, 60, "link1.example")],
            (1..70).map(|n| link(n, n + 1)).collect(),
        ]),
        "stepsof20" => alias(60, "link1.example"),
        "failsat20" if is_cname => alias(60, "faillink1.example"),
        "failsat20" => code(ResponseCode::ServFail),
        "faillink20" if is_cname => noerror(Vec::new()),
        "faillink20" => noerror(both(owner, 60)),
        "competing" => all(&[
            vec![
                cname(owner, 60, "first.example"),
                cname(owner, 60, "second.example"),
                of_chaos(cname(owner, 60, "third.example")),
            ],
            both("first.example", 60),
        ]),
        "chaos" => noerror(both(owner, 60).into_iter().map(of_chaos).collect()),
        "chaosalias" => all(&[
            vec![of_chaos(cname(owner, 60, "elsewhere.example"))],
            both("elsewhere.example", 60),
            both(owner, 60),
            both(owner, 60).into_iter().map(of_chaos).map(with_other_address).collect(),
        ]),
        _ if owner.starts_with("faillink") && !is_cname => code(ResponseCode::ServFail),
        _ if owner.starts_with("link20.") => noerror(both(owner, 60)),
        _ if owner.starts_with("link") || owner.starts_with("faillink") => {
            let (word, number) =
                owner.trim_end_matches(".example").split_at(owner.find("link").unwrap() + 4);
            let number: u32 = number.parse().unwrap();
            alias(60, &format!("{word}{}.example", number + 1))
        }
        "tonxdomain" => Answer::Records(
            ResponseCode::NXDomain,
            vec![cname(owner, 5, "gone1.example"), cname("gone1.example", 5, "nxdomain.example")],
        ),
        "stepnxdomain" => alias(5, "nxdomain.example"),
        "tonodata" => alias(5, "nodata.example"),
        "many" => noerror(two_hundred(owner)),
        "othername" => noerror(both("elsewhere.example", 60)),
        "otherquestion" if question.transport == Transport::Udp => noerror(two_hundred(owner)),
        "otherquestion" => Answer::OtherQuestion(both(owner, 60)),
        "referral" => {
            let elsewhere = RData::NS(NS(name("ns.example")));
            Answer::Referral(vec![Record::from_rdata(name("example"), 60, elsewhere)])
        }
        "garbage" => Answer::Garbage,
        "silent" | "ipv6silent" if !is_ipv4 || owner.starts_with("silent") => Answer::Silence,
        "ipv6silent" => noerror(both(owner, 60)),
        _ => panic!("the test asks for {question:?}"),
    }
}

fn link(from: u32, to: u32) -> Record {
    cname(&format!("link{from}.example"), 60, &format!("link{to}.example"))
}

fn with_other_address(mut record: Record) -> Record {
    record.data = RData::A(A("192.0.2.99".parse().unwrap()));
    record
}

/// Returns more than a datagram holds, so that the question comes again by TCP.
fn two_hundred(owner: &str) -> Vec<Record> {
    (1..=200).map(|n| a(owner, 60, &format!("192.0.2.{n}"))).collect()
}
