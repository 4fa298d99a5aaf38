//! `probe` through its public interface.

mod chains;
mod prober_health;
