//! What is said of the trust anchors in use.

/// The trust anchors in use, as `origin_probe_trust_store_info` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustStore<'a> {
    /// An identifier of the whole set: two with the same decide alike.
    pub id: &'a str,
    /// The release that Mozilla's anchors come from; empty where they are not in use.
    pub version: &'a str,
    /// The day on which that release was taken into this program; empty as above.
    pub date: &'a str,
    /// How many anchors are Mozilla's.
    pub mozilla: usize,
    /// How many the configuration adds.
    pub extra: usize,
}
