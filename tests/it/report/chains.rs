use crate::report::sample::Sample;
use origin_probe::report::served_chains;

#[test]
fn what_fails_comes_first_and_each_chain_once() {
    let report = Sample::of("www.shop.example")
        .serving("192.0.2.1")
        .serving_until("192.0.2.2", "2026-11-01T23:59:59Z")
        .serving("192.0.2.3")
        .report();
    let chains = served_chains(&report, &report.verdict);
    let places: Vec<(&[usize], bool)> =
        chains.iter().map(|chain| (&*chain.endpoints, chain.fails)).collect();
    assert_eq!(places, [(&[1][..], true), (&[0, 2][..], false)]);
}
