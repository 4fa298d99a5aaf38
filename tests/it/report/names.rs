use crate::report::sample::Sample;
use origin_probe::report::NameComparison;

fn comparison(sample: Sample) -> NameComparison {
    let report = sample.serving("192.0.2.1").report();
    let chain = report.observation.endpoints[0].chain.as_ref().unwrap();
    let targets = 0..report.origin.targets.len();
    NameComparison::new(chain.end_entity().unwrap(), &report.origin, targets)
}

#[test]
fn a_name_that_matches_is_marked_and_comes_first() {
    let names = comparison(Sample::of("shop.example"));
    let presented: Vec<(&str, bool)> =
        names.presented.iter().map(|n| (n.name.as_str(), !n.matches.is_empty())).collect();
    assert_eq!(presented, [("shop.example", true), ("www.shop.example", false)]);
    assert_eq!(names.presented[0].matches, ["shop.example"]);
    assert!(names.wanted[0].is_met());
}

#[test]
fn one_of_the_wanted_names_suffices() {
    let names =
        comparison(Sample::of("origin.example").forwarding(&["www.shop.example", "a.example"]));
    let wanted: Vec<(&str, bool)> =
        names.wanted.iter().map(|w| (w.server_name.as_str(), w.is_met())).collect();
    assert_eq!(wanted, [("www.shop.example", true), ("a.example", false)]);
    assert_eq!(
        names.wanted[0].any_of,
        [("www.shop.example".to_owned(), true), ("origin.example".to_owned(), false)]
    );
}
