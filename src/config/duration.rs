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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DurationError, format_duration, parse_duration};

    #[test]
    fn a_length_of_time_is_numbers_with_units() {
        for (text, milliseconds) in [
            ("0s", 0),
            ("500ms", 500),
            ("90s", 90_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("14d", 14 * 86_400_000),
            ("1h30m", 5_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("1h5ms", 3_600_005),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_would_have_to_be_guessed_is_refused() {
        for (text, error) in [
            ("", DurationError::Empty),
            ("5", DurationError::NoUnit),
            ("1h30", DurationError::NoUnit),
            ("s", DurationError::Malformed),
            ("-5s", DurationError::Malformed),
            ("1.5h", DurationError::Malformed),
            ("5 s", DurationError::Malformed),
            ("5s ", DurationError::Malformed),
            (" 5s", DurationError::Malformed),
            ("5w", DurationError::UnknownUnit),
            ("5S", DurationError::UnknownUnit),
            ("5µs", DurationError::UnknownUnit),
            ("30m1h", DurationError::OutOfOrder),
            ("1h1h", DurationError::OutOfOrder),
            ("99999999999999999999s", DurationError::TooLong),
            ("18446744073709551615d", DurationError::TooLong),
        ] {
            assert_eq!(parse_duration(text), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        for (milliseconds, text) in [
            (0, "0s"),
            (1, "1ms"),
            (1_000, "1s"),
            (5_400_000, "1h30m"),
            (93_784_005, "1d2h3m4s5ms"),
            (21 * 86_400_000, "21d"),
        ] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(format_duration(duration), text);
            assert_eq!(parse_duration(text), Ok(duration));
        }
    }
}
