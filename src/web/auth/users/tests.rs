use std::net::IpAddr;
use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt;

use super::{Client, Entry, Logins, MOST_ACCEPTED, Users, compare, nobodys};
use crate::config::WebFile;

fn client() -> Client {
    IpAddr::from([192, 0, 2, 1]).into()
}

fn users(hashes: &[(&str, String)]) -> Users {
    let hashes = hashes.iter().map(|(user, hash)| format!("  {user}: \"{hash}\"\n"));
    let text = format!("basic_auth_users:\n{}", hashes.collect::<String>());
    Users::new(&WebFile::parse(Path::new("web.yaml"), &text).unwrap().users)
}

fn basic(credentials: &str) -> HeaderMap {
    let value = format!("Basic {}", BASE64_STANDARD.encode(credentials));
    HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
}

fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

#[tokio::test]
async fn a_password_that_was_accepted_needs_no_turn_until_its_hash_changes() {
    let (alice, bob) = (hash("hunter2"), hash("x"));
    let (logins, both) =
        (Logins::new(256), users(&[("alice", alice.clone()), ("bob", bob.clone())]));
    let entry = async |users: &Users, credentials: &str| {
        users.entry(&logins, client(), &basic(credentials)).await
    };
    assert_eq!(entry(&both, "alice:hunter2").await, Entry::Granted);
    assert_eq!(entry(&both, "bob:x").await, Entry::Granted);
    let mut all = Vec::new();
    while let Some(Some(turn)) = logins.queue.take(client()).now_or_never() {
        all.push(turn);
    }
    // The users after several reloads: another user's hash changes, the user is removed, and the
    // user returns with another hash of the same password.
    for (hashes, expected) in [
        (vec![("alice", alice.clone()), ("bob", hash("y"))], Some(Entry::Granted)),
        (vec![("bob", bob.clone())], None),
        (vec![("alice", hash("hunter2"))], None),
        (vec![("alice", alice.clone())], Some(Entry::Granted)),
    ] {
        let now = entry(&users(&hashes), "alice:hunter2").now_or_never();
        assert_eq!(now, expected, "{hashes:?}");
    }
    // A wrong password waits for its turn.
    assert_eq!(entry(&both, "alice:hunter3").now_or_never(), None);
    drop(all);
    assert_eq!(entry(&both, "alice:hunter3").await, Entry::Refused);
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
