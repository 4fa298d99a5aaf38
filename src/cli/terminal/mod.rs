//! Terminal output: colors, wrapping, drawings, progress bar.

mod drawing;
mod progress;
mod renderer;
mod wrap;

use std::io::{IsTerminal, Write};

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use terminal_size::Width;

use crate::chain::printable_lines;
use crate::report::{Part, Role, Text};

pub(super) use drawing::Glyphs;
pub(super) use progress::Progress;
pub(super) use renderer::Renderer;

use super::print;

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Applies the choice to the whole process, including usage errors.
    pub(super) fn decide(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }

    /// Finds the choice in the raw arguments, so that it also applies to usage errors.
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

/// Returns whether to use colors on a stream: by the choice of the process, otherwise by
/// `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR` and `TERM` (<https://no-color.org>,
/// <https://bixense.com/clicolors>).
pub(super) fn has_colour(stream: &impl RawStream) -> bool {
    !matches!(AutoStream::choice(stream), ColorChoice::Never)
}

/// The properties of standard output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    has_colour: bool,
    /// Whether a person reads the output, so that drawings and empty lines help.
    is_terminal: bool,
    /// In columns; `None` if lines are not wrapped, for example in a pipe.
    width: Option<usize>,
}

impl Screen {
    /// Inspects standard output and the environment.
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
        lines.map(|line| render_line(&line, self.has_colour) + "\n").collect()
    }

    /// Writes to standard output. A closed pipe is not an error.
    pub(super) fn print(self, text: &Text) -> std::io::Result<()> {
        print(&self.render(text))
    }
}

/// Renders a line, with the escape sequences of its roles if `has_colour`.
fn render_line(parts: &[Part], has_colour: bool) -> String {
    let mut out = String::new();
    for part in parts {
        let style = if has_colour { style(part.role) } else { Style::new() };
        // An empty style writes nothing.
        out.push_str(&format!("{style}{}{style:#}", part.text));
    }
    out
}

/// Uses only the sixteen basic colors, because users adjust them to be readable in their terminal.
fn style(role: Role) -> Style {
    let bold = |colour: AnsiColor| Style::new().bold().fg_color(Some(colour.into()));
    match role {
        Role::Plain => Style::new(),
        Role::Name => Style::new().bold(),
        Role::Good => bold(AnsiColor::Green),
        Role::Bad => bold(AnsiColor::Red),
        Role::Doubtful => bold(AnsiColor::Yellow),
        Role::Notice | Role::Hint => bold(AnsiColor::Cyan),
        Role::Aside => Style::new().dimmed(),
    }
}

/// Prints a note to standard error, beside the results. A write error is ignored.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "origin-probe: {}", printable_lines(text));
}

/// Prints an error to standard error.
pub(super) fn error(text: &str) {
    let mut err = std::io::stderr();
    let style = match has_colour(&err) {
        true => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        false => Style::new(),
    };
    let _ = writeln!(err, "{style}origin-probe:{style:#} {}", printable_lines(text));
}

/// Prints clap's help or usage error. The text may contain arguments, so it is escaped like any
/// untrusted text.
pub(super) fn print_usage_error(error: &clap::Error) {
    if !error.use_stderr() {
        let _ = error.print();
        return;
    }
    let mut err = std::io::stderr();
    let text = match has_colour(&err) {
        true => error.render().ansi().to_string(),
        false => error.render().to_string(),
    };
    // Keep the escape sequences of clap's own colors.
    let parts: Vec<_> = text.split("\u{1b}[").map(printable_lines).collect();
    let _ = err.write_all(parts.join("\u{1b}[").as_bytes());
}

/// Below this width the terminal breaks the lines: wrapping them here would leave only fragments.
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
