//! The rules, as a page.

use maud::Markup;
use maud::html;

use crate::rules::RULES;

use super::layout;
use super::layout::Place;

/// Returns the page.
pub(super) fn page() -> Markup {
    let content = html! {
        p {
            "What makes CloudFront refuse an origin, in the order of the way. "
            em { "fails" } ": Amazon documents the failure. "
            em { "may-fail" } ": no document settles it, and the verdict is undecided unless \
             something else fails. "
            em { "notice" } ": no failure, but trouble ahead."
        }
        div class="wide" {
            table {
                thead {
                    tr {
                        th { "Rule" }
                        th { "What it says" }
                        th { "Effect" }
                        th { "Status" }
                        th { "What to do" }
                        th { "Source" }
                    }
                }
                tbody {
                    @for rule in RULES {
                        tr id=(rule.id) {
                            td { code { (rule.id) } }
                            td { (rule.title) }
                            td { (rule.effect) }
                            td { @match rule.status { Some(status) => (status), None => "–" } }
                            td { (rule.remedy) }
                            td {
                                a href=(rule.citation) { (rule.basis.as_str()) }
                            }
                        }
                    }
                }
            }
        }
    };
    layout::page(Place::Rules, "Rules", content)
}
