//! `handshake` through its public interface.

mod client_hello;
mod hello;
mod messages;
