//! What Prometheus gets: a text in which every line is valid, every family stands in one block and
//! no series stands twice, with the right content type, compressed for those who ask.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::common::by_hand::{self, address, answering};
use crate::common::desk::Desk;
use crate::common::site::{Site, now, origin};
use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::metrics::{self, Selection, is_essential};
use origin_probe::observation::{Endpoint, Failure};
use origin_probe::origin::{Origin, ProtocolPolicy};
use origin_probe::report::Reports;
use origin_probe::telemetry::{Telemetry, TrustStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn endpoint(last: u8, target: usize, failure: Option<Failure>) -> Endpoint {
    match failure {
        Some(failure) => by_hand::failing(address(last), target, failure, now()),
        None => by_hand::timed(answering(address(last), target, Some(chain()), now()), 250, 500),
    }
}

/// A chain that is good for every origin here.
fn chain() -> Arc<ChainFacts> {
    static CHAIN: LazyLock<Arc<ChainFacts>> = LazyLock::new(|| {
        let root = Authority::root("Test Root", Window::days(-1000..3000, now())).unwrap();
        let end_entity = EndEntity::new(&["*.example"], Window::days(-20..70, now()));
        by_hand::chain(&[root.issue(&end_entity).unwrap().der], &root.der())
    });
    Arc::clone(&CHAIN)
}

/// A fleet in which every kind of state is found.
fn fleet() -> Reports {
    let well = origin("well");
    let mut dead = origin("dead");
    dead.targets = by_hand::forwarding("dead.example", &["a.example", "b.example"]).targets;
    let plain = Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..origin("plain") };
    let mut awkward = origin("awkward");
    awkward.key.id = "quote\" back\\slash \n feed".into();
    awkward.labels = BTreeMap::from([("team".to_owned(), "a \"b\"\n\\".to_owned())]);
    let limping = origin("limping");
    let refused = || Some(by_hand::refusal());
    let plays: [(Origin, Option<Vec<Endpoint>>); 6] = [
        (well, Some(vec![endpoint(1, 0, None)])),
        (dead, Some(vec![endpoint(1, 0, refused()), endpoint(1, 1, refused())])),
        (plain, Some(Vec::new())),
        (awkward, Some(vec![endpoint(1, 0, None)])),
        (limping, Some(vec![endpoint(1, 0, None), endpoint(2, 0, refused())])),
        (origin("new"), None),
    ];
    let reports = Reports::new(plays.iter().map(|(origin, _)| Arc::new(origin.clone())));
    for (entry, (_, endpoints)) in reports.entries().iter().zip(plays) {
        let Some(endpoints) = endpoints else { continue };
        entry.publish(&by_hand::report(&entry.origin, endpoints, now()));
    }
    reports
}

fn pieces(reports: &Reports) -> metrics::Exposition {
    metrics::exposition(reports, String::new(), &Selection::default())
}

fn exposition(reports: &Reports) -> String {
    exposition_of(reports, &Selection::default())
}

fn exposition_of(reports: &Reports, selection: &Selection) -> String {
    let telemetry = Telemetry::new("0.0.0").unwrap();
    telemetry.set_trust_store(&TrustStore {
        id: "store",
        version: "1.0.10",
        date: "2026-07-01",
        mozilla: 120,
        extra: 0,
    });
    telemetry.sources().expect("file:a.yaml", Duration::from_secs(2));
    telemetry.no_longer_blinded_by("own-failure");
    let own = telemetry.render(now(), |name| selection.has(name)).unwrap();
    by_hand::exposed_of(reports, own, selection)
}

/// A line's name and labels, read as Prometheus reads them; panics where it could not.
fn series(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (name, rest) = match line.find(['{', ' ']) {
        Some(at) => line.split_at(at),
        None => panic!("no value: {line}"),
    };
    let mut labels = BTreeMap::new();
    let mut rest = rest.strip_prefix('{').unwrap_or(rest);
    while let Some((label, after)) = rest.split_once("=\"") {
        let (mut value, mut escaped, mut end) = (String::new(), false, 0);
        for (at, c) in after.char_indices() {
            match (escaped, c) {
                (true, 'n') => value.push('\n'),
                (true, '\\' | '"') => value.push(c),
                (true, _) => panic!("no such escape: {line}"),
                (false, '\\') => {}
                (false, '"') => {
                    end = at;
                    break;
                }
                (false, _) => value.push(c),
            }
            escaped = !escaped && c == '\\';
        }
        assert!(labels.insert(label.trim_start_matches(',').to_owned(), value).is_none());
        rest = &after[end + 1..];
    }
    let value = rest.trim_start_matches('}').trim().parse().unwrap();
    (name.to_owned(), labels, value)
}

