//! The kinds of hostile servers, by family, and the verdict on each.
//!
//! No document of Amazon's speaks of such servers. The verdicts follow from three rules.
//!
//! 1. An answer that CloudFront cannot finish a handshake with `fails`.
//! 2. One that chooses what was not offered is may-fail (`undocumented`): `deploy/docs/rules.md` says
//!    so of every such choice, because no document says how CloudFront takes it. That includes
//!    versions, compressions, suites, groups and schemes that do not exist.
//! 3. Where our TLS library gives up and CloudFront's own hello shows nothing wrong, the negotiation
//!    is unsettled (`negotiation-unsettled`): a limit of the library is not the origin's fault. In
//!    TLS 1.3 the hello does not show what comes after the ServerHello, so that most faults there
//!    are unsettled although no client could go on.
//!
//! Where a standard and AWS's library differ, the library decides, because CloudFront runs it.
//! `tests/oracle/hostile_servers.rs` asks that library of each kind; what it does not contradict has
//! no other source.

mod alerts;
mod certificates;
mod endings;
mod hellos;
mod other_protocols;
mod phases;
mod records;
mod tls12;
mod tls13;

use std::sync::Arc;

use super::server::{Behavior, Step};
use super::tls13::Session;
use super::wire::{
    CERTIFICATE, Hello, SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE, ServerHello, certificates12,
    handshake, message, parameters, signed,
};
use crate::common::forge::{Key, Plan};
use crate::common::hostile::DOMAIN;
use crate::common::{self, Found, answers, undecided};

/// One kind of server.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) behavior: Behavior,
    pub(crate) expected: Found,
    /// Whether it makes the client wait until its patience ends.
    pub(crate) hangs: bool,
}

/// The kinds as they are put together, and what their servers have.
pub(crate) struct Kinds {
    pki: Arc<Pki>,
    all: Vec<Kind>,
}

impl Kinds {
    /// Adds a kind that first reads the ClientHello.
    fn add(
        &mut self,
        name: impl Into<String>,
        expected: Found,
        script: impl Fn(&Pki, &Hello) -> Vec<Step> + Send + Sync + 'static,
    ) {
        self.add_numbered(name, expected, move |pki, hello, _| script(pki, hello));
    }

    /// Adds one whose script also takes the number of the connection, from 0.
    fn add_numbered(
        &mut self,
        name: impl Into<String>,
        expected: Found,
        script: impl Fn(&Pki, &Hello, usize) -> Vec<Step> + Send + Sync + 'static,
    ) {
        let pki = Arc::clone(&self.pki);
        let script = Arc::new(move |hello: &Hello, number| script(&pki, hello, number));
        self.push(name, expected, Behavior { before: Vec::new(), script });
    }

    /// Adds one that reads the ClientHello, sends these bytes and closes.
    fn sends(&mut self, name: impl Into<String>, expected: Found, bytes: Vec<u8>) {
        self.add(name, expected, move |_, _| send(&bytes));
    }

    /// Adds one that speaks first.
    fn greets(&mut self, name: impl Into<String>, expected: Found, before: Vec<Step>) {
        self.push(name, expected, Behavior { before, script: Arc::new(|_, _| vec![Step::Wait]) });
    }

    /// A kind hangs if its verdict is a timeout.
    fn push(&mut self, name: impl Into<String>, expected: Found, behavior: Behavior) {
        let hangs = expected == timed_out();
        self.all.push(Kind { name: name.into(), behavior, expected, hangs });
    }
}

/// What every server here would serve if it were not hostile.
pub(crate) struct Pki {
    pub(crate) root_pem: String,
    pub(crate) root_key: Key,
    pub(crate) key: Key,
    pub(crate) chain: Vec<Vec<u8>>,
    /// Makes the other keys.
    pub(crate) make_key: fn() -> Key,
}

impl Pki {
    pub(crate) fn new(make_key: fn() -> Key) -> Self {
        let (root_key, key) = (make_key(), make_key());
        let root = Plan::authority("Root", "Root", &root_key).signed_by(&root_key);
        let end_entity = Plan::new(DOMAIN, "Root", &key).named(&[DOMAIN.as_bytes()]);
        let chain = vec![end_entity.signed_by(&root_key)];
        Self { root_pem: pem(&root), root_key, key, chain, make_key }
    }

