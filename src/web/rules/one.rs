//! The page of one rule: explanation, source, and the repair on each server.

use maud::{Markup, html};

use crate::rules::{Advice, Basis, Effect, Rule, SERVERS, Topic, nearest};

use super::super::format::{prose, remedy};
use super::super::layout::Place;
use super::super::{address, layout};

/// Returns the page of one rule.
pub(super) fn page(rule: &Rule) -> Markup {
    let repair = rule.repair;
    let content = html! {
        div.rule-page {
            p.lead { (effect(rule)) " " code { (rule.name) } }
            h2 { (refuses(rule)) }
            p { (prose(rule.explanation)) }
            p {
                "Source: " a href=(rule.citation) rel="noreferrer" { (rule.citation) }
                " (" (basis(rule.class.basis)) "). Since version " (rule.since) "."
            }
            h2 { "Repair" }
            (remedy(rule.remedy, "remedy"))
            dl.facts { dt { "Setting" } dd { (repair.setting()) } }
            (advice(repair.first()))
            @if has_servers(repair) {
                nav.servers aria-label="Servers" {
                    @for (server, _) in repair.on_servers() {
                        a href=(format!("#{}", server.anchor)) { (server.name) }
                    }
                }
            }
            @for (server, text) in repair.on_servers() {
                section.server {
                    h3 id=(server.anchor) { "On " (server.name) }
                    (advice(text))
                }
            }
            p.quiet {
                "In a terminal: " code { "origin-probe explain " (rule.name) }
            }
            p { a href="/rules" { "All rules" } }
        }
    };
    layout::page(Place::Rules, rule.title, content)
}

/// Returns the page for an unknown rule id.
pub(super) fn unknown(id: &str) -> Markup {
    let content = html! {
        @if let Some(rule) = nearest(id) {
            p { "Did you mean " a href=(address::of_rule(rule.name)) { (rule.name) } "?" }
        }
        p { a href="/rules" { "All rules" } }
    };
    layout::page(Place::Rules, "Unknown rule", content)
}

/// Returns the repair as a collapsed part of another page.
pub(in crate::web) fn repair_in_short(repair: Topic) -> Markup {
    html! {
        details.repair {
            summary {
                "Settings and commands"
                @if has_servers(repair) {
                    @for (position, server) in SERVERS.iter().enumerate() {
                        (if position == 0 { " for " } else { ", " }) (server.short_name)
                    }
                }
            }
            (advice(repair.first()))
            @for (server, text) in repair.on_servers() {
                h4 { (server.name) }
                (advice(text))
            }
        }
    }
}

fn has_servers(repair: Topic) -> bool {
    repair.on_servers().next().is_some()
}

fn advice(advice: &Advice) -> Markup {
    html! {
        p { (prose(&advice.text)) }
        @if let Some(change) = &advice.change {
            @match (&*change.before, &*change.after) {
                ("", after) => (code("Add", after)),
                (before, "") => (code("Remove", before)),
                (before, after) => { (code("Before", before)) (code("After", after)) }
            }
        }
        @if !advice.commands.is_empty() {
            @if advice.change.is_some() { p.small.quiet { "Then" } }
            pre tabindex="0" { code { (advice.commands) } }
        }
    }
}

fn code(label: &str, code: &str) -> Markup {
    html! {
        p.small.quiet { (label) }
        pre tabindex="0" { code { (code) } }
    }
}

fn effect(rule: &Rule) -> Markup {
    html! {
        @match (rule.class.effect, rule.status()) {
            (Effect::Fails, Some(status)) => span.verdict.fails { "fails with " (status) },
            (Effect::Fails, None) => span.verdict.fails { "fails" },
            (Effect::MayFail, _) => span.verdict.undecided { "may fail" },
            (Effect::Notice, _) => span.verdict { "notice: no failure by itself" },
        }
    }
}

fn refuses(rule: &Rule) -> &'static str {
    match rule.class.effect {
        Effect::Fails => "Why CloudFront rejects it",
        Effect::MayFail => "Why CloudFront may reject it",
        Effect::Notice => "Why it matters",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "documented by AWS",
        Basis::Measured => "measured",
        Basis::Inferred => "inferred: not stated directly in the documentation",
    }
}