#[test]
fn every_line_is_valid_and_no_series_stands_twice() {
    let text = exposition(&fleet());
    let known: BTreeSet<&str> = metrics::families().map(|family| family.name).collect();
    let (mut families, mut seen, mut current) = (BTreeSet::new(), BTreeSet::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            current = help.split(' ').next().unwrap().to_owned();
            assert!(families.insert(current.clone()), "{current} stands in one block");
            assert!(known.contains(&*current) || current.starts_with("process_"), "{current}");
            let family = metrics::families().find(|family| family.name == current);
            let expected = family.map(|family| format!("{current} {}", family.help));
            assert!(expected.is_none_or(|expected| expected == help), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let family = metrics::families().find(|family| family.name == current);
            let expected = family.map(|family| format!("{current} {}", family.kind));
            assert!(expected.is_none_or(|expected| expected == kind), "{line}");
        } else {
            let (name, labels, _) = series(line);
            let is_of_family = name == current
                || ["_bucket", "_sum", "_count"].iter().any(|s| name == format!("{current}{s}"));
            assert!(is_of_family, "{name} in the block of {current}");
            // The client library names the metrics of the process; `info` has the labels of users.
            let family = metrics::families().find(|family| family.name == current);
            for label in labels.keys().filter(|label| !["le", "team"].contains(&label.as_str())) {
                let is_known = family.is_some_and(|family| family.labels.contains(&label.as_str()));
                assert!(is_known, "{label} in {line}");
            }
            assert!(seen.insert((name, labels)), "twice: {line}");
        }
    }
    assert!(known.iter().all(|name| families.contains(*name)), "every family has its header");
}

#[test]
fn the_cardinality_budget_of_the_reference_is_right() {
    let page = fs::read_to_string("deploy/docs/metrics.md").unwrap();
    let budget = |what: &str| -> usize {
        let row = format!("| {what} | ");
        let row = page.lines().find_map(|line| line.strip_prefix(&row)).expect(what);
        row.split(' ').next().unwrap().parse().unwrap()
    };
    let text = exposition(&fleet());
    let all: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).map(series).collect();
    let count = |label: &str, value: &str| {
        all.iter().filter(|(_, labels, _)| labels.get(label).is_some_and(|v| v == value)).count()
    };
    assert_eq!(count("origin", "plain"), budget("an origin that is not judged"));
    assert_eq!(count("source", "file:a.yaml"), budget("a source of origins"));
    let of_behaviors =
        metrics::families().filter(|family| family.name.starts_with("cloudfront_behavior_"));
    assert_eq!(of_behaviors.count(), budget("a behavior and viewer protocol"));
}

#[test]
fn each_state_has_its_series() {
    let text = exposition(&fleet());
    let all: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).map(series).collect();
    let of = |id: &str| -> Vec<(String, f64)> {
        let mine =
            all.iter().filter(|(_, labels, _)| labels.get("origin").is_some_and(|o| o == id));
        let short = |name: &str| name.replace("cloudfront_origin_", "");
        mine.filter(|(name, ..)| {
            ["failing", "undecided", "failing_ratio", "violation", "undecided_reason", "info"]
                .contains(&&*short(name))
        })
        .map(|(name, labels, value)| {
            let more = labels.get("rule").or_else(|| labels.get("reason"));
            (
                format!("{}{}", short(name), more.map(|m| format!(" {m}")).unwrap_or_default()),
                *value,
            )
        })
        .collect()
    };
    let named = |list: &[(&str, f64)]| -> Vec<(String, f64)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    let answers = [("failing", 0.0), ("undecided", 0.0), ("failing_ratio", 0.0), ("info", 1.0)];
    assert_eq!(of("well"), named(&answers));
    assert_eq!(of("quote\" back\\slash \n feed"), named(&answers));
    assert_eq!(of("plain"), named(&[("info", 1.0)]));
    let not_yet = "undecided_reason not-probed-yet";
    assert_eq!(
        of("new"),
        named(&[("failing", 0.0), ("undecided", 1.0), (not_yet, 1.0), ("info", 1.0)])
    );
    assert_eq!(
        of("limping"),
        named(&[
            ("failing", 0.0),
            ("undecided", 1.0),
            ("undecided_reason undocumented", 1.0),
            ("failing_ratio", 0.5),
            ("violation connection-refused", 1.0),
            ("info", 1.0),
        ])
    );
    // Two server names: everything twice.
    assert_eq!(
        of("dead").iter().filter(|(name, _)| name == "violation connection-refused").count(),
        2
    );
    let info = all.iter().find(|(name, labels, _)| {
        name == "cloudfront_origin_info" && labels["origin"].starts_with("quote")
    });
    assert_eq!(info.unwrap().1["team"], "a \"b\"\n\\");
}

