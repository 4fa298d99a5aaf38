//! How long answers are cached, and which queries share an answer.

use std::future::{pending, ready};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, advance};

use crate::observation::{Family, FamilyAnswer, ResolutionFailure, ResolvedAddress};

use super::{Asked, Freshness, Memory, Question};

fn question(domain: &str) -> Question {
    let asked = Asked::FirstView;
    Question { domain: domain.parse().unwrap(), family: Family::Ipv4, asked }
}

fn addresses(ttls: &[u32]) -> FamilyAnswer {
    let resolved = |(n, &ttl_seconds): (usize, &u32)| ResolvedAddress {
        address: [192, 0, 2, u8::try_from(n).unwrap()].into(),
        ttl_seconds,
    };
    let outcome = Ok(ttls.iter().enumerate().map(resolved).collect());
    FamilyAnswer { outcome, ..FamilyAnswer::failed(Family::Ipv4, ResolutionFailure::NoData) }
}

fn absence(failure: ResolutionFailure, negative_ttl_seconds: Option<u32>) -> FamilyAnswer {
    FamilyAnswer { negative_ttl_seconds, ..FamilyAnswer::failed(Family::Ipv4, failure) }
}

/// Returns the cached answer to `question`, unless it is older than `oldest`.
fn kept(memory: &Memory, question: &Question, oldest: Duration) -> Option<FamilyAnswer> {
    let freshness = Freshness::NotOlderThan(oldest);
    memory.answer(question, freshness, pending()).now_or_never()
}

