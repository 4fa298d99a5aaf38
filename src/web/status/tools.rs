//! The filters of the list.

use maud::{Markup, html};

use super::super::list::{NO_DISTRIBUTION, Order, Sort, VerdictFilter};
use super::Status;
use super::summary::grouped;

impl Status {
    /// Returns one link per verdict, with its count.
    pub(super) fn tabs(&self) -> Markup {
        let all = (None, "in total", self.found.any_verdict);
        let each =
            TABS.map(|(wanted, label)| (Some(wanted), label, self.found.verdicts.count(wanted)));
        let is_here = |wanted| self.question.verdicts.first().copied() == wanted;
        let soon = Some(VerdictFilter::FailsNext);
        html! {
            nav.tabs aria-label="Verdicts" {
                @for (wanted, label, count) in [all].into_iter().chain(each) {
                    a.tab.(wanted.map_or("all", VerdictFilter::as_str))
                        href=(self.question.for_verdict(wanted).address("/"))
                        aria-current=[is_here(wanted).then_some("true")] {
                        span.count { (grouped(count)) } " " (label)
                    }
                }
            }
            // They are already counted under their own verdict.
            p.among {
                a href=(self.question.for_verdict(soon).address("/"))
                    aria-current=[is_here(soon).then_some("true")] {
                    (grouped(self.found.verdicts.count(VerdictFilter::FailsNext))) " of these will fail next"
                }
            }
        }
    }

    /// Returns the form. Without a script it works with a button.
    pub(super) fn tools(&self) -> Markup {
        let question = &self.question;
        let sort = question.sort.unwrap_or_default();
        let rules: Vec<_> =
            self.found.rules.iter().map(|(rule, count)| (rule.name, *count)).collect();
        html! {
            form #filters .tools method="get" action="/" role="search" data-live {
                @for verdict in question.verdicts.iter().take(1) {
                    input type="hidden" name="verdict" value=(verdict.as_str());
                }
                @if question.verdicts.is_empty() { input type="hidden" name="verdict" value=""; }
                @if let Some(number) = question.per_page {
                    input type="hidden" name="per_page" value=(number);
                }
                div.field.grows {
                    label for="search" { "Search" }
                    input #search type="search" name="search" value=(question.search)
                        placeholder="Name, domain, address, label" maxlength="200" autocomplete="off" spellcheck="false";
                }
                (filter("rule", "Rule", &rules, question.rules.first().map(|rule| rule.as_str())))
                (self.distributions())
                div.field {
                    label for="sort" { "Order" }
                    select #sort name="sort" {
                        @for (order, is_reversed, label) in ORDERS {
                            @let each = Sort { order, is_reversed };
                            @let value = if each == Sort::default() { String::new() } else { each.to_string() };
                            option value=(value) selected[sort == each] { (label) }
                        }
                        @if !ORDERS.iter().any(|(order, is_reversed, _)| sort == Sort { order: *order, is_reversed: *is_reversed }) {
                            option value=(sort) selected { (sort) }
                        }
                    }
                }
                div.field.buttons {
                    button type="submit" data-unneeded { "Apply" }
                    button #pause type="button" aria-pressed="false" hidden { "Pause" }
                }
            }
            p #refreshed .alarm role="status" hidden {}
        }
    }

    /// Returns a selection list, or a text field if the list would be too long.
    fn distributions(&self) -> Markup {
        let all = &self.found.distributions;
        let counts: Vec<_> = all.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        let chosen = self.question.distributions.first().map(String::as_str);
        html! {
            @if all.len() > MOST_LISTED {
                div.field {
                    label for="distribution" { "Distribution" }
                    input #distribution name="distribution" value=(chosen.unwrap_or_default())
                        placeholder="E2EXAMPLE1ABCD" autocomplete="off" spellcheck="false" size="15";
                }
            } @else if chosen.is_some() || all.keys().any(|name| name != NO_DISTRIBUTION) {
                (filter("distribution", "Distribution", &counts, chosen))
            }
        }
    }
}

/// Returns a selection list with the number of matches for each value; the chosen one may have none.
fn filter(id: &str, label: &str, counts: &[(&str, usize)], chosen: Option<&str>) -> Markup {
    let missing = chosen.filter(|chosen| !counts.iter().any(|(name, _)| name == chosen));
    html! {
        div.field {
            label for=(id) { (label) }
            select id=(id) name=(id) {
                option value="" { "Any" }
                @for (name, count) in counts.iter().copied().chain(missing.map(|name| (name, 0))) {
                    option value=(name) selected[chosen == Some(name)] {
                        (name) " (" (grouped(count)) ")"
                    }
                }
            }
        }
    }
}

/// Every origin has one of these verdicts.
const TABS: [(VerdictFilter, &str); 4] = [
    (VerdictFilter::Fails, "fail now"),
    (VerdictFilter::Undecided, "undecided"),
    (VerdictFilter::Answers, "answer"),
    (VerdictFilter::NotApplicable, "not applicable"),
];

const ORDERS: [(Order, bool, &str); 8] = [
    (Order::Urgency, false, "Urgency"),
    (Order::FirstFailure, false, "First failure"),
    (Order::FirstFailure, true, "First failure, latest first"),
    (Order::Addresses, true, "Addresses failing"),
    (Order::Origin, false, "Origin"),
    (Order::Domain, false, "Domain"),
    (Order::Distribution, false, "Distribution"),
    (Order::Probed, false, "Last probe, oldest first"),
];

/// A longer list is not usable.
const MOST_LISTED: usize = 200;
