//! Human-readable durations: `90s`, `1h30m`, `500ms`.

use std::time::Duration;

use jiff::fmt::friendly::{Spacing, SpanParser, SpanPrinter};
use jiff::{RoundMode, Span, SpanRelativeTo, SpanRound, Unit};
use thiserror::Error;

/// Parses a duration such as `90s`, `5m`, `1h`, `14d`, `1h30m` or `500ms`.
///
/// Each unit appears at most once, larger units first; zero is `0s`. A number without a unit is
/// rejected, because its unit would have to be guessed.
///
/// # Errors
///
/// Returns an error if the text is not such a duration or is longer than a [`Span`] can be.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    check_spelling(text)?;
    let span = SpanParser::new().parse_span(text);
    let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    duration.and_then(Duration::try_from).map_err(|_| DurationError::TooLong)
}

/// Refuses the other forms that [`SpanParser`] accepts: other units, fractions, signs and spaces.
fn check_spelling(text: &str) -> Result<(), DurationError> {
    let is_digit = |c: char| c.is_ascii_digit();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if !text.starts_with(is_digit) {
        return Err(DurationError::Malformed);
    }
    let end = text.find(|c: char| !is_digit(c) && !c.is_alphabetic());
    let plain = &text[..end.unwrap_or(text.len())];
    let mut units_left = &UNITS[..];
    for unit in plain.split(is_digit).filter(|unit| !unit.is_empty()) {
        match units_left.iter().position(|known| *known == unit) {
            Some(position) => units_left = &units_left[position + 1..],
            None if UNITS.contains(&unit) => return Err(DurationError::OutOfOrder),
            None => return Err(DurationError::UnknownUnit),
        }
    }
    match end {
        Some(_) => Err(DurationError::Malformed),
        None if text.ends_with(is_digit) => Err(DurationError::NoUnit),
        None => Ok(()),
    }
}

/// Formats a duration in the syntax of [`parse_duration`], truncated to milliseconds.
pub fn format_duration(duration: Duration) -> String {
    let units = SpanRound::new().largest(Unit::Day).smallest(Unit::Millisecond);
    let units = units.mode(RoundMode::Trunc).days_are_24_hours();
    let span = Span::try_from(duration).and_then(|span| span.round(units));
    match span {
        Ok(span) => SpanPrinter::new().spacing(Spacing::None).span_to_string(&span),
        Err(_) => format!("{}s", duration.as_secs()),
    }
}

/// Why a text is not a valid duration. Displayed after the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    #[error("is empty; write a number and a unit, such as 90s, 5m, 1h30m or 14d")]
    Empty,
    #[error("is not a duration; write whole numbers with units, such as 90s, 5m, 1h30m or 14d")]
    Malformed,
    #[error("has no unit; use ms, s, m, h or d")]
    NoUnit,
    #[error("has an unknown unit; use ms, s, m, h or d")]
    UnknownUnit,
    #[error("has units out of order; write each unit once, larger units first, such as 1h30m")]
    OutOfOrder,
    #[error("is too long")]
    TooLong,
}

/// Every unit, largest first.
const UNITS: [&str; 5] = ["d", "h", "m", "s", "ms"];