    /// The records of a right flight of TLS 1.3.
    pub(crate) fn flight13(&self, hello: &Hello) -> Vec<u8> {
        Session::begin(self, hello).flight().sent.clone()
    }

    /// The body of a ServerKeyExchange that the right key has signed as ECDSA with SHA-256.
    pub(crate) fn key_exchange(&self, hello: &Hello, parameters: &[u8]) -> Vec<u8> {
        let random = &ServerHello::of_tls12().random[..];
        let to_sign = [&hello.random, random, parameters].concat();
        signed(parameters, 0x0403, &self.key.sign(&to_sign))
    }

    /// The messages of a right flight of TLS 1.2.
    pub(crate) fn flight12(&self, hello: &Hello) -> Vec<u8> {
        self.parts12(hello).concat()
    }

    /// The same, message by message.
    pub(crate) fn parts12(&self, hello: &Hello) -> [Vec<u8>; 4] {
        [
            ServerHello::of_tls12().message(),
            message(CERTIFICATE, &certificates12(&self.chain)),
            message(SERVER_KEY_EXCHANGE, &self.key_exchange(hello, &parameters(&[9; 32]))),
            message(SERVER_HELLO_DONE, &[]),
        ]
    }
}

fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Every kind.
pub(crate) fn all(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = Kinds { pki: Arc::clone(pki), all: constant(pki) };
    phases::add(&mut kinds);
    kinds.all
}

/// The kinds that do the same on every connection.
pub(crate) fn constant(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = Kinds { pki: Arc::clone(pki), all: Vec::new() };
    for add in [
        endings::add,
        other_protocols::add,
        records::add,
        alerts::add,
        hellos::add,
        tls12::add,
        tls13::add,
        certificates::add,
    ] {
        add(&mut kinds);
    }
    kinds.all
}

/// Sends handshake messages and closes.
pub(crate) fn say(messages: &[u8]) -> Vec<Step> {
    send(&handshake(messages))
}

/// Sends bytes and closes.
pub(crate) fn send(bytes: &[u8]) -> Vec<Step> {
    vec![Step::Send(bytes.to_vec()), Step::Close]
}

/// Sends handshake messages, and closes once the client has answered.
pub(crate) fn converse(messages: &[u8]) -> Vec<Step> {
    vec![Step::Send(handshake(messages)), Step::Read, Step::Close]
}

/// Sends bytes and waits.
pub(crate) fn keep(bytes: Vec<u8>) -> Vec<Step> {
    vec![Step::Send(bytes), Step::Wait]
}

pub(crate) fn closed() -> Found {
    fails("connection-closed fails")
}

pub(crate) fn timed_out() -> Found {
    common::fails(&["handshake-timed-out fails"], 504)
}

pub(crate) fn not_tls() -> Found {
    fails("not-tls fails")
}

/// The protocol is broken, or refused by an alert.
pub(crate) fn refused() -> Found {
    fails("handshake-refused fails")
}

/// It answers with what was not offered.
pub(crate) fn violated() -> Found {
    undecided(&["handshake-refused may-fail"], "undocumented")
}

/// Our TLS library gives up, and CloudFront's own hello shows nothing that is wrong.
pub(crate) fn unsettled() -> Found {
    undecided(&["handshake-refused may-fail"], "negotiation-unsettled")
}

pub(crate) fn too_long() -> Found {
    may("chain-too-long may-fail")
}

/// The same after a request for a client certificate.
pub(crate) fn asked_and_unsettled() -> Found {
    let findings = "handshake-refused may-fail, client-certificate-requested may-fail";
    Found { reasons: vec!["undocumented", "negotiation-unsettled"], ..may(findings) }
}

/// Findings that no document settles, with a comma between them.
pub(crate) fn may(findings: &str) -> Found {
    undecided(&findings.split(", ").collect::<Vec<_>>(), "undocumented")
}

/// CloudFront answers 502 because of these findings.
pub(crate) fn fails(findings: &str) -> Found {
    common::fails(&findings.split(", ").collect::<Vec<_>>(), 502)
}

/// The handshake's key is not that of the certificate.
pub(crate) fn key_mismatch() -> Found {
    fails("key-mismatch fails")
}

pub(crate) fn no_certificate() -> Found {
    fails("no-certificate fails")
}

pub(crate) fn malformed() -> Found {
    fails("certificate-malformed fails")
}

pub(crate) fn healthy() -> Found {
    answers(&[])
}
