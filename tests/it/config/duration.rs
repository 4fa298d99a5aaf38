use std::time::Duration;

use origin_probe::config::{DurationError, format_duration, parse_duration};

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
