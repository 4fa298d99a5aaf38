//! `telemetry` through its public interface.

mod whole;
