//! `check --distribution-config`: checks the origins of distributions read from files.

mod notes;

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use jiff::Timestamp;

use crate::daemon;
use crate::distribution::{
    Derivation, DeriveOptions, DerivedOrigin, HostForwarding, LeftOut, Route, derive, listed,
};
use crate::impact::Audience;
use crate::origin::Usage;
use crate::probe::ProbeOptions;
use crate::report::{Line, OriginJson, Outcome, Report, Role, Text};
use crate::sources::{Catalogue, LARGEST};

use super::arguments::{CheckArguments, DistributionArguments, Output, Quietness};
use super::check::CheckOptions;
use super::terminal::Renderer;
use super::viewers::{Viewers, advise};
use super::{check, exit_code, is_standard_input, print, read_input};

/// Derives the origins of the given distributions, and probes them.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let catalogue = catalogue(&arguments.distributions)?;
    let selection = arguments.distributions.selection();
    let mut options = DeriveOptions { hosts: arguments.host.clone(), ..DeriveOptions::default() };
    options.reachable_from_here = arguments.reachable.unwrap_or(options.reachable_from_here);
    let mut left_out: Vec<(Box<str>, LeftOut)> = Vec::new();
    let mut derivations: Vec<Arc<Derivation>> = Vec::new();
    for distribution in &catalogue.distributions {
        match selection.leaves_out(distribution) {
            Some(reason) => left_out.push((distribution.id.clone(), reason)),
            None => derivations.push(Arc::new(derive(distribution, &catalogue.account, &options))),
        }
    }
    notes::say(&catalogue, &left_out, &derivations, &arguments.host);
    if derivations.is_empty() {
        bail!("no distributions to check in the given files");
    }
    let is_something_lost = !catalogue.faults.is_empty()
        || derivations
            .iter()
            .flat_map(|derivation| &derivation.issues)
            .any(|issue| issue.is_loss());

    let mut config = check::defaults();
    check::override_config(&mut config, arguments);
    let prober = Arc::new(check::prober(&config)?);
    let runtime = daemon::runtime()?;
    let origins = derivations.iter().flat_map(|derivation| &derivation.origins);
    let origins = origins.map(|derived| Arc::clone(&derived.origin)).collect();
    let options = CheckOptions::of(arguments);
    let probing = check::probe_all(prober, origins, ProbeOptions::default(), options);
    let mut reports = runtime.block_on(probing)?.into_iter();
    let renderer = options.renderer();
    let output = arguments.presentation.output;
    // In JSON, verdicts and impacts are those of now, regardless of `--within`.
    let ahead = arguments.within.filter(|_| output == Output::Text);
    let tell = |derivation: &Arc<Derivation>| {
        let own = reports.by_ref().take(derivation.origins.len()).collect();
        Told::new(derivation, own, renderer.now, ahead)
    };
    let told: Vec<Told> = derivations.iter().map(tell).collect();
    let reports: Vec<Arc<Report>> = told.iter().flat_map(|told| told.reports.clone()).collect();
    match output {
        Output::Text => renderer.print(&text(&told, &reports, renderer))?,
        Output::Json => print(&json(&told, renderer))?,
    }
    runtime.shutdown_background();
    let outcomes = reports.iter().map(|report| renderer.outcome(report));
    // An origin that could not be derived was not probed, so the outcome is undecided.
    let lost = is_something_lost.then_some(Outcome::Undecided);
    Ok(exit_code(Outcome::worst(outcomes.chain(lost))))
}

/// One distribution with the reports of its origins.
struct Told {
    derivation: Arc<Derivation>,
    /// In the order of the derived origins.
    reports: Vec<Arc<Report>>,
    viewers: Option<Viewers>,
}

impl Told {
    /// Adds the distribution's advice to the reports of its origins. Looking reports up by key
    /// among all would not do: two distributions without an id may have identical origins. An
    /// origin that will fail within `ahead` counts as failing.
    fn new(
        derivation: &Arc<Derivation>,
        mut reports: Vec<Arc<Report>>,
        at: Timestamp,
        ahead: Option<Duration>,
    ) -> Self {
        let audience = Audience::new(Arc::clone(derivation));
        advise(std::slice::from_ref(&audience), &mut reports);
        let viewers = Viewers::of([audience], &reports, at, ahead).pop();
        Self { derivation: Arc::clone(derivation), reports, viewers }
    }

