use std::sync::Arc;
use std::time::Duration;

use origin_probe::origin::{Origin, share_equal};

#[test]
fn what_is_read_again_is_shared_unless_anything_is_new() {
    let origin = |domain: &str, seconds| {
        let interval = Duration::from_secs(seconds);
        Arc::new(Origin { interval, ..Origin::with_defaults(domain.parse().unwrap()) })
    };
    let before = [origin("a.example", 60), origin("b.example", 60), origin("gone.example", 60)];
    let read = [origin("new.example", 60), origin("b.example", 30), origin("a.example", 60)];
    let mut shared = read.clone();
    share_equal(&mut shared, &before);
    assert_eq!(shared, read);
    let is_shared = shared.each_ref().map(|own| before.iter().any(|old| Arc::ptr_eq(own, old)));
    assert_eq!(is_shared, [false, false, true]);
}
