//! Logs, on standard error.

use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::LogSettings;

use super::terminal::has_colour;

/// Changes the filter of a log that has been started.
static SET_FILTER: OnceLock<Box<dyn Fn(EnvFilter) + Send + Sync>> = OnceLock::new();

/// Starts logging; `RUST_LOG` overrides the level.
///
/// A line that cannot be written, because a disk is full or a reader has gone, is lost: that is no
/// reason to stop watching.
pub(super) fn start(settings: LogSettings) {
    let builder = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_ansi(has_colour(&std::io::stderr()));
    let filter = filter(settings.level);
    // A second start within one process keeps the first.
    match settings.format {
        LogFormat::Text => {
            let builder =
                builder.with_target(false).with_env_filter(filter).with_filter_reloading();
            let handle = builder.reload_handle();
            if builder.try_init().is_ok() {
                let _ = SET_FILTER.set(Box::new(move |filter| drop(handle.reload(filter))));
            }
        }
        LogFormat::Json => {
            let builder = builder.json().flatten_event(true);
            let builder = builder.with_env_filter(filter).with_filter_reloading();
            let handle = builder.reload_handle();
            if builder.try_init().is_ok() {
                let _ = SET_FILTER.set(Box::new(move |filter| drop(handle.reload(filter))));
            }
        }
    }
}

/// Changes the level of a log that has been started.
pub(super) fn set_level(level: LogLevel) {
    if let Some(set) = SET_FILTER.get() {
        set(filter(level));
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let level = LogLevel::ALL.iter().find(|(_, each)| *each == level);
    let level = level.map_or("info", |(name, _)| *name);
    // The DNS library speaks of every forged or late datagram; that is data here, not news.
    let default = format!(
        "{level},hickory_resolver=error,hickory_net=error,hickory_proto=error,hickory_server=error"
    );
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().map(|asked| without_secrets(&asked));
    let filter = asked.filter(|asked| !asked.is_empty()).and_then(|asked| asked.parse().ok());
    let filter: EnvFilter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let silent = SECRET_KEEPERS.map(|target| format!("{target}=error").parse());
    silent.into_iter().flatten().fold(filter, EnvFilter::add_directive)
}

/// Those below the API trace whole requests and answers, with credentials and the secrets in
/// custom headers, and warn of answers that they repeat: nobody is to see those in a log, whatever
/// is asked for. What fails is told in our own words.
const SECRET_KEEPERS: [&str; 5] = ["aws", "hyper", "h2", "http", "rustls"];

/// Leaves out of the directives of `RUST_LOG` those that would tell secrets.
fn without_secrets(directives: &str) -> String {
    let tells = |directive: &&str| {
        let target = directive.trim_start();
        !SECRET_KEEPERS.iter().any(|keeper| target.starts_with(keeper))
    };
    directives.split(',').filter(tells).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn no_directive_opens_what_traces_secrets() {
        for (asked, kept) in [
            ("debug", "debug"),
            ("origin_probe=debug,aws_smithy_runtime::client=trace", "origin_probe=debug"),
            ("trace, hyper_util=trace,hickory_resolver=info", "trace,hickory_resolver=info"),
            ("aws_sigv4=trace", ""),
        ] {
            assert_eq!(without_secrets(asked), kept);
        }
    }
}
