//! The chain as a picture. On the left are the numbers of the served list; on the right are the
//! certificates in the correct order, from the end entity to the trust anchor.
//!
//! Boxes are HTML, so that text of any length and font wraps within its box. All rows have the same
//! height: the lines between numbers and boxes are an SVG with as many rows, stretched beside them.
//! Everything shown by colour is also shown by shape and text.

use maud::{Markup, html};

use crate::report::{ChainPicture, EdgeKind, Node, NodeKind, Place};

use super::super::format::{day, foreign};

/// Returns the picture with its caption.
pub(super) fn figure(picture: &ChainPicture) -> Markup {
    let slots = slots(picture);
    html! {
        figure.chain {
            div.heads aria-hidden="true" { span { "served" } span { "correct order" } }
            div.drawing {
                svg.wires viewBox=(format!("0 0 100 {}", picture.nodes.len() * ROW))
                    preserveAspectRatio="none" aria-hidden="true" {
                    @for (row, place) in &slots { (wire(*row, place)) }
                }
                @for (position, node) in picture.nodes.iter().enumerate() {
                    div.slot {
                        @if let Some((_, place)) = slots.iter().find(|(row, _)| *row == position) {
                            span.badge.wrong[place.fault.is_some()] {
                                (place.position + 1) @if place.fault.is_some() { "!" }
                            }
                        }
                    }
                    div.cell { (node_box(picture, position, node)) (link(picture, position)) }
                }
            }
            figcaption {
                @match picture.places.iter().find_map(|p| Some((p.position + 1, p.fault?))) {
                    Some((position, fault)) => {
                        strong { "Wrong order" } ": number " (position) " " (fault) "."
                    }
                    None => "The numbers show the order served.",
                }
                @if picture.left_out > 0 { " " (picture.left_out) " more entries are not drawn." }
            }
        }
    }
}

/// Returns the served entries, each with the row of its number: in the correct order, the row of
/// its certificate; otherwise the rows in the order served, so that the lines cross.
fn slots(picture: &ChainPicture) -> Vec<(usize, &Place)> {
    let places = || picture.places.iter().filter(|place| !place.is_repetition);
    let mut rows: Vec<usize> = places().map(|place| place.node).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.into_iter().zip(places()).collect()
}

/// Draws the line from a place in the served list to its certificate.
fn wire(row: usize, place: &Place) -> Markup {
    let [from, to] = [row, place.node].map(|row| row * ROW + ROW / 2);
    let class = match place.fault {
        Some(_) => "connector wrong",
        None if from != to => "connector moved",
        None => "connector",
    };
    let path = format!("M0 {from} C50 {from} 50 {to} 100 {to}");
    html! { path class=(class) d=(path) vector-effect="non-scaling-stroke" {} }
}

fn node_box(picture: &ChainPicture, position: usize, node: &Node) -> Markup {
    let kind = match (&node.kind, node.due) {
        (NodeKind::Missing { .. }, Some(due)) => format!("✕ {due} · missing: not served"),
        (NodeKind::Untrusted, _) => "✕ neither served nor trusted".to_owned(),
        (NodeKind::Anchor, _) => "trust anchor, known to CloudFront".to_owned(),
        (kind, Some(due)) => format!("{due} · {}", kind.as_str()),
        (kind, None) => kind.as_str().to_owned(),
    };
    let class = match &node.kind {
        NodeKind::Missing { .. } | NodeKind::Untrusted => "node missing",
        _ if !node.is_on_the_way => "node aside",
        NodeKind::Anchor => "node anchor",
        _ if node.marks.iter().any(|mark| mark.is_fault()) => "node faulty",
        _ => "node",
    };
    html! {
        div class=(class) {
            div.kind { (kind) }
            div.subject { (foreign(&node.name)) }
            @match (node.not_before, node.not_after) {
                (Some(begin), Some(end)) => div.fact { "valid " (day(begin)) " to " (day(end)) },
                (None, Some(end)) => div.fact { "valid until " (day(end)) },
                _ => {}
            }
            @if let NodeKind::Missing { url: Some(url) } = &node.kind {
                div.fact { "download it from " (foreign(url)) }
            }
            @for mark in &node.marks {
                @if mark.is_fault() { div.bad { "✕ " (mark.words()) } }
                @else { div.fact { (mark.words()) } }
            }
            @for place in picture.places_of(position).filter(|place| place.is_repetition) {
                div.fact { "served again as number " (place.position + 1) }
            }
            @for (issuer, kind) in picture.issuers_of(position) {
                @if kind == EdgeKind::Aside {
                    div.fact { "another issuer: " (foreign(&issuer.name)) }
                }
            }
        }
    }
}

/// Draws the link from a certificate to its issuer, the one below it in the picture.
fn link(picture: &ChainPicture, position: usize) -> Markup {
    let mut links = picture.issuers_of(position);
    let link = links.find(|(_, kind)| *kind != EdgeKind::Aside);
    html! {
        @if let Some((issuer, kind)) = link {
            div.link.gap[kind == EdgeKind::Gap] {
                @match issuer.kind {
                    NodeKind::Missing { .. } => "issued by a missing certificate",
                    _ => "issued by",
                }
            }
        }
    }
}

/// The height of a row in the coordinates of the lines; on the page, a row is as high as the
/// highest box.
const ROW: usize = 100;
