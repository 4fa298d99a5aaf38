use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::config::{OriginDefaults, TargetFile};
use origin_probe::origin::{Reachability, RenewalPolicy};
use origin_probe::sources::{Part, PartUpdate, SourceName, SourceState, SourceUpdate, files};

/// Returns the state after reading a file with each of these contents in turn.
fn state(contents: &[&str]) -> SourceState {
    let mut state = SourceState::new(SourceName::files("t.yaml"));
    let defaults = OriginDefaults {
        interval: Duration::from_secs(60),
        reachable_from_here: Reachability::Reachable,
        renewal: RenewalPolicy::default(),
    };
    let name: Arc<str> = "t.yaml".into();
    for text in contents {
        let news = match TargetFile::parse(Path::new("t.yaml"), text, &defaults) {
            Ok(file) => PartUpdate::Read(files::found(file, &name)),
            Err(errors) => PartUpdate::Failed(errors.to_string()),
        };
        let part = Part { name: Arc::clone(&name), update: news };
        state.take(SourceUpdate::Parts(vec![part]), Timestamp::UNIX_EPOCH);
    }
    state
}

/// Returns the origins in use as `id=domain:port/interval`.
fn in_use(contents: &[&str]) -> Vec<String> {
    let state = state(contents);
    let origins = state.parts.values().flat_map(|part| &part.found.origins);
    origins
        .map(|found| {
            let origin = &found.origin;
            let (key, seconds) = (&origin.key, origin.interval.as_secs());
            format!("{}={}:{}/{seconds}", key.id, key.domain, origin.https_port)
        })
        .collect()
}

const A: &str = "- {targets: [a.example], labels: {__origin_probe_interval: 11s}}\n";
const B: &str = "- {targets: [b.example, c.example], labels: {__origin_probe_interval: 22s}}\n";
const D: &str = "- {targets: [d.example], labels: {__origin_probe_interval: 44s}}\n";
const BAD_B: &str = "- {targets: [b.example, c.example], labels: {__origin_probe_interval: 5}}\n";
const USED_A: &str = "a.example=a.example:443/11";
const USED_B: [&str; 2] = ["b.example=b.example:443/22", "c.example=c.example:443/22"];
const USED_D: &str = "d.example=d.example:443/44";

#[test]
fn what_an_invalid_group_said_last_stays_in_use_wherever_it_stands() {
    let all = format!("{A}{B}{D}");
    for text in [
        format!("{A}{BAD_B}{D}"),
        // Other groups move, disappear or are added.
        format!("{BAD_B}{D}{A}"),
        format!("{D}- {{targets: [new.example]}}\n{BAD_B}{A}"),
        // An unknown setting, a second error, not a mapping, no targets.
        format!("{A}{}{D}", BAD_B.replace("interval: 5", "intervall: 5s")),
        format!("{A}- {{targets: [b.example, 'c.example:22'], label: {{}}}}\n{D}"),
        format!("{A}- b.example\n{D}"),
        format!("{A}- {{labels: {{team: x}}}}\n{D}"),
        format!("{A}- {{targets: b.example}}\n{D}"),
        // An invalid target that matches no previous one.
        format!("{A}- {{targets: ['b.exam ple']}}\n{D}"),
        format!("- {{targets: ['b.exam ple']}}\n{D}"),
    ] {
        let used = in_use(&[&all, &text]);
        for expected in USED_B {
            assert!(used.iter().any(|used| used == expected), "{text}: {used:?}");
        }
        assert!(used.iter().any(|used| used == USED_D), "{text}: {used:?}");
        let has_a = used.iter().any(|used| used == USED_A);
        assert_eq!(has_a, text.contains("a.example]"), "{text}: {used:?}");
        let new = usize::from(text.contains("new.example"));
        assert_eq!(used.len(), 3 + new + usize::from(has_a), "{text}: {used:?}");
        assert!(!state(&[&all, &text]).is_good(), "{text}");
        // It stays in use across other changes and errors in the file.
        let more = format!("{text}- {{targets: [more.example]}}\n");
        assert_eq!(in_use(&[&all, &text, "[{", &text, &more]).len(), used.len() + 1, "{text}");
        // Once corrected, the new content is used.
        let mended = [&*all, &text, &format!("{A}{}{D}", B.replace("22s", "23s"))];
        assert!(in_use(&mended).contains(&"b.example=b.example:443/23".to_owned()), "{text}");
        assert!(state(&mended).is_good());
    }
}

#[test]
fn what_is_taken_away_goes_and_what_is_valid_counts_as_it_is() {
    let all = format!("{A}{B}{D}");
    for (text, expected) in [
        // Other groups were removed or changed.
        (format!("{A}{BAD_B}"), vec![USED_A, USED_B[0], USED_B[1]]),
        (BAD_B.to_owned(), USED_B.to_vec()),
        (
            format!("{}{BAD_B}", A.replace("11s", "12s")),
            vec!["a.example=a.example:443/12", USED_B[0], USED_B[1]],
        ),
        // The group itself was removed.
        (format!("{A}{D}"), vec![USED_A, USED_D]),
        ("[]".to_owned(), vec![]),
        // The target moved to another group.
        (
            format!("{BAD_B}- {{targets: [c.example]}}\n"),
            vec![USED_B[0], "c.example=c.example:443/60"],
        ),
        // An invalid target removes nothing, and a valid one is used at once.
        (
            format!("{A}- {{targets: [b.example, 'c.example:1', new.example]}}\n"),
            vec![USED_A, "b.example=b.example:443/60", "new.example=new.example:443/60", USED_B[1]],
        ),
    ] {
        assert_eq!(in_use(&[&all, &text]), expected, "{text}");
    }
}

