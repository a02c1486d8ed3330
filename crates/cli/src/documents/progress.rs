//! How far a fleet is, on a terminal.

use std::io::{self, IsTerminal, Write};

/// A bar on standard error; nothing where nobody looks.
pub(super) struct Progress {
    total: usize,
    done: usize,
    failed: usize,
    shown: bool,
}

impl Progress {
    const WIDTH: usize = 30;

    /// A bar for so many files.
    pub(super) fn new(total: usize) -> Self {
        Self { total, done: 0, failed: 0, shown: total > 1 && io::stderr().is_terminal() }
    }

    /// One more is done.
    pub(super) fn step(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        // Drawn a hundred times at most, and at the end.
        if self.shown && (self.done.is_multiple_of((self.total / 100).max(1)) || self.done == self.total) {
            let full = Self::WIDTH * self.done / self.total.max(1);
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(Self::WIDTH - full));
            let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
            // Nobody is hurt when the bar cannot be drawn.
            let _ = write!(io::stderr(), "\r[{bar}] {}/{}{failed}", self.done, self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
