//! `chancery audit export`

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use chancery_proto::v1::ExportAuditEventsRequest;
use clap::Args;

use super::Owner;
use crate::connection::Api;
use crate::error::CliError;

/// What to export, and where to.
#[derive(Args, Debug)]
pub struct Export {
    #[command(flatten)]
    owner: Owner,
    /// The place of the checkpoint that an earlier export ended with, to go on behind it
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    after_position: i64,
    /// A new file to write to, instead of standard output
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, api: &Api) -> Result<String, CliError> {
        let request = ExportAuditEventsRequest { parent: self.owner.parent(), after_position: self.after_position };
        let mut parts = api.audit().export_audit_events(request).await?.into_inner();
        // The first part comes before the file is made: a refusal leaves none behind.
        let mut part = parts.message().await?;
        let name = self.file.as_ref().map_or_else(|| "the export".to_owned(), |file| file.display().to_string());
        let failed = |cause| CliError::Io { what: format!("cannot write {name}"), cause };
        let mut to: Box<dyn Write + Send> = match &self.file {
            Some(file) => Box::new(OpenOptions::new().write(true).create_new(true).open(file).map_err(failed)?),
            None => Box::new(io::stdout()),
        };
        let mut to = BufWriter::new(&mut to);
        while let Some(told) = part {
            for line in told.lines {
                match writeln!(to, "{line}") {
                    // A reader that has gone (`| head`) is no failure.
                    Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => return Ok(String::new()),
                    written => written.map_err(failed)?,
                }
            }
            part = parts.message().await?;
        }
        to.flush().map_err(failed)?;
        Ok(String::new())
    }
}
