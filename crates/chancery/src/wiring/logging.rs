//! The log: structured, to standard error, one line for each request.

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogFormat, LogSection};

/// Starts logging. A second start, as in tests, is without effect.
pub(crate) fn start(section: &LogSection) {
    let filter = EnvFilter::builder().parse_lossy(&section.filter);
    let registry = tracing_subscriber::registry().with(filter);
    let begun = match section.format {
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Text => {
            let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
            registry.with(fmt::layer().compact().with_ansi(colours).with_writer(std::io::stderr)).try_init()
        }
    };
    if begun.is_err() {
        tracing::debug!("the log was started already");
    }
}
