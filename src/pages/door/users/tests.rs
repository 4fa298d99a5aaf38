use std::collections::BTreeMap;
use std::path::Path;

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Entry;
use super::NOBODYS;
use super::Users;
use crate::config::WebFile;

fn users(hashes: &[(&str, String)]) -> Users {
    let mut text = "basic_auth_users:\n".to_owned();
    for (user, hash) in hashes {
        text.push_str(&format!("  \"{user}\": \"{hash}\"\n"));
    }
    Users::new(&WebFile::parse(Path::new("web.yaml"), &text).unwrap().users).unwrap()
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
    let nobody = Users::new(&BTreeMap::new()).unwrap();
    assert_eq!(nobody.entry(&HeaderMap::new()).await, Entry::Granted);
    assert_eq!(nobody.entry(&basic("a:b")).await, Entry::Granted);
}

#[tokio::test]
async fn only_a_user_with_the_right_password_may_come_in() {
    let users = users(&[("alice", hash("hunter2")), ("bob:", hash("x")), ("carol", hash(""))]);
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
    let users = users(&[("alice", hash("hunter2"))]);
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
    let users = users(&[("a", hash("bc")), ("ab", hash("d"))]);
    assert_eq!(users.entry(&basic("a:bc")).await, Entry::Granted);
    for other in ["ab:c", "ab:bc", "a:d"] {
        assert_eq!(users.entry(&basic(other)).await, Entry::Refused, "{other}");
    }
}

#[tokio::test]
async fn hashes_of_other_tools_are_taken() {
    // PHP and htpasswd write $2y$, old libraries $2a$: the same algorithm.
    let hash = hash("hunter2");
    for version in ["$2a$", "$2b$", "$2y$"] {
        let hash = hash.replacen("$2b$", version, 1);
        let users = users(&[("alice", hash)]);
        assert_eq!(users.entry(&basic("alice:hunter2")).await, Entry::Granted, "{version}");
    }
}

#[tokio::test]
async fn who_guesses_a_lot_has_to_wait() {
    let users = users(&[("alice", hash("hunter2"))]);
    let known = users.0.clone().unwrap();
    let _all = known.waiting.acquire_many(16).await.unwrap();
    assert_eq!(users.entry(&basic("alice:hunter2")).await, Entry::NotNow);
}

#[tokio::test]
async fn who_was_let_in_before_need_not_wait() {
    let users = users(&[("alice", hash("hunter2"))]);
    assert_eq!(users.entry(&basic("alice:hunter2")).await, Entry::Granted);
    let known = users.0.clone().unwrap();
    let _all = known.waiting.acquire_many(16).await.unwrap();
    assert_eq!(users.entry(&basic("alice:hunter2")).await, Entry::Granted);
    assert_eq!(users.entry(&basic("alice:hunter3")).await, Entry::NotNow);
}

#[test]
fn the_hash_of_nobody_is_one_and_fits_no_common_password() {
    let hash = format!("$2b$04${NOBODYS}");
    for password in ["", "nobody", "password"] {
        assert!(!bcrypt::verify(password, &hash).unwrap(), "{password}");
    }
}
