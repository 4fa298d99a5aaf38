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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Part, targets};
    use crate::origin::{Origin, SslProtocol, SslProtocols, Target};
    use crate::report::Reports;

    fn body(origins: Vec<Origin>) -> String {
        let reports = Reports::new(origins.into_iter().map(Arc::new));
        let text = |part| match part {
            Part::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            Part::Render(render) => render(),
        };
        targets(&reports).map(text).collect()
    }

    #[test]
    fn each_origin_is_a_group_of_its_own() {
        let mut first = Origin::with_defaults("a.example".parse().unwrap());
        first.key.id = "shop \"1\"".into();
        first.key.distribution = "E1".into();
        first.https_port = 8443;
        first.ssl_protocols =
            SslProtocols::new(vec![SslProtocol::TlsV1_2, SslProtocol::TlsV1_1]).unwrap();
        first.labels.insert("team".to_owned(), "shop".to_owned());
        for host in ["www.example", "m.example"] {
            let host = host.parse().unwrap();
            first.targets.insert(first.targets.len() - 1, Target::forwarded(&host, first.domain()));
        }
        let second = Origin::with_defaults("b.example".parse().unwrap());
        assert_eq!(body(Vec::new()), "[]\n");
        assert_eq!(
            body(vec![first, second]),
            concat!(
                r#"[{"targets":["a.example:8443"],"labels":{"#,
                r#""__meta_origin_probe_distribution":"E1","#,
                r#""__meta_origin_probe_origin":"shop \"1\"","#,
                r#""__meta_origin_probe_domain":"a.example","#,
                r#""__meta_origin_probe_port":"8443","#,
                r#""__meta_origin_probe_server_name":"www.example","#,
                r#""__meta_origin_probe_server_names":",www.example,m.example,a.example,","#,
                r#""__meta_origin_probe_protocol_policy":"https-only","#,
                r#""__meta_origin_probe_ssl_protocols":",TLSv1.1,TLSv1.2,","#,
                r#""__meta_origin_probe_ip_address_type":"ipv4","#,
                r#""__meta_origin_probe_label_team":"shop"}},"#,
                r#"{"targets":["b.example:443"],"labels":{"#,
                r#""__meta_origin_probe_distribution":"","#,
                r#""__meta_origin_probe_origin":"b.example","#,
                r#""__meta_origin_probe_domain":"b.example","#,
                r#""__meta_origin_probe_port":"443","#,
                r#""__meta_origin_probe_server_name":"b.example","#,
                r#""__meta_origin_probe_server_names":",b.example,","#,
                r#""__meta_origin_probe_protocol_policy":"https-only","#,
                r#""__meta_origin_probe_ssl_protocols":",TLSv1.2,","#,
                r#""__meta_origin_probe_ip_address_type":"ipv4"}}]"#,
                "\n"
            )
        );
    }
}
