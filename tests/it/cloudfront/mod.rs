//! `cloudfront` through its public interface.

mod former_roots;
mod offer;
mod reach;
