//! Completions and manual pages, read by the programs they are for, where those are installed.

use std::process::Command;

use super::stage::{piped, terminal, text};
use crate::common::process::{Folder, Ran};

/// Runs a program over some input, and returns what it says if it is content; `None` where it is
/// not installed and need not be.
fn through(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    if Command::new(program).arg("--version").output().is_err() {
        assert!(std::env::var_os("ORIGIN_PROBE_REQUIRE_PEERS").is_none(), "{program} is missing");
        eprintln!("skipped: {program} is not installed");
        return None;
    }
    let ran = Ran::of(Command::new(program).args(arguments), input.as_bytes());
    assert_eq!((ran.code, &*ran.err), (0, ""), "{program}: {ran:?}");
    Some(ran.out)
}

#[test]
fn bash_completes_commands_options_values_and_rules() {
    let script = text(&["completions", "bash"]);
    for (words, expected) in [
        (&["origin-probe", "expl"][..], "explain"),
        (&["origin-probe", "check", "--draw"], "--draw-chain"),
        (&["origin-probe", "check", "-o", "js"], "json"),
        (&["origin-probe", "check", "--ip-address-type", "dual"], "dualstack"),
        (&["origin-probe", "explain", "intermediate-m"], "intermediate-missing"),
        (&["origin-probe", "completions", "zs"], "zsh"),
    ] {
        let last = words.len() - 1;
        let test = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={last}\n\
             _origin__probe origin-probe '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            words.join(" "),
            words[last],
            words[last - 1],
        );
        let Some(out) = through("bash", &["--norc"], &test) else { return };
        assert_eq!(out.trim(), expected, "{words:?}");
    }
}

#[test]
fn every_shell_accepts_its_completions() {
    for (shell, arguments) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])]
    {
        let script = text(&["completions", shell]);
        // Fish gets none for arguments without an option.
        assert!(shell == "fish" || script.contains("chain-out-of-order"), "{shell}");
        through(shell, arguments, &script);
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = text(&["completions", shell]);
        for word in ["check", "draw-chain", "distribution-config"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn manual_pages_are_complete_and_well_formed() {
    let pages = Folder::new("terminal-man1");
    let written = piped(&["man", "--to", pages.join("").to_str().unwrap()]);
    assert_eq!((written.code, &*written.out), (0, ""));
    let mut names = Vec::new();
    for page in std::fs::read_dir(pages.join("")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        let page = pages.read(&name);
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXAMPLES"] {
            assert!(page.contains(section), "{name}: {section}");
        }
        assert!(!page.contains('\u{1b}'), "{name}");
        names.push(name);
        let (man, groff) = (["--warnings", "-l", "-"], ["-man", "-Tutf8", "-ww"]);
        for (program, arguments) in [("man", &man), ("groff", &groff)] {
            if let Some(out) = through(program, arguments, &page) {
                assert!(out.contains("origin-probe"), "{out}");
            }
        }
    }
    names.sort();
    let commands = [
        "",
        "-check",
        "-completions",
        "-demo",
        "-explain",
        "-man",
        "-probe-now",
        "-rules",
        "-serve",
    ];
    let mut expected = commands.map(|command| format!("origin-probe{command}.1"));
    expected.sort();
    assert_eq!(names, expected);
    let page = text(&["man"]);
    assert!(page.contains("EXIT STATUS") && page.contains("NO_COLOR"), "{page}");
    assert_eq!(text(&["man", "check"]), pages.read("origin-probe-check.1"));
}

#[test]
fn help_has_examples_and_fits_narrow_terminals() {
    for command in ["check", "serve", "rules", "explain", "demo", "completions", "man", "probe-now"]
    {
        for help in [text(&[command, "--help"]), text(&[command, "-h"]), text(&["help", command])] {
            assert!(help.contains("\nExamples:\n  "), "{help}");
        }
    }
    let narrow = terminal(60).run(&["--color=never", "check", "--help"]).written;
    let (options, _) = narrow.split_once("Examples:").unwrap();
    let widest = options.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 72, "{widest}: {options}");
}
