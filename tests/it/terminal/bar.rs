//! The bar while origins are probed, and what is left of it.

use super::stage::{Seen, piped, terminal, type_interrupt};
use crate::common::process::Folder;

/// The demo's origins take three seconds, as one of them never says a word.
const DEMO: [&str; 2] = ["demo", "--once"];

/// Returns the screen's lines, without the empty ones at its end.
fn screen(seen: &Seen) -> String {
    seen.screen.screen().contents()
}

/// Tells whether a bar says that all but one are done, and that this is the silent one.
fn tells_of_the_last(bar: &str) -> bool {
    let Some((_, counts)) = bar.split_once("] ") else { return false };
    let Some((ended, rest)) = counts.split_once('/') else { return false };
    let Some((all, rest)) = rest.split_once(", ") else { return false };
    let count = |text: &str| text.parse::<usize>().unwrap();
    count(ended) + 1 == count(all) && rest.contains("/s: silent\u{1b}[K")
}

#[test]
fn the_bar_tells_counts_rate_and_who_is_waited_for_and_is_gone_afterwards() {
    for width in [60, 120] {
        let seen = terminal(width).run(&DEMO);
        assert_eq!(seen.code, Some(0));
        assert!(seen.written.contains("probing [=="), "{}", seen.written);
        let mut bars = seen.written.split('\r').filter(|line| line.contains("probing ["));
        assert!(bars.any(tells_of_the_last), "{}", seen.written);
        assert!(!screen(&seen).contains("probing"), "{}", screen(&seen));
        assert!(screen(&seen).starts_with("load-balancers-own-name"), "{}", screen(&seen));
        assert!(!seen.screen.screen().hide_cursor());
    }
}

#[test]
fn nobody_sees_a_bar_in_a_pipe_or_who_wants_quiet() {
    let err = piped(&DEMO).err;
    assert!(!err.contains("probing"), "{err}");
    let quiet = terminal(80).run(&["demo", "--once", "-qq"]);
    assert_eq!((quiet.code, quiet.written.contains("probing")), (Some(0), false));
    let dumb = terminal(80).with("TERM", "dumb").run(&DEMO);
    assert!(!dumb.written.contains("probing"), "{}", dumb.written);
}

#[test]
fn an_interrupt_leaves_the_terminal_clean_and_ends_as_the_signal_does() {
    let temporary = Folder::new("terminal-interrupted").join("");
    let mut typed = 0;
    let terminal = terminal(80).with("TMPDIR", temporary.to_str().unwrap());
    let seen = terminal.run_until(&DEMO, |written, pty| {
        if typed == 0 && written.contains("probing [") {
            assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
            type_interrupt(pty);
            typed += 1;
        }
    });
    assert_eq!((typed, seen.code, seen.signal), (1, None, Some(2)));
    assert_eq!(screen(&seen), "");
    assert_eq!(seen.screen.screen().cursor_position(), (0, 0));
    assert!(!seen.screen.screen().hide_cursor());
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "the demo's folder is left");
}
