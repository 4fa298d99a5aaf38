//! Lays out a chain as a picture: the certificates in the order served, and in the correct order
//! from the end entity up to the trust anchor. Drawing is done elsewhere.

mod assemble;

use jiff::Timestamp;

use crate::chain::{ChainFacts, KeyUsageFault, PathFault};

/// The picture of one served chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainPicture {
    /// From top to bottom: the path from the end entity to the anchor or to the break, then
    /// everything else.
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// The served list, in the order served.
    pub places: Vec<Place>,
    /// How many entries of the served list are not drawn because there are too many.
    pub left_out: usize,
    /// Whether a path to an anchor is valid at that instant.
    pub holds: bool,
}

/// One certificate, served or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    /// The subject, printable.
    pub name: String,
    /// Whether it is on the main path; other nodes are drawn in grey.
    pub is_on_the_way: bool,
    /// Its correct position in the served list, counted from 1; `None` if it need not be served or
    /// does not belong to the list.
    pub due: Option<usize>,
    /// Its validity, if known.
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    pub marks: Vec<Mark>,
}

impl Node {
    fn new(kind: NodeKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            is_on_the_way: false,
            due: None,
            not_before: None,
            not_after: None,
            marks: Vec::new(),
        }
    }
}

/// The kind of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    EndEntity,
    Intermediate,
    /// An issuer that should have been served, with its download URL if its subject names one.
    Missing {
        url: Option<String>,
    },
    /// An issuer that was not served, without any sign that it leads to a trust anchor.
    Untrusted,
    Anchor,
    /// A served certificate that does not belong to the chain.
    Stray,
    /// Bytes that are not a certificate.
    Malformed,
}

impl NodeKind {
    /// Returns the label of the node.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::EndEntity => "end entity",
            Self::Intermediate => "intermediate",
            Self::Missing { .. } => "missing: not served",
            Self::Untrusted => "neither served nor trusted",
            Self::Anchor => "trust anchor",
            Self::Stray => "not part of the chain",
            Self::Malformed => "not a certificate",
        }
    }
}

/// The certificate of one node is signed by that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The positions of the signed node and of its issuer.
    pub from: usize,
    pub to: usize,
    pub kind: EdgeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// On the main path.
    Way,
    /// The break in the main path.
    Gap,
    /// On another path.
    Aside,
}

/// One entry of the served list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 0.
    pub position: usize,
    /// The position of its certificate among the nodes.
    pub node: usize,
    /// Whether the same certificate appears earlier in the list.
    pub is_repetition: bool,
    /// Why its position is wrong; set only for the first one in a wrong position.
    pub fault: Option<&'static str>,
}

impl ChainPicture {
    /// Lays out a chain as judged at the instant `at`.
    pub fn new(chain: &ChainFacts, at: Timestamp) -> Self {
        assemble::picture(chain, at)
    }

    /// Returns whether the certificates were served in an order that CloudFront accepts.
    pub fn is_in_order(&self) -> bool {
        self.places.iter().all(|place| place.fault.is_none())
    }

    /// Returns the entries of the served list with a node's certificate.
    pub fn places_of(&self, node: usize) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| place.node == node)
    }

    /// Returns the issuers of a node, each with the kind of its edge.
    pub fn issuers_of(&self, node: usize) -> impl Iterator<Item = (&Node, EdgeKind)> {
        let edges = self.edges.iter().filter(move |edge| edge.from == node);
        edges.filter_map(|edge| Some((self.nodes.get(edge.to)?, edge.kind)))
    }
}

/// A remark on a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Expired,
    NotYetValid,
    /// Signed with its own key, and not a trust anchor.
    SelfSigned,
    /// Not signed by the issuer that it names.
    SignatureInvalid,
    /// It violates a constraint of its issuers, or one of its own.
    Fault(PathFault),
    /// A trust anchor that was served unnecessarily.
    NeedNotBeServed,
    /// It does not lead to a trust anchor.
    LeadsNowhere,
}

impl Mark {
    /// Returns whether it is a fault; the others are for information.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::NeedNotBeServed | Self::LeadsNowhere)
    }

    /// Returns the remark in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Expired => "expired".to_owned(),
            Self::NotYetValid => "not valid yet".to_owned(),
            Self::SelfSigned => "self-signed".to_owned(),
            Self::SignatureInvalid => "not signed by the issuer that it names".to_owned(),
            Self::NeedNotBeServed => "need not be served".to_owned(),
            Self::LeadsNowhere => "does not lead to a trust anchor".to_owned(),
            Self::Fault(fault) => fault_words(fault).to_owned(),
        }
    }

    /// Returns the mark for a certificate outside its validity at `at`.
    fn of_time(not_before: Timestamp, not_after: Timestamp, at: Timestamp) -> Option<Self> {
        if at < not_before {
            Some(Self::NotYetValid)
        } else if at.as_second() > not_after.as_second() {
            Some(Self::Expired)
        } else {
            None
        }
    }
}

/// Describes the violation in a few words.
fn fault_words(fault: &PathFault) -> &str {
    match fault {
        PathFault::IssuerIsNoCa => "used as an issuer, but not a CA",
        PathFault::PathLength | PathFault::PathLengthOfSelfIssued => {
            "more certificates below it than its path length allows"
        }
        PathFault::NameConstraint => "a name outside its issuer's constraints",
        PathFault::ExtendedKeyUsage => "not for server authentication",
        PathFault::CriticalExtension => "an unknown critical extension",
        PathFault::Version => "an old version of X.509",
        PathFault::Distrusted => "its key is distrusted",
        PathFault::RepeatedExtension => "an extension is present twice",
        PathFault::SignatureAlgorithms => "its two signature algorithm fields differ",
        PathFault::KeyUsage(fault) => key_usage_words(*fault),
        PathFault::AuthorityKey => "it names another certificate of its issuer",
        PathFault::CommonNameConstraint => "a common name outside its issuer's constraints",
        PathFault::NameNotComparable => "a name that cannot be compared with constraints",
        PathFault::MalformedExtension => "an extension is malformed",
        PathFault::AnchorCriticalExtension => "the root has an unknown critical extension",
        PathFault::AnchorMalformed => "the root's certificate is malformed",
    }
}

fn key_usage_words(fault: KeyUsageFault) -> &'static str {
    match fault {
        KeyUsageFault::NoCertificateSigning => "its key usage lacks keyCertSign",
        KeyUsageFault::AnchorMayNotSign => "the root's key usage lacks keyCertSign",
        KeyUsageFault::AnchorIsNoCa => "the root lacks the CA flag",
        KeyUsageFault::NoServing => "its key usage does not allow TLS servers",
        KeyUsageFault::NetscapeType => "its Netscape certificate type does not allow TLS servers",
        KeyUsageFault::PathLengthWithoutCa => "a path length without the CA flag",
        KeyUsageFault::EmptyKeyPeriod => "its key usage period is empty",
    }
}
