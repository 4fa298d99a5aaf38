//! `check --distribution-config` as a user meets it, with real servers behind the distributions.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used)]

mod documents;
mod impact;
mod origins;
mod remedies;
mod stage;