#[test]
fn a_family_that_is_left_out_changes_no_other() {
    let reports = fleet();
    for selection in [
        Selection::of(is_essential),
        Selection::of(|name| name.starts_with("cloudfront_behavior_")),
        Selection::of(|name| name != "cloudfront_origin_info"),
        Selection::of(|_| false),
    ] {
        let mut is_kept = true;
        let mut expected = String::new();
        for line in exposition(&reports).lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                is_kept = selection.has(help.split(' ').next().unwrap());
            }
            // Those of the process change from one scrape to the next.
            if is_kept && !line.starts_with("process_") {
                expected += &format!("{line}\n");
            }
        }
        let text = exposition_of(&reports, &selection);
        let found = text.lines().filter(|line| !line.starts_with("process_"));
        assert_eq!(found.map(|line| format!("{line}\n")).collect::<String>(), expected);
    }
}

#[tokio::test]
async fn a_scrape_returns_the_chosen_families_and_the_api_is_the_same() {
    let origins = "origins: [{id: a, domain: a.example}]\n";
    let yaml = format!(
        "metrics:\n  set: essential\n  allow: [cloudfront_origin_*info]\n  \
         deny: [cloudfront_origin_failing*, cloudfront_behavior_*, origin_probe_*]\n{origins}"
    );
    let site = Site::behind(Desk::with(now, &yaml), fleet()).await;
    let text = site.page("/metrics").await;
    let named = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let named = named.map(|line| line.split(' ').next().unwrap());
    let (of_process, chosen): (Vec<&str>, Vec<&str>) =
        named.partition(|name| name.starts_with("process_"));
    assert_eq!(
        chosen
            .iter()
            .map(|name| name.strip_prefix("cloudfront_origin_").unwrap())
            .collect::<Vec<_>>(),
        [
            "undecided",
            "undecided_reason",
            "violation",
            "path_not_after_timestamp_seconds",
            "renewal_warning_timestamp_seconds",
            "renewal_critical_timestamp_seconds",
            "tls_info",
            "last_probe_timestamp_seconds",
            "info",
        ]
    );
    assert_eq!(of_process.is_empty(), !cfg!(target_os = "linux"));
    let api = Site::new(fleet()).await.json("/api/v1/origins").await;
    assert_eq!(site.json("/api/v1/origins").await, api);
}

#[test]
fn a_fleet_of_any_size_is_written_in_small_pieces() {
    let origins = (0..2000).map(|n| Arc::new(origin(&format!("origin-{n}"))));
    let reports = Arc::new(Reports::new(origins));
    let pieces: Vec<usize> = pieces(&reports).map(|piece| piece.len()).collect();
    assert!(pieces.len() > 10, "{}", pieces.len());
    assert!(pieces.iter().all(|length| *length < 64 * 1024), "{:?}", pieces.iter().max());
}

#[test]
fn a_scrape_shows_the_reports_of_one_moment_unless_two_others_have_begun_since() {
    let origins = (0..200).map(|n| Arc::new(origin(&format!("origin-{n:03}"))));
    let reports = Reports::new(origins);
    let publish = |failure: Option<Failure>| {
        for entry in reports.entries().iter() {
            let endpoints = vec![endpoint(1, 0, failure.clone())];
            entry.publish(&by_hand::report(&entry.origin, endpoints, now()));
        }
    };
    let rest = |pieces: metrics::Exposition| {
        let pieces: Vec<u8> = pieces.flatten().collect();
        String::from_utf8(pieces).unwrap()
    };
    let begun = || {
        let mut pieces = pieces(&reports);
        (String::from_utf8(pieces.next().unwrap().to_vec()).unwrap(), pieces)
    };
    let failing = "cloudfront_origin_failing_ratio{distribution=\"\",origin=\"origin-199\"";
    let ratio = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with(failing));
        lines.map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
    };
    publish(None);
    let whole = by_hand::exposed(&reports, String::new());
    assert_eq!(ratio(&whole), ["0"]);
    let (first, second) = (begun(), begun());
    publish(Some(by_hand::refusal()));
    assert!(first.0 + &rest(first.1) == whole, "it shows one moment");
    let others = [begun(), begun()];
    assert_eq!(ratio(&(second.0 + &rest(second.1))), ["1"], "it is complete, with newer reports");
    for (begin, pieces) in others {
        assert_eq!(ratio(&(begin + &rest(pieces))), ["1"]);
    }
}

#[tokio::test]
async fn metrics_have_the_exact_content_type_and_come_compressed_on_request() {
    let site = Site::new(fleet()).await;
    for (accept, compressed) in [("identity", false), ("gzip", true)] {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: {accept}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
        assert_eq!(head.contains("content-encoding: gzip"), compressed, "{head}");
        let is_gzip = answer[end..].windows(2).any(|two| two == [0x1f, 0x8b]);
        assert_eq!(is_gzip, compressed);
    }
}

#[tokio::test]
async fn text_from_outside_is_escaped_on_the_page() {
    let mut hostile = origin("hostile");
    hostile.key.id = "<script>alert(1)</script>".into();
    let (_, _, page) = Site::new(Reports::new([Arc::new(hostile)])).await.ask("GET", "/").await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    // The page has one of its own, which it loads.
    assert_eq!(page.matches("<script").count(), 1, "{page}");
}
