//! Validity of the end entity, the intermediate and the root, in both notations of time. The
//! instant of the handshake is 2030-01-01 12:00:00.

use crate::common::forge::{element, generalized, utc};

use super::case::{Case, Oddity, each_of};

pub(super) fn cases() -> Vec<Case> {
    each_of("*/?", &ODDITIES)
}

const ODDITIES: [Oddity; 22] = [
    ("ended-a-second-ago", |plan| plan.not_after = utc("300101115959Z")),
    ("ends-this-second", |plan| plan.not_after = utc("300101120000Z")),
    ("ends-in-a-second", |plan| plan.not_after = utc("300101120001Z")),
    ("ended-years-ago", |plan| plan.not_after = utc("260101000000Z")),
    ("begins-this-second", |plan| plan.not_before = utc("300101120000Z")),
    ("begins-in-a-second", |plan| plan.not_before = utc("300101120001Z")),
    ("begins-next-year", |plan| plan.not_before = utc("310101000000Z")),
    ("ends-before-it-begins", |plan| {
        plan.not_before = utc("310101000000Z");
        plan.not_after = utc("290101000000Z");
    }),
    ("from-before-1970", |plan| plan.not_before = utc("500101000000Z")),
    ("wholly-before-1970", |plan| {
        plan.not_before = utc("500101000000Z");
        plan.not_after = utc("691231235959Z");
    }),
    ("from-1969-to-1970", |plan| {
        plan.not_before = utc("691231235959Z");
        plan.not_after = utc("700101000000Z");
    }),
    ("until-2049", |plan| plan.not_after = utc("491231235959Z")),
    ("until-2050", |plan| plan.not_after = generalized("20500101000000Z")),
    ("until-9999", |plan| plan.not_after = generalized("99991231235959Z")),
    ("from-the-year-0", |plan| plan.not_before = generalized("00000101000000Z")),
    // RFC 5280 §4.1.2.5 asks for UTCTime until 2049.
    ("generalized-time-before-2050", |plan| {
        plan.not_before = generalized("20250101000000Z");
        plan.not_after = generalized("20350101000000Z");
    }),
    ("without-seconds", |plan| plan.not_after = utc("3501010000Z")),
    ("with-a-time-zone", |plan| plan.not_after = utc("350101000000+0100")),
    ("without-a-time-zone", |plan| plan.not_after = utc("350101000000")),
    ("with-fractions-of-a-second", |plan| plan.not_after = generalized("20350101000000.5Z")),
    ("on-a-day-that-does-not-exist", |plan| plan.not_after = utc("350230000000Z")),
    ("a-time-in-another-type", |plan| plan.not_after = element(0x0c, b"350101000000Z")),
];
