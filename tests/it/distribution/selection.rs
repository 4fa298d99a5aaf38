use origin_probe::distribution::{Choice, Distribution, LeftOut, Selection};

#[test]
fn disabled_and_staging_distributions_count_only_when_asked_for() {
    let none = Selection::default();
    let disabled = Selection { disabled: Choice::Take, ..none };
    let both = Selection { staging: Choice::Take, ..disabled };
    for (is_enabled, is_staging, selection, expected) in [
        (true, false, none, None),
        (false, false, none, Some(LeftOut::Disabled)),
        (true, true, none, Some(LeftOut::Staging)),
        (false, false, disabled, None),
        (false, true, disabled, Some(LeftOut::Staging)),
        (false, true, both, None),
    ] {
        let distribution = Distribution { is_enabled, is_staging, ..Distribution::default() };
        assert_eq!(selection.leaves_out(&distribution), expected);
    }
}
