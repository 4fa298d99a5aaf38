//! Completions and manual pages, read by the programs they are for, where those are installed.

use std::io::Write;
use std::process::{Command, Stdio};

use super::stage::{folder, piped, text};

/// Runs a program over some input; `None` where it is not installed and need not be.
fn through(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String, String)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        assert!(std::env::var_os("ORIGIN_PROBE_REQUIRE_PEERS").is_none(), "{program} is missing");
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Some((output.status.success(), text(output.stdout), text(output.stderr)))
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
        let Some((is_well, out, err)) = through("bash", &["--norc"], &test) else { return };
        assert!(is_well && err.is_empty(), "{words:?}: {err}");
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
        if let Some((is_well, _, err)) = through(shell, arguments, &script) {
            assert!(is_well && err.is_empty(), "{shell}: {err}");
        }
    }
    for shell in ["elvish", "powershell"] {
        assert!(text(&["completions", shell]).contains("distribution-config"), "{shell}");
    }
}

#[test]
fn manual_pages_are_complete_and_well_formed() {
    let pages = folder().join("man1");
    let _ = std::fs::remove_dir_all(&pages);
    std::fs::create_dir_all(&pages).unwrap();
    let written = piped(&["man", "--to", pages.to_str().unwrap()]);
    assert_eq!((written.status.code(), written.stdout), (Some(0), vec![]));
    let mut names = Vec::new();
    for page in std::fs::read_dir(&pages).unwrap() {
        let path = page.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        for program in ["man", "groff"] {
            let arguments: &[&str] = match program {
                "man" => &["--warnings", "-l", "-"],
                _ => &["-man", "-Tutf8", "-ww"],
            };
            if let Some((is_well, out, err)) = through(program, arguments, &page) {
                assert!(is_well && err.is_empty(), "{names:?}: {err}");
                assert!(out.contains("origin-probe"), "{out}");
            }
        }
    }
    names.sort();
    let commands = ["", "-check", "-completions", "-demo", "-explain", "-man", "-rules", "-serve"];
    let mut expected = commands.map(|command| format!("origin-probe{command}.1"));
    expected.sort();
    assert_eq!(names, expected);
    let page = text(&["man"]);
    assert!(page.contains("EXIT STATUS") && page.contains("NO_COLOR"), "{page}");
    assert_eq!(
        text(&["man", "check"]),
        std::fs::read_to_string(pages.join("origin-probe-check.1")).unwrap()
    );
}

#[test]
fn help_has_examples_and_fits_narrow_terminals() {
    for command in ["check", "serve", "rules", "explain", "demo", "completions", "man"] {
        for help in [text(&[command, "--help"]), text(&[command, "-h"]), text(&["help", command])] {
            assert!(help.contains("\nExamples:\n  "), "{help}");
        }
    }
    let narrow = super::stage::terminal(60).run(&["--color=never", "check", "--help"]).written;
    let (options, _) = narrow.split_once("Examples:").unwrap();
    let widest = options.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 72, "{widest}: {options}");
}
