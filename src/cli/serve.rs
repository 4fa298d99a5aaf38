//! `serve`: runs the daemon with a configuration file.

use std::process::ExitCode;

use crate::daemon;
use crate::daemon::{Ended, Reach, Reading, Source};
use crate::origin::Shard;
use crate::sources::Contribution;

use super::arguments::ServeArguments;
use super::{OWN_FAILURE, print};

/// Reads the configuration and runs the daemon until it is stopped.
pub(super) fn run(arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    let source = Source {
        path: arguments.config.clone(),
        shard: arguments.shard()?,
        web: arguments.web_config_file.clone(),
    };
    if arguments.check_config {
        let reading = source.read()?;
        let found = daemon::runtime()?.block_on(daemon::read_once(
            &reading.config,
            &reading.keys,
            source.shard,
            Reach::Local,
        ))?;
        print(&summary(&source, &reading, &found.shares))?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(match daemon::run(source)? {
        Ended::AsAsked => ExitCode::SUCCESS,
        Ended::Failed => ExitCode::from(OWN_FAILURE),
    })
}

fn summary(source: &Source, reading: &Reading, shares: &[Contribution]) -> String {
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
        1 => " (plus 1 disabled)".to_owned(),
        more => format!(" (plus {more} disabled)"),
    };
    let anchors = count(reading.anchors.len(), "trust anchor");
    let mut summary = format!("{}: valid; {origins}{disabled}, {anchors}\n", path.display());
    for account in &reading.config.discovery.cloudfront {
        summary.push_str(&format!("cloudfront:{}: valid; not queried\n", account.name));
    }
    for share in shares {
        summary.push_str(&format!("{}: valid; {}\n", share.source, count(share.origins, "origin")));
    }
    if let (Some(web), Some(settings)) = (web, reading.access.settings()) {
        let protocol = if settings.tls.is_some() { "https" } else { "http" };
        let users = count(settings.users.len(), "user");
        summary.push_str(&format!("{}: valid; {protocol}, {users}\n", web.display()));
    }
    summary
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
