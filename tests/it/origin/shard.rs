use origin_probe::origin::{Origin, Shard, ShardError};

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
