//! The chain as an SVG: on the left the served list by numbers, on the right the certificates in
//! the order that should be, from the end entity to the trust anchor. Shapes and words say
//! everything that colours say.

use maud::Markup;
use maud::html;

use crate::report::ChainPicture;
use crate::report::Edge;
use crate::report::EdgeKind;
use crate::report::Node;
use crate::report::NodeKind;

use super::svg::at;
use super::svg::lines;
use super::words::day;

/// Returns the drawing with its caption; `number` tells several on one page apart.
pub(super) fn figure(picture: &ChainPicture, number: usize) -> Markup {
    let layout = Layout::new(picture);
    let (title, description) = (format!("chain-{number}-title"), format!("chain-{number}-text"));
    html! {
        figure.chain {
            svg viewBox=(format!("0 0 {WIDTH} {}", at(layout.height)))
                role="img" aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { "The served chain against the order that should be" }
                desc id=(description) { (in_words(picture)) }
                text.head x="0" y="16" { "served" }
                text.head x=(BOX) y="16" { "as it should be" }
                @for edge in &picture.edges { (link(&layout, picture, edge)) }
                @for place in picture.places.iter().zip(&layout.slots) {
                    (connector(&layout, place.0, *place.1))
                }
                @for (node, placed) in picture.nodes.iter().zip(&layout.nodes) {
                    (node_box(node, placed))
                }
                @for place in picture.places.iter().zip(&layout.slots) {
                    (badge(place.0.position + 1, place.0.fault.is_some(), *place.1))
                }
            }
            figcaption {
                @match picture.places.iter().find_map(|p| Some((p.position + 1, p.fault?))) {
                    Some((position, fault)) => {
                        strong { "In the wrong order" } ": number " (position) " " (fault) "."
                    }
                    None => "Numbers show the order served.",
                }
                @if picture.left_out > 0 { " " (picture.left_out) " more entries are not drawn." }
            }
        }
    }
}

/// Where everything stands.
struct Layout {
    nodes: Vec<Placed>,
    /// The height of each entry of the served list.
    slots: Vec<f64>,
    height: f64,
}

struct Placed {
    top: f64,
    height: f64,
    name: Vec<String>,
    facts: Vec<(String, bool)>,
}

