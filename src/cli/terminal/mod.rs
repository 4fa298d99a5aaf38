//! What a terminal changes: colours, widths, drawings, a bar while one waits.

mod drawing;
mod progress;
mod style;
mod telling;
mod wrap;

use std::io::IsTerminal;
use std::io::Write;

use anstream::AutoStream;
use anstream::ColorChoice;
use anstream::stream::RawStream;
use anstyle::AnsiColor;
use anstyle::Style;
use clap::ValueEnum;
use terminal_size::Width;

use crate::chain::printable_lines;
use crate::report::Text;

pub(super) use drawing::Glyphs;
pub(super) use progress::Progress;
pub(super) use telling::Telling;

use super::print;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Decides for the whole process, messages about wrong arguments included.
    pub(super) fn decide(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }

    /// Returns what the arguments say, which are not understood yet and may never be.
    pub(super) fn of_raw(arguments: impl Iterator<Item = std::ffi::OsString>) -> Self {
        let mut arguments = arguments
            .map(|argument| argument.to_string_lossy().into_owned())
            .take_while(|argument| argument != "--");
        while let Some(argument) = arguments.next() {
            let value = match argument.strip_prefix("--color") {
                Some("") => arguments.next(),
                Some(rest) => rest.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            if let Some(colour) = value.and_then(|value| Self::from_str(&value, false).ok()) {
                return colour;
            }
        }
        Self::Auto
    }
}

/// Tells whether colours are wanted on a stream: as decided, or else by `NO_COLOR`,
/// `CLICOLOR_FORCE`, `CLICOLOR` and `TERM` (<https://no-color.org>, <https://bixense.com/clicolors>).
pub(super) fn has_colour(stream: &impl RawStream) -> bool {
    !matches!(AutoStream::choice(stream), ColorChoice::Never)
}

/// How standard output shows lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    has_colour: bool,
    /// Whether a person reads it, so that drawings and empty lines help.
    is_terminal: bool,
    /// In columns; `None` where lines are left as long as they are, for a program reads them.
    width: Option<usize>,
}

impl Screen {
    /// Looks at standard output and at the environment.
    pub(super) fn of_standard_output() -> Self {
        let out = std::io::stdout();
        let is_terminal = out.is_terminal();
        let size = is_terminal.then(|| terminal_size::terminal_size_of(&out)).flatten();
        let width = size.map(|(Width(columns), _)| usize::from(columns));
        Self {
            has_colour: has_colour(&out),
            is_terminal,
            width: width.filter(|width| *width >= NARROWEST),
        }
    }

    fn render(self, text: &Text) -> String {
        let lines = text.lines.iter().flat_map(|line| wrap::wrap(line, self.width));
        lines.map(|line| style::render(&line, self.has_colour) + "\n").collect()
    }

    /// Writes to standard output; a reader that has gone away is no error.
    pub(super) fn print(self, text: &Text) -> std::io::Result<()> {
        print(&self.render(text))
    }
}

/// Speaks to the user beside the answer, on standard error; nobody listening is no error.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "origin-probe: {}", printable_lines(text));
}

/// Says what went wrong.
pub(super) fn complain(text: &str) {
    let mut err = std::io::stderr();
    let style = match has_colour(&err) {
        true => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        false => Style::new(),
    };
    let _ = writeln!(err, "{style}origin-probe:{style:#} {}", printable_lines(text));
}

/// Below this the terminal may break lines itself, as ours would be torn to pieces.
const NARROWEST: usize = 30;

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn the_colour_is_found_among_arguments_that_are_not_understood() {
        let of = |arguments: &str| Colour::of_raw(arguments.split(' ').map(Into::into));
        for (arguments, colour) in [
            ("check --colour x --color=never --nonsense", Colour::Never),
            ("--color always check", Colour::Always),
            ("check --color", Colour::Auto),
            ("check --color=purple", Colour::Auto),
            ("check -- --color=never", Colour::Auto),
            ("check", Colour::Auto),
        ] {
            assert_eq!(of(arguments), colour, "{arguments}");
        }
    }
}
