//! How the facts of a chain become a picture.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::Gap;
use crate::chain::Path;
use crate::chain::PublicSign;
use crate::chain::Way;

use super::super::chains::path_that_counts;
use super::ChainPicture;
use super::Edge;
use super::EdgeKind;
use super::Mark;
use super::Node;
use super::NodeKind;

pub(super) fn picture(chain: &ChainFacts, at: Timestamp) -> ChainPicture {
    let mut canvas = Canvas::new(chain, at);
    match path_that_counts(chain, at) {
        Some(path) => canvas.draw_path(path),
        None => canvas.draw_way(),
    }
    let others = chain.paths.iter().take(OTHER_PATHS);
    for path in others {
        canvas.draw_aside(&path.certificates, Some(path));
    }
    for way in chain.ways.iter().take(OTHER_PATHS) {
        canvas.draw_aside(&way.certificates, None);
    }
    canvas.draw_served();
    canvas.done()
}

pub(super) struct Canvas<'a> {
    pub(super) chain: &'a ChainFacts,
    at: Timestamp,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// The node of each served position that has one.
    pub(super) drawn: HashMap<usize, usize>,
    /// The node of each anchor by name.
    pub(super) anchors: HashMap<&'a str, usize>,
}

impl<'a> Canvas<'a> {
    fn new(chain: &'a ChainFacts, at: Timestamp) -> Self {
        let (drawn, anchors) = (HashMap::new(), HashMap::new());
        Self { chain, at, nodes: Vec::new(), edges: Vec::new(), drawn, anchors }
    }

    fn draw_path(&mut self, path: &'a Path) {
        let last = self.draw_main(&path.certificates);
        if let (Some(fault), Some(culprit)) = (&path.fault, path.culprit) {
            self.mark(culprit, Mark::Fault(fault.clone()));
        }
        let anchor = self.anchor(path, true);
        self.join(last, anchor, EdgeKind::Way);
    }

    /// Draws how far the chain leads where it reaches no anchor, and what is missing there.
    fn draw_way(&mut self) {
        let chain = self.chain;
        let Some(end_entity) = chain.end_entity else { return };
        let end = match &chain.gap {
            Some(
                Gap::IssuerNotServed { position, .. }
                | Gap::SelfSignedIssuer { position, .. }
                | Gap::SignatureInvalid { position, .. },
            ) => Some(*position),
            _ => None,
        };
        let of_gap = |way: &&Way| way.end() == end;
        let longest = || chain.ways.iter().max_by_key(|way| way.certificates.len());
        let way = chain.ways.iter().filter(of_gap).max_by_key(|way| way.certificates.len());
        let way = way.or_else(longest);
        let alone = [end_entity];
        let positions = way.map_or(&alone[..], |way| &way.certificates);
        let last = self.draw_main(positions);
        if let Some((fault, culprit)) = way.and_then(|way| way.fault.clone().zip(way.culprit)) {
            self.mark(culprit, Mark::Fault(fault));
        }
        if let Some(Gap::SignatureInvalid { position, .. }) = &chain.gap {
            self.mark(*position, Mark::SignatureInvalid);
        }
        let Some(Gap::IssuerNotServed { position, sign }) = &chain.gap else { return };
        let Some(certificate) = chain.certificate(*position) else { return };
        let kind = match sign {
            Some(PublicSign::CaIssuers { url }) => NodeKind::Missing { url: Some(url.to_string()) },
            Some(PublicSign::ServedCaReachesAnchor { .. }) => NodeKind::Missing { url: None },
            None => NodeKind::Untrusted,
        };
        let due = matches!(kind, NodeKind::Missing { .. }).then_some(positions.len() + 1);
        let missing = self.add(Node {
            kind,
            name: certificate.issuer.as_str().to_owned(),
            is_on_the_way: true,
            due,
            not_before: None,
            not_after: None,
            marks: Vec::new(),
        });
        self.join(last, missing, EdgeKind::Gap);
    }

    /// Draws the certificates of the way that counts; returns the last one's node.
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

    /// Draws what another way has that is not drawn yet.
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

    pub(super) fn certificate(
        &mut self,
        position: usize,
        certificate: &Certificate,
        kind: NodeKind,
    ) -> usize {
        let (not_before, not_after) = (certificate.not_before, certificate.not_after);
        let mut marks: Vec<Mark> =
            Mark::of_time(not_before, not_after, self.at).into_iter().collect();
        let is_anchor = self.chain.served_anchors.contains(&position);
        if certificate.is_self_signed && !is_anchor && kind != NodeKind::Stray {
            marks.push(Mark::SelfSigned);
        }
        let node = self.add(Node {
            kind,
            name: certificate.subject.as_str().to_owned(),
            is_on_the_way: false,
            due: None,
            not_before: Some(not_before),
            not_after: Some(not_after),
            marks,
        });
        self.drawn.insert(position, node);
        node
    }

    fn anchor(&mut self, path: &'a Path, is_on_the_way: bool) -> usize {
        if let Some(node) = self.anchors.get(&*path.anchor) {
            return *node;
        }
        let node = self.add(Node {
            kind: NodeKind::Anchor,
            name: path.anchor.to_string(),
            is_on_the_way,
            due: None,
            not_before: None,
            not_after: path.anchor_not_after,
            marks: Vec::new(),
        });
        self.anchors.insert(&path.anchor, node);
        node
    }

    pub(super) fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn mark(&mut self, position: usize, mark: Mark) {
        if let Some(node) = self.drawn.get(&position).and_then(|node| self.nodes.get_mut(*node)) {
            node.marks.push(mark);
        }
    }

    pub(super) fn join(&mut self, from: Option<usize>, to: usize, kind: EdgeKind) {
        let Some(from) = from else { return };
        if !self.edges.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
            self.edges.push(Edge { from, to, kind });
        }
    }
}

/// What a picture bears.
pub(super) const MOST_NODES: usize = 24;
/// How many ways beside the best are followed.
const OTHER_PATHS: usize = 8;
