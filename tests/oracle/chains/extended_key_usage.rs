//! Purposes of end entity, intermediate and root (RFC 5280 §4.2.1.12).

use crate::common::forge::{oid, sequence};

use super::case::{Case, ca, each, leaf};
use super::certificate::{
    ANY_PURPOSE, CLIENT_AUTH, CODE_SIGNING, EXTENDED_KEY_USAGE, MICROSOFT_SGC, NETSCAPE_SGC,
    OCSP_SIGNING, Plan, SERVER_AUTH, UNASSIGNED,
};

pub(super) fn cases() -> Vec<Case> {
    let malformed = |plan: &mut Plan| plan.set(EXTENDED_KEY_USAGE, false, &[0x30, 9, 1]);
    let mut cases = vec![
        leaf("leaf/missing", |plan| plan.remove(EXTENDED_KEY_USAGE)),
        leaf("leaf/malformed", malformed),
        ca("intermediate/malformed", malformed),
    ];
    for (oddity, critical, purposes) in ODDITIES {
        let value = sequence(&purposes.iter().flat_map(|purpose| oid(purpose)).collect::<Vec<_>>());
        let name = format!("*/{oddity}");
        cases.extend(each(&name, |plan| plan.set(EXTENDED_KEY_USAGE, critical, &value)));
    }
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
