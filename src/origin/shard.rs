//! The assignment of origins to several processes.

use thiserror::Error;

use super::Origin;

/// One of several processes that divide the origins among themselves.
///
/// Origins are assigned by rendezvous hashing on their distribution, so that all origins of a
/// distribution have the same shard. An origin without a distribution is hashed by domain and
/// port, so that shared connections have the same shard. Going from M to M + 1 processes moves
/// about one origin in M + 1, all of them to the new process. The hash must not change: pods of
/// different versions must agree during a rolling update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    ordinal: u32,
    shards: u32,
}

/// Why a shard is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShardError {
    #[error("number of shards is 0; use 1 or more")]
    NoShards,
    #[error(
        "shard {ordinal} of {shards} does not exist; shards are counted from 0, so use 0 to {}",
        shards - 1
    )]
    TooHigh { ordinal: u32, shards: u32 },
}

impl Shard {
    /// The shard of a single process.
    pub const WHOLE: Self = Self { ordinal: 0, shards: 1 };

    /// Returns shard `ordinal`, counted from 0, of `shards`.
    ///
    /// # Errors
    /// Returns an error if `shards` is 0 or `ordinal` is too high.
    pub fn new(ordinal: u32, shards: u32) -> Result<Self, ShardError> {
        match shards {
            0 => Err(ShardError::NoShards),
            _ if ordinal >= shards => Err(ShardError::TooHigh { ordinal, shards }),
            _ => Ok(Self { ordinal, shards }),
        }
    }

    /// Returns the number of this shard, counted from 0.
    pub fn ordinal(self) -> u32 {
        self.ordinal
    }

    /// Returns the total number of shards.
    pub fn shards(self) -> u32 {
        self.shards
    }

    /// Returns whether `origin` belongs to this shard.
    pub fn takes(self, origin: &Origin) -> bool {
        self.takes_key(key(origin))
    }

    /// Returns whether the origins of a distribution belong to this shard.
    pub fn takes_distribution(self, id: &str) -> bool {
        self.takes_key(key_of_distribution(id))
    }

    fn takes_key(self, key: u64) -> bool {
        let highest = (0..self.shards).max_by_key(|shard| weight(key, *shard));
        highest == Some(self.ordinal)
    }
}

fn key(origin: &Origin) -> u64 {
    match &*origin.key.distribution {
        "" => {
            let port = origin.https_port.to_be_bytes();
            digest([b"o", origin.domain().as_str().as_bytes(), &port])
        }
        distribution => key_of_distribution(distribution),
    }
}

fn key_of_distribution(id: &str) -> u64 {
    digest([b"d", id.as_bytes(), &[]])
}

/// Returns the 64-bit FNV-1a hash of a tag and two parts.
fn digest(parts: [&[u8]; 3]) -> u64 {
    parts.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the weight of a shard for a key. The shard with the highest weight is chosen.
fn weight(key: u64, shard: u32) -> u64 {
    mix(key ^ mix(u64::from(shard).wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// The finalizer of SplitMix64: each input bit changes about half of the output bits.
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Shard, ShardError};
    use crate::origin::Origin;

    fn origins() -> Vec<Origin> {
        let origin = |n| Origin::with_defaults(format!("origin-{n}.example.com").parse().unwrap());
        (0..20_000).map(origin).collect()
    }

    /// Returns the shard of each origin, and asserts that there is exactly one.
    fn taken(origins: &[Origin], shards: u32) -> Vec<u32> {
        let all: Vec<Shard> = (0..shards).map(|n| Shard::new(n, shards).unwrap()).collect();
        let taker = |origin| {
            let takers: Vec<&Shard> = all.iter().filter(|shard| shard.takes(origin)).collect();
            assert_eq!(takers.len(), 1);
            takers[0].ordinal()
        };
        origins.iter().map(taker).collect()
    }

    #[test]
    fn every_shard_takes_about_the_same_and_no_origin_is_left() {
        let origins = origins();
        for shards in [1, 2, 3, 7, 16] {
            let taken = taken(&origins, shards);
            let fair = origins.len() as f64 / f64::from(shards);
            for shard in 0..shards {
                let has = taken.iter().filter(|taker| **taker == shard).count() as f64;
                assert!((0.9..1.1).contains(&(has / fair)), "{shard} of {shards} takes {has}");
            }
        }
    }

    #[test]
    fn one_shard_more_moves_no_more_than_its_share_and_only_to_itself() {
        let origins = origins();
        for shards in 1..8 {
            let (before, after) = (taken(&origins, shards), taken(&origins, shards + 1));
            let moved: Vec<u32> =
                before.iter().zip(&after).filter(|(a, b)| a != b).map(|(_, to)| *to).collect();
            assert!(moved.iter().all(|to| *to == shards), "from {shards}");
            let share = moved.len() as f64 / origins.len() as f64 * f64::from(shards + 1);
            assert!((0.9..1.1).contains(&share), "{share} of a shard's share moves at {shards}");
        }
    }

    #[test]
    fn a_distribution_stays_together_and_so_does_a_domain_with_its_port() {
        let of = |distribution: &str, domain: &str, id: &str| {
            let mut origin = Origin::with_defaults(domain.parse().unwrap());
            origin.key.distribution = distribution.into();
            origin.key.id = id.into();
            origin
        };
        let together = [of("E1", "a.example", "1"), of("E1", "b.example", "2")];
        assert!(taken(&together, 100).windows(2).all(|two| two[0] == two[1]));
        let shards = (0..100).map(|n| Shard::new(n, 100).unwrap());
        let takers: Vec<u32> =
            shards.filter(|s| s.takes_distribution("E1")).map(Shard::ordinal).collect();
        assert_eq!(takers, [taken(&together, 100)[0]]);
        let together = [of("", "a.example", "1"), of("", "a.example", "2")];
        assert!(taken(&together, 100).windows(2).all(|two| two[0] == two[1]));
    }

    /// With another hash, two pods or none would probe an origin during a rolling update.
    #[test]
    fn who_takes_what_is_the_same_in_every_version() {
        assert_eq!(taken(&origins()[..12], 5), [2, 4, 3, 1, 0, 0, 3, 2, 4, 1, 4, 1]);
    }

    #[test]
    fn a_shard_that_cannot_be_is_refused() {
        assert_eq!(Shard::new(0, 0), Err(ShardError::NoShards));
        let error = Shard::new(3, 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "shard 3 of 3 does not exist; shards are counted from 0, so use 0 to 2"
        );
    }
}
