//! Purposes of end entity, intermediate and root (RFC 5280 §4.2.1.12).

use crate::common::forge::{oid, sequence};

use super::case::{Case, case};
use super::certificate::{
    ANY_PURPOSE, CLIENT_AUTH, CODE_SIGNING, EXTENDED_KEY_USAGE, MICROSOFT_SGC, NETSCAPE_SGC,
    OCSP_SIGNING, SERVER_AUTH, UNASSIGNED,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, critical, purposes) in ODDITIES {
        let value = sequence(&purposes.iter().flat_map(|purpose| oid(purpose)).collect::<Vec<_>>());
        let set = |name: &str, value: &[u8]| {
            [
                case(&format!("leaf/{name}"), |draft| {
                    draft.leaf.set(EXTENDED_KEY_USAGE, critical, value);
                }),
                case(&format!("intermediate/{name}"), |draft| {
                    draft.ca.set(EXTENDED_KEY_USAGE, critical, value);
                }),
                case(&format!("root/{name}"), |draft| {
                    draft.root.set(EXTENDED_KEY_USAGE, critical, value);
                }),
            ]
        };
        cases.extend(set(oddity, &value));
    }
    cases.extend([
        case("leaf/missing", |draft| draft.leaf.remove(EXTENDED_KEY_USAGE)),
        case("leaf/malformed", |draft| draft.leaf.set(EXTENDED_KEY_USAGE, false, &[0x30, 9, 1])),
        case("intermediate/malformed", |draft| {
            draft.ca.set(EXTENDED_KEY_USAGE, false, &[0x30, 9, 1]);
        }),
    ]);
    cases
}

const ODDITIES: [(&str, bool, &[&[u8]]); 13] = [
    ("server", false, &[SERVER_AUTH]),
    ("server-critical", true, &[SERVER_AUTH]),
    ("client", false, &[CLIENT_AUTH]),
    ("client-critical", true, &[CLIENT_AUTH]),
    ("server-and-client", false, &[SERVER_AUTH, CLIENT_AUTH]),
    ("code", false, &[CODE_SIGNING]),
    ("ocsp", false, &[OCSP_SIGNING]),
    ("any", false, &[ANY_PURPOSE]),
    ("any-and-client", false, &[ANY_PURPOSE, CLIENT_AUTH]),
    ("netscape-sgc", false, &[NETSCAPE_SGC]),
    ("microsoft-sgc", false, &[MICROSOFT_SGC]),
    ("unknown", false, &[UNASSIGNED]),
    ("nothing", false, &[]),
];
