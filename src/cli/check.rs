//! `check`: every origin once, in words or JSON, and an exit code.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use futures_util::stream::Stream;
use futures_util::stream::StreamExt;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::config::Config;
use crate::discovery::Share;
use crate::distribution::printable;
use crate::impact::Impact;
use crate::limits::FileKinds;
use crate::origin::Origin;
use crate::origin::Shard;
use crate::origin::SslProtocols;
use crate::origin::Target;
use crate::probe::Errand;
use crate::probe::Prober;
use crate::probe::Pulse;
use crate::probe::Wellbeing;
use crate::report::Audience;
use crate::report::OriginJson;
use crate::report::Outcome;
use crate::report::Report;
use crate::report::Text;
use crate::rules::nearest_of;

use super::arguments::CheckArguments;
use super::arguments::Output;
use super::arguments::Presentation;
use super::arguments::Quietness;
use super::discover;
use super::discover::Reach;
use super::distributions;
use super::exit_code;
use super::now;
use super::offline;
use super::parts::Parts;
use super::print;
use super::runtime;
use super::signals::EndSignals;
use super::signals::Interrupted;
use super::source::configured_keys;
use super::terminal::Glyphs;
use super::terminal::Progress;
use super::terminal::Screen;
use super::terminal::Telling;
use super::terminal::say;
use super::viewers::Viewers;
use super::viewers::advise;

/// How the reports of a check are judged and shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) at: Option<Timestamp>,
    pub(super) within: Option<Duration>,
    pub(super) presentation: Presentation,
}

impl Manner {
    pub(super) fn of(arguments: &CheckArguments) -> Self {
        let CheckArguments { at, within, presentation, .. } = *arguments;
        Self { at, within, presentation }
    }

    /// Returns how to tell it, from now on.
    pub(super) fn telling(self) -> Telling {
        Telling {
            now: self.at.unwrap_or_else(now),
            within: self.within,
            quietness: self.presentation.quietness(),
            draw_chain: self.presentation.draw_chain,
            screen: Screen::of_standard_output(),
            glyphs: Glyphs::of_environment(),
        }
    }
}

/// Probes what the arguments name, or judges the chain file that they name.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    if let Some(path) = &arguments.chain {
        return offline::run(arguments, path);
    }
    if !arguments.distributions.distribution_config.is_empty() {
        return distributions::run(arguments);
    }
    let runtime = runtime()?;
    let mut lost = None;
    let mut audiences = Vec::new();
    let (mut parts, origins) = match &arguments.config {
        Some(path) => {
            let config = Config::load(path, FileKinds::Any)?;
            let keys = configured_keys(&config);
            let reading = discover::read_once(&config, &keys, Shard::WHOLE, Reach::Everything);
            let found = runtime.block_on(reading)?;
            lost = note_problems(&found.shares);
            audiences = found.distributions.into_iter().map(Audience::new).collect();
            (Parts::of(&config), chosen(found.origins, &arguments.origin)?)
        }
        None => (Parts::defaults(), from_the_command_line(arguments)),
    };
    override_parts(&mut parts, arguments);
    let prober = parts.prober(Arc::new(parts.anchors(FileKinds::Any)?))?;
    let manner = Manner::of(arguments);
    let errand = Errand { address: arguments.address, ..Errand::default() };
    let mut reports = runtime.block_on(probe_all(Arc::new(prober), origins, errand, manner))?;
    advise(&audiences, &mut reports);
    let outcome = show(&reports, audiences, manner)?.max(lost.unwrap_or_default());
    // A lookup that still waits somewhere must not hold the answer back.
    runtime.shutdown_background();
    Ok(exit_code(outcome))
}

/// Says on standard error what is amiss with the sources, which leaves undecided what they are
/// there for; the rest is checked all the same.
fn note_problems(shares: &[Share]) -> Option<Outcome> {
    let mut lost = None;
    for share in shares {
        for problem in share.problems.kept() {
            say(&format!("note: {}: {problem}", share.source));
        }
        if share.problems.count() > 0 {
            lost = Some(Outcome::Undecided);
        }
    }
    lost
}

