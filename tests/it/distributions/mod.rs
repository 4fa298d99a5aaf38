//! `check --distribution-config` as a user meets it, with real servers behind the distributions.

mod documents;
mod impact;
mod origins;
mod remedies;
mod stage;
