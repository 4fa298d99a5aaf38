//! `check --distribution-config`: the origins of distributions that stand in files.

mod arguments;
mod notes;
mod serves;
mod source;

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use crate::distribution::Derivation;
use crate::distribution::DerivedOrigin;
use crate::distribution::LeftOut;
use crate::distribution::Terms;
use crate::distribution::derive;
use crate::probe::Errand;
use crate::report;
use crate::report::Answer;
use crate::report::OriginJson;
use crate::report::Outcome;
use crate::report::Report;

pub(super) use arguments::DistributionArguments;

use super::arguments::CheckArguments;
use super::arguments::Output;
use super::check;
use super::exit_code;
use super::now;
use super::parts::Parts;
use super::print;
use super::runtime;

/// Derives the origins of the distributions that the arguments name, and probes them.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let catalogue = source::catalogue(&arguments.distributions)?;
    let selection = arguments.distributions.selection();
    let mut terms = Terms { hosts: arguments.host.clone(), ..Terms::default() };
    terms.reachable_from_here = arguments.reachable.unwrap_or(terms.reachable_from_here);
    let mut left_out: Vec<(Box<str>, LeftOut)> = Vec::new();
    let mut derivations: Vec<Derivation> = Vec::new();
    for distribution in &catalogue.distributions {
        match selection.leaves_out(distribution) {
            Some(reason) => left_out.push((distribution.id.clone(), reason)),
            None => derivations.push(derive(distribution, &catalogue.account, &terms)),
        }
    }
    notes::say(&notes::notes(&catalogue, &left_out, &derivations, &arguments.host))?;
    if derivations.is_empty() {
        bail!("there is no distribution to check in what was given");
    }
    let is_something_lost = !catalogue.faults.is_empty()
        || derivations.iter().flat_map(|derivation| &derivation.gaps).any(|gap| gap.is_loss());

    let mut parts = Parts::defaults();
    check::override_parts(&mut parts, arguments);
    let prober = Arc::new(parts.prober(Arc::new(parts.anchors()?))?);
    let runtime = runtime()?;
    let origins = derivations.iter().flat_map(|derivation| &derivation.origins);
    let origins = origins.map(|derived| Arc::clone(&derived.origin)).collect();
    let probing = check::probe_all(prober, origins, Errand::default(), arguments.at);
    let reports = runtime.block_on(probing);
    let at = arguments.at.unwrap_or_else(now);
    match arguments.output {
        Output::Text => print(&text(&derivations, &reports, arguments, at))?,
        Output::Json => {
            for report in &reports {
                print(&format!("{}\n", OriginJson::new(report)))?;
            }
        }
    }
    runtime.shutdown_background();
    let outcomes = reports.iter().map(|report| Outcome::of(report, at, arguments.within));
    // What could not be derived was not judged: nobody can tell.
    let lost = is_something_lost.then_some(Outcome::Undecided);
    Ok(exit_code(Outcome::worst(outcomes.chain(lost))))
}

fn text(
    derivations: &[Derivation],
    reports: &[Arc<Report>],
    arguments: &CheckArguments,
    at: jiff::Timestamp,
) -> String {
    let mut text = String::new();
    let mut reports_left = reports.iter();
    for derivation in derivations {
        for (derived, report) in derivation.origins.iter().zip(reports_left.by_ref()) {
            text.push_str(&of_origin(derivation, derived, report, arguments, at));
        }
    }
    if reports.iter().any(|report| report.verdict.conclusion.answer == Answer::Answers) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", report::NOT_COVERED);
    }
    text
}

fn of_origin(
    derivation: &Derivation,
    derived: &DerivedOrigin,
    report: &Report,
    arguments: &CheckArguments,
    at: jiff::Timestamp,
) -> String {
    let mut text = report::text(report, at, arguments.within);
    if let Some(serves) = serves::serves(derivation, derived) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {serves}");
    }
    text
}
