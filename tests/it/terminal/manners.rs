//! Quiet, summaries, suggestions, hostile text, and readers that go away.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use jiff::Timestamp;
use origin_probe::demo::pki::{Authority, CaIssuers, EndEntity, Window};

use super::row;
use super::stage::{
    AT, SERVED, SITE, anchors, arguments, chain, file, folder, piped, terminal, text,
};
use crate::common::visible::between;

/// Returns the arguments of a check of the contract's chain.
fn check<'a>(domains: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    arguments(domains, SERVED, more)
}

/// The names that the contract's chain has, and one that it has not.
const THREE: [&str; 3] = ["www.shop.example", "other.example", "shop.example"];

const HTTP_ONLY: &str = "protocol_policy: http-only";

/// Writes a configuration of origins that are not probed, as CloudFront speaks plain HTTP to them.
fn many(name: &str, count: usize) -> String {
    let origin = |n| format!("  - {{id: origin-{n}, domain: o{n}.example, {HTTP_ONLY}}}\n");
    file(name, format!("origins:\n{}", (0..count).map(origin).collect::<String>()))
}

#[test]
fn quiet_tells_of_troubles_only_and_twice_nothing() {
    let all = text(&check(&THREE, &[]));
    assert_eq!(all.lines().count(), 1 + 3 + 1 + 2 + 1, "{all}");
    let quiet = piped(&check(&THREE, &["-q"]));
    let out = quiet.out;
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(out.starts_with("other.example:443  ") && !out.contains("shop.example:443"), "{out}");
    row("quiet, one of three fails", &out);
    assert_eq!((quiet.code, &*quiet.err), (1, ""));
    assert_eq!(text(&check(&["shop.example"], &["--quiet"])), "");
    let soon = text(&check(&["shop.example"], &["-q", "--within", "60d"]));
    assert!(soon.starts_with("shop.example:443  "), "{soon}");
    row("quiet, one will fail", &soon);
    for (domains, code) in [(&THREE[..], 1), (&THREE[..1], 0)] {
        let silent = piped(&check(domains, &["-qq"]));
        assert_eq!((silent.code, &*silent.out, &*silent.err), (code, "", ""));
    }
    let json = text(&check(&THREE, &["-q", "-o", "json"]));
    assert_eq!(json.lines().count(), 1, "{json}");
    assert!(json.contains(r#""domain":"other.example""#), "{json}");
}

#[test]
fn json_is_the_same_on_a_terminal_and_in_a_pipe() {
    let arguments = check(&THREE, &["-o", "json", "--draw-chain", "--color=always"]);
    let seen = terminal(60).run(&arguments);
    let piped = piped(&arguments);
    // A second may pass between the two.
    let undated = |json: &str| -> Vec<String> {
        let now = |line| between(line, "\"probed_at\":\"", "\"");
        json.lines().map(|line| line.replace(now(line), "NOW")).collect()
    };
    assert_eq!(undated(&seen.written), undated(&piped.out));
    assert_eq!(piped.origins().len(), 3);
}

#[test]
fn several_origins_are_summed_up_and_one_is_not() {
    let all = text(&check(&THREE, &[]));
    row("summary, three origins", &all.replace(SERVED, "fullchain.pem"));
    let one = text(&check(&THREE[..1], &[]));
    assert_eq!(one.lines().count(), 3, "{one}");
    row("summary, none of one origin", &one.replace(SERVED, "fullchain.pem"));
    let config = many("many.yaml", 3);
    let all = text(&["check", "--config", &config]);
    row("summary, nothing applicable", &all);
}

#[test]
fn a_near_miss_is_recognised() {
    let config = many("near.yaml", 2);
    let mut all = String::new();
    for (arguments, meant) in [
        (&["check", "a.example", "--trust-anchor", "x"][..], "--trust-anchors"),
        (&["chekc", "a.example"], "'check'"),
        (&["check", "a.example", "--ssl-protocols", "TLSv12"], "TLSv1.2"),
        (&["check", "a.example", "--color=alway"], "'always'"),
        (&["explain", "chain-out-of-odrer"], "`chain-out-of-order`"),
        (&["check", "--config", &config, "--origin", "orign-1"], "`origin-1`"),
        (&["check", "--config", &config, "--origin", "elephant"], "origin-0, origin-1"),
        (&["man", "chekc"], "serve, check, "),
    ] {
        let ran = piped(arguments);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}");
        assert!(ran.err.contains(meant), "{ran:?}");
        assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
        all.push_str(&ran.transcript());
    }
    row("near misses", &all);
}

#[test]
fn an_error_is_red_on_a_terminal() {
    for (arguments, begins) in [
        (&["explain", "elephant"][..], "\u{1b}[1m\u{1b}[31morigin-probe:\u{1b}[0m explain: "),
        (&["chekc"], "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m "),
        (&["--color=never", "explain", "elephant"], "origin-probe: explain: "),
        (&["--color=never", "chekc"], "error: "),
    ] {
        let seen = terminal(80).run(arguments);
        assert!(seen.written.starts_with(begins), "{arguments:?}: {:?}", seen.written);
        assert_eq!(seen.code, Some(3));
    }
}

#[test]
fn arguments_come_back_escaped() {
    for arguments in [
        &["check", "a\u{202e}b.example/x"][..],
        &["--col\u{202e}or"],
        &["check", "--within", "5\u{202e}d", "a.example"],
        &["explain", "not\u{202e}tls"],
        &["check", "--config", "/none\u{202e}.yaml"],
    ] {
        for said in [piped(arguments).err, terminal(80).run(arguments).written] {
            let has = ["\u{202e}", "\\u{202e}"].map(|text| said.contains(text));
            assert_eq!(has, [false, true], "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_servers_text_cannot_reach_the_terminal() {
    let window = || Window::days(-9..9, AT.parse::<Timestamp>().unwrap());
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n\u{202e}x\u{8}";
    let root = Authority::root(evil, window()).unwrap();
    let ca_issuers = CaIssuers::Url(format!("http://{evil}.example/"));
    let entity = EndEntity::new(&[SITE], window());
    let entity = EndEntity { common_name: Some(evil.to_owned()), ca_issuers, ..entity };
    let served = chain("evil", &[root.issue(&entity).unwrap().der, root.der()]);
    let roots = anchors("evil", &[&Authority::root("Other", window()).unwrap()]);
    let arguments = ["check", SITE, "--chain", &served, "--trust-anchors", &roots, "--at", AT];
    for width in [60, 80, 200] {
        let seen = terminal(width).run(&arguments);
        assert_eq!(seen.code, Some(1));
        let joined: String = seen.written.split_whitespace().collect();
        assert!(joined.contains(r"CN=\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m"), "{}", seen.written);
        let mut styles = seen.written.split('\u{1b}');
        let first = styles.next().unwrap();
        for part in styles {
            let style = part.strip_prefix('[').and_then(|rest| rest.split_once('m')).unwrap().0;
            assert!(style.bytes().all(|b| b.is_ascii_digit()), "{part:?}");
        }
        let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\u{1b}') || c == '\u{202e}';
        assert!(!seen.written.contains(is_odd) && !first.contains(is_odd), "{:?}", seen.written);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let config = many("pipe.yaml", 3000);
    for output in ["text", "json"] {
        let mut command = folder().program(&["check", "--config", &config, "-o", output]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.contains("origin-0"), "{line}");
        drop(reader);
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{output}");
    }
}
