//! The served list within a picture: what stands beside the ways, and where each entry is drawn.

use crate::chain::Certificate;
use crate::chain::Order;
use crate::chain::OrderFault;
use crate::chain::Served;

use super::ChainPicture;
use super::EdgeKind;
use super::Mark;
use super::Node;
use super::NodeKind;
use super::Place;
use super::assemble::Canvas;
use super::assemble::MOST_NODES;

impl<'a> Canvas<'a> {
    /// Draws whatever else was served.
    pub(super) fn draw_served(&mut self) {
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

    /// Draws a certificate that no way to an anchor leads through.
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
        let node = self.add(Node {
            kind: NodeKind::Malformed,
            name: format!("{length} bytes: {error}"),
            is_on_the_way: false,
            due: None,
            not_before: None,
            not_after: None,
            marks: Vec::new(),
        });
        self.drawn.insert(position, node);
    }

    pub(super) fn done(self) -> ChainPicture {
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
        ChainPicture { nodes: self.nodes, edges: self.edges, places, left_out }
    }
}

fn order_fault(order: &Order, at: usize) -> Option<&'static str> {
    match order {
        Order::OutOfOrder { position, fault } if *position == at => Some(match fault {
            OrderFault::EndEntityNotFirst => "the end entity should come first",
            OrderFault::CertifiesNoneBefore => "certifies none of those before it",
            OrderFault::AfterUnrelated => "stands after one that does not belong",
        }),
        _ => None,
    }
}
