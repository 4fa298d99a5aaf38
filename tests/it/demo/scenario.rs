use origin_probe::demo::SCENARIOS;
use origin_probe::origin::DomainName;
use std::collections::BTreeSet;

#[test]
fn every_id_is_unique() {
    let ids: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
    assert_eq!(ids.len(), SCENARIOS.len());
}

#[test]
fn every_name_is_one_that_cloudfront_takes() {
    for scenario in SCENARIOS {
        for name in std::iter::once(&scenario.domain).chain(scenario.viewer_hosts) {
            assert_eq!(name.parse::<DomainName>().unwrap().as_str(), *name);
        }
    }
}

#[test]
fn the_expectations_of_each_scenario_agree_with_each_other() {
    for scenario in SCENARIOS {
        let fails = scenario.verdict == "fails";
        assert_eq!(scenario.status.is_some(), fails, "{}", scenario.id);
        assert!(scenario.failing_ratio > 0.0 || !fails, "{}", scenario.id);
        let undecided = scenario.verdict == "undecided";
        assert_eq!(!scenario.undecided_reasons.is_empty(), undecided, "{}", scenario.id);
        let answers = scenario.verdict == "answers";
        assert!(scenario.failing_ratio == 0.0 || !answers, "{}", scenario.id);
        assert_eq!(scenario.answers_for_days.is_some(), answers, "{}", scenario.id);
        assert!(answers || !scenario.violates.is_empty(), "{}", scenario.id);
        assert!(scenario.violates.is_sorted(), "{}", scenario.id);
        assert_eq!([fails, undecided, answers].map(usize::from).iter().sum::<usize>(), 1);
    }
}
