//! Logging to standard error.

mod line;
mod queue;

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use tracing::error;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

use crate::config::{LogFormat, LogLevel, LogSettings};
use crate::telemetry::Telemetry;

use line::{Fields, bounded_json, bounded_text};
use queue::{Queue, REPORTS};

/// The filter of the running log.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();
/// The queue of the running log.
static QUEUE: OnceLock<Arc<Queue>> = OnceLock::new();

/// The running log. Dropping it writes the remaining lines.
#[derive(Debug)]
pub(crate) struct Log(Arc<Queue>);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush(LAST_LINES);
    }
}

/// How long dropping the log waits for a slow reader.
const LAST_LINES: Duration = Duration::from_millis(300);

/// Starts logging; `RUST_LOG` overrides the level.
///
/// Lines that cannot be written are dropped and counted: a stalled or closed pipe or a full disk
/// must not stop the probes.
///
/// # Errors
/// When standard error is closed, or no thread can be started.
pub(crate) fn start(settings: LogSettings) -> io::Result<Log> {
    // The standard library's handle would hold its lock while a write blocks.
    let queue = Queue::start(File::from(io::stderr().as_fd().try_clone_to_owned()?))?;
    let (lines, format) = (Arc::clone(&queue), settings.format);
    let layer = tracing_subscriber::fmt::layer()
        .log_internal_errors(false)
        .with_writer(move || Line { queue: Arc::clone(&lines), format })
        .with_ansi(AutoStream::choice(&io::stderr()) != ColorChoice::Never);
    let layer = match format {
        LogFormat::Text => layer.with_target(false).fmt_fields(Fields).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    let (filter, handle) = reload::Layer::new(filter(settings.level));
    // A second start within one process keeps the first.
    if tracing_subscriber::registry().with(filter).with(layer).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    let _ = QUEUE.set(Arc::clone(&queue));
    // The default panic hook would write to standard error directly, and block on it.
    std::panic::set_hook(Box::new(log_panic));
    Ok(Log(queue))
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    error!(%place, panic = message, "thread panicked; please report this bug");
}

/// Counts dropped lines in `telemetry`.
pub(super) fn count_in(telemetry: &Arc<Telemetry>) {
    if let Some(queue) = QUEUE.get() {
        queue.count_in(Arc::clone(telemetry));
    }
}

/// Writes whole lines to the queue.
#[derive(Debug)]
struct Line {
    queue: Arc<Queue>,
    format: LogFormat,
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = match self.format {
            LogFormat::Text => bounded_text(&text),
            LogFormat::Json => bounded_json(&text),
        };
        self.queue.push(text.as_bytes());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Changes the level of the running log.
pub(super) fn set_level(level: LogLevel) {
    if let Some(running) = FILTER.get() {
        let _ = running.reload(filter(level));
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let level = LogLevel::ALL.iter().find(|(_, each)| *each == level);
    let level = level.map_or("info", |(name, _)| *name);
    // The DNS library logs every forged or late datagram, which is expected here.
    let default = format!(
        "{level},hickory_resolver=error,hickory_net=error,hickory_proto=error,hickory_server=error"
    );
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().map(|asked| without_secrets(&asked));
    let filter = asked.filter(|asked| !asked.is_empty()).and_then(|asked| asked.parse().ok());
    let filter: EnvFilter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let fixed = SECRET_KEEPERS.map(|target| format!("{target}=error"));
    let fixed = fixed.into_iter().chain([format!("{REPORTS}=warn")]);
    fixed.flat_map(|directive| directive.parse()).fold(filter, EnvFilter::add_directive)
}

/// Libraries below the AWS API client. They trace whole requests and responses, including
/// credentials and secret custom headers, and quote responses in warnings. So they are always
/// limited to errors; origin-probe logs failures itself.
const SECRET_KEEPERS: [&str; 5] = ["aws", "hyper", "h2", "http", "rustls"];

/// Removes directives from `RUST_LOG` that would log secrets.
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