#[test]
fn groups_with_the_same_domain_are_told_apart_by_their_ids() {
    let group = |id: &str, interval: &str| {
        let labels = format!("__origin_probe_id: {id}, __origin_probe_interval: {interval}");
        format!("- {{targets: [a.example], labels: {{{labels}}}}}\n")
    };
    let all = [group("eu", "11s"), group("us", "22s"), group("ap", "44s")].concat();
    let text = [group("ap", "44s"), group("us", "never"), group("eu", "11s")].concat();
    assert_eq!(
        in_use(&[&all, &text]),
        ["ap=a.example:443/44", "us=a.example:443/22", "eu=a.example:443/11"]
    );
    let text = [group("us", "never"), group("eu", "never")].concat();
    assert_eq!(in_use(&[&all, &text]), ["us=a.example:443/22", "eu=a.example:443/11"]);
}

#[test]
fn without_a_valid_form_the_rest_of_the_file_is_used() {
    let text = format!("{A}{BAD_B}- {{targets: [d.example, 192.0.2.1]}}\n");
    let used = [USED_A, "d.example=d.example:443/60"];
    assert_eq!(in_use(&[&text]), used);
    let state = state(&[&text]);
    assert!(!state.is_good() && state.was_read());
    // Changes to a generated file are applied even if it always has an invalid entry.
    let other = "- {targets: [e.example, 192.0.2.2]}\n";
    assert_eq!(in_use(&[&text, other]), ["e.example=e.example:443/60"]);
    // Origins in use stay as long as a group names them.
    let broken = format!("{A}- {{targets: [d.example, 192.0.2.1], labels: {{x}}}}\n");
    assert_eq!(in_use(&[&text, &broken]), used);
}

#[test]
fn a_group_that_is_turned_off_stays_so_while_it_is_invalid() {
    let off = "- {targets: [b.example], labels: {__origin_probe_enabled: 'false'}}\n";
    let invalid = off.replace("'false'", "'flase'");
    assert_eq!(in_use(&[&format!("{A}{off}"), &format!("{A}{invalid}")]), [USED_A]);
    // A disabled group is not the predecessor of another one.
    let unknown = "- {targets: [1.5]}\n";
    assert_eq!(
        in_use(&[&format!("{A}- {{targets: [b.example]}}\n"), &format!("{A}{off}{unknown}")]),
        [USED_A]
    );
}

/// Returns a group with these targets and labels.
fn group(targets: &str, labels: &str) -> String {
    format!("- {{targets: [{targets}], labels: {{{labels}}}}}\n")
}

const INTERVAL_22: &str = "__origin_probe_interval: 22s";
const INVALID: &str = "__origin_probe_interval: 5";

#[test]
fn groups_that_are_merged_into_an_invalid_one_lose_nothing() {
    let all = format!("{A}{B}{D}");
    for targets in [
        "a.example, b.example, c.example",
        "c.example, b.example, a.example",
        // A target that only the last valid form contains.
        "a.example, 'b.exam ple', c.example",
    ] {
        let merged = group(targets, INVALID);
        for text in [format!("{merged}{D}"), format!("{D}{merged}")] {
            let mut used = in_use(&[&all, &text]);
            used.sort_unstable();
            assert_eq!(used, [USED_A, USED_B[0], USED_B[1], USED_D], "{text}");
        }
    }
}

#[test]
fn what_moves_into_an_invalid_group_stays_in_use() {
    let first = group("a.example, x.example, y.example", INTERVAL_22);
    let second = group("b.example, c.example", INTERVAL_22);
    let all = format!("{first}{second}");
    let left = group("x.example, y.example", INTERVAL_22);
    for (targets, labels) in [
        ("b.example, c.example, a.example", INVALID),
        ("b.example, c.example, 'a.example:22'", INTERVAL_22),
        // Another target of the new group is misspelled.
        ("b.example, a.example, 'c.exam ple'", INVALID),
        ("a.example, b.example, 'c.exam ple'", INTERVAL_22),
    ] {
        let moved = group(targets, labels);
        for text in [format!("{left}{moved}"), format!("{moved}{left}")] {
            let mut used = in_use(&[&all, &text]);
            used.sort_unstable();
            let expected = ["a", "b", "c", "x", "y"]
                .map(|name| format!("{name}.example={name}.example:443/22"));
            assert_eq!(used, expected, "{text}");
            // It also stays when the group is changed again.
            let again = format!("{text}- {{targets: [new.example]}}\n");
            assert_eq!(in_use(&[&all, &text, &again]).len(), 6, "{text}");
        }
    }
    // Moved to a new group with another ID.
    let new = group("a.example", &format!("__origin_probe_id: shop, {INVALID}"));
    assert!(
        in_use(&[&all, &format!("{left}{second}{new}")])
            .contains(&"a.example=a.example:443/22".to_owned())
    );
    // A valid group without the origin removes it, even if there is an invalid group too.
    let both = group("x.example, z.example", INVALID);
    let gone = group("x.example", INTERVAL_22);
    assert_eq!(in_use(&[&all, &format!("{gone}{both}")]), ["x.example=x.example:443/22"]);
}

