//! The words of `check` on a terminal: pinned at the widths that people have.

use super::row;
use super::stage::{CERT, FULLCHAIN, arguments, readable, terminal, text};

fn seen(width: u16, arguments: &[&str]) -> String {
    readable(&terminal(width).run(arguments).written)
}

#[test]
fn at_60_columns_everything_is_wrapped() {
    let seen = seen(60, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    row("at 60 columns everything is wrapped", &seen);
}

#[test]
fn at_80_columns_remarks_stand_below_names_that_are_long() {
    let seen = seen(80, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    row("at 80 columns remarks stand below names that are long", &seen);
}

#[test]
fn at_120_columns_remarks_stand_beside_names() {
    let seen = seen(120, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    row("at 120 columns remarks stand beside names", &seen);
}

#[test]
fn several_origins_stand_apart_and_are_summed_up() {
    let domains = ["www.shop.example", "shop.example", "other.example"];
    for width in [60, 80, 120] {
        let seen = seen(width, &arguments(&domains, &FULLCHAIN, &["--color=never"]));
        row(&format!("several origins stand apart and are summed up, {width} columns"), &seen);
    }
}

#[test]
fn what_will_fail_is_told_and_drawn_as_it_will_be() {
    let within = ["--within", "60d", "--color=never"];
    let seen = seen(100, &arguments(&["www.shop.example"], &FULLCHAIN, &within));
    row("what will fail is told and drawn as it will be", &seen);
}

#[test]
fn no_line_goes_over_the_edge() {
    let domains = ["www.shop.example", "shop.example", "other.example"];
    let arguments = arguments(&domains, &CERT, &["--color=never"]);
    for width in 40..130 {
        let written = terminal(width).run(&arguments).written;
        let widest = written.lines().map(|line| line.chars().count()).max().unwrap();
        // An address is not broken, and the longest with what stands before it has 52 columns.
        assert!(widest <= usize::from(width.max(52)), "{width}: {widest}\n{written}");
    }
}

#[test]
fn a_pipe_gets_three_long_lines_and_no_drawing() {
    let text = text(&arguments(&["www.shop.example"], &CERT, &[]));
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
