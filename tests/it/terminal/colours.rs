//! Colours: who gets them, and that they are never the only sign.

use super::row;
use super::stage::{CERT, FULLCHAIN, arguments, command, readable, terminal};

#[test]
fn a_terminal_gets_colours() {
    let seen = terminal(80).run(&arguments(&["www.shop.example"], &CERT, &[]));
    let seen = readable(&seen.written);
    row("a terminal gets colours", &seen);
}

#[test]
fn no_color_takes_the_colours_and_nothing_else() {
    let arguments = arguments(&["www.shop.example", "other.example"], &CERT, &[]);
    let coloured = terminal(80).run(&arguments);
    let plain = terminal(80).with("NO_COLOR", "1").run(&arguments);
    assert!(coloured.written.contains('\u{1b}') && !plain.written.contains('\u{1b}'));
    assert_eq!(coloured.screen.screen().contents(), plain.screen.screen().contents());
    let dumb = terminal(80).with("TERM", "dumb").run(&arguments);
    assert_eq!(dumb.written, plain.written);
}

#[test]
fn the_option_outweighs_the_environment_and_that_outweighs_the_terminal() {
    let check = |more| arguments(&["www.shop.example"], &FULLCHAIN, more);
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
        let mut command = command(&check(more));
        let output = command.env(variable, value).output().unwrap();
        let written = String::from_utf8(output.stdout).unwrap();
        assert_eq!(has_colour(&written), expected, "piped, {variable}={value} {more:?}");
    }
}