#[test]
fn each_half_of_a_group_that_is_split_keeps_what_it_names() {
    let halves = [group("b.example", INVALID), group("c.example", INVALID)];
    let split = halves.concat();
    assert_eq!(in_use(&[B, &split]), USED_B);
    // If one half is deleted, its origins are removed.
    for (half, used) in halves.iter().zip(USED_B) {
        assert_eq!(in_use(&[B, &split, half]), [used]);
        assert_eq!(in_use(&[B, &split, half, &format!("{half}{D}")]), [used, USED_D]);
    }
    // An origin that neither half names any more stays, as does a misspelled one next to a valid
    // half.
    let misspelt = [group("'b.exam ple'", INVALID), group("c.example", INVALID)].concat();
    let mut used = in_use(&[B, &misspelt]);
    used.sort_unstable();
    assert_eq!(used, USED_B);
    let all = group("b.example, c.example, d.example, e.example", INTERVAL_22);
    for labels in [INVALID, INTERVAL_22] {
        let invalid = group("d.example, 'e.exam ple'", labels);
        let valid = group("b.example, c.example", INTERVAL_22);
        for text in [format!("{valid}{invalid}"), format!("{invalid}{valid}")] {
            assert_eq!(in_use(&[&all, &text]).len(), 4, "{text}");
        }
    }
}

#[test]
fn what_came_while_a_group_is_invalid_is_kept_as_the_rest_of_it() {
    let more = group("b.example, new.example, 'c.example:1'", INTERVAL_22);
    let misspelt = group("'b.example:1', 'new.exam ple', 'c.example:1'", INTERVAL_22);
    let used = in_use(&[B, &more, &misspelt]);
    assert_eq!(used, ["b.example=b.example:443/22", "new.example=new.example:443/22", USED_B[1]]);
}

/// Returns the origins in use with their own labels.
fn labels(contents: &[&str]) -> Vec<String> {
    let state = state(contents);
    let origins = state.parts.values().flat_map(|part| &part.found.origins);
    origins.map(|at| format!("{} {:?}", at.origin.key.id, at.origin.labels)).collect()
}

#[test]
fn an_own_label_that_cannot_be_used_leaves_the_last_good_form_in_use() {
    let good = group("a.example", "team: shop");
    let used = ["a.example {\"team\": \"shop\"}"];
    for bad in ["te am: shop", "team: {}", "team: shop, job: x", "team: other, le: y"] {
        for targets in ["a.example", "a.example, new.example", "a.example, 'c.example:1'"] {
            let text = group(targets, bad);
            assert_eq!(labels(&[&good, &text]), used, "{text}");
            assert!(!state(&[&good, &text]).is_good(), "{text}");
            assert_ne!(problems(&[&good, &text]), 0, "{text}");
            // It stays in use while other groups change, until the label is corrected.
            assert_eq!(labels(&[&good, &text, &format!("{text}{D}")]).len(), 2, "{text}");
            let mended = group("a.example", "team: other");
            assert_eq!(labels(&[&good, &text, &mended]), ["a.example {\"team\": \"other\"}"]);
            assert!(state(&[&good, &text, &mended]).is_good(), "{text}");
        }
    }
    // A new group is at the position of another.
    let new = group("new.example", "team: shop, job: x");
    assert_eq!(labels(&[&good, &new]), ["new.example {\"team\": \"shop\"}"]);
}

#[test]
fn without_a_last_good_form_a_group_is_used_without_the_label() {
    let text = group("a.example", "team: shop, job: x, le: y");
    let used = ["a.example {\"team\": \"shop\"}"];
    for contents in [&[&*text][..], &["[]", &text], &[D, &format!("{D}{text}")]] {
        assert!(state(contents).is_good());
        assert_eq!(problems(contents), 2);
        assert!(labels(contents).contains(&used[0].to_owned()), "{contents:?}");
    }
    // Changes to a generated file are applied even if it always has such a label.
    let other = group("a.example, b.example", "team: other, job: x");
    let after = ["a.example {\"team\": \"other\"}", "b.example {\"team\": \"other\"}"];
    assert_eq!(labels(&[&text, &other]), after);
    assert_eq!(labels(&[&text, &other, &text]), used);
    assert!(state(&[&text, &other, &text]).is_good());
}

/// Returns the number of errors reported for the last of `contents`.
fn problems(contents: &[&str]) -> usize {
    state(contents).parts.values().map(|part| part.found.problems.kept().len()).sum()
}
