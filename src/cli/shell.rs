//! Shell completions and manual pages.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::arguments::{Arguments, CompletionsArguments, ManArguments};
use super::{examples, print};

/// Prints the completion script of a shell.
pub(super) fn completions(arguments: &CompletionsArguments) -> anyhow::Result<()> {
    Ok(print(&script(arguments.shell)?)?)
}

fn script(shell: Shell) -> anyhow::Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    let script = String::from_utf8(script).context("completion script is not valid UTF-8")?;
    Ok(match shell {
        // clap_complete spells a program name with a hyphen in two ways that never match, so that
        // nothing is completed after a command (https://github.com/clap-rs/clap/issues/6421).
        Shell::Bash => script.replace("origin__subcmd__probe", "origin__probe"),
        _ => script,
    })
}

/// Prints one page, or writes all pages to a directory.
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
        format!("man: unknown command `{command}`; use one of {}", names.join(", "))
    })?;
    Ok(print(&String::from_utf8(page_of(page)?).context("manual page is not valid UTF-8")?)?)
}

fn write_all(pages: &[Command], folder: &Path) -> anyhow::Result<()> {
    for command in pages {
        let file = folder.join(format!("{}.1", display_name(command)));
        std::fs::write(&file, page_of(command)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Returns every command that has a page, the root command first.
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
        let codes = examples::EXIT_CODES.map(|(code, meaning)| (code.to_string(), meaning));
        definitions(&mut page, "EXIT STATUS", codes)?;
    }
    if is_ours {
        let variables = ENVIRONMENT.map(|(variable, meaning)| (variable.to_owned(), meaning));
        definitions(&mut page, "ENVIRONMENT", variables)?;
    }
    examples_of(command, &mut page)?;
    Ok(page)
}

fn definitions(
    page: &mut impl Write,
    heading: &str,
    list: impl IntoIterator<Item = (String, &'static str)>,
) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    for (term, meaning) in list {
        roff.control("TP", []);
        roff.text([bold(term)]).text([roman(meaning)]);
    }
    page.write_all(roff.render().as_bytes())
}

fn examples_of(command: &Command, page: &mut impl Write) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in examples::lines(command) {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    page.write_all(roff.render().as_bytes())
}

const NAME: &str = "origin-probe";

/// Environment variables that belong to no option.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("NO_COLOR", "If set and not empty, disables colors unless --color=always is given."),
    ("CLICOLOR_FORCE", "If set and not 0, enables colors even if the output is not a terminal."),
    (
        "RUST_LOG",
        "Log filter of the daemon, such as info or origin_probe=debug; overrides log.level.",
    ),
    ("LC_ALL, LC_CTYPE, LANG", "Locale; chains are drawn in ASCII unless it uses UTF-8."),
    (
        "AWS_PROFILE, AWS_REGION and others",
        "AWS credentials and settings for discovery.cloudfront.",
    ),
];
