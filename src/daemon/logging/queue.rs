//! A queue of log lines for standard error. A separate thread writes them, because a pipe that is
//! not read blocks its writer. All other threads only append to a bounded buffer.

use std::io;
use std::io::{ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::warn;

use crate::telemetry::Telemetry;

/// Lines waiting to be written, limited in bytes. tracing-appender limits the number of lines, of
/// any length, and delays the exit by up to a second.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    pending: Vec<u8>,
    is_writing: bool,
    /// Dropped lines that the log has not reported yet.
    dropped: u64,
    telemetry: Option<Arc<Telemetry>>,
}

impl Queue {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Arc<Self>> {
        let queue = Arc::new(Self::default());
        let written = Arc::clone(&queue);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || written.write_to(out))?;
        Ok(queue)
    }

    /// Counts dropped lines in `telemetry`, including those dropped before.
    pub(super) fn count_in(&self, telemetry: Arc<Telemetry>) {
        let mut state = self.lock();
        telemetry.log_lines_dropped(state.dropped);
        state.telemetry = Some(telemetry);
    }

    /// Adds a line, or drops it if the queue is full.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        match state.pending.len() + line.len() <= CAPACITY {
            true => state.pending.extend_from_slice(line),
            false => state.drop_lines(1),
        }
        self.changed.notify_all();
    }

    /// Waits at most `patience` until everything is written.
    pub(super) fn flush(&self, patience: Duration) {
        let is_busy = |state: &mut State| state.is_writing || !state.pending.is_empty();
        drop(self.changed.wait_timeout_while(self.lock(), patience, is_busy));
    }

    /// Writes lines forever.
    fn write_to(&self, mut out: impl Write) {
        loop {
            let mut state = self.lock();
            state.is_writing = false;
            self.changed.notify_all();
            let wait = self.changed.wait_while(state, |state| state.pending.is_empty());
            state = wait.unwrap_or_else(PoisonError::into_inner);
            state.is_writing = true;
            let lines = std::mem::take(&mut state.pending);
            drop(state);
            let unwritten = write(&mut out, &lines);
            let mut state = self.lock();
            // After a full disk or a closed pipe only these lines are lost.
            state.drop_lines(unwritten);
            let flows = unwritten == 0 && state.pending.len() < CAPACITY / 2;
            let dropped = if flows { std::mem::take(&mut state.dropped) } else { 0 };
            drop(state);
            if dropped > 0 {
                warn!(target: REPORTS, lines = dropped, "log lines dropped");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_lines(&mut self, lines: u64) {
        self.dropped += lines;
        if let Some(telemetry) = &self.telemetry {
            telemetry.log_lines_dropped(lines);
        }
    }
}

/// Writes lines, and returns the number of unwritten ones.
fn write(out: &mut impl Write, mut lines: &[u8]) -> u64 {
    while !lines.is_empty() {
        match out.write(lines) {
            Ok(0) => break,
            Ok(written) => lines = lines.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Another process may have made the pipe non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(RETRY),
            Err(_) => break,
        }
    }
    lines.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The target of events about the log itself, which are logged at every level.
pub(super) const REPORTS: &str = "origin_probe::log";
/// In bytes. The same amount may be in the middle of a write.
const CAPACITY: usize = 1 << 20;
const RETRY: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::io;
    use std::io::Write;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::{CAPACITY, Queue};
    use crate::telemetry::Telemetry;

    /// A writer that blocks until it is released.
    struct Gate {
        open: mpsc::Receiver<()>,
        taken: mpsc::Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.open.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            let _ = self.taken.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn dropped(telemetry: &Telemetry) -> String {
        let text = telemetry.render(jiff::Timestamp::UNIX_EPOCH, |_| true).unwrap();
        let name = "origin_probe_log_lines_dropped_total ";
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned()
    }

    #[test]
    fn what_is_not_read_is_dropped_and_counted_and_never_waited_for() {
        let ((let_through, open), (taken, arrived)) = (mpsc::channel(), mpsc::channel());
        let queue = Queue::start(Gate { open, taken }).unwrap();
        let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
        queue.push(b"first\n");
        // The thread has taken the first line as soon as there is room for all of these.
        while queue.lock().pending.len() == 6 {
            std::thread::yield_now();
        }
        for _ in 0..CAPACITY / 1024 + 3 {
            queue.push(&line);
        }
        let telemetry = Arc::new(Telemetry::new("1").unwrap());
        queue.count_in(Arc::clone(&telemetry));
        assert_eq!(dropped(&telemetry), "3");
        queue.push(&line);
        assert_eq!(dropped(&telemetry), "4");
        assert_eq!(queue.lock().pending.len(), CAPACITY);
        queue.flush(Duration::from_millis(1));

        let_through.send(()).unwrap();
        assert_eq!(arrived.recv().unwrap(), b"first\n");
        let_through.send(()).unwrap();
        assert_eq!(arrived.recv().unwrap().len(), CAPACITY);
        queue.flush(Duration::from_secs(60));
        assert_eq!(queue.lock().dropped, 0, "it has been reported");
        // Without a reader, lines are lost and counted.
        drop(let_through);
        queue.push(b"a\nb\n");
        queue.flush(Duration::from_secs(60));
        assert_eq!(dropped(&telemetry), "6");
    }
}
