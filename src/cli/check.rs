//! `check`: probes every origin once and reports as text or JSON, with an exit code.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use futures_util::stream::{Stream, StreamExt};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::config::Config;
use crate::daemon;
use crate::daemon::{EndSignals, Interrupted, Reach, configured_keys, now};
use crate::distribution::printable;
use crate::impact::{Audience, Impact};
use crate::limits::FileKinds;
use crate::observation::{Endpoint, Observation, Sample};
use crate::origin::{Origin, ProberConfig, Shard, SslProtocols, Target, nearest};
use crate::probe::{LoopLag, ProbeOptions, Prober, ProberHealth};
use crate::report::{Memory, OriginJson, Outcome, Report, Text};
use crate::sources::Contribution;

use super::arguments::{CheckArguments, Output, Presentation, Quietness};
use super::terminal::{Glyphs, Progress, Renderer, Screen, note};
use super::viewers::{Viewers, advise};
use super::{exit_code, print};

/// How the reports of a check are evaluated and shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckOptions {
    pub(super) at: Option<Timestamp>,
    pub(super) within: Option<Duration>,
    pub(super) presentation: Presentation,
    /// How many connections to make to each endpoint.
    pub(super) connections: u16,
}

impl CheckOptions {
    pub(super) fn of(arguments: &CheckArguments) -> Self {
        let CheckArguments { at, within, presentation, connections, .. } = *arguments;
        Self { at, within, presentation, connections }
    }

    /// Returns the renderer for these options, with the current time unless `--at` is given.
    pub(super) fn renderer(self) -> Renderer {
        Renderer {
            now: self.at.unwrap_or_else(now),
            within: self.within,
            quietness: self.presentation.quietness(),
            draw_chain: self.presentation.draw_chain,
            screen: Screen::of_standard_output(),
            glyphs: Glyphs::of_environment(),
        }
    }
}

/// Probes the origins given by the arguments.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let runtime = daemon::runtime()?;
    let mut lost = None;
    let mut audiences = Vec::new();
    let (mut config, origins) = match &arguments.config {
        Some(path) => {
            let file = Config::load(path, FileKinds::Any)?;
            let keys = configured_keys(&file);
            let reading = daemon::read_once(&file, &keys, Shard::WHOLE, Reach::Everything);
            let found = runtime.block_on(reading)?;
            lost = note_problems(&found.shares);
            audiences = found.distributions.into_iter().map(Audience::new).collect();
            (file.prober, chosen(found.origins, &arguments.origin)?)
        }
        None => (defaults(), from_the_command_line(arguments)),
    };
    override_config(&mut config, arguments);
    let prober = prober(&config)?;
    let options = CheckOptions::of(arguments);
    let probe_options =
        ProbeOptions { address: arguments.address, looks_again: true, ..ProbeOptions::default() };
    let mut reports =
        runtime.block_on(probe_all(Arc::new(prober), origins, probe_options, options))?;
    advise(&audiences, &mut reports);
    let outcome = show(&reports, audiences, options)?.max(lost.unwrap_or_default());
    // Do not wait for lookups that are still pending.
    runtime.shutdown_background();
    Ok(exit_code(outcome))
}

/// Prints problems with the sources to standard error. They make the outcome undecided, but do not
/// stop the check of the other origins.
fn note_problems(shares: &[Contribution]) -> Option<Outcome> {
    let mut lost = None;
    for share in shares {
        for problem in share.problems.kept() {
            note(&format!("note: {}: {problem}", share.source));
        }
        if share.problems.count() > 0 {
            lost = Some(Outcome::Undecided);
        }
    }
    lost
}

