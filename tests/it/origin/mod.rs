//! `origin` through its public interface.

mod name;
mod nearest;
mod place;
mod platform;
mod renewal;
mod shard;
mod whole;
