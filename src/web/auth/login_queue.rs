//! Queues password comparisons, shared fairly among client addresses.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// The source of a client: an IPv4 address, or the /64 of an IPv6 address, because one machine may
/// use every address of a /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::web) struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            address => address,
        })
    }
}

/// The clients with a running comparison and those that wait. The next turn belongs to the client
/// whose last turn was longest ago, so a client that guesses endlessly delays another by only one
/// comparison.
#[derive(Debug)]
pub(super) struct LoginQueue {
    at_once: usize,
    most_waiting: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    arrivals: u64,
    waiting: Vec<Waiting>,
    /// The numbers of the running comparisons.
    comparing: HashSet<u64>,
    turns: u64,
    last_turns: HashMap<Client, u64>,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    client: Client,
    ready: oneshot::Sender<()>,
}

/// A position in the queue, and then the right to compare; released when dropped.
#[derive(Debug)]
pub(super) struct LoginSlot {
    number: u64,
    queue: Arc<LoginQueue>,
}

impl LoginQueue {
    /// Returns an empty queue: at most `at_once` comparisons run at the same time, and at most
    /// `most_waiting` wait.
    pub(super) fn new(at_once: usize, most_waiting: usize) -> Arc<Self> {
        Arc::new(Self { at_once, most_waiting, state: Mutex::default() })
    }

    /// Waits for a turn; `None` if it takes too long.
    pub(super) async fn take(self: &Arc<Self>, client: Client) -> Option<LoginSlot> {
        let (ready, granted) = oneshot::channel();
        let turn = {
            let mut state = self.lock();
            if state.waiting.len() >= self.most_waiting && !state.make_room(client) {
                return None;
            }
            state.arrivals += 1;
            let number = state.arrivals;
            state.waiting.push(Waiting { number, client, ready });
            state.begin(self.at_once);
            LoginSlot { number, queue: Arc::clone(self) }
        };
        tokio::time::timeout(LONGEST_WAIT, granted).await.ok()?.ok()?;
        Some(turn)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LoginSlot {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        match state.comparing.remove(&self.number) {
            true => state.begin(self.queue.at_once),
            false => state.waiting.retain(|waiting| waiting.number != self.number),
        }
    }
}

impl State {
    /// Gives free turns to those that wait.
    fn begin(&mut self, at_once: usize) {
        while self.comparing.len() < at_once {
            let last_turn = |waiting: &Waiting| self.last_turns.get(&waiting.client).copied();
            let places = self.waiting.iter().enumerate();
            let next = places.min_by_key(|(_, one)| (last_turn(one), one.number));
            let Some((position, _)) = next else { return };
            let Waiting { number, client, ready } = self.waiting.swap_remove(position);
            if ready.send(()).is_ok() {
                self.comparing.insert(number);
                self.note_turn(client);
            }
        }
    }

    fn note_turn(&mut self, client: Client) {
        self.turns += 1;
        self.last_turns.insert(client, self.turns);
        if self.last_turns.len() > MOST_CLIENTS {
            let oldest = self.last_turns.iter().min_by_key(|(_, turn)| **turn);
            let oldest = oldest.map(|(client, _)| *client);
            oldest.map(|client| self.last_turns.remove(&client));
        }
    }

    /// Removes another waiting login: the last of the client with the most, or if each has one, the
    /// client whose last turn was most recent, provided that `client` had its last turn earlier.
    /// Returns false if there is none.
    fn make_room(&mut self, client: Client) -> bool {
        let mut places: HashMap<Client, usize> = HashMap::new();
        for waiting in &self.waiting {
            *places.entry(waiting.client).or_default() += 1;
        }
        let own = places.get(&client).copied().unwrap_or_default();
        let last_turn = |client: &Client| self.last_turns.get(client).copied();
        let others = places.into_iter().filter(|(other, _)| *other != client);
        let rank = |(other, places): &(Client, usize)| (*places, last_turn(other));
        let Some((greediest, most)) = others.max_by_key(rank) else { return false };
        let is_later = own == 0 && last_turn(&greediest) > last_turn(&client);
        if most <= own + 1 && !is_later {
            return false;
        }
        let last = self.waiting.iter().rposition(|waiting| waiting.client == greediest);
        last.map(|position| self.waiting.remove(position)).is_some()
    }
}

/// The default scrape timeout of Prometheus.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The clients with the oldest turns are forgotten first; they are then served first again.
const MOST_CLIENTS: usize = 1024;

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    use super::{Client, LoginQueue, LoginSlot, MOST_CLIENTS};

    const MOST_WAITING: usize = 64;

    fn client(address: &str) -> Client {
        address.parse::<IpAddr>().unwrap().into()
    }

