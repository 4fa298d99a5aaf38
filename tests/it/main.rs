//! Each room through its public interface.
#![allow(clippy::unwrap_used)]

mod config;
#[cfg(feature = "demo")]
mod demo;
mod distribution;
mod resolve;
#[path = "../common/section.rs"]
mod section;
mod sources;