/// Probes every origin once, and evaluates the rules when all probes have ended: evidence about the
/// prober itself from one probe applies to the others.
///
/// # Errors
/// [`Interrupted`] on SIGTERM or Ctrl-C.
pub(super) async fn probe_all(
    prober: Arc<Prober>,
    origins: Vec<Arc<Origin>>,
    probe_options: ProbeOptions,
    options: CheckOptions,
) -> anyhow::Result<Vec<Arc<Report>>> {
    let loop_lag = Arc::new(LoopLag::default());
    let beating = tokio::spawn({
        let loop_lag = Arc::clone(&loop_lag);
        async move { loop_lag.beat().await }
    });
    let began = Instant::now();
    let progress = match options.presentation.quietness() {
        Quietness::Talkative => Progress::of(&origins),
        Quietness::Troubles | Quietness::Silent => Progress::hidden(),
    };
    let probes = futures_util::stream::iter(origins.into_iter().enumerate())
        .map(|(place, origin)| {
            let (prober, probe_options) = (&prober, &probe_options);
            async move {
                let probe = prober.probe(origin, probe_options, now()).await;
                let samples = further(prober, &probe, options.connections).await;
                (place, (probe, samples))
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut observations = follow(probes, progress).await?;
    observations.sort_unstable_by_key(|(place, _)| *place);
    beating.abort();
    let ended = Instant::now();
    let mut prober_health = ProberHealth::default();
    for (_, (observation, _)) in &observations {
        prober_health.note(observation, ended);
    }
    let late = loop_lag.latest_since(began);
    let judged = observations.into_iter().map(|(_, (mut observation, samples))| {
        observation.prober = prober_health.assess(&observation, late, ended);
        let at = options.at.unwrap_or_else(now);
        if !samples.is_empty() {
            observation = Memory::shares_of(observation, samples, at);
        }
        Arc::new(Report::new(None, Arc::new(observation), at).for_check())
    });
    Ok(judged.collect())
}

/// Makes further connections to each endpoint of a probe, so that it has `connections` in all.
async fn further(prober: &Prober, probe: &Observation, connections: u16) -> Vec<Endpoint> {
    let sample = |endpoint: &Endpoint| Sample {
        address: endpoint.address,
        target: endpoint.target,
        engine: endpoint.handshake.engine,
        connections: connections.saturating_sub(1),
    };
    let probed = probe.endpoints.iter().filter(|endpoint| endpoint.was_probed());
    let samples: Vec<Sample> = probed.map(sample).filter(|each| each.connections > 0).collect();
    if samples.is_empty() {
        return Vec::new();
    }
    let options = ProbeOptions { samples, ..ProbeOptions::default() };
    prober.probe(Arc::clone(&probe.origin), &options, now()).await.endpoints
}

/// Waits for all probes, each with the position of its origin, and shows the progress.
async fn follow<T>(
    probes: impl Stream<Item = (usize, T)>,
    mut progress: Progress,
) -> anyhow::Result<Vec<(usize, T)>> {
    let mut probes = std::pin::pin!(probes);
    let mut signals = EndSignals::listen()?;
    let mut pace = tokio::time::interval(Progress::PACE);
    let mut all = Vec::new();
    loop {
        tokio::select! {
            ended = probes.next() => match ended {
                Some(ended) => {
                    progress.ended(ended.0);
                    all.push(ended);
                }
                None => break,
            },
            _ = pace.tick() => progress.show(),
            interrupted = Interrupted::wait(&mut signals) => return Err(interrupted.into()),
        }
    }
    // Ctrl-C must also work while the results are printed.
    tokio::spawn(async move { Interrupted::wait(&mut signals).await.end() });
    Ok(all)
}

/// Prints the reports and their effect on viewers, and returns the worst outcome.
pub(super) fn show(
    reports: &[Arc<Report>],
    audiences: Vec<Audience>,
    options: CheckOptions,
) -> anyhow::Result<Outcome> {
    let renderer = options.renderer();
    match options.presentation.output {
        Output::Text => {
            let mut impact = Text::default();
            for viewers in Viewers::of(audiences, reports, renderer.now, renderer.within) {
                impact.extend(viewers.text(&printable(viewers.audience.distribution())));
            }
            renderer.print(&renderer.origins(reports, impact, None))?;
        }
        Output::Json => {
            // In JSON, verdicts and impacts are those of now, regardless of `--within`.
            let viewers = Viewers::of(audiences, reports, renderer.now, None);
            let by_id: HashMap<&str, &[Impact]> = viewers
                .iter()
                .map(|one| (one.audience.distribution(), one.impacts.as_slice()))
                .collect();
            for report in reports.iter().filter(|report| renderer.covers(report)) {
                let impacts = by_id.get(&*report.origin.key.distribution).copied();
                let json = OriginJson::new(report)
                    .with_impacts(&report.origin, impacts.unwrap_or_default());
                print(&format!("{json}\n"))?;
            }
        }
    }
    Ok(Outcome::worst(reports.iter().map(|report| renderer.outcome(report))))
}

fn chosen(origins: Vec<Arc<Origin>>, ids: &[String]) -> anyhow::Result<Vec<Arc<Origin>>> {
    if ids.is_empty() {
        return Ok(origins);
    }
    if let Some(unknown) = ids.iter().find(|id| !origins.iter().any(|o| *o.key.id == ***id)) {
        let known = || origins.iter().map(|origin| &*origin.key.id);
        if let Some(nearest) = nearest(unknown, known()) {
            bail!("unknown or disabled origin `{unknown}`; did you mean `{nearest}`?");
        }
        let known: Vec<&str> = known().take(20).collect();
        bail!("unknown or disabled origin `{unknown}`; enabled origins: {}", known.join(", "));
    }
    Ok(origins.into_iter().filter(|origin| ids.iter().any(|id| **id == *origin.key.id)).collect())
}

/// Returns one origin for each domain in the arguments.
pub(super) fn from_the_command_line(arguments: &CheckArguments) -> Vec<Arc<Origin>> {
    let mut origins = Vec::new();
    for wanted in &arguments.domains {
        let mut origin = Origin::with_defaults(wanted.domain.clone());
        origin.https_port = wanted.port.unwrap_or(origin.https_port);
        if !arguments.host.is_empty() {
            let mut hosts = arguments.host.clone();
            hosts.dedup();
            origin.targets =
                hosts.iter().map(|host| Target::forwarded(host, &wanted.domain)).collect();
        }
        if let Some(protocols) = SslProtocols::new(arguments.ssl_protocols.clone()) {
            origin.ssl_protocols = protocols;
        }
        origin.ip_address_type = arguments.ip_address_type.unwrap_or(origin.ip_address_type);
        origin.reachable_from_here = arguments.reachable.unwrap_or(origin.reachable_from_here);
        origins.push(Arc::new(origin));
    }
    origins
}

/// Returns the prober settings of a check without a configuration file: the defaults, but with
/// fewer sockets and with all server names in one probe.
pub(super) fn defaults() -> ProberConfig {
    ProberConfig { concurrency: 256, max_server_names: usize::MAX, ..ProberConfig::default() }
}

/// Creates the prober. Trust anchor files may be of any kind, including pipes.
pub(super) fn prober(config: &ProberConfig) -> anyhow::Result<Prober> {
    daemon::prober(config, Arc::new(daemon::anchors(config, FileKinds::Any)?))
}

/// Overrides the file's or the default settings with those from the arguments.
pub(super) fn override_config(config: &mut ProberConfig, arguments: &CheckArguments) {
    if !arguments.nameserver.is_empty() {
        config.nameservers.clone_from(&arguments.nameserver);
    }
    if let Some(only) = &arguments.trust_anchors {
        config.mozilla = false;
        config.extra_anchors = vec![only.clone()];
    }
    config.extra_anchors.extend(arguments.extra_trust_anchors.clone());
    config.assume_public.extend(&arguments.assume_public);
    // A check probes all server names at once instead of in turn.
    config.max_server_names = usize::MAX;
}

/// How many origins are probed concurrently; sockets have separate limits.
const AT_ONCE: usize = 128;
