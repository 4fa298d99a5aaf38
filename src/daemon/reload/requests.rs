//! Reload requests and their results. Requests that arrive before a reload begins share it. A
//! request during a reload waits for the next one, which reads the files as they are after the
//! request.

use std::collections::BTreeSet;
use std::fmt;

use tokio::sync::watch;

use crate::web::{NotReloaded, Reloaded};

/// A reason to reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::daemon) enum Cause {
    Hangup,
    FileChange,
    Request,
}

/// All reasons for one reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes(BTreeSet<Cause>);

/// The sending end of the queue.
#[derive(Debug)]
pub(super) struct Requests {
    next: watch::Sender<Next>,
    last: watch::Receiver<Last>,
}

/// The receiving end of the queue, for the task that reloads.
#[derive(Debug)]
pub(in crate::daemon) struct Queue {
    next: watch::Sender<Next>,
    requested: watch::Receiver<Next>,
    last: watch::Sender<Last>,
}

/// The next reload. It is requested as soon as it has a cause.
#[derive(Debug)]
struct Next {
    number: u64,
    causes: Causes,
}

/// The last completed reload.
#[derive(Debug)]
struct Last {
    number: u64,
    result: Result<Reloaded, NotReloaded>,
}

/// Creates a queue that holds at most one reload.
pub(super) fn queue() -> (Requests, Queue) {
    let (next, requested) = watch::channel(Next { number: 1, causes: Causes::default() });
    // No request has this number.
    let none = Last { number: 0, result: Err(NotReloaded::Ending) };
    let (done, last) = watch::channel(none);
    (Requests { next: next.clone(), last }, Queue { next, requested, last: done })
}

impl Requests {
    /// Requests a reload and waits for its result. The reload happens even if the future is
    /// dropped.
    pub(super) async fn reload(&self, cause: Cause) -> Result<Reloaded, NotReloaded> {
        let mut mine = 0;
        self.next.send_modify(|next| {
            next.causes.0.insert(cause);
            mine = next.number;
        });
        let mut last = self.last.clone();
        match last.wait_for(|last| last.number >= mine).await {
            Ok(last) => last.result.clone(),
            Err(_) => Err(NotReloaded::Ending),
        }
    }
}

impl Queue {
    /// Waits for a request, and returns the causes of the reload that begins now.
    pub(super) async fn begin(&mut self) -> Causes {
        // This cannot fail: `self` holds the sender.
        let _ = self.requested.wait_for(|next| !next.causes.0.is_empty()).await;
        let mut causes = Causes::default();
        self.next.send_modify(|next| {
            next.number += 1;
            causes = std::mem::take(&mut next.causes);
        });
        causes
    }

    /// Sends the result to all requests that wait for the current reload.
    pub(super) fn end(&self, result: Result<Reloaded, NotReloaded>) {
        let number = self.next.borrow().number - 1;
        self.last.send_replace(Last { number, result });
    }
}

impl Causes {
    /// Returns whether all causes are HTTP requests, which any client of the web server may send.
    pub(super) fn are_requests(&self) -> bool {
        self.0.iter().all(|cause| *cause == Cause::Request)
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, cause) in self.0.iter().enumerate() {
            let separator = if place > 0 { ", " } else { "" };
            let cause = match cause {
                Cause::Hangup => "SIGHUP",
                Cause::FileChange => "file change",
                Cause::Request => "/-/reload",
            };
            write!(f, "{separator}{cause}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use jiff::Timestamp;

    use super::{Cause, NotReloaded, Reloaded, queue};

    const FIRST: Result<Reloaded, NotReloaded> = Ok(Reloaded::Everything);
    const SECOND: Result<Reloaded, NotReloaded> =
        Ok(Reloaded::WithoutAws { until: Timestamp::UNIX_EPOCH });

    #[tokio::test]
    async fn requests_during_a_reload_share_the_next_one() {
        let (requests, mut queue) = queue();
        let mut first = Box::pin(requests.reload(Cause::Request));
        assert_eq!(first.as_mut().now_or_never(), None);
        let causes = queue.begin().await;
        assert_eq!((causes.to_string().as_str(), causes.are_requests()), ("/-/reload", true));

        let mut later = [Cause::Request, Cause::Hangup, Cause::Request]
            .map(|cause| Box::pin(requests.reload(cause)));
        for request in &mut later {
            assert_eq!(request.as_mut().now_or_never(), None);
        }
        queue.end(FIRST);
        assert_eq!(first.await, FIRST);
        for request in &mut later {
            assert_eq!(request.as_mut().now_or_never(), None, "it began before they were made");
        }
        let causes = queue.begin().await;
        assert_eq!(causes.to_string(), "SIGHUP, /-/reload");
        assert!(!causes.are_requests());
        queue.end(SECOND);
        for request in later {
            assert_eq!(request.await, SECOND);
        }
        assert_eq!(queue.begin().now_or_never(), None, "all requests have their reload");
    }

    #[tokio::test]
    async fn abandoned_requests_want_one_reload_and_all_of_it() {
        let (requests, mut queue) = queue();
        for _ in 0..400 {
            assert_eq!(requests.reload(Cause::Request).now_or_never(), None);
        }
        assert_eq!(queue.begin().await.to_string(), "/-/reload");
        queue.end(FIRST);
        assert_eq!(queue.begin().now_or_never(), None);
    }

    #[tokio::test]
    async fn requests_end_with_what_reloads() {
        let (requests, mut queue) = queue();
        let mut running = Box::pin(requests.reload(Cause::Hangup));
        assert_eq!(running.as_mut().now_or_never(), None);
        queue.begin().await;
        let mut waiting = Box::pin(requests.reload(Cause::Request));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        drop(queue);
        let ending = Err(NotReloaded::Ending);
        assert_eq!(running.await, ending);
        assert_eq!(waiting.await, ending);
        assert_eq!(requests.reload(Cause::Request).await, ending);
    }
}
