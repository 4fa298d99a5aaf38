//! The words of `check` on a terminal: pinned at the widths that people have; and its colours: who
//! gets them, and that they are never the only sign.

use super::row;
use super::stage::{CERT, FULLCHAIN, SITE, arguments, folder, readable, terminal, text};
use crate::common::process::Ran;

const DOMAINS: [&str; 3] = [SITE, "shop.example", "other.example"];

fn seen(width: u16, arguments: &[&str]) -> String {
    readable(&terminal(width).run(arguments).written)
}

#[test]
fn at_60_columns_everything_is_wrapped() {
    let seen = seen(60, &arguments(&[SITE], &CERT, &["--color=never"]));
    row("at 60 columns everything is wrapped", &seen);
}

#[test]
fn at_80_columns_remarks_stand_below_names_that_are_long() {
    let seen = seen(80, &arguments(&[SITE], &CERT, &["--color=never"]));
    row("at 80 columns remarks stand below names that are long", &seen);
}

#[test]
fn at_120_columns_remarks_stand_beside_names() {
    let seen = seen(120, &arguments(&[SITE], &CERT, &["--color=never"]));
    row("at 120 columns remarks stand beside names", &seen);
}

#[test]
fn several_origins_stand_apart_and_are_summed_up() {
    for width in [60, 80, 120] {
        let seen = seen(width, &arguments(&DOMAINS, &FULLCHAIN, &["--color=never"]));
        row(&format!("several origins stand apart and are summed up, {width} columns"), &seen);
    }
}

#[test]
fn what_will_fail_is_told_and_drawn_as_it_will_be() {
    let within = ["--within", "60d", "--color=never"];
    let seen = seen(100, &arguments(&[SITE], &FULLCHAIN, &within));
    row("what will fail is told and drawn as it will be", &seen);
}

#[test]
fn no_line_goes_over_the_edge() {
    let arguments = arguments(&DOMAINS, &CERT, &["--color=never"]);
    for width in 40..130 {
        let written = terminal(width).run(&arguments).written;
        let widest = written.lines().map(|line| line.chars().count()).max().unwrap();
        // An address is not broken, and the longest with what stands before it has 52 columns.
        assert!(widest <= usize::from(width.max(52)), "{width}: {widest}\n{written}");
    }
}

#[test]
fn a_pipe_gets_three_long_lines_and_no_drawing() {
    let text = text(&arguments(&[SITE], &CERT, &[]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("www.shop.example:443  "), "{text}");
    assert!(lines[1].starts_with("  intermediate-missing: ") && lines[1].len() > 120);
    assert!(lines[2].len() > 120, "{text}");
    row("in a pipe", &text);
}

#[test]
fn rules_and_explanations_fit_too() {
    row("explain, at 80 columns", &seen(80, &["explain", "connection-refused"]));
    let seen = seen(60, &["--color=never", "rules"]);
    let first: Vec<&str> = seen.lines().take(6).collect();
    row("rules, at 60 columns", &first.join("\n"));
}

#[test]
fn a_terminal_gets_colours() {
    let seen = terminal(80).run(&arguments(&[SITE], &CERT, &[]));
    let seen = readable(&seen.written);
    row("a terminal gets colours", &seen);
}

#[test]
fn no_color_takes_the_colours_and_nothing_else() {
    let arguments = arguments(&[SITE, "other.example"], &CERT, &[]);
    let coloured = terminal(80).run(&arguments);
    let plain = terminal(80).with("NO_COLOR", "1").run(&arguments);
    assert!(coloured.written.contains('\u{1b}') && !plain.written.contains('\u{1b}'));
    assert_eq!(coloured.screen.screen().contents(), plain.screen.screen().contents());
    let dumb = terminal(80).with("TERM", "dumb").run(&arguments);
    assert_eq!(dumb.written, plain.written);
}

#[test]
fn the_option_outweighs_the_environment_and_that_outweighs_the_terminal() {
    let check = |more| arguments(&[SITE], &FULLCHAIN, more);
    let has_colour = |written: &str| written.contains('\u{1b}');
    for (variable, value, more, expected) in [
        ("TERM", "xterm", &[][..], true),
        ("NO_COLOR", "1", &["--color=always"], true),
        ("NO_COLOR", "", &[], true),
        ("CLICOLOR", "0", &[], false),
        ("CLICOLOR_FORCE", "1", &["--color", "never"], false),
    ] {
        let seen = terminal(80).with(variable, value).run(&check(more));
        assert_eq!(has_colour(&seen.written), expected, "{variable}={value} {more:?}");
    }
    for (variable, value, more, expected) in [
        ("TERM", "xterm", &[][..], false),
        ("CLICOLOR_FORCE", "1", &[], true),
        ("NO_COLOR", "1", &["--color=always"], true),
    ] {
        let ran = Ran::of(folder().program(&check(more)).env(variable, value), b"");
        assert_eq!(has_colour(&ran.out), expected, "piped, {variable}={value} {more:?}");
    }
}
