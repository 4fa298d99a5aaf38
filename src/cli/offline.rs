//! `check DOMAIN --chain FILE`: the same rules on a chain that no server has yet.

use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::chain::ChainFacts;
use crate::limits::FileKinds;
use crate::observation::Endpoint;
use crate::observation::Observation;
use crate::origin::DomainName;
use crate::origin::Origin;
use crate::report::Line;
use crate::report::OriginJson;
use crate::report::Outcome;
use crate::report::Report;
use crate::report::Role;
use crate::report::Text;
use crate::report::to_json;

use super::arguments::CheckArguments;
use super::arguments::Output;
use super::chain_file::ChainFile;
use super::check;
use super::check::Manner;
use super::exit_code;
use super::now;
use super::parts::Parts;
use super::print;
use super::terminal::Telling;
use super::terminal::say;

/// Judges the chain in a file for every domain that the arguments name.
pub(super) fn run(arguments: &CheckArguments, path: &Path) -> anyhow::Result<ExitCode> {
    let mut parts = Parts::defaults();
    check::override_parts(&mut parts, arguments);
    let anchors = parts.anchors(FileKinds::Any)?;
    let origins = check::from_the_command_line(arguments);
    let file = ChainFile::read(path, &server_names(&origins))?;
    for warning in file.warnings() {
        say(&format!("warning: {warning}"));
    }
    let chain = Arc::new(ChainFacts::analyse(&file.certificates, &anchors));
    let read_at = now();
    let telling =
        Telling { now: arguments.at.unwrap_or(read_at), ..Manner::of(arguments).telling() };
    let reports: Vec<Arc<Report>> = origins
        .into_iter()
        .map(|origin| serve(origin, &chain, read_at))
        .map(|observation| {
            Arc::new(Report::new(None, Arc::new(observation), telling.now).for_check())
        })
        .collect();
    match arguments.presentation.output {
        Output::Text => telling.print(&text(&reports, &file, telling))?,
        Output::Json => {
            if let Some(note) = file.note() {
                say(&format!("{}: {note}", file.describe()));
            }
            for report in reports.iter().filter(|report| telling.covers(report)) {
                print(&format!("{}\n", json(report)?))?;
            }
        }
    }
    Ok(exit_code(Outcome::worst(reports.iter().map(|report| telling.outcome(report)))))
}

fn server_names(origins: &[Arc<Origin>]) -> Vec<&DomainName> {
    origins.iter().flat_map(|origin| &origin.targets).map(|target| &target.server_name).collect()
}

/// Returns what a probe would bring home from a server with this chain, without a handshake.
fn serve(origin: Arc<Origin>, chain: &Arc<ChainFacts>, read_at: Timestamp) -> Observation {
    let endpoint = |target| Endpoint {
        chain: Some(Arc::clone(chain)),
        ..Endpoint::new(NOWHERE, target, read_at)
    };
    Observation {
        endpoints: (0..origin.targets.len()).map(endpoint).collect(),
        ..Observation::new(origin, read_at)
    }
}

fn text(reports: &[Arc<Report>], file: &ChainFile, telling: Telling) -> Text {
    let note = file.note().map(|note| format!("; {note}")).unwrap_or_default();
    let chain = file.describe();
    let indent = if reports.len() == 1 { 2 } else { 0 };
    let remark = format!(
        "only the chain was judged ({chain}): no address was looked up, no handshake made{note}"
    );
    let remark = Line::indented(indent).with(Role::Aside, remark);
    let mut judged = telling.origins(reports, Text::default(), Some(remark));
    judged.replace(&NOWHERE.to_string(), THE_SERVER);
    judged
}

/// Returns the contract's object without what only a connection has: the endpoints' `address` and
/// `engine` are left out, and the violations' address is null.
fn json(report: &Report) -> serde_json::Result<String> {
    let mut origin = serde_json::to_value(OriginJson::new(report))?;
    for endpoint in entries(&mut origin, "endpoints") {
        endpoint.retain(|key, _| key != "address" && key != "engine");
    }
    for violation in entries(&mut origin, "violations") {
        violation.insert("address".to_owned(), Value::Null);
        if let Some(Value::String(detail)) = violation.get_mut("detail") {
            *detail = without_address(detail);
        }
    }
    to_json(&origin)
}

fn entries<'a>(
    origin: &'a mut Value,
    list: &str,
) -> impl Iterator<Item = &'a mut serde_json::Map<String, Value>> {
    let list = origin.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Lets a sentence about an address speak of the server that will have the chain.
fn without_address(text: &str) -> String {
    text.replace(&NOWHERE.to_string(), THE_SERVER)
}

/// Stands for the server that does not have the chain yet, and is never shown: an address that is
/// nobody's (RFC 6666) and in no certificate.
const NOWHERE: IpAddr = IpAddr::V6(Ipv6Addr::new(0x100, 0, 0, 0, 0xffff, 0xffff, 0xffff, 0xffff));

const THE_SERVER: &str = "the server";
