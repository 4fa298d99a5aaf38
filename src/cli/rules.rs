//! The output of `rules` and `explain RULE`.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error as ArgumentError};
use thiserror::Error;

use crate::report::{Line, Role, Text};
use crate::rules::{RULES, Rule, find, nearest};

/// Returns a table of all rules, in the order of the steps of a connection.
pub(super) fn list() -> Text {
    let rows = RULES.iter().map(|rule| {
        [rule.name.to_owned(), rule.class.effect.to_string(), status(rule), rule.title.to_owned()]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    let head = ["RULE", "EFFECT", "STATUS", "TITLE"].map(str::to_owned);
    let all = || std::iter::once(&head).chain(&rows);
    let width = |column: usize| all().map(|row| row[column].len()).max().unwrap_or(0);
    let (ids, effects, statuses) = (width(0), width(1), width(2));
    let hang = ids + effects + statuses + 3 * 2;
    let line = |[id, effect, status, title]: &[String; 4], role: Role| {
        Line { hang, ..Line::new() }
            .with(Role::Name, format!("{id:ids$}"))
            .with(role, format!("  {effect:effects$}"))
            .with(Role::Plain, format!("  {status:statuses$}  {title}"))
    };
    let rows = RULES.iter().zip(&rows).map(|(rule, row)| line(row, Role::of(rule.class.effect)));
    Text { lines: std::iter::once(line(&head, Role::Plain)).chain(rows).collect() }
}

/// Returns the full description of a rule.
///
/// # Errors
/// When no rule has this id.
pub(super) fn explained(id: &str) -> Result<Text, UnknownRule> {
    let rule = find(id).ok_or_else(|| UnknownRule {
        id: id.to_owned(),
        nearest: nearest(id).map(|rule| rule.name),
    })?;
    let mut text = Text::laid_out(&format!(
        "{}: {}\n\n\
         effect:  {}\n\
         status:  {}\n\
         basis:   {}\n\
         source:  {}\n\
         since:   {}\n\n\
         {}\n\n\
         hint: {}\n\n\
         {}",
        rule.name,
        rule.title,
        rule.class.effect,
        status(rule),
        rule.class.basis.as_str(),
        rule.citation,
        rule.since,
        rule.explanation,
        rule.remedy,
        rule.repair,
    ));
    if let Some(title) = text.lines.first_mut().and_then(|line| line.parts.first_mut()) {
        title.role = Role::Name;
    }
    // Do not wrap commands and settings.
    for line in text.lines.iter_mut().filter(|line| line.indent >= 4) {
        line.is_whole = true;
    }
    Ok(text)
}

/// An unknown rule id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("explain: unknown rule `{id}`; {}", advice(*nearest))]
pub(super) struct UnknownRule {
    pub(super) id: String,
    /// The most similar id.
    pub nearest: Option<&'static str>,
}

fn advice(nearest: Option<&'static str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "run `origin-probe rules` to list all rules".to_owned(),
    }
}

/// Accepts any text as a rule id, because [`explained`] gives a better error than clap; completions
/// list the existing ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleParser;

impl TypedValueParser for RuleParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, ArgumentError> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.name).help(rule.title))))
    }
}

fn status(rule: &Rule) -> String {
    rule.status().map_or_else(|| "-".to_owned(), |status| status.to_string())
}