/// Probes every origin once, and judges when all are in: what one probe says of the prober
/// counts for the others.
///
/// # Errors
/// [`Interrupted`] when somebody asks for the end meanwhile.
pub(super) async fn probe_all(
    prober: Arc<Prober>,
    origins: Vec<Arc<Origin>>,
    errand: Errand,
    manner: Manner,
) -> anyhow::Result<Vec<Arc<Report>>> {
    let pulse = Arc::new(Pulse::default());
    let beating = tokio::spawn({
        let pulse = Arc::clone(&pulse);
        async move { pulse.beat().await }
    });
    let began = Instant::now();
    let progress = match manner.presentation.quietness() {
        Quietness::Talkative => Progress::of(&origins),
        Quietness::Troubles | Quietness::Silent => Progress::hidden(),
    };
    let probes = futures_util::stream::iter(origins.into_iter().enumerate())
        .map(|(place, origin)| {
            let (prober, errand) = (&prober, &errand);
            async move { (place, prober.probe(origin, errand, now()).await) }
        })
        .buffer_unordered(AT_ONCE);
    let mut observations = follow(probes, progress).await?;
    observations.sort_unstable_by_key(|(place, _)| *place);
    beating.abort();
    let ended = Instant::now();
    let mut wellbeing = Wellbeing::default();
    for (_, observation) in &observations {
        wellbeing.note(observation, ended);
    }
    let late = pulse.latest_since(began);
    let judged = observations.into_iter().map(|(_, mut observation)| {
        observation.prober = wellbeing.attest(&observation, late, ended);
        let at = manner.at.unwrap_or_else(now);
        Arc::new(Report::new(None, Arc::new(observation), at).for_check())
    });
    Ok(judged.collect())
}

/// Waits for all probes, each with the position of its origin, and shows how they get on.
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
    // Whoever has enough while the answer is written must not be made to wait, either.
    tokio::spawn(async move { Interrupted::wait(&mut signals).await.end() });
    Ok(all)
}

/// Prints the reports, and what they mean for viewers, and returns the worst outcome.
pub(super) fn show(
    reports: &[Arc<Report>],
    audiences: Vec<Audience>,
    manner: Manner,
) -> anyhow::Result<Outcome> {
    let telling = manner.telling();
    match manner.presentation.output {
        Output::Text => {
            let mut impact = Text::default();
            for viewers in Viewers::of(audiences, reports, telling.now, telling.within) {
                impact.extend(viewers.text(&printable(viewers.audience.distribution())));
            }
            telling.print(&telling.origins(reports, impact, None))?;
        }
        Output::Json => {
            // In JSON a verdict is that of now, and so is what follows from it.
            let viewers = Viewers::of(audiences, reports, telling.now, None);
            let by_id: HashMap<&str, &[Impact]> = viewers
                .iter()
                .map(|one| (one.audience.distribution(), one.impacts.as_slice()))
                .collect();
            for report in reports.iter().filter(|report| telling.covers(report)) {
                let impacts = by_id.get(&*report.origin.key.distribution).copied();
                let json = OriginJson::new(report)
                    .with_impacts(&report.origin, impacts.unwrap_or_default());
                print(&format!("{json}\n"))?;
            }
        }
    }
    Ok(Outcome::worst(reports.iter().map(|report| telling.outcome(report))))
}

fn chosen(origins: Vec<Arc<Origin>>, ids: &[String]) -> anyhow::Result<Vec<Arc<Origin>>> {
    if ids.is_empty() {
        return Ok(origins);
    }
    if let Some(unknown) = ids.iter().find(|id| !origins.iter().any(|o| *o.key.id == ***id)) {
        let known = || origins.iter().map(|origin| &*origin.key.id);
        if let Some(nearest) = nearest_of(unknown, known()) {
            bail!("no enabled origin has the id `{unknown}`; did you mean `{nearest}`?");
        }
        let known: Vec<&str> = known().take(20).collect();
        bail!("no enabled origin has the id `{unknown}`; the file has {}", known.join(", "));
    }
    Ok(origins.into_iter().filter(|origin| ids.iter().any(|id| **id == *origin.key.id)).collect())
}

/// Returns one origin for each domain of the arguments.
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

/// Puts what the arguments say in the place of what the file or the defaults say.
pub(super) fn override_parts(parts: &mut Parts, arguments: &CheckArguments) {
    if !arguments.nameserver.is_empty() {
        parts.nameservers.clone_from(&arguments.nameserver);
    }
    if let Some(only) = &arguments.trust_anchors {
        parts.mozilla = false;
        parts.extra_anchors = vec![only.clone()];
    }
    parts.extra_anchors.extend(arguments.extra_trust_anchors.clone());
    parts.limits.assume_public.extend(&arguments.assume_public);
    // One look at everything: nothing waits for its turn.
    parts.limits.max_server_names = usize::MAX;
}

/// How many origins are probed at once; sockets have limits of their own.
const AT_ONCE: usize = 128;
