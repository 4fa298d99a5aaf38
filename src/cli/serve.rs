//! `serve`: the daemon over a configuration file.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::discovery::Share;
use crate::limits;
use crate::origin::Shard;

use super::OWN_FAILURE;
use super::arguments::ServeArguments;
use super::daemon::Daemon;
use super::discover;
use super::discover::Reach;
use super::logging;
use super::print;
use super::runtime;
use super::source::Reading;
use super::source::Source;

/// Reads the configuration and serves until told to stop.
pub(super) fn run(arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    let source = Source {
        path: arguments.config.clone(),
        shard: arguments.shard()?,
        web: arguments.web_config_file.clone(),
    };
    if arguments.check_config {
        let reading = source.read()?;
        let found = runtime()?.block_on(discover::read_once(
            &reading.config,
            &reading.keys,
            source.shard,
            Reach::Local,
        ))?;
        print(&summary(&source, &reading, &found.shares))?;
        return Ok(ExitCode::SUCCESS);
    }
    limits::raise_file_limit();
    let files = limits::file_limit();
    anyhow::ensure!(
        files >= limits::FEWEST_FILES,
        "the limit on open files is {files}, too low for the daemon; raise `LimitNOFILE` (systemd) or \
         `ulimit -n` to {} or more",
        limits::FEWEST_FILES
    );
    let runtime = runtime()?;
    // Before anything is read, which may take seconds: unhandled, the signal ends the process.
    let hangups = runtime.block_on(async { signal(SignalKind::hangup()) });
    let hangups = hangups.context("cannot listen for SIGHUP")?;
    let reading = source.read()?;
    let _log = logging::start(reading.config.log)?;
    warn_of_proxies(|name| std::env::var(name).ok());
    let result = runtime.block_on(async {
        let (path, shard) = (source.path.clone(), source.shard);
        let daemon = Daemon::start(source, reading, hangups).await?;
        let (ordinal, shards, origins) = (shard.ordinal(), shard.shards(), daemon.origins);
        info!(config = %path.display(), origins, shard = ordinal, shards, listen = %daemon.address, "serving");
        // Standard error may be full by then, so what ends a running daemon is logged.
        let ended = daemon.until_asked_to_end().await;
        anyhow::Ok(ended.inspect_err(|error| error!("{error:#}")).is_ok())
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result.map(|is_well| if is_well { ExitCode::SUCCESS } else { ExitCode::from(OWN_FAILURE) })
}

fn summary(source: &Source, reading: &Reading, shares: &[Share]) -> String {
    let Source { path, shard, web } = source;
    let (mine, all) = (reading.config.origins.len(), reading.origins_of_all_shards);
    let origins = match *shard {
        Shard::WHOLE => count(mine, "origin"),
        _ => format!(
            "{mine} of {} for shard {} of {}",
            count(all, "origin"),
            shard.ordinal(),
            shard.shards()
        ),
    };
    let disabled = match reading.config.disabled_origins.len() {
        0 => String::new(),
        1 => " (1 more is disabled)".to_owned(),
        more => format!(" ({more} more are disabled)"),
    };
    let anchors = count(reading.anchors.len(), "trust anchor");
    let mut summary = format!("{}: valid; {origins}{disabled}, {anchors}\n", path.display());
    for account in &reading.config.discovery.cloudfront {
        summary.push_str(&format!("cloudfront:{}: valid; not asked\n", account.name));
    }
    for share in shares {
        summary.push_str(&format!("{}: valid; {}\n", share.source, count(share.origins, "origin")));
    }
    if let (Some(web), Some(settings)) = (web, reading.door.settings()) {
        let protocol = if settings.tls.is_some() { "https" } else { "http" };
        let users = count(settings.users.len(), "user");
        summary.push_str(&format!("{}: valid; {protocol}, {users}\n", web.display()));
    }
    summary
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Says that probes do not take the way that the environment asks for: through a proxy they would
/// see the proxy's network and, where it inspects TLS, its certificates.
fn warn_of_proxies(variable: impl Fn(&str) -> Option<String>) {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        if variable(name).is_some_and(|value| !value.is_empty()) {
            warn!("{name} is set; probes go direct all the same, as CloudFront's connections do");
        }
    }
}
