//! One origin's JSON in pieces, for an answer that is written as fast as it is read.

use std::fmt::Write;
use std::sync::Arc;

use crate::impact::Impact;

use super::super::Report;
use super::ENDPOINTS_ON_A_PAGE;
use super::EndpointJson;
use super::Endpoints;
use super::OriginJson;
use super::ViolationJson;
use super::Violations;
use super::to_json;

/// The JSON of one page of endpoints, each piece at most a few hundred kilobytes; an ordinary origin
/// is one piece.
#[derive(Debug)]
pub struct OriginPieces {
    report: Arc<Report>,
    /// What stands before the violations, between them and the endpoints, and after those.
    frame: [String; 3],
    first: usize,
    /// The next piece: the frame's, a violation or an endpoint.
    next: Next,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Frame(usize),
    Violation(usize),
    Endpoint(usize),
    Nothing,
}

impl OriginPieces {
    /// Returns the pieces of a report's JSON with its endpoints from the position `first` on.
    pub fn new(report: Arc<Report>, impacts: &[Impact], first: usize) -> Self {
        let json = OriginJson::new(&report)
            .with_impacts(&report.origin, impacts)
            .with_endpoints_from(first);
        let endpoints = report.observation.endpoints.iter();
        let chains =
            endpoints.skip(first).take(ENDPOINTS_ON_A_PAGE).filter_map(|e| e.chain.as_ref());
        let bytes: usize = chains.map(|chain| chain.bytes).sum();
        let (frame, next) = if bytes + report.verdict.findings.len() * FINDING < ONE_PIECE {
            ([String::new(), String::new(), json.to_string()], Next::Frame(2))
        } else {
            let violations = Violations { findings: &[], ..json.violations };
            let endpoints = Endpoints::default();
            let text = OriginJson { violations, endpoints, ..json }.to_string();
            (frame(&text), Next::Frame(0))
        };
        Self { report, frame, first, next }
    }

    fn violation(&self, place: usize) -> Option<String> {
        let finding = self.report.verdict.findings.get(place)?;
        let json = ViolationJson::new(finding, self.report.read_in);
        Some(listed(place == 0, to_json(&json).ok()?))
    }

    fn endpoint(&self, place: usize) -> Option<String> {
        let observation = &self.report.observation;
        let endpoint = observation.endpoints.get(self.first.checked_add(place)?)?;
        let json = EndpointJson::new(endpoint, observation);
        Some(listed(place == 0, to_json(&json).ok()?))
    }
}

impl Iterator for OriginPieces {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut piece = String::new();
        while piece.len() < PIECE {
            let (part, next) = match self.next {
                Next::Frame(0) => (self.frame.first().cloned(), Next::Violation(0)),
                Next::Violation(place) => match self.violation(place) {
                    Some(violation) => (Some(violation), Next::Violation(place + 1)),
                    None => (None, Next::Frame(1)),
                },
                Next::Frame(1) => (self.frame.get(1).cloned(), Next::Endpoint(0)),
                Next::Endpoint(place) => match self.endpoint(place) {
                    Some(endpoint) if place < ENDPOINTS_ON_A_PAGE => {
                        (Some(endpoint), Next::Endpoint(place + 1))
                    }
                    _ => (None, Next::Frame(2)),
                },
                Next::Frame(_) => (self.frame.get_mut(2).map(std::mem::take), Next::Nothing),
                Next::Nothing => break,
            };
            self.next = next;
            match part {
                Some(part) if piece.is_empty() => piece = part,
                Some(part) => piece.push_str(&part),
                None => {}
            }
        }
        (!piece.is_empty()).then_some(piece)
    }
}

fn listed(is_first: bool, mut json: String) -> String {
    if !is_first {
        json.insert(0, ',');
    }
    json
}

/// Splits the JSON of an origin without violations and endpoints where those belong. Within a
/// string a quotation mark is escaped, so that no text of an origin looks like the places.
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

/// A piece ends where it is longer than this.
const PIECE: usize = 16 << 10;

/// What is about as long as this is one piece.
const ONE_PIECE: usize = 64 << 10;

/// What a violation takes in JSON, about.
const FINDING: usize = 1 << 10;
