//! Builds the picture from the facts of a chain.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::chain::{
    Certificate, ChainFacts, DeadEnd, MissingIssuer, Order, OrderFault, Path, PublicSign, Served,
};

use super::super::chains::path_that_counts;
use super::{ChainPicture, Edge, EdgeKind, Mark, Node, NodeKind, Place};

pub(super) fn picture(chain: &ChainFacts, at: Timestamp) -> ChainPicture {
    let mut canvas = Canvas::new(chain, at);
    match canvas.path {
        Some(path) => canvas.draw_path(path),
        None => canvas.draw_way(),
    }
    let others = chain.paths.iter().take(OTHER_PATHS);
    for path in others {
        canvas.draw_aside(&path.certificates, Some(path));
    }
    for dead_end in chain.dead_ends.iter().take(OTHER_PATHS) {
        canvas.draw_aside(&dead_end.certificates, None);
    }
    canvas.draw_served();
    canvas.done()
}

struct Canvas<'a> {
    chain: &'a ChainFacts,
    at: Timestamp,
    /// The path that matters at that instant.
    path: Option<&'a Path>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// The node of each served position that has one.
    drawn: HashMap<usize, usize>,
    /// The node of each anchor by name.
    anchors: HashMap<&'a str, usize>,
}

impl<'a> Canvas<'a> {
    fn new(chain: &'a ChainFacts, at: Timestamp) -> Self {
        let (drawn, anchors) = (HashMap::new(), HashMap::new());
        let path = path_that_counts(chain, at);
        Self { chain, at, path, nodes: Vec::new(), edges: Vec::new(), drawn, anchors }
    }

    fn draw_path(&mut self, path: &'a Path) {
        let last = self.draw_main(&path.certificates);
        if let (Some(fault), Some(faulty)) = (&path.fault, path.faulty_certificate) {
            self.mark(faulty, Mark::Fault(fault.clone()));
        }
        let anchor = self.anchor(path, true);
        self.join(last, anchor, EdgeKind::Way);
    }

    /// Draws how far the chain leads without reaching an anchor, and what is missing at its end.
    fn draw_way(&mut self) {
        let chain = self.chain;
        let Some(end_entity) = chain.end_entity else { return };
        let end = match &chain.missing_issuer {
            Some(
                MissingIssuer::IssuerNotServed { position, .. }
                | MissingIssuer::SelfSignedIssuer { position, .. }
                | MissingIssuer::SignatureInvalid { position, .. },
            ) => Some(*position),
            _ => None,
        };
        // The longest of those that end there, otherwise the longest of all.
        let weight = |dead_end: &&DeadEnd| (dead_end.end() == end, dead_end.certificates.len());
        let dead_end = chain.dead_ends.iter().max_by_key(weight);
        let alone = [end_entity];
        let positions = dead_end.map_or(&alone[..], |dead_end| &dead_end.certificates);
        let last = self.draw_main(positions);
        if let Some((fault, faulty)) =
            dead_end.and_then(|dead_end| dead_end.fault.clone().zip(dead_end.faulty_certificate))
        {
            self.mark(faulty, Mark::Fault(fault));
        }
        if let Some(MissingIssuer::SignatureInvalid { position, .. }) = &chain.missing_issuer {
            self.mark(*position, Mark::SignatureInvalid);
        }
        let Some(MissingIssuer::IssuerNotServed { position, sign }) = &chain.missing_issuer else {
            return;
        };
        let Some(certificate) = chain.certificate(*position) else { return };
        let kind = match sign {
            Some(PublicSign::CaIssuers { url }) => NodeKind::Missing { url: Some(url.to_string()) },
            Some(PublicSign::ServedCaReachesAnchor { .. }) => NodeKind::Missing { url: None },
            None => NodeKind::Untrusted,
        };
        let due = matches!(kind, NodeKind::Missing { .. }).then_some(positions.len() + 1);
        let missing = self.add(Node {
            is_on_the_way: true,
            due,
            ..Node::new(kind, certificate.issuer.as_str())
        });
        self.join(last, missing, EdgeKind::Gap);
    }

    /// Draws the certificates of the main path; returns the node of the last one.
    fn draw_main(&mut self, positions: &[usize]) -> Option<usize> {
        let mut last = None;
        for (place, position) in positions.iter().enumerate().take(MOST_NODES) {
            let Some(certificate) = self.chain.certificate(*position) else { continue };
            let kind = if place == 0 { NodeKind::EndEntity } else { NodeKind::Intermediate };
            let node = self.certificate(*position, certificate, kind);
            self.nodes[node].is_on_the_way = true;
            self.nodes[node].due = Some(place + 1);
            self.join(last, node, EdgeKind::Way);
            last = Some(node);
        }
        last
    }

    /// Draws the certificates of another path that are not drawn yet.
    fn draw_aside(&mut self, positions: &[usize], path: Option<&'a Path>) {
        let mut last = None;
        for position in positions {
            let node = match self.drawn.get(position) {
                Some(node) => *node,
                None if self.nodes.len() >= MOST_NODES => return,
                None => {
                    let Some(certificate) = self.chain.certificate(*position) else { return };
                    self.certificate(*position, certificate, NodeKind::Intermediate)
                }
            };
            self.join(last, node, EdgeKind::Aside);
            last = Some(node);
        }
        if let Some(path) = path {
            let anchor = self.anchor(path, false);
            self.join(last, anchor, EdgeKind::Aside);
        }
    }

