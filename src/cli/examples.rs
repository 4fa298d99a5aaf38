//! Examples for `--help` and the manual pages, and the style of `--help`. A test parses each
//! example like the command line does.

use anstyle::AnsiColor;
use clap::Command;
use clap::builder::{StyledStr, Styles};

/// The same as Cargo's.
pub(super) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::BrightGreen.on_default().bold())
    .usage(AnsiColor::BrightGreen.on_default().bold())
    .literal(AnsiColor::BrightCyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

pub(super) fn of_all() -> StyledStr {
    with_exit_codes(examples(&[
        "origin-probe check origin.example.com",
        "origin-probe check --config origin-probe.yaml --within 14d",
        "aws cloudfront list-distributions | origin-probe check --distribution-config -",
        "origin-probe serve --config origin-probe.yaml",
        "origin-probe explain chain-out-of-order",
    ]))
}

pub(super) fn of_check() -> StyledStr {
    with_exit_codes(examples(&[
        "origin-probe check origin.example.com                          # if Host is not forwarded",
        "origin-probe check alb.example.com --host www.example.com      # if Host is forwarded",
        "origin-probe check www.example.com --chain fullchain.pem       # before deployment",
        "origin-probe check --config origin-probe.yaml --within 14d -q  # for cron",
        "aws cloudfront list-distributions | origin-probe check --distribution-config -",
    ]))
}

pub(super) fn of_serve() -> StyledStr {
    examples(&[
        "origin-probe serve --config origin-probe.yaml",
        "origin-probe serve --config origin-probe.yaml --check-config",
        "origin-probe serve --config origin-probe.yaml --shard 0 --shards 3",
    ])
}

pub(super) fn of_rules() -> StyledStr {
    examples(&["origin-probe rules", "origin-probe rules | grep may-fail"])
}

pub(super) fn of_probe_now() -> StyledStr {
    examples(&["origin-probe probe-now --url http://127.0.0.1:10502 shop"])
}

pub(super) fn of_explain() -> StyledStr {
    examples(&["origin-probe explain intermediate-missing"])
}

#[cfg(feature = "demo")]
pub(super) fn of_demo() -> StyledStr {
    examples(&[
        "origin-probe demo                   # run the daemon with pages and metrics",
        "origin-probe demo --once            # print all findings and exit",
        "origin-probe demo --once -o json",
    ])
}

pub(super) fn of_completions() -> StyledStr {
    examples(&[
        "source <(origin-probe completions bash)    # in ~/.bashrc",
        "origin-probe completions zsh >~/.zfunc/_origin-probe",
        "origin-probe completions fish >~/.config/fish/completions/origin-probe.fish",
    ])
}

pub(super) fn of_man() -> StyledStr {
    examples(&[
        "origin-probe man | man -l -",
        "origin-probe man check | man -l -",
        "origin-probe man --to /usr/local/share/man/man1",
    ])
}

fn examples(lines: &[&str]) -> StyledStr {
    let mut text = String::new();
    heading(&mut text, HEADING);
    for line in lines {
        text.push_str("\n  ");
        text.push_str(line);
    }
    text.into()
}

fn with_exit_codes(text: StyledStr) -> StyledStr {
    let mut codes = text.ansi().to_string() + "\n\n";
    heading(&mut codes, "Exit codes:");
    for (code, meaning) in EXIT_CODES {
        codes.push_str(&format!("\n  {code}  {meaning}"));
    }
    codes.into()
}

fn heading(text: &mut String, heading: &str) {
    let style = STYLES.get_header();
    text.push_str(&format!("{style}{heading}{style:#}"));
}

/// Returns the examples in the help of a command.
pub(super) fn lines(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != HEADING).skip(1);
    lines.take_while(|line| !line.is_empty()).map(|line| line.trim_start().to_owned()).collect()
}

const HEADING: &str = "Examples:";

/// The exit codes of a check. With several origins the worst outcome counts.
pub(super) const EXIT_CODES: [(u8, &str); 4] = [
    (0, "every origin answers or is not applicable"),
    (1, "an origin fails, or will fail within the time of --within"),
    (2, "an origin is undecided and none fails"),
    (3, "usage, configuration or internal error"),
];

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::super::arguments::Arguments;
    use super::lines;

    /// Returns the arguments in an example.
    fn arguments(line: &str) -> Vec<&str> {
        let ours = &line[line.find("origin-probe ").unwrap()..];
        let words = ours.split_whitespace().map(|word| word.trim_end_matches(')'));
        words.take_while(|word| !word.starts_with(['|', '#', '>'])).collect()
    }

    #[test]
    fn every_command_has_examples_and_each_is_one() {
        let root = Arguments::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            let examples = lines(command);
            assert!(!examples.is_empty(), "{}", command.get_name());
            for words in examples.iter().map(|line| arguments(line)) {
                let read = Arguments::try_parse_from(&words);
                assert!(read.is_ok(), "{words:?}: {}", read.unwrap_err());
                assert!(command.get_name() == "origin-probe" || words[1] == command.get_name());
            }
        }
    }
}
