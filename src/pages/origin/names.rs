//! The names on the certificate against the names that must match.

use maud::Markup;
use maud::html;

use crate::report::NameComparison;

use super::words::foreign;

/// Returns both lists, the matching names marked.
pub(super) fn part(names: &NameComparison) -> Markup {
    html! {
        div.pair.names {
            div {
                h3 {
                    "On the certificate"
                    @if names.is_common_name { " (its common name: it has no subject alternative names)" }
                }
                @if names.presented.is_empty() { p { "no host name at all" } }
                ul.plain {
                    @for name in &names.presented {
                        @if name.matches.is_empty() {
                            li { span.sign aria-hidden="true" { "·" } " " (foreign(&name.name)) }
                        } @else {
                            li.matches {
                                span.sign.answers aria-hidden="true" { "✓" } " "
                                mark { (foreign(&name.name)) }
                                span.small.quiet { " matches" }
                            }
                        }
                    }
                }
                @if names.left_out > 0 { p.quiet { "and " (names.left_out) " more" } }
            }
            div {
                h3 { "CloudFront needs" }
                ul.plain {
                    @for wanted in names.wanted.iter().take(SHOWN) {
                        li {
                            @if wanted.is_met() {
                                span.sign.answers { "✓" } " "
                            } @else {
                                span.sign.fails { "✕" } " "
                            }
                            @for (position, (id, found)) in wanted.any_of.iter().enumerate() {
                                @if position > 0 { " or " }
                                @if *found { mark { code { (id) } } } @else { code { (id) } }
                            }
                            span.small.quiet {
                                (if wanted.is_met() { " found" } else { " not on the certificate" })
                                ", when it sends " code { (wanted.server_name) }
                                @if let Some(wildcard) = &wanted.stands_for {
                                    ", which stands for " (foreign(wildcard))
                                }
                            }
                        }
                    }
                }
                @if names.wanted.len() > SHOWN {
                    p.quiet { "and for " (names.wanted.len() - SHOWN) " more server names" }
                }
            }
        }
    }
}

const SHOWN: usize = 20;
