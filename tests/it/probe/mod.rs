//! `probe` through its public interface.

mod prober_health;
