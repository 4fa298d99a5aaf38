//! Logs, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::LogSettings;

/// Starts logging; `RUST_LOG` overrides the level.
pub(super) fn start(settings: LogSettings) {
    let level = LogLevel::ALL.iter().find(|(_, level)| *level == settings.level);
    let level = level.map_or("info", |(name, _)| *name);
    // The DNS library speaks of every forged or late datagram; that is data here, not news.
    let default = format!(
        "{level},hickory_resolver=error,hickory_net=error,hickory_proto=error,hickory_server=error"
    );
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start within one process keeps the first.
    let _ = match settings.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