async fn tell(memory: &Memory, question: &Question, answer: FamilyAnswer) {
    memory.answer(question, Freshness::Anew, ready(answer)).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_as_long_as_it_holds() {
    let seconds = |count: u32| Duration::from_secs(count.into());
    let (day, hour) = (86_400, 3600);
    for (story, given, holds) in [
        ("one address", addresses(&[60]), 60),
        ("the smallest of several", addresses(&[60, 30]), 30),
        ("a TTL of zero", addresses(&[0]), 0),
        ("a hostile TTL", addresses(&[i32::MAX.unsigned_abs()]), day),
        ("no such name", absence(ResolutionFailure::NxDomain, Some(300)), 300),
        ("no such record", absence(ResolutionFailure::NoData, Some(5)), 5),
        ("an absence for ever", absence(ResolutionFailure::NoData, Some(day)), 3 * hour),
        ("an absence without a term", absence(ResolutionFailure::NxDomain, None), 0),
        ("an absence for no time", absence(ResolutionFailure::NxDomain, Some(0)), 0),
        ("a failure", absence(ResolutionFailure::ServFail, None), 0),
        ("a refusal", absence(ResolutionFailure::Refused, None), 0),
        ("a circle", absence(ResolutionFailure::CnameLoop, None), 0),
    ] {
        let (memory, question) = (Memory::default(), question("a.example"));
        tell(&memory, &question, given).await;
        if holds > 0 {
            advance(seconds(holds) - Duration::from_millis(1)).await;
            assert!(kept(&memory, &question, Duration::MAX).is_some(), "{story}");
            advance(Duration::from_millis(1)).await;
        }
        assert_eq!(kept(&memory, &question, Duration::MAX), None, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_remains_of_the_ttl_and_the_age_are_told() {
    let (memory, question) = (Memory::default(), question("a.example"));
    tell(&memory, &question, addresses(&[60, 90])).await;
    for (after, remaining) in [(0, [60, 90]), (10_000, [50, 80]), (59_001, [0, 30])] {
        let age = Duration::from_millis(after);
        let later = Instant::now();
        advance(age).await;
        let expected = FamilyAnswer { age, ..addresses(&remaining) };
        assert_eq!(kept(&memory, &question, Duration::MAX), Some(expected), "{after}");
        // Reset by caching the answer again.
        assert_eq!(Instant::now() - later, age);
        tell(&memory, &question, addresses(&[60, 90])).await;
    }
    tell(&memory, &question, absence(ResolutionFailure::NxDomain, Some(9))).await;
    advance(Duration::from_secs(2)).await;
    let expected = FamilyAnswer {
        age: Duration::from_secs(2),
        ..absence(ResolutionFailure::NxDomain, Some(7))
    };
    assert_eq!(kept(&memory, &question, Duration::MAX), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_old_is_asked_for_again() {
    let (memory, question) = (Memory::default(), question("a.example"));
    tell(&memory, &question, addresses(&[3600])).await;
    advance(Duration::from_secs(300)).await;
    assert!(kept(&memory, &question, Duration::from_secs(300)).is_some());
    assert_eq!(kept(&memory, &question, Duration::from_secs(299)), None);
    assert_eq!(memory.answer(&question, Freshness::Anew, pending()).now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn a_newer_failure_ends_what_was_kept() {
    let (memory, question) = (Memory::default(), question("a.example"));
    tell(&memory, &question, addresses(&[3600])).await;
    tell(&memory, &question, absence(ResolutionFailure::ServFail, None)).await;
    assert_eq!(kept(&memory, &question, Duration::MAX), None);
}

#[tokio::test]
async fn domain_family_and_nameserver_are_kept_apart() {
    let memory = Memory::default();
    let known = question("a.example");
    tell(&memory, &known, addresses(&[60])).await;
    let nameserver = Box::new("192.0.2.53:53".parse().unwrap());
    for other in [
        question("b.example"),
        Question { family: Family::Ipv6, ..known.clone() },
        Question { asked: Asked::SecondView, ..known.clone() },
        Question { asked: Asked::Alone(nameserver), ..known.clone() },
    ] {
        assert_eq!(kept(&memory, &other, Duration::MAX), None, "{other:?}");
    }
    assert!(kept(&memory, &known, Duration::MAX).is_some());
}

#[tokio::test]
async fn those_who_ask_at_once_share_an_answer_and_a_failure() {
    for given in [addresses(&[60]), addresses(&[0]), absence(ResolutionFailure::ServFail, None)] {
        let (memory, question) = (Memory::default(), question("a.example"));
        let (send, receive) = tokio::sync::oneshot::channel();
        let first = memory.answer(&question, Freshness::Anew, async { receive.await.unwrap() });
        let second = memory.answer(&question, Freshness::Anew, pending());
        let third = memory.answer(&question, Freshness::default(), pending());
        let sent = async { send.send(given.clone()).unwrap() };
        let (first, second, third, ()) = tokio::join!(first, second, third, sent);
        assert_eq!([first, second, third], [given.clone(), given.clone(), given]);
    }
}

#[tokio::test]
async fn whoever_waits_asks_when_the_other_gives_up() {
    let (memory, question) = (Memory::default(), question("a.example"));
    let mut first = Box::pin(memory.answer(&question, Freshness::Anew, pending()));
    assert_eq!((&mut first).now_or_never(), None);
    let mut second = Box::pin(memory.answer(&question, Freshness::Anew, ready(addresses(&[60]))));
    assert_eq!((&mut second).now_or_never(), None);
    drop(first);
    assert_eq!(second.await, addresses(&[60]));
    assert!(memory.contents().under_way.is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_more_is_kept_than_there_is_room_for() {
    let memory = Memory::holding(10);
    let numbered = |n: usize| question(&format!("n{n}.example"));
    for n in 0..30 {
        tell(&memory, &numbered(n), addresses(&[60])).await;
    }
    assert_eq!(memory.contents().kept.len(), 10);
    assert!(kept(&memory, &numbered(0), Duration::MAX).is_some());
    // Known answers are still renewed, and expired ones are replaced.
    tell(&memory, &numbered(0), addresses(&[600])).await;
    advance(Duration::from_secs(60)).await;
    for n in 30..60 {
        tell(&memory, &numbered(n), addresses(&[60])).await;
    }
    assert_eq!(memory.contents().kept.len(), 10);
    for (n, is_kept) in [(0, true), (1, false), (30, true), (38, true), (39, false)] {
        let found = kept(&memory, &numbered(n), Duration::MAX).is_some();
        assert_eq!(found, is_kept, "n{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_longer_holds_does_not_pile_up() {
    let memory = Memory::default();
    for n in 0..20_000 {
        tell(&memory, &question(&format!("n{n}.example")), addresses(&[1])).await;
        advance(Duration::from_millis(1)).await;
    }
    // One second's answers are still valid; as many, and those of one more second, may await the
    // search.
    let kept = memory.contents().kept.len();
    assert!(kept <= 4000, "{kept} are kept");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_uses_any_more_is_forgotten() {
    let memory = Memory::default();
    let questions = ["used.example", "removed.example"].map(question);
    for question in &questions {
        tell(&memory, question, addresses(&[60])).await;
    }
    memory.forget_unless(|domain| domain.as_str() == "used.example");
    let known = questions.each_ref().map(|q| kept(&memory, q, Duration::MAX).is_some());
    assert_eq!(known, [true, false]);
}
