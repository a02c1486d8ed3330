//! Lines on their way to standard error, written a few at a time by a thread of their own.
//!
//! Requests never wait for whoever reads the log. When the reader falls behind, lines are dropped and counted; what
//! must never be lost is in the audit, which is in the database.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// How long lines gather before they are written.
const GATHER: Duration = Duration::from_millis(10);
/// Bytes that may wait; beyond that, lines are dropped.
const MOST_WAITING: usize = 4 << 20;

/// Takes lines. Clones share one buffer.
#[derive(Clone, Default)]
pub(crate) struct LogBuffer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    lines: Mutex<Lines>,
    arrived: Condvar,
}

#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    dropped: u64,
    /// Taken out of the buffer and not written yet.
    writing: bool,
}

impl LogBuffer {
    /// A buffer with its thread.
    pub(super) fn start() -> io::Result<Self> {
        let buffer = Self::default();
        let shared = Arc::clone(&buffer.0);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || shared.write_on(&mut io::stderr()))?;
        Ok(buffer)
    }

    /// Returns when everything that was taken is written, or after a second.
    pub(crate) fn flush(&self) {
        for _ in 0..100 {
            let lines = self.0.lock();
            if lines.bytes.is_empty() && !lines.writing {
                return;
            }
            drop(lines);
            std::thread::sleep(GATHER);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_on(&self, out: &mut impl Write) -> ! {
        let mut taken = Vec::new();
        loop {
            let waiting = self.arrived.wait_while(self.lock(), |lines| lines.bytes.is_empty());
            drop(waiting.unwrap_or_else(PoisonError::into_inner));
            std::thread::sleep(GATHER);
            self.write_once(&mut taken, out);
        }
    }

    /// Writes what has gathered. An error has nowhere to be told.
    fn write_once(&self, taken: &mut Vec<u8>, out: &mut impl Write) {
        let mut lines = self.lock();
        std::mem::swap(&mut lines.bytes, taken);
        let dropped = std::mem::take(&mut lines.dropped);
        lines.writing = true;
        drop(lines);
        let _ = out.write_all(taken);
        taken.clear();
        if dropped > 0 {
            let _ = writeln!(out, "{{\"level\":\"ERROR\",\"message\":\"log lines dropped\",\"dropped\":{dropped}}}");
        }
        let _ = out.flush();
        self.lock().writing = false;
    }
}

impl Write for &LogBuffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock();
        if lines.bytes.len() + line.len() > MOST_WAITING {
            lines.dropped += 1;
            return Ok(line.len());
        }
        let first = lines.bytes.is_empty();
        lines.bytes.extend_from_slice(line);
        drop(lines);
        if first {
            self.0.arrived.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogBuffer {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_leave_in_order_and_a_full_buffer_drops_and_says_so() {
        let buffer = LogBuffer::default();
        (&buffer).write_all(b"first\n").expect("taken");
        (&buffer).write_all(&vec![b'x'; MOST_WAITING]).expect("taken or dropped");
        (&buffer).write_all(b"second\n").expect("taken");
        let mut out = Vec::new();
        buffer.0.write_once(&mut Vec::new(), &mut out);
        let said = String::from_utf8(out).expect("text");
        assert!(said.starts_with("first\nsecond\n"), "{said}");
        assert!(said.contains("\"dropped\":1"), "{said}");
        assert!(buffer.0.lock().bytes.is_empty());
    }
}
