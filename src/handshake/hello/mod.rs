//! Hand-made ClientHellos, and everything that a server answers to them in plaintext.
//!
//! They offer what CloudFront supports and rustls does not (CBC, static RSA, 3DES, TLS 1.0 and 1.1,
//! SSLv3). The exchange ends at the ServerHelloDone or, in TLS 1.3, at the ServerHello: nothing is
//! encrypted, and no keys are agreed on. Only `exchange` does I/O.

mod answer;
mod client_hello;
mod cursor;
mod exchange;
mod key_share;
mod messages;
mod names;
mod reader;
mod records;

pub use answer::{Answer, End, Retry, ServerHello, SignedParameters};
pub use client_hello::{ClientHello, Nonces};
pub use exchange::ask;
pub use key_share::key_length;
pub use messages::KeyExchange;
pub use names::{
    Registry, cipher_suite_name, group_name, signature_scheme_name, violation_of_scheme,
};
pub use reader::{Progress, Reader};
