//! The terminal that answers go to.

use std::io::{self, IsTerminal};

/// How many columns it has; none where answers go elsewhere.
pub(crate) fn width() -> Option<usize> {
    let size = if io::stdout().is_terminal() { terminal_size::terminal_size() } else { None };
    size.map(|(width, _)| usize::from(width.0))
}
