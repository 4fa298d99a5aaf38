//! The second-chance hello: a ClientHello made by hand, and everything that a server answers to it
//! in the clear.
//!
//! It offers what our TLS library does not speak and CloudFront does (CBC, static RSA, 3DES, TLS
//! 1.0 and 1.1, SSLv3), and goes no further than the ServerHelloDone, or, in TLS 1.3, than the
//! ServerHello: nothing is encrypted, nothing is agreed on. Nothing in here does I/O but `exchange`.

mod answer;
mod client_hello;
mod cursor;
mod exchange;
mod key_exchange;
mod key_share;
mod messages;
mod names;
mod reader;
mod records;

pub use answer::Answer;
pub use answer::End;
pub use answer::Retry;
pub use answer::ServerHello;
pub use answer::SignedParameters;
pub use client_hello::ClientHello;
pub use client_hello::Nonces;
pub use exchange::ask;
pub use key_exchange::KeyExchange;
pub use key_share::key_length;
pub use names::Registry;
pub use names::cipher_suite_name;
pub use names::group_name;
pub use names::signature_scheme_name;
pub use reader::Progress;
pub use reader::Reader;

#[cfg(test)]
mod tests;
