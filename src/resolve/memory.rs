//! Cached answers of nameservers, and the queries in progress.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::observation::{Family, FamilyAnswer};
use crate::origin::DomainName;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Query the nameservers, whatever is cached. If the same query is in progress, its answer is
    /// used.
    Anew,
    /// Accept a cached answer that is not older than this and whose TTL has not expired.
    NotOlderThan(Duration),
}

impl Default for Freshness {
    /// Accepts any answer whose TTL has not expired.
    fn default() -> Self {
        Self::NotOlderThan(Duration::MAX)
    }
}

/// A query: its subject, and who is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) domain: DomainName,
    pub(super) family: Family,
    pub(super) asked: Asked,
}

/// The source of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    FirstView,
    SecondView,
    /// On the heap, because it is rare and every other question would be as large.
    Alone(Box<SocketAddr>),
}

/// A cache of answers, in which concurrent identical queries share one answer.
pub(super) struct Memory {
    contents: Mutex<Contents>,
    most: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self::holding(MOST_KEPT)
    }
}

impl Memory {
    fn holding(most: usize) -> Self {
        Self { contents: Mutex::default(), most }
    }

    /// Returns the answer to `question`: a cached one, or the result of `ask`.
    ///
    /// If the future that asks is dropped, those that wait for its answer ask again.
    pub(super) async fn answer(
        &self,
        question: &Question,
        freshness: Freshness,
        ask: impl Future<Output = FamilyAnswer>,
    ) -> FamilyAnswer {
        loop {
            let mut answer = match self.turn(question, freshness, Instant::now()) {
                Turn::Kept(answer) => return answer,
                Turn::Ask(asking) => {
                    let answer = ask.await;
                    asking.tell(&answer, Instant::now());
                    return answer;
                }
                Turn::Wait(answer) => answer,
            };
            if let Ok(told) = answer.wait_for(Option::is_some).await
                && let Some(answer) = &*told
            {
                return answer.clone();
            }
        }
    }

    /// Removes the answers for domains that `is_used` does not accept.
    pub(super) fn forget_unless(&self, is_used: impl Fn(&DomainName) -> bool) {
        let mut contents = self.contents();
        contents.kept.retain(|question, _| is_used(&question.domain));
        contents.kept.shrink_to_fit();
    }

    fn turn<'a>(&'a self, question: &'a Question, freshness: Freshness, now: Instant) -> Turn<'a> {
        let mut contents = self.contents();
        if let Freshness::NotOlderThan(oldest) = freshness
            && let Some(kept) = contents.kept.get(question)
        {
            let age = now.saturating_duration_since(kept.since);
            if age <= oldest
                && now < kept.until()
                && let Ok(answer) = postcard::from_bytes::<FamilyAnswer>(&kept.answer)
            {
                return Turn::Kept(answer.aged(age));
            }
        }
        if let Some(answer) = contents.under_way.get(question) {
            return Turn::Wait(answer.clone());
        }
        let answer = watch::Sender::new(None);
        contents.under_way.insert(question.clone(), answer.subscribe());
        Turn::Ask(Asking { memory: self, question, answer })
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        // It changes in single steps, so even a panic leaves it consistent.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.contents().kept.len();
        f.debug_struct("Memory").field("kept", &kept).finish_non_exhaustive()
    }
}

/// How many answers are cached, about one for each origin that a process can hold: at most 50 MB.
/// Answers beyond that are queried again.
const MOST_KEPT: usize = 262_144;

/// The most seconds that an answer is cached, whatever its TTL; RFC 8767 §4 advises a limit in days.
const LONGEST_KEPT: u32 = 86_400;

/// The most seconds that a negative answer is cached; RFC 2308 §5 recommends one to three hours.
const LONGEST_KEPT_ABSENCE: u32 = 3 * 3600;

/// With fewer answers than this, no search for expired ones is made.
const FEW: usize = 1024;

/// The shortest time between two searches for expired answers; one takes milliseconds if many are
/// cached.
const UNTIL_NEXT_LOOK: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Contents {
    kept: HashMap<Question, Kept>,
    /// Receives the answer; closed without one if the query is abandoned.
    under_way: HashMap<Question, watch::Receiver<Option<FamilyAnswer>>>,
    /// The number of answers at which to search for expired ones.
    look_at: usize,
    looked: Option<Instant>,
}

/// A cached answer.
struct Kept {
    /// The [`FamilyAnswer`], packed.
    answer: Box<[u8]>,
    since: Instant,
    seconds: u32,
}

impl Kept {
    fn until(&self) -> Instant {
        self.since + Duration::from_secs(self.seconds.into())
    }
}

enum Turn<'a> {
    Kept(FamilyAnswer),
    Wait(watch::Receiver<Option<FamilyAnswer>>),
    Ask(Asking<'a>),
}

/// The right to send a query; ends when dropped.
struct Asking<'a> {
    memory: &'a Memory,
    question: &'a Question,
    answer: watch::Sender<Option<FamilyAnswer>>,
}

impl Asking<'_> {
    fn tell(self, answer: &FamilyAnswer, now: Instant) {
        self.memory.contents().keep(self.question, answer, now, self.memory.most);
        self.answer.send_replace(Some(answer.clone()));
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.memory.contents().under_way.remove(self.question);
    }
}

impl Contents {
    fn keep(&mut self, question: &Question, answer: &FamilyAnswer, now: Instant, most: usize) {
        let packed = || postcard::to_allocvec(answer).ok();
        let Some((seconds, answer)) = seconds_kept(answer).and_then(|term| Some((term, packed()?)))
        else {
            // A new result replaces the cached answer, even if it is a failure.
            self.kept.remove(question);
            return;
        };
        self.make_room(now, most);
        if self.kept.len() < most || self.kept.contains_key(question) {
            let kept = Kept { answer: answer.into(), since: now, seconds };
            self.kept.insert(question.clone(), kept);
        }
    }

    fn make_room(&mut self, now: Instant, most: usize) {
        let looked_lately = self.looked.is_some_and(|looked| now < looked + UNTIL_NEXT_LOOK);
        if self.kept.len() < self.look_at.clamp(FEW.min(most), most) || looked_lately {
            return;
        }
        self.kept.retain(|_, kept| now < kept.until());
        self.look_at = self.kept.len().saturating_mul(2);
        self.looked = Some(now);
    }
}

/// Returns how many seconds an answer may be cached; `None` if it may not be.
fn seconds_kept(answer: &FamilyAnswer) -> Option<u32> {
    let longest = if answer.outcome.is_ok() { LONGEST_KEPT } else { LONGEST_KEPT_ABSENCE };
    let ttl_seconds = answer.ttl_seconds().filter(|ttl_seconds| *ttl_seconds > 0)?;
    Some(ttl_seconds.min(longest))
}

#[cfg(test)]
mod tests;
