//! `check DOMAIN --chain FILE`: applies the rules to a chain before it is deployed.

use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::chain::ChainFacts;
use crate::daemon;
use crate::daemon::now;
use crate::limits::FileKinds;
use crate::observation::{Endpoint, Observation};
use crate::origin::{DomainName, Origin};
use crate::report::{Line, OriginJson, Outcome, Report, Role, Text, to_json};

use super::arguments::{CheckArguments, Output};
use super::chain_file::ChainFile;
use super::check::CheckOptions;
use super::terminal::{self, Renderer, note};
use super::{check, exit_code, print};

/// Checks the chain in a file for every domain in the arguments.
pub(super) fn run(arguments: &CheckArguments, path: &Path) -> anyhow::Result<ExitCode> {
    let mut config = check::defaults();
    check::override_config(&mut config, arguments);
    let anchors = daemon::anchors(&config, FileKinds::Any)?;
    let origins = check::from_the_command_line(arguments);
    let file = ChainFile::read(path, &server_names(&origins))?;
    for warning in file.warnings() {
        note(&format!("warning: {warning}"));
    }
    let chain = Arc::new(ChainFacts::analyse(&file.certificates, &anchors));
    let read_at = now();
    let renderer =
        Renderer { now: arguments.at.unwrap_or(read_at), ..CheckOptions::of(arguments).renderer() };
    let reports: Vec<Arc<Report>> = origins
        .into_iter()
        .map(|origin| serve(origin, &chain, read_at))
        .map(|observation| {
            Arc::new(Report::new(None, Arc::new(observation), renderer.now).for_check())
        })
        .collect();
    match arguments.presentation.output {
        Output::Text => renderer.print(&text(&reports, &file, renderer))?,
        Output::Json => {
            if let Some(note) = file.note() {
                terminal::note(&format!("{}: {note}", file.describe()));
            }
            for report in reports.iter().filter(|report| renderer.covers(report)) {
                print(&format!("{}\n", json(report)?))?;
            }
        }
    }
    Ok(exit_code(Outcome::worst(reports.iter().map(|report| renderer.outcome(report)))))
}

fn server_names(origins: &[Arc<Origin>]) -> Vec<&DomainName> {
    origins.iter().flat_map(|origin| &origin.targets).map(|target| &target.server_name).collect()
}

/// Returns the observation of a server with this chain, without handshake data.
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

fn text(reports: &[Arc<Report>], file: &ChainFile, renderer: Renderer) -> Text {
    let note = file.note().map(|note| format!("; {note}")).unwrap_or_default();
    let chain = file.describe();
    let indent = if reports.len() == 1 { 2 } else { 0 };
    let remark = format!("only the chain was checked ({chain}): no DNS lookup, no handshake{note}");
    let remark = Line::indented(indent).with(Role::Aside, remark);
    let mut judged = renderer.origins(reports, Text::default(), Some(remark));
    judged.replace(&NOWHERE.to_string(), THE_SERVER);
    judged
}

/// Returns the JSON report without fields that need a connection: endpoints have no `address` and
/// no `engine`, and the address of violations is null.
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

/// Replaces the placeholder address in a text with [`THE_SERVER`].
fn without_address(text: &str) -> String {
    text.replace(&NOWHERE.to_string(), THE_SERVER)
}

/// The placeholder address of the future server, never shown. It is in the discard-only prefix
/// (RFC 6666), so no certificate contains it.
const NOWHERE: IpAddr = IpAddr::V6(Ipv6Addr::new(0x100, 0, 0, 0, 0xffff, 0xffff, 0xffff, 0xffff));

const THE_SERVER: &str = "the server";
