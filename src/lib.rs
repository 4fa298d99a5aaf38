//! Tells, before CloudFront does, that an origin's TLS will make it answer 502.
//!
//! Data flows one way:
//!
//! ```text
//! config → origin → schedule → probe (resolve → handshake → chain) → observation
//!        → rules → verdict → report → metrics, pages, command line
//! ```
//!
//! | room | knows |
//! |---|---|
//! | [`origin`] | what a distribution says of one origin |
//! | [`observation`] | the facts that one probe can bring home |
//!
//! Which room may import which is written in `tests/layers.rs`, which enforces it.

pub mod chain;
pub mod cloudfront;
#[cfg(feature = "demo")]
pub mod demo;
pub mod handshake;
pub mod observation;
pub mod origin;
pub mod probe;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod verdict;
