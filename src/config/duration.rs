//! Human-readable durations: `90s`, `1h30m`, `500ms`.

use std::time::Duration;

use thiserror::Error;

/// Parses a duration such as `90s`, `5m`, `1h`, `14d`, `1h30m` or `500ms`.
///
/// Each unit appears at most once, larger units first; zero is `0s`. A number without a unit is
/// rejected, because its unit would have to be guessed.
///
/// # Errors
///
/// Returns an error if the text is not such a duration or does not fit into milliseconds.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    let mut rest = text;
    let mut units_left = &UNITS[..];
    let mut milliseconds: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_at_end_of(rest, |c| c.is_ascii_digit());
        let (unit, after) = split_at_end_of(after, |c| c.is_alphabetic());
        if number.is_empty() || (unit.is_empty() && !after.is_empty()) {
            return Err(DurationError::Malformed);
        }
        if unit.is_empty() {
            return Err(DurationError::NoUnit);
        }
        let Some(position) = units_left.iter().position(|(name, _)| *name == unit) else {
            return Err(if UNITS.iter().any(|(name, _)| *name == unit) {
                DurationError::OutOfOrder
            } else {
                DurationError::UnknownUnit
            });
        };
        milliseconds = number
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(units_left[position].1))
            .and_then(|part| milliseconds.checked_add(part))
            .ok_or(DurationError::TooLong)?;
        units_left = &units_left[position + 1..];
        rest = after;
    }
    Ok(Duration::from_millis(milliseconds))
}

/// Formats a duration in the syntax of [`parse_duration`], truncated to milliseconds.
pub fn format_duration(duration: Duration) -> String {
    let mut left = duration.as_millis();
    let mut text = String::new();
    for (unit, milliseconds) in UNITS {
        let count = left / u128::from(milliseconds);
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
            left %= u128::from(milliseconds);
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
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

/// Every unit and its length in milliseconds, largest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

fn split_at_end_of(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}
