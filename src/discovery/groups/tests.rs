use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::config::OriginDefaults;
use crate::config::TargetFile;
use crate::discovery::News;
use crate::discovery::Part;
use crate::discovery::Reading;
use crate::discovery::Record;
use crate::discovery::SourceName;
use crate::discovery::files;
use crate::origin::Reachability;
use crate::origin::RenewalPolicy;

/// Returns what is known after a file was read with each of these contents.
fn record(contents: &[&str]) -> Record {
    let mut record = Record::new(SourceName::files("t.yaml"));
    let defaults = OriginDefaults {
        interval: Duration::from_secs(60),
        reachable_from_here: Reachability::Reachable,
        renewal: RenewalPolicy::default(),
    };
    let name: Arc<str> = "t.yaml".into();
    for text in contents {
        let news = match TargetFile::parse(Path::new("t.yaml"), text, &defaults) {
            Ok(file) => News::Read(files::found(file, &name)),
            Err(errors) => News::Failed(errors.to_string()),
        };
        let part = Part { name: Arc::clone(&name), news };
        record.take(Reading::Parts(vec![part]), Timestamp::UNIX_EPOCH);
    }
    record
}

/// Returns the origins in use as `id=domain:port/interval`.
fn in_use(contents: &[&str]) -> Vec<String> {
    let record = record(contents);
    let origins = record.parts.values().flat_map(|part| &part.found.origins);
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
        // Others move, go or come.
        format!("{BAD_B}{D}{A}"),
        format!("{D}- {{targets: [new.example]}}\n{BAD_B}{A}"),
        // An unknown setting, a second mistake, no mapping, no targets.
        format!("{A}{}{D}", BAD_B.replace("interval: 5", "intervall: 5s")),
        format!("{A}- {{targets: [b.example, 'c.example:22'], label: {{}}}}\n{D}"),
        format!("{A}- b.example\n{D}"),
        format!("{A}- {{labels: {{team: x}}}}\n{D}"),
        format!("{A}- {{targets: b.example}}\n{D}"),
        // A target that names nothing that was there.
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
        assert!(!record(&[&all, &text]).is_good(), "{text}");
        // It stays for as long as the file is read, whatever else is changed or broken meanwhile.
        let more = format!("{text}- {{targets: [more.example]}}\n");
        assert_eq!(in_use(&[&all, &text, "[{", &text, &more]).len(), used.len() + 1, "{text}");
        // Mended, it counts as it is.
        let mended = [&*all, &text, &format!("{A}{}{D}", B.replace("22s", "23s"))];
        assert!(in_use(&mended).contains(&"b.example=b.example:443/23".to_owned()), "{text}");
        assert!(record(&mended).is_good());
    }
}

#[test]
fn what_is_taken_away_goes_and_what_is_valid_counts_as_it_is() {
    let all = format!("{A}{B}{D}");
    for (text, expected) in [
        // Another group is gone, or another.
        (format!("{A}{BAD_B}"), vec![USED_A, USED_B[0], USED_B[1]]),
        (BAD_B.to_owned(), USED_B.to_vec()),
        (
            format!("{}{BAD_B}", A.replace("11s", "12s")),
            vec!["a.example=a.example:443/12", USED_B[0], USED_B[1]],
        ),
        // The group itself.
        (format!("{A}{D}"), vec![USED_A, USED_D]),
        ("[]".to_owned(), vec![]),
        // Another group has it now.
        (
            format!("{BAD_B}- {{targets: [c.example]}}\n"),
            vec![USED_B[0], "c.example=c.example:443/60"],
        ),
        // A target that is bad costs nothing, and one that is good counts at once.
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
    let record = record(&[&text]);
    assert!(!record.is_good() && record.was_read());
    // A generated file that always has something invalid still follows its changes.
    let other = "- {targets: [e.example, 192.0.2.2]}\n";
    assert_eq!(in_use(&[&text, other]), ["e.example=e.example:443/60"]);
    // Its origins in use stay while it is named.
    let broken = format!("{A}- {{targets: [d.example, 192.0.2.1], labels: {{x}}}}\n");
    assert_eq!(in_use(&[&text, &broken]), used);
}

#[test]
fn an_own_label_that_cannot_be_used_makes_no_group_invalid() {
    let text = "- {targets: [a.example], labels: {job: x, le: y, team: z}}\n";
    let record = record(&[A, text]);
    assert!(record.is_good());
    assert_eq!(in_use(&[A, text]), ["a.example=a.example:443/60"]);
}

#[test]
fn a_group_that_is_turned_off_stays_so_while_it_is_invalid() {
    let off = "- {targets: [b.example], labels: {__origin_probe_enabled: 'false'}}\n";
    let invalid = off.replace("'false'", "'flase'");
    assert_eq!(in_use(&[&format!("{A}{off}"), &format!("{A}{invalid}")]), [USED_A]);
    // Turning a group off does not make it the past of another.
    let unknown = "- {targets: [1.5]}\n";
    assert_eq!(
        in_use(&[&format!("{A}- {{targets: [b.example]}}\n"), &format!("{A}{off}{unknown}")]),
        [USED_A]
    );
}
