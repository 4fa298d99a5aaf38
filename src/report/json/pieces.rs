//! One origin's JSON in pieces, for a response that is generated as fast as it is read.

use std::fmt::Write;
use std::iter::once;
use std::sync::Arc;

use jiff::Timestamp;

use crate::impact::Impact;

use super::super::Report;
use super::{
    ENDPOINTS_ON_A_PAGE, EndpointJson, Endpoints, OriginJson, ViolationJson, Violations, to_json,
};

/// A piece of one origin's JSON. It is rendered when the client gets there, so only the report is
/// held for a client that does not read. Rendering is repeatable.
#[derive(Clone, Debug)]
pub struct OriginPiece {
    source: Arc<Source>,
    part: Part,
}

#[derive(Debug)]
struct Source {
    report: Arc<Report>,
    next_probe: Option<Timestamp>,
    impacts: Arc<[Impact]>,
    /// The position of the first endpoint.
    first: usize,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Whole,
    /// The text before the violations (0), between them and the endpoints (1), or after those (2).
    Frame(usize),
    Violation(usize),
    Endpoint(usize),
}

/// Returns the pieces of a report's JSON with one page of its endpoints, starting at the position
/// `first`. An ordinary origin is a single piece; otherwise each violation and each endpoint is
/// one.
pub fn origin_pieces(
    report: Arc<Report>,
    next_probe: Option<Timestamp>,
    impacts: Arc<[Impact]>,
    first: usize,
) -> Box<dyn Iterator<Item = OriginPiece> + Send> {
    let findings = report.verdict.findings.len();
    let endpoints = || report.observation.places().skip(first).take(ENDPOINTS_ON_A_PAGE);
    let chains = endpoints().filter_map(|(_, endpoint)| endpoint.chain.as_ref());
    let bytes: usize = chains.map(|chain| chain.bytes).sum();
    let endpoints = endpoints().count();
    let source = Arc::new(Source { report, next_probe, impacts, first });
    let piece = move |part| OriginPiece { source: Arc::clone(&source), part };
    if bytes + findings * FINDING < ONE_PIECE {
        return Box::new(once(piece(Part::Whole)));
    }
    let violations = once(Part::Frame(0)).chain((0..findings).map(Part::Violation));
    let endpoints = once(Part::Frame(1)).chain((0..endpoints).map(Part::Endpoint));
    Box::new(violations.chain(endpoints).chain(once(Part::Frame(2))).map(piece))
}

impl OriginPiece {
    /// Returns the text of this piece.
    pub fn render(&self) -> String {
        match self.part {
            Part::Whole => self.source.json().to_string(),
            Part::Frame(part) => self.source.frame(part),
            Part::Violation(place) => self.source.violation(place).unwrap_or_default(),
            Part::Endpoint(place) => self.source.endpoint(place).unwrap_or_default(),
        }
    }
}

impl Source {
    fn json(&self) -> OriginJson<'_> {
        OriginJson::new(&self.report)
            .with_next_probe(self.next_probe)
            .with_impacts(&self.report.origin, &self.impacts)
            .with_endpoints_from(self.first)
    }

    fn frame(&self, part: usize) -> String {
        let json = self.json();
        let violations = Violations { findings: &[], ..json.violations };
        let endpoints = Endpoints::default();
        let text = OriginJson { violations, endpoints, ..json }.to_string();
        frame(&text).get_mut(part).map(std::mem::take).unwrap_or_default()
    }

    fn violation(&self, place: usize) -> Option<String> {
        let finding = self.report.verdict.findings.get(place)?;
        let json = ViolationJson::new(finding, self.report.read_in);
        Some(listed(place == 0, to_json(&json).ok()?))
    }

    fn endpoint(&self, place: usize) -> Option<String> {
        let mut places = self.report.observation.places();
        let (position, endpoint) = places.nth(self.first.checked_add(place)?)?;
        let json = EndpointJson::new(&self.report, position, endpoint);
        Some(listed(place == 0, to_json(&json).ok()?))
    }
}

fn listed(is_first: bool, mut json: String) -> String {
    if !is_first {
        json.insert(0, ',');
    }
    json
}

/// Splits the JSON of an origin without violations and endpoints at the places where those belong.
/// Quotation marks within strings are escaped, so no text of an origin can look like such a place.
fn frame(text: &str) -> [String; 3] {
    let mut frame = [String::new(), String::new(), String::new()];
    let mut rest = text;
    for (part, list) in frame.iter_mut().zip([r#","violations":["#, r#","endpoints":["#]) {
        if let Some((before, after)) = rest.split_once(list) {
            // Writing to a String cannot fail.
            let _ = write!(part, "{before}{list}");
            rest = after;
        }
    }
    if let Some(last) = frame.last_mut() {
        last.push_str(rest);
    }
    frame
}

/// JSON up to about this size is written as one piece.
const ONE_PIECE: usize = 16 << 10;

/// The approximate size of a violation in JSON.
const FINDING: usize = 1 << 10;
