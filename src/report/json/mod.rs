//! One origin as JSON: the contract of `-o json` and of the API. Fields are added, never renamed.

mod endpoint;
mod impact;
mod pieces;
mod resolution;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use serde::Serializer;

use crate::chain::printable_json;
use crate::impact::Impact;
use crate::observation::Observation;
use crate::origin::DomainName;
use crate::origin::Origin;
use crate::rules::ReadIn;
use crate::verdict::Conclusion;
use crate::verdict::Finding;

use super::Report;

pub use pieces::OriginPiece;
pub use pieces::origin_pieces;

use endpoint::EndpointJson;
use impact::ImpactJson;
use resolution::ResolutionJson;

/// One origin's latest report in the order and the names of the contract; its `Display` is one
/// line of JSON.
///
/// Lists are empty and values null where there is nothing to say; no field is ever left out.
#[derive(Clone, Debug, Serialize)]
pub struct OriginJson<'a> {
    origin: &'a str,
    /// Empty for an origin from the configuration file.
    distribution: &'a str,
    domain: &'a str,
    port: u16,
    verdict: &'static str,
    undecided_reasons: Vec<&'static str>,
    status: Option<u16>,
    failing_ratio: Option<f64>,
    first_failure: Option<Second>,
    failing_since: Option<Second>,
    probed_at: Option<Second>,
    chain_read_at: Option<Second>,
    violations: Violations<'a>,
    resolution: ResolutionJson<'a>,
    endpoints: Endpoints<'a>,
    /// How many endpoints there are, on this page and others.
    endpoints_total: usize,
    /// Where the next page of endpoints begins; null on the last one.
    endpoints_next: Option<usize>,
    /// What viewers get of each path pattern that leads here; empty for an origin of which no
    /// distribution is known.
    impact: Vec<ImpactJson<'a>>,
}

impl<'a> OriginJson<'a> {
    /// Returns the JSON of a report.
    pub fn new(report: &'a Report) -> Self {
        let observation = &*report.observation;
        Self {
            first_failure: report.first_failure.map(Second),
            failing_since: report.failing_since.map(Second),
            probed_at: Some(Second(report.probed_at())),
            chain_read_at: report.chain_read_at().map(Second),
            violations: Violations { findings: &report.verdict.findings, read_in: report.read_in },
            resolution: ResolutionJson::new(observation),
            endpoints: Endpoints { of: Some(observation), page: 0..observation.endpoints.len() },
            endpoints_total: observation.endpoints.len(),
            ..Self::concluded(&report.origin, &report.verdict.conclusion)
        }
    }

    /// Returns the JSON of an origin whose first probe has not ended.
    pub fn not_probed_yet(origin: &'a Origin) -> Self {
        Self::concluded(origin, &Conclusion::not_probed_yet())
    }

    /// Adds what of a distribution's impacts concerns this origin.
    pub fn with_impacts(self, origin: &Origin, impacts: &'a [Impact]) -> Self {
        let of_origin = |impact| ImpactJson::new(impact, &origin.key);
        Self { impact: impacts.iter().filter_map(of_origin).collect(), ..self }
    }

    /// Leaves at most [`ENDPOINTS_ON_A_PAGE`] endpoints: those from the position `first` on.
    pub fn with_endpoints_from(self, first: usize) -> Self {
        let all = self.endpoints_total;
        let end = first.saturating_add(ENDPOINTS_ON_A_PAGE).min(all);
        Self {
            endpoints: Endpoints { page: first.min(all)..end, ..self.endpoints },
            endpoints_next: (end < all).then_some(end),
            ..self
        }
    }

    fn concluded(origin: &'a Origin, conclusion: &Conclusion) -> Self {
        Self {
            origin: &origin.key.id,
            distribution: &origin.key.distribution,
            domain: origin.domain().as_str(),
            port: origin.https_port,
            verdict: conclusion.answer.as_str(),
            undecided_reasons: conclusion.undecided_reasons.iter().map(|r| r.as_str()).collect(),
            status: conclusion.status,
            failing_ratio: conclusion.failing_ratio,
            first_failure: None,
            failing_since: None,
            probed_at: None,
            chain_read_at: None,
            violations: Violations::default(),
            resolution: ResolutionJson::default(),
            endpoints: Endpoints::default(),
            endpoints_total: 0,
            endpoints_next: None,
            impact: Vec::new(),
        }
    }
}

impl fmt::Display for OriginJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_json(self).map_err(|_| fmt::Error)?)
    }
}

/// Returns a value as JSON in which everything is escaped that is not plainly visible.
///
/// # Errors
/// When `value` cannot be JSON.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(printable_json(serde_json::to_string(value)?.into()).into_owned())
}

