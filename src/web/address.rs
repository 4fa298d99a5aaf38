//! URLs of pages. Names of origins come from outside and may contain any character.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::origin::OriginKey;

/// Encodes `text` for use as a path segment or a query value.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Returns the URL of an origin's page.
pub(super) fn of_origin(key: &OriginKey) -> String {
    below("/origins", key)
}

/// Returns the URL of an origin's report as JSON.
pub(super) fn of_json(key: &OriginKey) -> String {
    below("/api/v1/origins", key)
}

/// Returns the URL of a rule's page.
pub(super) fn of_rule(id: &str) -> String {
    format!("/rules/{id}")
}

fn below(path: &str, key: &OriginKey) -> String {
    let domain = encoded(key.domain.as_str());
    let query = match (&*key.distribution, &*key.id) {
        // The id alone is usually enough; if it is not, the response asks for more.
        ("", id) if id == key.domain.as_str() => String::new(),
        ("", _) => format!("?domain={domain}"),
        (distribution, _) => format!("?distribution={}&domain={domain}", encoded(distribution)),
    };
    format!("{path}/{}{query}", encoded(&key.id))
}

/// All characters except those that RFC 3986, section 2.3, calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
