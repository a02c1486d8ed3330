//! The log: structured, to standard error, one line for each request.

mod buffer;

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

pub(crate) use self::buffer::LogBuffer;
use crate::config::{LogFormat, LogSection};

/// What has been logged and not been written yet; written out at the latest when this is dropped.
#[must_use = "the last lines are written when it is dropped"]
pub(crate) struct Log(LogBuffer);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// Starts logging.
pub(crate) fn start(section: &LogSection) -> anyhow::Result<Log> {
    let buffer = LogBuffer::start()?;
    let filter = EnvFilter::builder().parse_lossy(&section.filter);
    let registry = tracing_subscriber::registry().with(filter);
    match section.format {
        LogFormat::Json => {
            let layer = fmt::layer().json().flatten_event(true).with_current_span(false);
            registry.with(layer.with_writer(buffer.clone())).try_init()?;
        }
        LogFormat::Text => {
            let layer = fmt::layer().compact().with_ansi(std::io::stderr().is_terminal());
            registry.with(layer.with_writer(buffer.clone())).try_init()?;
        }
    }
    Ok(Log(buffer))
}
