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

use super::server::{Behavior, Script, Step};
use super::wire::{
    Hello, SERVER_HELLO_DONE, ServerHello, certificates12, handshake, key_exchange, message,
    parameters,
};
use crate::common::forge::{Key, Plan};
use crate::common::hostile::DOMAIN;
use crate::common::{Found, answers, fails, undecided};

/// One kind of server.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) behavior: Behavior,
    pub(crate) expected: Found,
    /// Whether it makes the client wait until its patience ends.
    pub(crate) hangs: bool,
}

/// A kind that first reads the ClientHello; it hangs if its verdict is a timeout.
pub(crate) fn kind(
    name: impl Into<String>,
    expected: Found,
    script: impl Fn(&Hello, usize) -> Vec<Step> + Send + Sync + 'static,
) -> Kind {
    let hangs = expected == timed_out();
    let behavior = Behavior { before: Vec::new(), script: Arc::new(script) };
    Kind { name: name.into(), behavior, expected, hangs }
}

/// A kind that speaks first.
pub(crate) fn greeting(name: impl Into<String>, expected: Found, before: Vec<Step>) -> Kind {
    let script: Script = Arc::new(|_: &Hello, _| vec![Step::Wait]);
    let hangs = expected == timed_out();
    Kind { name: name.into(), behavior: Behavior { before, script }, expected, hangs }
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

    /// The messages of a right flight of TLS 1.2.
    pub(crate) fn flight12(&self, hello: &Hello) -> Vec<u8> {
        self.parts12(hello).concat()
    }

    /// The same, message by message.
    pub(crate) fn parts12(&self, hello: &Hello) -> [Vec<u8>; 4] {
        [
            ServerHello::of_tls12().message(),
            message(super::wire::CERTIFICATE, &certificates12(&self.chain)),
            message(
                super::wire::SERVER_KEY_EXCHANGE,
                &key_exchange(hello, &self.key, &parameters(&[9; 32])),
            ),
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
    let mut all = constant(pki);
    all.extend(phases::kinds(pki));
    all
}

/// The kinds that do the same on every connection.
pub(crate) fn constant(pki: &Arc<Pki>) -> Vec<Kind> {
    [
        endings::kinds(pki),
        other_protocols::kinds(),
        records::kinds(pki),
        alerts::kinds(pki),
        hellos::kinds(),
        tls12::kinds(pki),
        tls13::kinds(pki),
        certificates::kinds(pki),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Sends handshake messages and closes.
pub(crate) fn say(messages: &[u8]) -> Vec<Step> {
    vec![Step::Send(handshake(messages)), Step::Close]
}

/// Sends bytes and closes.
pub(crate) fn send(bytes: &[u8]) -> Vec<Step> {
    vec![Step::Send(bytes.to_vec()), Step::Close]
}

pub(crate) fn closed() -> Found {
    fails(&["connection-closed fails"], 502)
}

pub(crate) fn timed_out() -> Found {
    fails(&["handshake-timed-out fails"], 504)
}

pub(crate) fn not_tls() -> Found {
    fails(&["not-tls fails"], 502)
}

/// The protocol is broken, or refused by an alert.
pub(crate) fn refused() -> Found {
    fails(&["handshake-refused fails"], 502)
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
    may(&["chain-too-long may-fail"])
}

/// The same after a request for a client certificate.
pub(crate) fn asked_and_unsettled() -> Found {
    Found {
        findings: ["handshake-refused may-fail", "client-certificate-requested may-fail"]
            .map(ToOwned::to_owned)
            .into(),
        reasons: vec!["undocumented", "negotiation-unsettled"],
        ..unsettled()
    }
}

/// A finding that no document settles.
pub(crate) fn may(findings: &[&str]) -> Found {
    undecided(findings, "undocumented")
}

pub(crate) fn healthy() -> Found {
    answers(&[])
}
