//! `/api/v1/sd`: the origins as targets for other exporters, in the format of Prometheus's http_sd.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::origin::Origin;
use crate::report::{Reports, to_json};

use super::pieces::Part;

/// Returns the parts of the response, one per origin, so that memory use does not depend on the
/// number of origins.
pub(super) fn targets(reports: &Reports) -> impl Iterator<Item = Part> + Send + use<> {
    let entries = reports.entries();
    let groups = (0..entries.len()).filter_map(move |index| {
        let entry = Arc::clone(entries.get(index)?);
        let separator = if index == 0 { "" } else { "," };
        let group = move || format!("{separator}{}", group(&entry.origin).unwrap_or_default());
        Some(Part::render(group))
    });
    let text = |text: &str| std::iter::once(Part::from(text.to_owned()));
    text("[").chain(groups).chain(text("]\n"))
}

/// Returns one target, with the settings of its origin as labels. Prometheus drops these labels after
/// relabelling.
fn group(origin: &Origin) -> Option<String> {
    let names = origin.targets.iter().map(|target| target.server_name.as_str());
    let protocols = origin.ssl_protocols.listed().iter().map(|protocol| protocol.as_str());
    let settings = [
        ("distribution", &*origin.key.distribution),
        ("origin", &*origin.key.id),
        ("domain", origin.domain().as_str()),
        ("port", &*origin.https_port.to_string()),
        ("server_name", names.clone().next().unwrap_or_default()),
        ("server_names", &*list(names)),
        ("protocol_policy", origin.protocol_policy.as_str()),
        ("ssl_protocols", &*list(protocols)),
        ("ip_address_type", origin.ip_address_type.as_str()),
    ]
    .map(|(name, value)| (format!("{PREFIX}{name}"), Value::from(value)));
    let own = origin.labels.iter();
    let own = own.map(|(name, value)| (format!("{PREFIX}label_{name}"), Value::from(&**value)));
    let labels: Map<String, Value> = settings.into_iter().chain(own).collect();
    let target = format!("{}:{}", origin.domain(), origin.https_port);
    // Serializing strings cannot fail.
    to_json(&json!({ "targets": [target], "labels": labels })).ok()
}

/// Joins values like Prometheus's own discoveries: with a separator at each end, so that a value
/// can be matched at any position.
fn list<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.fold(",".to_owned(), |list, value| list + value + ",")
}

const PREFIX: &str = "__meta_origin_probe_";
