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
use crate::limits::FileKinds;
use crate::probe::Errand;
use crate::report::Line;
use crate::report::OriginJson;
use crate::report::Outcome;
use crate::report::Report;
use crate::report::Role;
use crate::report::Text;

pub(super) use arguments::DistributionArguments;

use super::arguments::CheckArguments;
use super::arguments::Output;
use super::arguments::Quietness;
use super::check;
use super::check::Manner;
use super::exit_code;
use super::parts::Parts;
use super::print;
use super::runtime;
use super::terminal::Telling;
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
    notes::say(&catalogue, &left_out, &derivations, &arguments.host);
    if derivations.is_empty() {
        bail!("there is no distribution to check in what was given");
    }
    let is_something_lost = !catalogue.faults.is_empty()
        || derivations.iter().flat_map(|derivation| &derivation.gaps).any(|gap| gap.is_loss());

    let mut parts = Parts::defaults();
    check::override_parts(&mut parts, arguments);
    let prober = Arc::new(parts.prober(Arc::new(parts.anchors(FileKinds::Any)?))?);
    let runtime = runtime()?;
    let origins = derivations.iter().flat_map(|derivation| &derivation.origins);
    let origins = origins.map(|derived| Arc::clone(&derived.origin)).collect();
    let manner = Manner::of(arguments);
    let probing = check::probe_all(prober, origins, Errand::default(), manner);
    let mut reports = runtime.block_on(probing)?;
    advise_each(&derivations, &mut reports);
    let telling = manner.telling();
    let output = arguments.presentation.output;
    // In JSON a verdict is that of now, and so is what follows from it.
    let ahead = arguments.within.filter(|_| output == Output::Text);
    let told = Told::all(&derivations, &reports, telling.now, ahead);
    match output {
        Output::Text => telling.print(&text(&told, &reports, telling))?,
        Output::Json => print(&json(&told, telling))?,
    }
    runtime.shutdown_background();
    let outcomes = reports.iter().map(|report| telling.outcome(report));
    // What could not be derived was not judged: nobody can tell.
    let lost = is_something_lost.then_some(Outcome::Undecided);
    Ok(exit_code(Outcome::worst(outcomes.chain(lost))))
}

/// Gives each distribution's advice to its own part of the reports: two of which no id is told may
/// have origins alike in all else.
fn advise_each(derivations: &[Arc<Derivation>], mut reports: &mut [Arc<Report>]) {
    for derivation in derivations {
        let count = derivation.origins.len().min(reports.len());
        let (own, rest) = reports.split_at_mut(count);
        advise(&[Audience::new(Arc::clone(derivation))], own);
        reports = rest;
    }
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

    fn texts(&self, telling: Telling) -> Vec<Text> {
        let mut texts = Vec::new();
        for (derived, report) in self.derivation.origins.iter().zip(self.reports) {
            if !telling.covers(report) {
                continue;
            }
            let mut text = telling.origin(report);
            if let Some(serves) = serves::serves(self.derivation, derived) {
                text.push(Line::indented(2).with(Role::Plain, serves));
            }
            texts.push(text);
        }
        if let Some(viewers) = &self.viewers
            && telling.quietness != Quietness::Silent
        {
            texts.push(viewers.text(notes::name(&self.derivation.distribution)));
        }
        texts
    }
}

fn json(told: &[Told<'_>], telling: Telling) -> String {
    let mut lines = String::new();
    for distribution in told {
        for report in distribution.reports.iter().filter(|report| telling.covers(report)) {
            let json = OriginJson::new(report);
            let impacts = distribution.viewers.as_ref().map(|viewers| &*viewers.impacts);
            let json = json.with_impacts(&report.origin, impacts.unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{json}");
        }
    }
    lines
}

fn text(told: &[Told<'_>], reports: &[Arc<Report>], telling: Telling) -> Text {
    let texts = told.iter().flat_map(|distribution| distribution.texts(telling));
    telling.apart(texts.chain([telling.closing(reports, None)]).collect())
}