    fn certificate(&mut self, position: usize, certificate: &Certificate, kind: NodeKind) -> usize {
        let (not_before, not_after) = (certificate.not_before, certificate.not_after);
        let mut marks: Vec<Mark> =
            Mark::of_time(not_before, not_after, self.at).into_iter().collect();
        let is_anchor = self.chain.served_anchors.contains(&position);
        if certificate.is_self_signed && !is_anchor && kind != NodeKind::Stray {
            marks.push(Mark::SelfSigned);
        }
        let node = self.add(Node {
            not_before: Some(not_before),
            not_after: Some(not_after),
            marks,
            ..Node::new(kind, certificate.subject.as_str())
        });
        self.drawn.insert(position, node);
        node
    }

    fn anchor(&mut self, path: &'a Path, is_on_the_way: bool) -> usize {
        if let Some(node) = self.anchors.get(&*path.anchor) {
            return *node;
        }
        let node = self.add(Node {
            is_on_the_way,
            not_after: path.anchor_not_after,
            ..Node::new(NodeKind::Anchor, &*path.anchor)
        });
        self.anchors.insert(&path.anchor, node);
        node
    }

    /// Draws the rest of the served list.
    fn draw_served(&mut self) {
        let chain = self.chain;
        for (position, served) in chain.served.iter().enumerate().take(MOST_NODES) {
            if self.drawn.contains_key(&position) || self.nodes.len() >= MOST_NODES {
                continue;
            }
            let Some(certificate) = served.certificate() else {
                self.draw_malformed(position, served);
                continue;
            };
            if chain.repeated.get(position) == Some(&true) {
                continue;
            }
            let of_anchor = self.anchors.get(certificate.subject.as_str()).copied();
            match of_anchor.filter(|_| chain.served_anchors.contains(&position)) {
                Some(node) => {
                    self.drawn.insert(position, node);
                    let node = &mut self.nodes[node];
                    node.not_before = Some(certificate.not_before);
                    node.not_after = Some(certificate.not_after);
                    node.marks.push(Mark::NeedNotBeServed);
                }
                None => self.draw_beside(position, certificate),
            }
        }
    }

    /// Draws a certificate that is not on any path to an anchor.
    fn draw_beside(&mut self, position: usize, certificate: &'a Certificate) {
        let chain = self.chain;
        if chain.related.get(position) != Some(&true) {
            let node = self.certificate(position, certificate, NodeKind::Stray);
            let is_anchor = chain.served_anchors.contains(&position);
            if is_anchor {
                self.nodes[node].marks.push(Mark::NeedNotBeServed);
            }
            return;
        }
        let node = self.certificate(position, certificate, NodeKind::Intermediate);
        if !chain.paths.is_empty() {
            self.nodes[node].marks.push(Mark::LeadsNowhere);
        }
        let below: Vec<usize> = self
            .drawn
            .iter()
            .filter(|(other, below)| {
                let subject = chain.certificate(**other);
                **below != node && subject.is_some_and(|c| c.issuer == certificate.subject)
            })
            .map(|(_, below)| *below)
            .collect();
        if let Some(below) = below.into_iter().min() {
            self.join(Some(below), node, EdgeKind::Aside);
        }
    }

    fn draw_malformed(&mut self, position: usize, served: &Served) {
        let Served::Malformed { error, length } = served else { return };
        let node = self.add(Node::new(NodeKind::Malformed, format!("{length} bytes: {error}")));
        self.drawn.insert(position, node);
    }

    fn done(self) -> ChainPicture {
        let chain = self.chain;
        let node_of = |position: usize| {
            self.drawn.get(&position).copied().or_else(|| {
                let own = chain.certificate(position)?;
                let same = |(other, node): (&usize, &usize)| {
                    (chain.certificate(*other)?.sha256 == own.sha256).then_some(*node)
                };
                self.drawn.iter().find_map(same)
            })
        };
        let places: Vec<Place> = (0..chain.served.len().min(MOST_NODES))
            .filter_map(|position| {
                Some(Place {
                    position,
                    node: node_of(position)?,
                    is_repetition: chain.repeated.get(position) == Some(&true),
                    fault: order_fault(&chain.order, position),
                })
            })
            .collect();
        let left_out = chain.count - places.len();
        let is_good = |path: &Path| path.fault.is_none() && path.is_in_time(self.at);
        let holds = self.path.is_some_and(is_good);
        ChainPicture { nodes: self.nodes, edges: self.edges, places, left_out, holds }
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn mark(&mut self, position: usize, mark: Mark) {
        if let Some(node) = self.drawn.get(&position).and_then(|node| self.nodes.get_mut(*node)) {
            node.marks.push(mark);
        }
    }

    fn join(&mut self, from: Option<usize>, to: usize, kind: EdgeKind) {
        let Some(from) = from else { return };
        if !self.edges.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
            self.edges.push(Edge { from, to, kind });
        }
    }
}

fn order_fault(order: &Order, at: usize) -> Option<&'static str> {
    match order {
        Order::OutOfOrder { position, fault } if *position == at => Some(match fault {
            OrderFault::EndEntityNotFirst => "the end-entity certificate should come first",
            OrderFault::CertifiesNoneBefore => "does not certify any of those before it",
            OrderFault::AfterUnrelated => "follows one that does not belong to the chain",
        }),
        _ => None,
    }
}

/// The maximum number of nodes in a picture.
const MOST_NODES: usize = 24;
/// How many paths besides the best one are followed.
const OTHER_PATHS: usize = 8;
