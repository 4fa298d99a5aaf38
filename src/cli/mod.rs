//! The command line: what can be asked, who answers, and with which exit code.

mod arguments;
mod chain_file;
mod check;
mod daemon;
#[cfg(feature = "demo")]
mod demo;
mod discover;
mod distributions;
mod examples;
mod logging;
mod offline;
mod parts;
mod reload;
mod rules;
mod serve;
mod shell;
mod signals;
mod source;
mod terminal;
mod viewers;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use jiff::Timestamp;

use crate::report::Outcome;

use arguments::Arguments;
use arguments::Command;
use signals::Interrupted;
use terminal::Colour;
use terminal::Screen;

/// Reads the arguments, does what they ask and returns the exit code: 0, 1 or 2 as the origins'
/// verdicts say, 3 when the request was wrong or we failed.
///
/// A check that is interrupted ends as the signal demands.
pub fn main() -> ExitCode {
    Colour::of_raw(std::env::args_os()).decide();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` come this way, too.
            let _ = error.print();
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
            terminal::complain(&format!("{error:#}"));
            ExitCode::from(OWN_FAILURE)
        }
    }
}

/// Bad usage, a bad configuration, or a failure of our own.
const OWN_FAILURE: u8 = 3;

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
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

/// Writes to standard output; a reader that has gone away is no error.
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

/// The wall clock, read here and in `schedule` only.
#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
