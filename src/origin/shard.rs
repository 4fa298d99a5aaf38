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
