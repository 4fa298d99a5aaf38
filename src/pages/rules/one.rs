//! One rule: what, why CloudFront refuses it, how to repair it on each server, and the source.

use maud::Markup;
use maud::html;

use crate::rules::Advice;
use crate::rules::Basis;
use crate::rules::Effect;
use crate::rules::Repair;
use crate::rules::Rule;
use crate::rules::Server;
use crate::rules::nearest;

use super::super::address;
use super::super::layout;
use super::super::layout::Place;

/// Returns the page of one rule.
pub(super) fn page(rule: &Rule) -> Markup {
    let repair = rule.repair;
    let content = html! {
        div.rule-page {
            p.lead { (effect(rule)) " " code { (rule.id) } }
            h2 { "Why CloudFront " (refuses(rule)) }
            p { (rule.explanation) }
            p {
                "Source: " a href=(rule.citation) rel="noreferrer" { (rule.citation) }
                " (" (basis(rule.basis)) ")"
            }
            h2 { "How to repair it" }
            p.remedy { (rule.remedy) }
            dl.facts { dt { "Setting" } dd { (repair.setting) } }
            (advice(repair.first))
            @if repair.servers.is_some() {
                nav.servers aria-label="Servers" {
                    @for (server, _) in repair.on_servers() {
                        a href=(format!("#{}", anchor(server))) { (server.as_str()) }
                    }
                }
            }
            @for (server, text) in repair.on_servers() {
                section.server {
                    h3 id=(anchor(server)) { "On " (server.as_str()) }
                    (advice(text))
                }
            }
            p.quiet {
                "The same in a terminal: " code { "origin-probe explain " (rule.id) }
            }
            p { a href="/rules" { "All rules" } }
        }
    };
    layout::page(Place::Rules, rule.title, content)
}

/// Returns the page for an id that no rule has.
pub(super) fn unknown(id: &str) -> Markup {
    let content = html! {
        @if let Some(rule) = nearest(id) {
            p { "Was " a href=(address::of_rule(rule.id)) { (rule.id) } " meant?" }
        }
        p { a href="/rules" { "All rules" } }
    };
    layout::page(Place::Rules, "There is no such rule", content)
}

/// Returns how to repair it, folded, as part of another page.
pub(in crate::pages) fn repair_in_short(repair: &Repair) -> Markup {
    html! {
        details.repair {
            summary {
                "Settings and commands"
                @if repair.servers.is_some() {
                    " for ELB, nginx, Apache, HAProxy, Caddy, Kubernetes ingress"
                }
            }
            (advice(repair.first))
            @for (server, text) in repair.on_servers() {
                h4 { (server.as_str()) }
                (advice(text))
            }
        }
    }
}

fn advice(advice: Advice) -> Markup {
    html! {
        p { (advice.text) }
        @if !advice.code.is_empty() { pre tabindex="0" { code { (advice.code) } } }
    }
}

fn effect(rule: &Rule) -> Markup {
    html! {
        @match (rule.effect, rule.status) {
            (Effect::Fails, Some(status)) => span.verdict.fails { "fails with " (status) },
            (Effect::Fails, None) => span.verdict.fails { "fails" },
            (Effect::MayFail, _) => span.verdict.undecided { "may fail" },
            (Effect::Notice, _) => span.verdict { "notice: no failure by itself" },
        }
    }
}

fn refuses(rule: &Rule) -> &'static str {
    match rule.effect {
        Effect::Fails => "refuses it",
        Effect::MayFail => "may refuse it",
        Effect::Notice => "matters here",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "Amazon documents it",
        Basis::Measured => "measured",
        Basis::Inferred => "inferred: no document says so outright",
    }
}

fn anchor(server: Server) -> &'static str {
    match server {
        Server::LoadBalancer => "elb",
        Server::Nginx => "nginx",
        Server::Apache => "apache",
        Server::HaProxy => "haproxy",
        Server::Caddy => "caddy",
        Server::KubernetesIngress => "kubernetes",
    }
}
