use std::net::IpAddr;
use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt;

use super::super::login_queue::LoginSlot;
use super::{Client, Entry, Logins, MOST_ACCEPTED, Users, compare, nobodys};
use crate::config::WebFile;

/// Users with the state of their logins.
struct Door {
    users: Users,
    logins: Logins,
}

impl Door {
    fn new(hashes: &[(&str, String)]) -> Self {
        Self { users: users(hashes), logins: Logins::new(256) }
    }

    async fn entry(&self, headers: &HeaderMap) -> Entry {
        self.users.entry(&self.logins, client(), headers).await
    }
}

fn client() -> Client {
    IpAddr::from([192, 0, 2, 1]).into()
}

fn users(hashes: &[(&str, String)]) -> Users {
    let empty = if hashes.is_empty() { " {}" } else { "" };
    let mut text = format!("basic_auth_users:{empty}\n");
    for (user, hash) in hashes {
        text.push_str(&format!("  \"{user}\": \"{hash}\"\n"));
    }
    Users::new(&WebFile::parse(Path::new("web.yaml"), &text).unwrap().users)
}

fn headers(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
}

fn basic(credentials: &str) -> HeaderMap {
    headers(&format!("Basic {}", BASE64_STANDARD.encode(credentials)))
}

fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

#[tokio::test]
async fn without_users_everybody_may_come_in() {
    let nobody = Door::new(&[]);
    assert_eq!(nobody.entry(&HeaderMap::new()).await, Entry::Granted);
    assert_eq!(nobody.entry(&basic("a:b")).await, Entry::Granted);
}

#[tokio::test]
async fn only_a_user_with_the_right_password_may_come_in() {
    let users = Door::new(&[("alice", hash("hunter2")), ("bob:", hash("x")), ("carol", hash(""))]);
    for (credentials, entry) in [
        ("alice:hunter2", Entry::Granted),
        ("alice:hunter2", Entry::Granted),
        ("alice:hunter3", Entry::Refused),
        ("alice:", Entry::Refused),
        ("alice", Entry::Refused),
        ("alic:ehunter2", Entry::Refused),
        ("Alice:hunter2", Entry::Refused),
        ("mallory:hunter2", Entry::Refused),
        // The first colon ends the name (RFC 7617 §2).
        ("bob::x", Entry::Refused),
        ("carol:", Entry::Granted),
        (":", Entry::Refused),
        ("", Entry::Refused),
    ] {
        assert_eq!(users.entry(&basic(credentials)).await, entry, "{credentials}");
    }
}