    /// Joins the queue without waiting.
    fn queue(turns: &Arc<LoginQueue>, address: &str) -> BoxFuture<'static, Option<LoginSlot>> {
        let (turns, client) = (Arc::clone(turns), client(address));
        let mut waiting = async move { turns.take(client).await }.boxed();
        match waiting.as_mut().now_or_never() {
            Some(done) => std::future::ready(done).boxed(),
            None => waiting,
        }
    }

    #[test]
    fn a_client_is_an_address_or_a_network_of_ipv6() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    }

    #[tokio::test]
    async fn the_next_turn_is_of_the_client_whose_last_was_longest_ago() {
        let turns = LoginQueue::new(1, MOST_WAITING);
        let first = queue(&turns, "192.0.2.1").await;
        let mut greedy: Vec<_> = (0..20).map(|_| queue(&turns, "192.0.2.1")).collect();
        let mut other = queue(&turns, "192.0.2.2");
        let mut again = queue(&turns, "192.0.2.2");
        assert!(other.as_mut().now_or_never().is_none());
        drop(first);
        let turn = other.now_or_never().unwrap();
        assert!(turn.is_some(), "it had no turn yet");
        assert!(greedy[0].as_mut().now_or_never().is_none());
        drop(turn);
        let turn = greedy.remove(0).now_or_never().unwrap();
        assert!(turn.is_some() && again.as_mut().now_or_never().is_none());
        drop(turn);
        assert!(again.now_or_never().unwrap().is_some());
    }

    #[tokio::test]
    async fn those_who_go_away_leave_their_places() {
        let turns = LoginQueue::new(2, MOST_WAITING);
        let (first, second) = (queue(&turns, "192.0.2.1").await, queue(&turns, "192.0.2.1").await);
        let (third, fourth) = (queue(&turns, "192.0.2.1"), queue(&turns, "192.0.2.1"));
        drop(third);
        assert_eq!(turns.lock().waiting.len(), 1);
        // It disconnects after getting its turn and before noticing that.
        drop(first);
        assert_eq!(turns.lock().comparing.len(), 2);
        drop(fourth);
        assert_eq!(turns.lock().comparing.len(), 1);
        drop(second);
        assert!(turns.lock().comparing.is_empty() && turns.lock().waiting.is_empty());
    }

    #[tokio::test]
    async fn a_full_queue_has_room_for_the_client_with_fewer_places() {
        let turns = LoginQueue::new(1, MOST_WAITING);
        let first = queue(&turns, "192.0.2.1").await;
        let mut greedy: Vec<_> = (0..MOST_WAITING).map(|_| queue(&turns, "192.0.2.1")).collect();
        assert!(queue(&turns, "192.0.2.1").await.is_none(), "the queue is full");
        let other = queue(&turns, "192.0.2.2");
        assert!(greedy.pop().unwrap().await.is_none(), "the last one was removed");
        assert_eq!(turns.lock().waiting.len(), MOST_WAITING);
        drop(first);
        assert!(other.await.is_some());
    }

    #[tokio::test]
    async fn a_queue_full_of_clients_has_room_for_the_one_whose_last_turn_was_longest_ago() {
        let turns = LoginQueue::new(1, MOST_WAITING);
        let addresses: Vec<_> = (0..MOST_WAITING).map(|host| format!("192.0.2.{host}")).collect();
        for address in ["198.51.100.1"].into_iter().chain(addresses.iter().map(String::as_str)) {
            assert!(queue(&turns, address).await.is_some());
        }
        let first = queue(&turns, "198.51.100.2").await;
        let mut guesses: Vec<_> = addresses.iter().map(|address| queue(&turns, address)).collect();
        let is_gone = |guess: BoxFuture<'static, Option<LoginSlot>>| guess.now_or_never().is_some();
        let mut old = queue(&turns, "198.51.100.1");
        assert!(is_gone(guesses.pop().unwrap()), "its turn was the last of all");
        let mut new = queue(&turns, "198.51.100.3");
        assert!(is_gone(guesses.pop().unwrap()));
        assert!(queue(&turns, "192.0.2.63").await.is_none(), "no turn was later");
        assert!(queue(&turns, "198.51.100.3").await.is_none(), "it is already waiting");
        assert!(!guesses.into_iter().any(is_gone));
        drop(first);
        assert!(old.as_mut().now_or_never().is_none());
        assert!(new.as_mut().now_or_never().unwrap().is_some());
        assert!(old.now_or_never().unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_does_not_come_is_not_waited_for() {
        let turns = LoginQueue::new(1, MOST_WAITING);
        let _first = queue(&turns, "192.0.2.1").await;
        assert!(queue(&turns, "192.0.2.1").await.is_none());
        assert!(turns.lock().waiting.is_empty());
    }

    #[tokio::test]
    async fn no_more_clients_are_remembered_than_there_is_room_for() {
        let turns = LoginQueue::new(1, MOST_WAITING);
        for host in 0..MOST_CLIENTS + 10 {
            let address = format!("10.0.{}.{}", host / 256, host % 256);
            assert!(queue(&turns, &address).await.is_some());
        }
        assert_eq!(turns.lock().last_turns.len(), MOST_CLIENTS);
        assert!(!turns.lock().last_turns.contains_key(&client("10.0.0.9")));
        assert!(turns.lock().last_turns.contains_key(&client("10.0.0.10")));
    }
}
