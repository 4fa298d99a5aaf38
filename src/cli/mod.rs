//! The command line: argument parsing, dispatch and exit codes.

mod arguments;
mod chain_file;
mod check;
#[cfg(feature = "demo")]
mod demo;
mod distributions;
mod examples;
mod offline;
mod probe_now;
mod rules;
mod serve;
mod shell;
mod terminal;
mod viewers;

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::daemon::Interrupted;
use crate::report::Outcome;

use arguments::{Arguments, Command};
use terminal::{Colour, Screen};

/// Runs the command line and returns the exit code: 0, 1 or 2 according to the verdicts, 3 for a
/// usage, configuration or internal error.
///
/// An interrupted check ends by the signal itself.
pub fn main() -> ExitCode {
    Colour::of_raw(std::env::args_os()).decide();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap reports `--help` and `--version` as errors, too.
            terminal::print_usage_error(&error);
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                _ => ExitCode::from(OWN_FAILURE),
            };
        }
    };
    arguments.color.decide();
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
                return interrupted.end();
            }
            terminal::error(&format!("{error:#}"));
            ExitCode::from(OWN_FAILURE)
        }
    }
}

/// The exit code of a usage, configuration or internal error.
const OWN_FAILURE: u8 = 3;

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => return serve::run(&arguments),
        Command::ProbeNow(arguments) => probe_now::run(&arguments)?,
        Command::Check(arguments) => {
            return match &arguments.chain {
                Some(path) => offline::run(&arguments, path),
                None if arguments.distributions.distribution_config.is_empty() => {
                    check::run(&arguments)
                }
                None => distributions::run(&arguments),
            };
        }
        Command::Rules => Screen::of_standard_output().print(&rules::list())?,
        Command::Explain { rule } => {
            Screen::of_standard_output().print(&rules::explained(&rule)?)?;
        }
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(&arguments)?,
        Command::Completions(arguments) => shell::completions(&arguments)?,
        Command::Man(arguments) => shell::man(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a file, or standard input if the path is `-`, up to one byte more than `limit`, so that
/// larger input is noticed. Also returns its name in messages.
fn read_input(path: &Path, limit: u64) -> (String, std::io::Result<Vec<u8>>) {
    match is_standard_input(path) {
        true => ("standard input".to_owned(), bytes_of(std::io::stdin().lock(), limit)),
        false => {
            let bytes = File::open(path).and_then(|file| bytes_of(file, limit));
            (path.display().to_string(), bytes)
        }
    }
}

fn bytes_of(source: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes to standard output. A closed pipe is not an error.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn exit_code(outcome: Outcome) -> ExitCode {
    ExitCode::from(outcome.exit_code())
}
