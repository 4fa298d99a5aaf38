//! `chain` through its public interface.

mod anchors;
mod name;
