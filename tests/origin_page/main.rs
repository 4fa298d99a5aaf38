//! The page of one origin and those of the rules, over real HTTP: every origin of the demo, what
//! is downloaded and copied, origins of one name, and certificates made to harm.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../common/by_hand.rs"]
mod by_hand;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/desk.rs"]
mod desk;
#[path = "../common/forge.rs"]
mod forge;
#[path = "../common/hostile.rs"]
mod hostile;
#[path = "../common/section.rs"]
mod section;
#[path = "../common/visible.rs"]
mod visible;

mod addresses;
mod demo;
mod made_to_harm;
mod rules;
mod stage;
mod viewers;