/// The same in several lines.
///
/// # Errors
/// When `value` cannot be JSON.
pub fn to_json_lines(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(printable_json(serde_json::to_string_pretty(value)?.into()).into_owned())
}

/// How many endpoints the API shows of one origin at once.
pub const ENDPOINTS_ON_A_PAGE: usize = 200;

/// A list that is written one by one, so that no length of it takes memory.
#[derive(Clone, Debug, Default)]
struct Violations<'a> {
    findings: &'a [Finding],
    read_in: ReadIn,
}

impl Serialize for Violations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let violation = |finding| ViolationJson::new(finding, self.read_in);
        serializer.collect_seq(self.findings.iter().map(violation))
    }
}

/// The same of some of the endpoints.
#[derive(Clone, Debug, Default)]
struct Endpoints<'a> {
    of: Option<&'a Observation>,
    page: Range<usize>,
}

impl Serialize for Endpoints<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let endpoints = self.of.into_iter().flat_map(|observation| {
            let page = observation.endpoints.get(self.page.clone()).unwrap_or_default();
            page.iter().map(move |endpoint| EndpointJson::new(endpoint, observation))
        });
        serializer.collect_seq(endpoints)
    }
}

#[derive(Clone, Debug, Serialize)]
struct ViolationJson<'a> {
    rule: &'static str,
    severity: &'static str,
    basis: &'static str,
    status: Option<u16>,
    /// Null, as `address` is, for what concerns the origin as a whole.
    server_name: Option<&'a str>,
    address: Option<IpAddr>,
    detail: &'a str,
    remedy: &'a str,
    citation: String,
}

impl<'a> ViolationJson<'a> {
    fn new(finding: &'a Finding, read_in: ReadIn) -> Self {
        Self {
            rule: finding.rule.id,
            severity: finding.effect.as_str(),
            basis: finding.basis.as_str(),
            status: finding.status,
            server_name: finding.server_name.as_ref().map(DomainName::as_str),
            address: finding.address,
            detail: &finding.detail,
            remedy: finding.remedy_read_in(read_in),
            citation: finding.rule.citation.to_string(),
        }
    }
}

/// An instant as RFC 3339 in UTC, cut to the second.
#[derive(Clone, Copy, Debug)]
struct Second(Timestamp);

impl Serialize for Second {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.0}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::sample::Sample;
    use super::super::sample::now;
    use super::OriginJson;
    use super::origin_pieces;
    use super::to_json;
    use super::to_json_lines;

    #[test]
    fn an_origin_not_probed_yet_is_undecided_and_empty() {
        let sample = Sample::of("www.shop.example").with_id("shop");
        assert_eq!(
            OriginJson::not_probed_yet(&sample.origin).to_string(),
            concat!(
                r#"{"origin":"shop","distribution":"","domain":"www.shop.example","port":443,"#,
                r#""verdict":"undecided","undecided_reasons":["not-probed-yet"],"status":null,"#,
                r#""failing_ratio":null,"first_failure":null,"failing_since":null,"#,
                r#""probed_at":null,"chain_read_at":null,"violations":[],"resolution":"#,
                r#"{"cnames":[],"addresses":[],"nameserver":null,"error":null,"#,
                r#""negative_ttl_seconds":null,"nameservers":[]},"endpoints":[],"endpoints_total":0,"#,
                r#""endpoints_next":null,"impact":[]}"#
            )
        );
    }

    #[test]
    fn characters_that_turn_text_are_escaped_and_the_value_is_the_same() {
        let report = Sample::of("www.shop.example").with_id("a\u{202e}b\u{2069}\u{61c}").report();
        let json = OriginJson::new(&report);
        let pieces = origin_pieces(Arc::new(report.clone()), Arc::from([]), 0);
        let value = serde_json::to_value(&json).unwrap();
        for text in [
            json.to_string(),
            to_json(&value).unwrap(),
            to_json_lines(&json).unwrap(),
            pieces.map(|piece| piece.render()).collect(),
        ] {
            assert!(text.contains(r"a\u202eb\u2069\u061c"), "{text}");
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["origin"], "a\u{202e}b\u{2069}\u{61c}");
        }
    }

    #[test]
    fn instants_are_cut_to_the_second() {
        let at = now() + jiff::SignedDuration::from_millis(1_999);
        let report = Sample::of("www.shop.example").report_at(at);
        let value = serde_json::to_value(OriginJson::new(&report)).unwrap();
        assert_eq!(value["probed_at"], json!("2026-11-24T00:00:01Z"));
    }
}
