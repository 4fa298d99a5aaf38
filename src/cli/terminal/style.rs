//! How each role looks. Colour is never the only sign: every one of them stands in words, too.

use anstyle::AnsiColor;
use anstyle::Style;

use crate::report::Part;
use crate::report::Role;

/// Returns a line with the escape sequences of its roles, or without any.
pub(super) fn render(parts: &[Part], has_colour: bool) -> String {
    let mut out = String::new();
    for part in parts {
        let style = if has_colour { style(part.role) } else { Style::new() };
        // Writing nothing at all is what an empty style does.
        out.push_str(&format!("{style}{}{style:#}", part.text));
    }
    out
}

/// The sixteen colours only, which each terminal's owner has made readable.
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