impl Placed {
    fn middle(&self) -> f64 {
        self.top + self.height / 2.0
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

impl Layout {
    fn new(picture: &ChainPicture) -> Self {
        let mut top = HEAD;
        let mut nodes: Vec<Placed> = Vec::new();
        for (position, node) in picture.nodes.iter().enumerate() {
            let before = position.checked_sub(1).and_then(|before| picture.nodes.get(before));
            let is_first_aside =
                before.is_some_and(|before| before.is_on_the_way) && !node.is_on_the_way;
            top += if position == 0 {
                0.0
            } else if is_first_aside {
                ASIDE
            } else {
                BETWEEN
            };
            let name = lines(&node.name, COLUMNS, 2);
            let facts = facts(node);
            let rows = 1 + name.len() + facts.len();
            let height = PADDING * 2.0 + rows as f64 * ROW;
            nodes.push(Placed { top, height, name, facts });
            top += height;
        }
        // In order the served numbers stand beside their certificates; out of order they stand in
        // the order served, at the same heights, and the lines cross.
        let first_places = picture.places.iter().filter(|place| !place.is_repetition);
        let mut heights: Vec<f64> =
            first_places.filter_map(|place| nodes.get(place.node).map(Placed::middle)).collect();
        heights.sort_by(f64::total_cmp);
        let mut heights = heights.into_iter();
        let mut low = top.max(HEAD);
        let slots = picture.places.iter().map(|place| {
            let height = if place.is_repetition { None } else { heights.next() };
            height.unwrap_or_else(|| {
                low += BADGE * 2.0 + 6.0;
                low - BADGE
            })
        });
        let slots: Vec<f64> = slots.collect();
        let height = low.max(top) + 8.0;
        Self { nodes, slots, height }
    }
}

/// What is said of a certificate below its name, and whether it is a fault.
fn facts(node: &Node) -> Vec<(String, bool)> {
    let mut facts = Vec::new();
    match (node.not_before, node.not_after) {
        (Some(begin), Some(end)) => {
            facts.push((format!("valid {} to {}", day(begin), day(end)), false));
        }
        (None, Some(end)) => facts.push((format!("valid until {}", day(end)), false)),
        _ => {}
    }
    if let NodeKind::Missing { url: Some(url) } = &node.kind {
        facts.extend(lines(&format!("at {url}"), COLUMNS, 2).into_iter().map(|line| (line, false)));
    }
    for mark in &node.marks {
        let sign = if mark.is_fault() { "✕ " } else { "" };
        facts.push((format!("{sign}{}", mark.words()), mark.is_fault()));
    }
    facts.truncate(6);
    facts
}

fn node_box(node: &Node, placed: &Placed) -> Markup {
    let text = |row: usize| at(PADDING + (row as f64 + 0.74) * ROW);
    let kind = match (&node.kind, node.due) {
        (NodeKind::Missing { .. }, Some(due)) => format!("✕ {due} · missing: not served"),
        (NodeKind::Untrusted, _) => "✕ neither served nor trusted".to_owned(),
        (NodeKind::Anchor, _) => "trust anchor, which CloudFront has".to_owned(),
        (kind, Some(due)) => format!("{due} · {}", kind.as_str()),
        (kind, None) => kind.as_str().to_owned(),
    };
    let rows = 1 + placed.name.len();
    html! {
        g class=(class(node)) {
            rect.box x=(BOX) y=(at(placed.top)) width=(BOX_WIDTH) height=(at(placed.height)) rx="7" {}
            // An inner frame for the anchor: it is another kind of thing.
            @if node.kind == NodeKind::Anchor {
                rect.inner x=(BOX + 3) y=(at(placed.top + 3.0)) width=(BOX_WIDTH - 6)
                    height=(at(placed.height - 6.0)) rx="5" {}
            }
            // What is too long is cut by the frame of an svg of its own.
            svg x=(BOX + 12) y=(at(placed.top)) width=(BOX_WIDTH - 18) height=(at(placed.height)) {
                text.kind x="0" y=(text(0)) { (kind) }
                @for (row, line) in placed.name.iter().enumerate() {
                    text.subject x="0" y=(text(row + 1)) { (line) }
                }
                @for (row, (line, is_fault)) in placed.facts.iter().enumerate() {
                    text class=(if *is_fault { "bad" } else { "fact" }) x="0" y=(text(rows + row)) {
                        (line)
                    }
                }
            }
        }
    }
}

fn class(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Missing { .. } | NodeKind::Untrusted => "node missing",
        _ if !node.is_on_the_way => "node aside",
        NodeKind::Anchor => "node anchor",
        _ if node.marks.iter().any(|mark| mark.is_fault()) => "node faulty",
        _ => "node",
    }
}

/// Draws that one certificate is issued by the other.
fn link(layout: &Layout, picture: &ChainPicture, edge: &Edge) -> Markup {
    let ends = layout.nodes.get(edge.from).zip(layout.nodes.get(edge.to));
    let Some((below, above)) = ends else { return html! {} };
    if edge.kind == EdgeKind::Aside {
        return side_link(below, above, edge.to);
    }
    let issuer = picture.nodes.get(edge.to).map(|node| &node.kind);
    let words = match issuer {
        Some(NodeKind::Missing { .. }) => "issued by what is missing",
        _ => "issued by",
    };
    let (begin, end) = (below.bottom(), above.top);
    let middle = f64::midpoint(begin, end);
    let x = BOX + 24;
    html! {
        g class=(if edge.kind == EdgeKind::Gap { "link gap" } else { "link" }) {
            line x1=(x) y1=(at(begin)) x2=(x) y2=(at(end - 5.0)) {}
            path d=(format!("M{} {} l4 -7 l-8 0 z", x, at(end - 1.0))) {}
            text x=(x + 12) y=(at(middle + 4.0)) { (words) }
        }
    }
}

/// The same along the right edge, past what stands between.
fn side_link(below: &Placed, above: &Placed, to: usize) -> Markup {
    let edge = BOX + BOX_WIDTH;
    let lane = edge + 5 + (to % 3) as u32 * 4;
    let (begin, end) = (below.middle() + 6.0, above.middle() - 6.0);
    let path = format!("M{edge} {} H{lane} V{} H{}", at(begin), at(end), edge + 1);
    let (x, y) = (edge + 1, at(end));
    html! {
        g class="link aside" {
            path.line d=(path) {}
            path d=(format!("M{x} {y} l6 -3.5 l0 7 z")) {}
        }
    }
}

/// Draws which certificate stands at a place of the served list.
fn connector(layout: &Layout, place: &crate::report::Place, y: f64) -> Markup {
    let Some(node) = layout.nodes.get(place.node) else { return html! {} };
    let (from, to) = (GUTTER + BADGE, f64::from(BOX));
    let bend = f64::midpoint(from, to);
    let target = node.middle();
    let path = format!(
        "M{} {} C{} {} {} {} {} {}",
        at(from),
        at(y),
        at(bend),
        at(y),
        at(bend),
        at(target),
        at(to),
        at(target)
    );
    let is_crossed = (target - y).abs() > 1.0;
    let class = match (place.fault.is_some(), is_crossed) {
        (true, _) => "connector wrong",
        (false, true) => "connector moved",
        (false, false) => "connector",
    };
    html! { path class=(class) d=(path) {} }
}

fn badge(number: usize, is_wrong: bool, y: f64) -> Markup {
    html! {
        g class=(if is_wrong { "badge wrong" } else { "badge" }) {
            circle cx=(at(GUTTER)) cy=(at(y)) r=(at(BADGE)) {}
            text x=(at(GUTTER)) y=(at(y + 4.5)) { (number) @if is_wrong { "!" } }
        }
    }
}

/// The drawing in sentences, for those who do not see it.
fn in_words(picture: &ChainPicture) -> String {
    let mut words = String::new();
    for (position, node) in picture.nodes.iter().enumerate() {
        words += &format!("{}: {}", node.kind.as_str(), node.name);
        let served: Vec<String> =
            picture.places_of(position).map(|place| (place.position + 1).to_string()).collect();
        if !served.is_empty() {
            words += &format!(", served as number {}", served.join(" and "));
        }
        for mark in &node.marks {
            words += &format!(", {}", mark.words());
        }
        for (issuer, kind) in picture.issuers_of(position) {
            words += match kind {
                EdgeKind::Way => ", issued by ",
                EdgeKind::Gap => ", issued by the missing ",
                EdgeKind::Aside => ", on another way issued by ",
            };
            words += &issuer.name;
        }
        words += ". ";
    }
    words
}

const WIDTH: u32 = 392;
/// The left edge of the certificates, and how wide they are; the rest is for links beside.
const BOX: u32 = 60;
const BOX_WIDTH: u32 = 314;
/// Where the served numbers stand, and their radius.
const GUTTER: f64 = 16.0;
const BADGE: f64 = 13.0;
const HEAD: f64 = 28.0;
const ROW: f64 = 18.0;
const PADDING: f64 = 8.0;
const BETWEEN: f64 = 34.0;
const ASIDE: f64 = 26.0;
/// How many letters fit into a line of a certificate.
const COLUMNS: usize = 38;
