//! One served list with its anchors: the plain chain of three, or a change of it.

use super::certificate::Plan;
use super::key::{CA, Key, LEAF, ROOT};

/// What one server presents, and which anchors its client has.
pub(super) struct Case {
    /// The kind, a slash, and the oddity.
    pub(super) name: String,
    /// In DER, as served.
    pub(super) served: Vec<Vec<u8>>,
    /// The server's private key, PKCS #8.
    pub(super) key: Vec<u8>,
    /// In DER.
    pub(super) anchors: Vec<Vec<u8>>,
}

impl Case {
    /// A list put together by hand, served with the key of the plain end entity.
    pub(super) fn of(name: &str, served: &[&[u8]], anchors: &[&[u8]]) -> Self {
        let [served, anchors] =
            [served, anchors].map(|list| list.iter().map(|der| der.to_vec()).collect());
        Self { name: name.to_owned(), served, key: LEAF.pkcs8(), anchors }
    }

    /// The same with the key of another end entity.
    pub(super) fn with_key(self, key: &Key) -> Self {
        Self { key: key.pkcs8(), ..self }
    }
}

/// The plain chain, not signed yet: end entity, intermediate, and a root that is not served.
pub(super) struct Draft {
    pub(super) leaf: Plan,
    pub(super) ca: Plan,
    pub(super) root: Plan,
}

impl Draft {
    pub(super) fn new() -> Self {
        let root = Plan::root("Root", &ROOT);
        let ca = Plan::ca("CA", &CA, &root);
        let leaf = Plan::leaf(&LEAF, &ca);
        Self { leaf, ca, root }
    }

    /// Returns the three, end entity first.
    pub(super) fn ders(&self) -> [Vec<u8>; 3] {
        [
            self.leaf.signed_by(self.ca.key),
            self.ca.signed_by(self.root.key),
            self.root.signed_by(self.root.key),
        ]
    }

    pub(super) fn case(&self, name: &str) -> Case {
        let [leaf, ca, root] = self.ders();
        Case::of(name, &[&leaf, &ca], &[&root]).with_key(self.leaf.key)
    }
}

/// A change of one certificate, and its name.
pub(super) type Oddity = (&'static str, fn(&mut Plan));

/// Returns one certificate of the chain.
pub(super) type Choose = fn(&mut Draft) -> &mut Plan;

/// The certificates of the chain.
pub(super) const WHO: [(&str, Choose); 3] = [
    ("leaf", |draft| &mut draft.leaf),
    ("intermediate", |draft| &mut draft.ca),
    ("root", |draft| &mut draft.root),
];

/// The plain chain with one change.
pub(super) fn case(name: &str, change: impl FnOnce(&mut Draft)) -> Case {
    let mut draft = Draft::new();
    change(&mut draft);
    draft.case(name)
}

/// The plain chain with one change of the end entity.
pub(super) fn leaf(name: &str, change: impl FnOnce(&mut Plan)) -> Case {
    case(name, |draft| change(&mut draft.leaf))
}

/// The plain chain with one change of the intermediate.
pub(super) fn ca(name: &str, change: impl FnOnce(&mut Plan)) -> Case {
    case(name, |draft| change(&mut draft.ca))
}

/// The plain chain with one change of each certificate in turn, which replaces the `*` in the name.
pub(super) fn each(name: &str, change: impl Fn(&mut Plan)) -> [Case; 3] {
    WHO.map(|(who, choose)| case(&name.replace('*', who), |draft| change(choose(draft))))
}

/// The same with each of these changes, whose names replace the `?`.
pub(super) fn each_of(name: &str, oddities: &[Oddity]) -> Vec<Case> {
    let cases = oddities.iter().map(|(oddity, change)| each(&name.replace('?', oddity), change));
    cases.flatten().collect()
}
