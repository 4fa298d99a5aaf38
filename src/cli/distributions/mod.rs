//! `check --distribution-config`: the origins of distributions that stand in files.

mod arguments;
mod notes;
mod serves;
mod source;

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;

use crate::distribution::Derivation;
use crate::distribution::LeftOut;
use crate::distribution::Terms;
use crate::distribution::derive;
use crate::impact::Audience;
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
use super::viewers::Viewers;
use super::viewers::advise;

/// Derives the origins of the distributions that the arguments name, and probes them.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let catalogue = source::catalogue(&arguments.distributions)?;
    let selection = arguments.distributions.selection();
    let mut terms = Terms { hosts: arguments.host.clone(), ..Terms::default() };
    terms.reachable_from_here = arguments.reachable.unwrap_or(terms.reachable_from_here);
    let mut left_out: Vec<(Box<str>, LeftOut)> = Vec::new();
    let mut derivations: Vec<Arc<Derivation>> = Vec::new();
    for distribution in &catalogue.distributions {
        match selection.leaves_out(distribution) {
            Some(reason) => left_out.push((distribution.id.clone(), reason)),
            None => derivations.push(Arc::new(derive(distribution, &catalogue.account, &terms))),
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
    let mut reports = runtime.block_on(probing);
    let audiences: Vec<Audience> = derivations.iter().cloned().map(Audience::new).collect();
    advise(&audiences, &mut reports);
    let at = arguments.at.unwrap_or_else(now);
    // In JSON a verdict is that of now, and so is what follows from it.
    let ahead = arguments.within.filter(|_| arguments.output == Output::Text);
    let told = Told::all(&derivations, &reports, at, ahead);
    match arguments.output {
        Output::Text => print(&text(&told, arguments, at))?,
        Output::Json => print(&json(&told))?,
    }
    runtime.shutdown_background();
    let outcomes = reports.iter().map(|report| Outcome::of(report, at, arguments.within));
    // What could not be derived was not judged: nobody can tell.
    let lost = is_something_lost.then_some(Outcome::Undecided);
    Ok(exit_code(Outcome::worst(outcomes.chain(lost))))
}

/// One distribution with what was found of its origins.
struct Told<'a> {
    derivation: &'a Derivation,
    /// In the order of the derived origins.
    reports: &'a [Arc<Report>],
    viewers: Option<Viewers>,
}

impl<'a> Told<'a> {
    /// Gives each distribution its part of the reports, which stand in the order of all origins.
    /// An origin that will fail within `ahead` hurts as it will then.
    fn all(
        derivations: &'a [Arc<Derivation>],
        mut reports: &'a [Arc<Report>],
        at: Timestamp,
        ahead: Option<Duration>,
    ) -> Vec<Self> {
        let mut told = Vec::with_capacity(derivations.len());
        for derivation in derivations {
            let count = derivation.origins.len().min(reports.len());
            let (own, rest) = reports.split_at(count);
            reports = rest;
            let audience = Audience::new(Arc::clone(derivation));
            let viewers = Viewers::of([audience], own, at, ahead).pop();
            told.push(Self { derivation, reports: own, viewers });
        }
        told
    }

    fn text(&self, arguments: &CheckArguments, at: Timestamp) -> String {
        let mut text = String::new();
        for (derived, report) in self.derivation.origins.iter().zip(self.reports) {
            text.push_str(&report::text(report, at, arguments.within));
            if let Some(serves) = serves::serves(self.derivation, derived) {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {serves}");
            }
        }
        if let Some(viewers) = &self.viewers {
            text.push_str(&viewers.text(&notes::name(&self.derivation.distribution)));
        }
        text
    }
}

fn json(told: &[Told<'_>]) -> String {
    let mut lines = String::new();
    for distribution in told {
        for report in distribution.reports {
            let json = OriginJson::new(report);
            let impacts = distribution.viewers.as_ref().map(|viewers| &*viewers.impacts);
            let json = json.with_impacts(&report.origin, impacts.unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{json}");
        }
    }
    lines
}

fn text(told: &[Told<'_>], arguments: &CheckArguments, at: Timestamp) -> String {
    let mut text: String =
        told.iter().map(|distribution| distribution.text(arguments, at)).collect();
    let reports = || told.iter().flat_map(|distribution| distribution.reports);
    if reports().any(|report| report.verdict.conclusion.answer == Answer::Answers) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", report::NOT_COVERED);
    }
    text
}
