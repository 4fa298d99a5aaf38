//! Formats instants, names and verdicts for the pages.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::report::{OriginView, State, relative};
use crate::verdict::Answer;

/// Formats an instant to the minute, with the exact value in the `datetime` attribute.
pub(super) fn instant(at: Timestamp) -> Markup {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    html! { time datetime=(whole) { (at.strftime("%Y-%m-%d %H:%M UTC")) } }
}

/// Formats the distance of an instant from `now`, with the exact value in attributes.
pub(super) fn distance(at: Timestamp, now: Timestamp) -> Markup {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    html! { time datetime=(whole) title=(whole) { (relative(at, now)) } }
}

/// Formats an instant as date and time, with its distance from now.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! { (instant(at)) " (" (relative(at, now)) ")" }
}

/// Returns the date of an instant.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Returns a text cut to a number of characters; an ellipsis shows that it was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns text from a certificate or a server, isolated so that its writing direction does not
/// affect its surroundings.
pub(super) fn foreign(text: &str) -> Markup {
    html! { bdi.foreign { (text) } }
}

/// Returns a text in which backticks mark names and commands, with these in code style. A backtick
/// without a partner stays.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        bdi.foreign {
            @for (position, part) in parts.iter().enumerate() {
                @match (position % 2 == 1, position + 1 == parts.len()) {
                    (false, _) => (part),
                    (true, false) => code.foreign { (part) },
                    (true, true) => { "`" (part) }
                }
            }
        }
    }
}

/// Returns a remedy: its first sentence in bold, then details, then the command that it ends with.
/// `id` is unique on the page.
pub(super) fn remedy(text: &str, id: &str) -> Markup {
    let (text, command) = match text.split_once(COMMAND) {
        Some((text, command)) => (text, Some(command)),
        None => (text, None),
    };
    let (whole, details) = first_sentence(text);
    html! {
        p.remedy {
            strong { (prose(whole)) }
            @if !details.is_empty() { " " (prose(details)) }
        }
        @if let Some(command) = command { (copied(id, command)) }
    }
}

/// Returns a command in a block with a button that copies it.
pub(super) fn copied(id: &str, line: &str) -> Markup {
    html! {
        div.copied {
            pre tabindex="0" { code id=(id) { (line) } }
            button type="button" data-copy=(id) hidden { "Copy" }
        }
    }
}

/// Splits after the first full stop that a capital letter or code follows. A full stop in code, such
/// as in the name of a company, ends no sentence.
fn first_sentence(text: &str) -> (&str, &str) {
    let mut ends = text.match_indices(". ").map(|(at, _)| at + 1);
    let end = ends.find(|end| {
        let is_in_code = text[..*end].matches('`').count() % 2 == 1;
        !is_in_code && text[end + 1..].starts_with(|c: char| c.is_uppercase() || c == '`')
    });
    end.map_or((text, ""), |end| (&text[..end], &text[end + 1..]))
}

/// Introduces the command in a remedy that knows the distribution's settings.
const COMMAND: &str = " See it with: ";

/// Returns the verdict in a word or two, the same on every page.
pub(super) fn verdict(view: &OriginView<'_>, now: Timestamp) -> Markup {
    let soon = view.first_failure.filter(|_| view.state == State::FailsSoon);
    match (view.answer, soon) {
        (Answer::Answers, Some(at)) => html! { span.verdict.soon { "fails " (relative(at, now)) } },
        (answer, _) => verdict_of(answer, view.status),
    }
}

/// Returns a verdict without a prediction, also one from the past.
pub(super) fn verdict_of(answer: Answer, status: Option<u16>) -> Markup {
    html! {
        span.verdict.(answer.as_str()) {
            @match answer {
                Answer::NotApplicable(_) => "not applicable",
                _ => (answer.as_str()),
            }
            @if let Some(status) = status { " " (status) }
        }
    }
}

/// Returns a text as the start of a sentence; a name keeps its spelling.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let is_name = text.split(' ').next().is_some_and(|word| word.contains(['.', '=', ':']));
    match letters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{first_sentence, prose, remedy};

    #[test]
    fn what_stands_between_backticks_is_code() {
        for (text, html) in [
            ("a", "a"),
            (
                "a `b` c `d`",
                "a <code class=\"foreign\">b</code> c <code class=\"foreign\">d</code>",
            ),
            ("`<b>` c", "<code class=\"foreign\">&lt;b&gt;</code> c"),
            ("a `b", "a `b"),
            ("`a` `b", "<code class=\"foreign\">a</code> `b"),
        ] {
            let html = format!("<bdi class=\"foreign\">{html}</bdi>");
            assert_eq!(prose(text).into_string(), html, "{text}");
        }
    }

    #[test]
    fn a_sentence_ends_before_a_capital_letter() {
        for (text, whole, details) in [
            ("Enable TLS 1.2. Or 1.3.", "Enable TLS 1.2.", "Or 1.3."),
            ("Enable TLS 1.2 or 1.3.", "Enable TLS 1.2 or 1.3.", ""),
            (
                "Append O=Example Inc. to the file. It is short.",
                "Append O=Example Inc. to the file.",
                "It is short.",
            ),
            ("Wait. É", "Wait.", "É"),
            ("Add `O=A Inc. B` to it. `x` is next.", "Add `O=A Inc. B` to it.", "`x` is next."),
            ("", "", ""),
        ] {
            assert_eq!(first_sentence(text), (whole, details), "{text}");
        }
    }

    #[test]
    fn a_remedys_command_is_copied_from_a_block() {
        let html = remedy("Do <it>. Now. See it with: aws x --id 'E1'", "remedy-0").into_string();
        assert_eq!(
            html,
            "<p class=\"remedy\"><strong><bdi class=\"foreign\">Do &lt;it&gt;.</bdi></strong> \
             <bdi class=\"foreign\">Now.</bdi></p><div class=\"copied\"><pre tabindex=\"0\">\
             <code id=\"remedy-0\">aws x --id 'E1'</code></pre><button type=\"button\" \
             data-copy=\"remedy-0\" hidden>Copy</button></div>"
        );
    }
}
