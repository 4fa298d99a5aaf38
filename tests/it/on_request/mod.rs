//! Probes on request, through real sockets: who may ask for what, what the answer holds, and that
//! nothing connects where it may not.

mod addresses;
mod answers;
mod limits;
mod requests;
mod stage;
