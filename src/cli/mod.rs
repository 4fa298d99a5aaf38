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

use std::io::Write;
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
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => match &arguments.chain {
            Some(path) => offline::run(&arguments, path),
            None if arguments.distributions.distribution_config.is_empty() => {
                check::run(&arguments)
            }
            None => distributions::run(&arguments),
        },
        Command::ProbeNow(arguments) => probe_now::run(&arguments),
        Command::Rules => {
            Screen::of_standard_output().print(&rules::list())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Explain { rule } => {
            Screen::of_standard_output().print(&rules::explained(&rule)?)?;
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Completions(arguments) => {
            shell::completions(&arguments)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man(arguments) => {
            shell::man(&arguments)?;
            Ok(ExitCode::SUCCESS)
        }
    }
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
