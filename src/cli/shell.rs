//! What shells and man(1) want to know of the command line: completions and manual pages.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::Command;
use clap::CommandFactory;
use clap::ValueHint;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::Roff;
use clap_mangen::roff::bold;
use clap_mangen::roff::roman;

use super::arguments::Arguments;
use super::examples;
use super::print;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// Which shell is to complete.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// The command whose page to print.
    command: Option<String>,
    /// Write every page into this folder instead.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    to: Option<PathBuf>,
}

/// Prints the script that a shell reads.
pub(super) fn completions(arguments: &CompletionsArguments) -> anyhow::Result<()> {
    Ok(print(&script(arguments.shell)?)?)
}

fn script(shell: Shell) -> anyhow::Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    let script = String::from_utf8(script).context("the completions are no text")?;
    Ok(match shell {
        // Two spellings of a program's name with a hyphen never meet, so that nothing is completed
        // after a command (https://github.com/clap-rs/clap/issues/6421).
        Shell::Bash => script.replace("origin__subcmd__probe", "origin__probe"),
        _ => script,
    })
}

/// Prints one page, or writes all of them.
pub(super) fn man(arguments: &ManArguments) -> anyhow::Result<()> {
    let pages = pages();
    if let Some(folder) = &arguments.to {
        return write_all(&pages, folder);
    }
    let wanted = match &arguments.command {
        Some(command) => format!("{NAME}-{command}"),
        None => NAME.to_owned(),
    };
    let page = pages.iter().find(|command| display_name(command) == wanted).with_context(|| {
        let names: Vec<&str> = pages.iter().skip(1).map(Command::get_name).collect();
        let command = arguments.command.as_deref().unwrap_or_default();
        format!("man: there is no command `{command}`; there are {}", names.join(", "))
    })?;
    Ok(print(&String::from_utf8(page_of(page)?).context("the page is no text")?)?)
}

fn write_all(pages: &[Command], folder: &Path) -> anyhow::Result<()> {
    for command in pages {
        let file = folder.join(format!("{}.1", display_name(command)));
        std::fs::write(&file, page_of(command)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Returns every command that has a page, our own first.
fn pages() -> Vec<Command> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let subcommands: Vec<Command> = root.get_subcommands().cloned().collect();
    std::iter::once(root).chain(subcommands).collect()
}

fn display_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page_of(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let manual = Man::new(command.clone()).manual("origin-probe");
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_description_section(&mut page)?;
    manual.render_options_section(&mut page)?;
    if command.has_subcommands() {
        manual.render_subcommands_section(&mut page)?;
    }
    let is_ours = command.get_name() == NAME;
    if is_ours || command.get_name() == "check" {
        exit_status(&mut page)?;
    }
    if is_ours {
        environment(&mut page)?;
    }
    examples_of(command, &mut page)?;
    Ok(page)
}

fn exit_status(page: &mut impl Write) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in examples::EXIT_CODES {
        roff.control("TP", []);
        roff.text([bold(code.to_string())]).text([roman(meaning)]);
    }
    page.write_all(roff.render().as_bytes())
}

fn environment(page: &mut impl Write) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, meaning) in ENVIRONMENT {
        roff.control("TP", []);
        roff.text([bold(variable)]).text([roman(meaning)]);
    }
    page.write_all(roff.render().as_bytes())
}

fn examples_of(command: &Command, page: &mut impl Write) -> std::io::Result<()> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != examples::HEADING).skip(1);
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in lines.take_while(|line| !line.is_empty()) {
        roff.text([roman(line.trim_start())]);
    }
    roff.control("fi", []);
    page.write_all(roff.render().as_bytes())
}

const NAME: &str = "origin-probe";

/// Beside the variables of options, which stand with these.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("NO_COLOR", "Where it is set and not empty, no colours are used unless --color=always."),
    ("CLICOLOR_FORCE", "Where it is set and not 0, colours are used where there is no terminal."),
    ("RUST_LOG", "What the daemon logs, such as info or origin_probe=debug."),
    ("LC_ALL, LC_CTYPE, LANG", "Where they name no UTF-8, chains are drawn in ASCII."),
    ("AWS_PROFILE, AWS_REGION and the like", "Whose account discovery.cloudfront asks."),
];

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use super::page_of;
    use super::pages;
    use super::script;

    #[test]
    fn every_command_has_a_page_with_examples() {
        let pages = pages();
        assert!(pages.len() > 5);
        for command in pages {
            let page = String::from_utf8(page_of(&command).unwrap()).unwrap();
            for section in [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXAMPLES"] {
                assert!(page.contains(section), "{}: {section}", command.get_name());
            }
            assert!(!page.contains('\u{1b}'), "{}", command.get_name());
        }
    }

    #[test]
    fn every_shell_gets_completions() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let script = script(shell).unwrap();
            for word in ["check", "draw-chain", "distribution-config"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
