//! Every rule in one table.

use maud::Markup;
use maud::html;

use crate::rules::Effect;
use crate::rules::RULES;

use super::super::address;
use super::super::layout;
use super::super::layout::Place;

/// Returns the page.
pub(super) fn page() -> Markup {
    let content = html! {
        p {
            "What makes CloudFront refuse an origin, in the order of the way: name, address, \
             connection, handshake, certificate, chain. "
            strong { "fails" } ": Amazon documents the failure. "
            strong { "may fail" } ": no document settles it, and the verdict is undecided unless \
             something else fails. "
            strong { "notice" } ": no failure, but trouble ahead."
        }
        div.wide.rules tabindex="0" role="region" aria-label="Rules" {
            table {
                thead {
                    tr {
                        th scope="col" { "Rule" }
                        th scope="col" { "Effect" }
                        th scope="col" { "What to do" }
                        th scope="col" { "Source" }
                    }
                }
                tbody {
                    @for rule in RULES {
                        tr id=(rule.id) {
                            th scope="row" data-label="Rule" {
                                a href=(address::of_rule(rule.id)) { (rule.title) }
                                br;
                                code.small.quiet { (rule.id) }
                            }
                            td data-label="Effect" {
                                @match rule.effect {
                                    Effect::Fails => span.verdict.fails { "fails" },
                                    Effect::MayFail => span.verdict.undecided { "may fail" },
                                    Effect::Notice => span.verdict { "notice" },
                                }
                                @if let Some(status) = rule.status { " " (status) }
                            }
                            td data-label="What to do" { (rule.remedy) }
                            td data-label="Source" {
                                a href=(rule.citation) rel="noreferrer" aria-label=(
                                    format!("{}: Amazon's page on {}", rule.basis.as_str(), rule.id)
                                ) { (rule.basis.as_str()) }
                            }
                        }
                    }
                }
            }
        }
    };
    layout::page(Place::Rules, "Rules", content)
}
