//! What `rules` and `explain RULE` print.

use clap::Arg;
use clap::Command;
use clap::Error as ArgumentError;
use clap::builder::PossibleValue;
use clap::builder::StringValueParser;
use clap::builder::TypedValueParser;
use thiserror::Error;

use crate::report::Line;
use crate::report::Role;
use crate::report::Text;
use crate::rules::Effect;
use crate::rules::RULES;
use crate::rules::Rule;
use crate::rules::find;
use crate::rules::nearest;

/// Returns a table of every rule, in the order of the way to an origin.
pub(super) fn list() -> Text {
    let rows = RULES.iter().map(|rule| {
        [rule.id.to_owned(), rule.effect.to_string(), status(rule), rule.title.to_owned()]
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
    let rows = RULES.iter().zip(&rows).map(|(rule, row)| line(row, role(rule.effect)));
    Text { lines: std::iter::once(line(&head, Role::Plain)).chain(rows).collect() }
}

/// Returns everything that is to be said of one rule.
///
/// # Errors
/// When no rule has this id.
fn explain(id: &str) -> Result<String, UnknownRule> {
    let rule = find(id).ok_or_else(|| UnknownRule {
        id: id.to_owned(),
        nearest: nearest(id).map(|rule| rule.id),
    })?;
    Ok(format!(
        "{}: {}\n\n\
         effect:  {}\n\
         status:  {}\n\
         basis:   {}\n\
         source:  {}\n\n\
         {}\n\n\
         hint: {}\n\n\
         {}",
        rule.id,
        rule.title,
        rule.effect,
        status(rule),
        rule.basis.as_str(),
        rule.citation,
        rule.explanation,
        rule.remedy,
        rule.repair,
    ))
}

/// Returns [`explain`]'s text with its title as one.
///
/// # Errors
/// Those of [`explain`].
pub(super) fn explained(id: &str) -> Result<Text, UnknownRule> {
    let mut text = Text::laid_out(&explain(id)?);
    if let Some(title) = text.lines.first_mut().and_then(|line| line.parts.first_mut()) {
        title.role = Role::Name;
    }
    // Commands and settings.
    for line in text.lines.iter_mut().filter(|line| line.indent >= 4) {
        line.is_whole = true;
    }
    Ok(text)
}

/// An id that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("explain: there is no rule `{id}`; {}", advice(*nearest))]
pub(super) struct UnknownRule {
    pub(super) id: String,
    /// The id that was probably meant.
    pub nearest: Option<&'static str>,
}

fn advice(nearest: Option<&'static str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`origin-probe rules` lists them all".to_owned(),
    }
}

/// Takes any text for a rule's id, since [`explain`] knows best what was meant; completions get the
/// real ones.
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
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.title))))
    }
}

fn role(effect: Effect) -> Role {
    match effect {
        Effect::Fails => Role::Bad,
        Effect::MayFail => Role::Doubtful,
        Effect::Notice => Role::Notice,
    }
}

fn status(rule: &Rule) -> String {
    rule.status.map_or_else(|| "-".to_owned(), |status| status.to_string())
}

#[cfg(test)]
mod tests {
    use crate::rules::RULES;

    use super::UnknownRule;
    use super::explain;
    use super::list;

    #[test]
    fn every_rule_has_one_line_in_columns() {
        let table = list().to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), RULES.len() + 1);
        assert_eq!(
            lines[..5],
            [
                "RULE                          EFFECT    STATUS  TITLE",
                "origin-domain-unresolvable    fails     502     The origin domain does not resolve",
                "no-usable-address             fails     502     The origin domain has no address of the origin's address type",
                "address-not-public            fails     504     The origin domain resolves to an address that is not on the internet",
                "nameservers-disagree          notice    -       Nameservers give different answers, or one of them gives none",
            ]
        );
    }

    #[test]
    fn a_rule_is_explained_with_its_source() {
        let text = explain("connection-refused").unwrap();
        let (beginning, rest) = text.split_once("setting: ").unwrap();
        assert_eq!(
            beginning,
            "\
connection-refused: The origin refuses connections on its HTTPS port

effect:  fails
status:  502
basis:   documented
source:  https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html#origin-not-responding-on-specified-ports

Nothing listens on the port, or a firewall rejects the connection. CloudFront tries as often as ConnectionAttempts says and gives up.

hint: Start the server, make it listen on the origin's HTTPS port, or correct the port in the distribution's origin settings.

"
        );
        assert!(rest.starts_with("HTTPS port (HTTPSPort) of the origin"), "{rest}");
        assert!(rest.contains("\n\nnginx: Listen on the port"), "{rest}");
        assert!(rest.contains("\n        listen 443 ssl;\n"), "{rest}");
    }

    #[test]
    fn every_rule_can_be_explained() {
        for rule in RULES {
            let text = explain(rule.id).unwrap();
            assert!(text.starts_with(&format!("{}: {}\n", rule.id, rule.title)), "{text}");
            let parts = [rule.explanation, rule.remedy, rule.repair.setting];
            for part in parts.into_iter().chain(rule.repair.on_servers().map(|(_, a)| a.text)) {
                assert!(text.contains(part), "{part}");
            }
        }
    }

    #[test]
    fn a_near_miss_is_recognised() {
        let long = "a".repeat(100_000);
        for (id, nearest) in [
            ("certificate-expird", Some("certificate-expired")),
            ("Certificate_Expired", Some("certificate-expired")),
            ("expired", Some("certificate-expired")),
            ("missing-intermediate", Some("intermediate-missing")),
            ("unresolvable", Some("origin-domain-unresolvable")),
            ("elephant", None),
            ("é", None),
            ("", None),
            (&long, None),
        ] {
            let expected = UnknownRule { id: id.to_owned(), nearest };
            assert_eq!(explain(id), Err(expected), "{id}");
        }
    }

    #[test]
    fn an_unknown_rule_is_answered_with_what_would_be_right() {
        let text = |id| explain(id).unwrap_err().to_string();
        assert_eq!(text("not-tsl"), "explain: there is no rule `not-tsl`; did you mean `not-tls`?");
        assert_eq!(
            text("elephant"),
            "explain: there is no rule `elephant`; `origin-probe rules` lists them all"
        );
    }
}
