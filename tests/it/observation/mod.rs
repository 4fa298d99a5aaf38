//! `observation` through its public interface.

mod whole;
