//! `cloudfront` through its public interface.

mod offer;
mod reach;