    fn texts(&self, renderer: Renderer) -> Vec<Text> {
        let mut texts = Vec::new();
        for (derived, report) in self.derivation.origins.iter().zip(&self.reports) {
            if !renderer.covers(report) {
                continue;
            }
            let mut text = renderer.origin(report);
            if let Some(serves) = serves(&self.derivation, derived) {
                text.push(Line::indented(2).with(Role::Plain, serves));
            }
            texts.push(text);
        }
        if let Some(viewers) = &self.viewers
            && renderer.quietness != Quietness::Silent
        {
            texts.push(viewers.text(notes::name(&self.derivation.distribution)));
        }
        texts
    }
}

fn json(told: &[Told], renderer: Renderer) -> String {
    let mut lines = String::new();
    for distribution in told {
        for report in distribution.reports.iter().filter(|report| renderer.covers(report)) {
            let json = OriginJson::new(report);
            let impacts = distribution.viewers.as_ref().map(|viewers| &*viewers.impacts);
            let json = json.with_impacts(&report.origin, impacts.unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{json}");
        }
    }
    lines
}

fn text(told: &[Told], reports: &[Arc<Report>], renderer: Renderer) -> Text {
    let texts = told.iter().flat_map(|distribution| distribution.texts(renderer));
    renderer.apart(texts.chain([renderer.closing(reports, None)]).collect())
}

/// Returns the path patterns that an origin serves and the hosts of their viewers; `None` if no
/// behavior uses the origin.
fn serves(derivation: &Derivation, derived: &DerivedOrigin) -> Option<String> {
    let id = &*derived.origin.key.id;
    let paths: Vec<String> = derivation.routes_to(id).map(|route| path(route, id)).collect();
    if paths.is_empty() {
        return None;
    }
    let used = derived.hosts.iter().filter(|host| host.usage != Usage::OwnDomain);
    let hosts: Vec<&str> = used.map(|host| host.name.as_str()).collect();
    let viewers = if hosts.is_empty() { String::new() } else { format!(" for {}", listed(&hosts)) };
    let may_change = derivation.routes_to(id).any(|route| route.is_dynamic);
    let dynamic = if may_change { "; an edge function may select another origin" } else { "" };
    let managed = match derived.kind.is_managed() {
        true => "; AWS renews its certificate",
        false => "",
    };
    Some(format!("serves {}{viewers}{dynamic}{managed}", listed(&paths)))
}

fn path(route: &Route, id: &str) -> String {
    let host = match route.host {
        HostForwarding::Forwarded => "Host forwarded",
        HostForwarding::NotForwarded => "Host not forwarded",
        HostForwarding::Unknown { .. } => "Host may be forwarded",
    };
    let pattern = &route.path_pattern;
    match &route.failover {
        Some(failover) if *failover.secondary == *id => {
            format!("{pattern} if {} fails ({host})", route.primary)
        }
        _ => format!("{pattern} ({host})"),
    }
}

/// Reads all files given by the arguments.
fn catalogue(arguments: &DistributionArguments) -> anyhow::Result<Catalogue> {
    let files = || arguments.distribution_config.iter().chain(&arguments.related);
    if files().filter(|path| is_standard_input(path)).count() > 1 {
        bail!("standard input can be read only once; use - for one input and files for the others");
    }
    let mut catalogue = Catalogue::default();
    for path in files() {
        let (place, bytes) = read_input(path, LARGEST as u64);
        let bytes = bytes.map_err(|error| {
            anyhow!(
                "{place}: cannot be read: {error}; give the output of an `aws cloudfront` command, or \
                 - for standard input"
            )
        })?;
        catalogue.read(&place, &bytes)?;
    }
    catalogue.settle();
    Ok(catalogue)
}
