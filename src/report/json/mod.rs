//! One origin as JSON: the contract of `-o json` and the API. Fields may be added, but are never
//! renamed.

mod endpoint;
mod pieces;
mod resolution;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::chain::printable_json;
use crate::impact::Impact;
use crate::origin::{DomainName, Origin, OriginKey};
use crate::rules::ReadIn;
use crate::verdict::{Conclusion, Finding};

use super::{OriginView, Report};

pub use pieces::{OriginPiece, origin_pieces};

use endpoint::EndpointJson;
use resolution::ResolutionJson;

/// One origin's latest report with the field names and order of the contract; its `Display` is one
/// line of JSON.
///
/// Without data, lists are empty and values are null; no field is ever omitted.
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
    /// When the next probe is due; null while one is running, and in `check`.
    next_probe: Option<Second>,
    chain_read_at: Option<Second>,
    violations: Violations<'a>,
    resolution: ResolutionJson<'a>,
    endpoints: Endpoints<'a>,
    /// The total number of endpoints, not only those on this page.
    endpoints_total: usize,
    /// The position at which the next page of endpoints starts; null on the last one.
    endpoints_next: Option<usize>,
    /// The impact on viewers for each path pattern that leads here; empty for an origin without a
    /// known distribution.
    impact: Vec<ImpactJson<'a>>,
}

impl<'a> OriginJson<'a> {
    /// Returns the JSON of a report.
    pub fn new(report: &'a Report) -> Self {
        Self::of(&report.view())
    }

    /// Returns the JSON of an origin whose first probe has not finished.
    pub fn not_probed_yet(origin: &'a Origin) -> Self {
        Self::of(&OriginView::new(origin, None))
    }

    fn of(view: &OriginView<'a>) -> Self {
        let (origin, report) = (view.origin, view.report);
        let observation = report.map(|report| &*report.observation);
        let endpoints = observation.map_or(0, |observation| observation.places().count());
        let not_probed_yet = Conclusion::not_probed_yet();
        let conclusion = report.map_or(&not_probed_yet, |report| &report.verdict.conclusion);
        Self {
            origin: &origin.key.id,
            distribution: &origin.key.distribution,
            domain: origin.domain().as_str(),
            port: origin.https_port,
            verdict: view.answer.as_str(),
            undecided_reasons: conclusion.undecided_reasons.iter().map(|r| r.as_str()).collect(),
            status: view.status,
            failing_ratio: conclusion.failing_ratio,
            first_failure: view.first_failure.map(Second),
            failing_since: report.and_then(|report| report.brief.failing_since()).map(Second),
            probed_at: report.map(|report| Second(report.probed_at())),
            next_probe: None,
            chain_read_at: report.and_then(|report| report.brief.chain_read_at()).map(Second),
            violations: Violations {
                findings: report.map_or(&[][..], |report| &report.verdict.findings),
                read_in: report.map(|report| report.read_in).unwrap_or_default(),
            },
            resolution: observation.map(ResolutionJson::new).unwrap_or_default(),
            endpoints: Endpoints { of: report, page: 0..endpoints },
            endpoints_total: endpoints,
            endpoints_next: None,
            impact: Vec::new(),
        }
    }

    /// Adds when the next probe is due.
    pub fn with_next_probe(self, at: Option<Timestamp>) -> Self {
        Self { next_probe: at.map(Second), ..self }
    }

    /// Adds the impacts of a distribution that concern this origin.
    pub fn with_impacts(self, origin: &Origin, impacts: &'a [Impact]) -> Self {
        let of_origin = |impact| ImpactJson::new(impact, &origin.key);
        Self { impact: impacts.iter().filter_map(of_origin).collect(), ..self }
    }

    /// Keeps at most [`ENDPOINTS_ON_A_PAGE`] endpoints, starting at the position `first`.
    pub fn with_endpoints_from(self, first: usize) -> Self {
        let all = self.endpoints_total;
        let end = first.saturating_add(ENDPOINTS_ON_A_PAGE).min(all);
        Self {
            endpoints: Endpoints { page: first.min(all)..end, ..self.endpoints },
            endpoints_next: (end < all).then_some(end),
            ..self
        }
    }
}

impl fmt::Display for OriginJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_json(self).map_err(|_| fmt::Error)?)
    }
}

/// Returns a value as JSON in which every character that is not plainly visible is escaped.
///
/// # Errors
/// If `value` cannot be represented as JSON.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(printable_json(serde_json::to_string(value)?.into()).into_owned())
}

/// Returns the same as indented JSON.
///
/// # Errors
/// If `value` cannot be represented as JSON.
pub fn to_json_lines(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(printable_json(serde_json::to_string_pretty(value)?.into()).into_owned())
}

/// The maximum number of endpoints in one API response.
pub const ENDPOINTS_ON_A_PAGE: usize = 200;

/// A list that is serialized item by item, so that its length does not affect memory use.
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

/// A page of endpoints that is serialized item by item.
#[derive(Clone, Debug, Default)]
struct Endpoints<'a> {
    of: Option<&'a Report>,
    page: Range<usize>,
}

impl Serialize for Endpoints<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let endpoints = self.of.into_iter().flat_map(|report| {
            let page = report.observation.places().skip(self.page.start).take(self.page.len());
            page.map(|(position, endpoint)| EndpointJson::new(report, position, endpoint))
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
    /// Null, like `address`, if the violation concerns the origin as a whole.
    server_name: Option<&'a str>,
    address: Option<IpAddr>,
    detail: &'a str,
    remedy: &'a str,
    citation: String,
}

impl<'a> ViolationJson<'a> {
    fn new(finding: &'a Finding, read_in: ReadIn) -> Self {
        Self {
            rule: finding.rule.name,
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

/// One path pattern and viewer protocol that lead to the origin, for the hosts that share the
/// outcome.
#[derive(Clone, Debug, Serialize)]
struct ImpactJson<'a> {
    path_pattern: &'a str,
    viewer_protocol: &'static str,
    viewer_hosts: Vec<&'a str>,
    /// Whether the origin is the primary or the secondary.
    role: &'static str,
    outcome: &'static str,
    /// The status that viewers get if the outcome is `fails`, or would get if it is `at-risk`.
    status: Option<u16>,
    /// The status for methods other than GET, HEAD and OPTIONS, if failover hides the failure of
    /// those.
    other_methods_status: Option<u16>,
    /// Whether an edge function may select another origin.
    dynamic: bool,
}

impl<'a> ImpactJson<'a> {
    fn new(impact: &'a Impact, key: &OriginKey) -> Option<Self> {
        Some(Self {
            path_pattern: &impact.path_pattern,
            viewer_protocol: impact.viewer_protocol.as_str(),
            viewer_hosts: impact.hosts.iter().map(DomainName::as_str).collect(),
            role: impact.role_of(key)?.as_str(),
            outcome: impact.outlook.as_str(),
            status: impact.status,
            other_methods_status: impact.other_methods_status,
            dynamic: impact.is_dynamic,
        })
    }
}

/// An instant as RFC 3339 in UTC, truncated to the second.
#[derive(Clone, Copy, Debug)]
struct Second(Timestamp);

impl Serialize for Second {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.0}", self.0))
    }
}
