//! The chain as a picture: which certificates were served in which order, and the order that
//! should be, from the end entity up to the trust anchor. The layout only; drawing is others'.

mod assemble;
mod mark;
mod served;

use jiff::Timestamp;

use crate::chain::ChainFacts;

pub use mark::Mark;

pub(super) use mark::fault_words;

/// What is to be drawn of one served chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainPicture {
    /// From top to bottom: the way from the end entity to the anchor or to where it breaks off,
    /// then what stands beside it.
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// The served list, in the order served.
    pub places: Vec<Place>,
    /// How many entries of the served list are not drawn, because there are too many.
    pub left_out: usize,
}

/// One certificate, served or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    /// The subject, printable.
    pub name: String,
    /// Whether it stands on the way that counts; what stands beside it is drawn in grey.
    pub is_on_the_way: bool,
    /// Where it should stand in the served list, counted from 1; `None` where it need not be
    /// served, or does not belong there.
    pub due: Option<usize>,
    /// Its validity, where that is known.
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    pub marks: Vec<Mark>,
}

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    EndEntity,
    Intermediate,
    /// An issuer that ought to have been served, and where it can be had, if its subject says so.
    Missing {
        url: Option<String>,
    },
    /// An issuer that was not served, and that no sign shows to lead to a trust anchor.
    Untrusted,
    Anchor,
    /// A served certificate that does not belong to the chain.
    Stray,
    /// Bytes that are no certificate.
    Malformed,
}

impl NodeKind {
    /// Returns what the node is, in words.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::EndEntity => "end entity",
            Self::Intermediate => "intermediate",
            Self::Missing { .. } => "missing: not served",
            Self::Untrusted => "neither served nor trusted",
            Self::Anchor => "trust anchor",
            Self::Stray => "not part of the chain",
            Self::Malformed => "no certificate",
        }
    }
}

/// That one node's certificate is signed by another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The position of the one signed among the nodes, and of its issuer.
    pub from: usize,
    pub to: usize,
    pub kind: EdgeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// On the way that counts.
    Way,
    /// Where that way breaks off.
    Gap,
    /// On another way.
    Aside,
}

/// One entry of the served list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 0.
    pub position: usize,
    /// The position of its certificate among the nodes.
    pub node: usize,
    /// Whether the same certificate stands before it.
    pub is_repetition: bool,
    /// Why it stands in the wrong place: that of the first which does.
    pub fault: Option<&'static str>,
}

impl ChainPicture {
    /// Lays out a chain as it is to be judged at the instant `at`.
    pub fn new(chain: &ChainFacts, at: Timestamp) -> Self {
        assemble::picture(chain, at)
    }

    /// Tells whether the certificates were served in an order that CloudFront takes.
    pub fn is_in_order(&self) -> bool {
        self.places.iter().all(|place| place.fault.is_none())
    }

    /// Returns the entries of the served list that hold a node's certificate.
    pub fn places_of(&self, node: usize) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| place.node == node)
    }

    /// Returns the issuers of a node, each with the kind of the link.
    pub fn issuers_of(&self, node: usize) -> impl Iterator<Item = (&Node, EdgeKind)> {
        let edges = self.edges.iter().filter(move |edge| edge.from == node);
        edges.filter_map(|edge| Some((self.nodes.get(edge.to)?, edge.kind)))
    }
}