#[tokio::test]
async fn what_is_no_basic_authentication_is_refused() {
    let users = Door::new(&[("alice", hash("hunter2"))]);
    let right = BASE64_STANDARD.encode("alice:hunter2");
    for value in [
        format!("Bearer {right}"),
        right.clone(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!!".to_owned(),
        format!("Basic {}", BASE64_STANDARD.encode(b"\xff:hunter2")),
    ] {
        assert_eq!(users.entry(&headers(&value)).await, Entry::Refused, "{value}");
    }
    let mut twice = headers(&format!("basic {right}"));
    assert_eq!(users.entry(&twice).await, Entry::Granted);
    twice.append(header::AUTHORIZATION, HeaderValue::from_static("Basic AAAA"));
    assert_eq!(users.entry(&twice).await, Entry::Refused);
}

#[tokio::test]
async fn a_password_that_was_right_for_one_is_not_for_another() {
    let users = Door::new(&[("a", hash("bc")), ("ab", hash("d"))]);
    assert_eq!(users.entry(&basic("a:bc")).await, Entry::Granted);
    for other in ["ab:c", "ab:bc", "a:d"] {
        assert_eq!(users.entry(&basic(other)).await, Entry::Refused, "{other}");
    }
}

#[tokio::test]
async fn hashes_of_other_tools_are_taken() {
    // PHP and htpasswd write $2y$, old libraries $2a$; the algorithm is the same.
    let hash = hash("hunter2");
    for version in ["$2a$", "$2b$", "$2y$"] {
        let hash = hash.replacen("$2b$", version, 1);
        let users = Door::new(&[("alice", hash)]);
        assert_eq!(users.entry(&basic("alice:hunter2")).await, Entry::Granted, "{version}");
    }
}

#[tokio::test]
async fn a_password_that_was_accepted_needs_no_turn_until_its_hash_changes() {
    let (alice, bob) = (hash("hunter2"), hash("x"));
    let access = Door::new(&[("alice", alice.clone()), ("bob", bob.clone())]);
    assert_eq!(access.entry(&basic("alice:hunter2")).await, Entry::Granted);
    assert_eq!(access.entry(&basic("bob:x")).await, Entry::Granted);
    let all = busy(&access.logins).await;
    // The users after several reloads: another user's hash changes, the user is removed, and the
    // user returns with another hash of the same password.
    for (users, entry) in [
        (vec![("alice", alice.clone()), ("bob", hash("y"))], Some(Entry::Granted)),
        (vec![("bob", bob.clone())], None),
        (vec![("alice", hash("hunter2"))], None),
        (vec![("alice", alice.clone())], Some(Entry::Granted)),
    ] {
        let users = self::users(&users);
        let headers = basic("alice:hunter2");
        let now = users.entry(&access.logins, client(), &headers).now_or_never();
        assert_eq!(now, entry, "{users:?}");
    }
    // A wrong password waits for its turn.
    assert_eq!(access.entry(&basic("alice:hunter3")).now_or_never(), None);
    drop(all);
    assert_eq!(access.entry(&basic("alice:hunter3")).await, Entry::Refused);
}

/// Takes all turns.
async fn busy(logins: &Logins) -> Vec<LoginSlot> {
    let mut turns = Vec::new();
    while let Some(Some(turn)) = logins.queue.take(client()).now_or_never() {
        turns.push(turn);
    }
    turns
}

/// Compares the number of rounds and not the time, which depends on the load of the machine.
#[test]
fn a_wrong_password_takes_as_long_whoever_the_user_is_and_whether_there_is_one() {
    let of = |cost: u32| bcrypt::hash("p", cost).unwrap();
    let hashes = [("cheap", of(4)), ("middle", of(6)), ("dear", of(9)), ("too", of(9))];
    let users = users(&hashes);
    for user in ["cheap", "middle", "dear", "too", "unknown"] {
        let hash = users.hashes.get(user);
        let (compared, others) = users.comparisons(hash);
        assert_eq!(hash.is_some(), hash.is_some_and(|hash| hash.as_str() == compared));
        let all = std::iter::once(&compared).chain(&others);
        let cost = |hash: &String| hash.parse::<bcrypt::HashParts>().unwrap().get_cost();
        assert_eq!(all.map(|hash| 1 << cost(hash)).sum::<u32>(), 1 << 9, "{user}");
        // Each comparison is real, because no hash is malformed.
        assert!(others.iter().all(|other| !bcrypt::verify("p", other).unwrap()), "{user}");
        assert_eq!(compare(b"p", &compared, &others), hash.is_some(), "{user}");
        assert!(!compare(b"q", &compared, &others), "{user}");
    }
}

#[test]
fn credentials_are_kept_for_a_bounded_number_of_users() {
    let logins = Logins::new(256);
    for user in 0..MOST_ACCEPTED + 10 {
        logins.accept(user.to_string(), [0; 32]);
    }
    assert_eq!(logins.accepted.lock().unwrap().len(), MOST_ACCEPTED);
    assert!(logins.has_accepted(&(MOST_ACCEPTED + 9).to_string(), &[0; 32]));
    let shown = format!("{logins:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_hash_of_nobody_is_one_and_fits_no_common_password() {
    for password in ["", "nobody", "password"] {
        assert!(!bcrypt::verify(password, &nobodys(4)).unwrap(), "{password}");
    }
}
