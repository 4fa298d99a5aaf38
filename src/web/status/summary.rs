//! Summarizes all origins in two sentences.

use jiff::Timestamp;
use maud::{Markup, html};

use super::super::address;
use super::super::format::{distance, instant};
use super::super::list::{Overview, VerdictFilter};
use super::super::viewers::Hit;

/// Returns the sentence that answers the main question: is anything failing now?
pub(super) fn sentence(overview: &Overview) -> String {
    let (all, failing) = (overview.origins, overview.verdicts.count(VerdictFilter::Fails));
    let undecided = overview.verdicts.count(VerdictFilter::Undecided);
    match (all, failing, undecided) {
        (0, ..) => "There are no origins".to_owned(),
        (_, 0, _) if overview.not_probed_yet == all => "No origin has been probed yet".to_owned(),
        (1, 0, 0) => "The origin does not fail".to_owned(),
        (_, 0, 0) => format!("None of {} origins fails", grouped(all)),
        (_, 0, _) => format!("No origin is known to fail, {} undecided", are(undecided)),
        (1, ..) => "The origin fails".to_owned(),
        _ if failing == all => format!("All {} origins fail", grouped(all)),
        (_, 1, _) => format!("1 of {} origins fails", grouped(all)),
        _ => format!("{} of {} origins fail", grouped(failing), grouped(all)),
    }
}

/// Returns the sentence about affected viewers; empty if none are known to be affected.
pub(super) fn whom(hit: Hit) -> Markup {
    let Hit { failing, distributions, degraded } = hit;
    let is = |number: usize| if number == 1 { "is" } else { "are" };
    html! {
        @if failing > 0 {
            p.lead {
                "Viewers of " strong { (counted(failing, "path pattern")) } " of "
                (counted(distributions, "distribution")) " get errors"
                @if degraded > 0 {
                    "; " (grouped(degraded)) " more " (is(degraded)) " served only by a secondary origin"
                }
                "."
            }
        } @else if degraded > 0 {
            p.lead {
                strong { (counted(degraded, "path pattern")) } " " (is(degraded))
                " served only by a secondary origin."
            }
        }
    }
}

fn counted(number: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Returns the sentence about the next failure.
pub(super) fn next(overview: &Overview, now: Timestamp) -> Markup {
    let next = overview.next.as_ref().and_then(|row| Some((row, row.view().first_failure?)));
    html! {
        @if let Some((row, at)) = next {
            p.lead {
                @if overview.verdicts.count(VerdictFilter::Fails) > 0 { "Of the others, " } @else { "The first to fail will be " }
                a.name href=(address::of_origin(&row.entry.origin.key)) { (row.name()) }
                @if overview.verdicts.count(VerdictFilter::Fails) > 0 { " will fail first: " } @else { ": " }
                strong { (distance(at, now)) } ", on " (instant(at)) "."
            }
        }
    }
}

fn are(count: usize) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{} are", grouped(count)) }
}

/// Formats a number with thousands separators.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::super::super::list::Overview;
    use super::{grouped, sentence};

    #[test]
    fn the_first_sentence_says_whether_anything_fails() {
        for (origins, [fails, undecided], not_probed_yet, expected) in [
            (0, [0, 0], 0, "There are no origins"),
            (2, [0, 2], 2, "No origin has been probed yet"),
            (1, [0, 0], 0, "The origin does not fail"),
            (2, [0, 0], 0, "None of 2 origins fails"),
            (2, [0, 1], 1, "No origin is known to fail, 1 is undecided"),
            (9, [0, 4], 0, "No origin is known to fail, 4 are undecided"),
            (1, [1, 0], 0, "The origin fails"),
            (9, [9, 0], 0, "All 9 origins fail"),
            (9, [1, 8], 8, "1 of 9 origins fails"),
            (10_000, [1_234, 1], 0, "1,234 of 10,000 origins fail"),
        ] {
            let verdicts = [fails, 0, undecided, 0, 0].into();
            let overview = Overview { origins, verdicts, not_probed_yet, ..Overview::default() };
            assert_eq!(sentence(&overview), expected);
        }
    }

    #[test]
    fn thousands_are_kept_apart() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), expected);
        }
    }
}
