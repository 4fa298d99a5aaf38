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
//! | [`config`] | the configuration file as written, then decided |
//! | [`origin`] | what a distribution says of one origin |
//! | [`observation`] | the facts that one probe can bring home |
//!
//! Which room may import which is written in `tests/layers.rs`, which enforces it.

pub mod config;
pub mod observation;
pub mod origin;
