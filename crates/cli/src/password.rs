//! Passwords from a file or from standard input, never from an argument: those are seen by others on the machine.

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;

/// Where the password is read from.
#[derive(Args, Debug)]
#[group(id = "password", multiple = false)]
pub(crate) struct PasswordSource {
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from this file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// The password, or nothing when no source was named. One line break at the end belongs to the file, not to it.
    pub(crate) fn read(&self) -> Result<Option<String>, CliError> {
        let mut text = String::new();
        if let Some(file) = &self.password_file {
            text = CliError::reading(file, std::fs::read_to_string(file))?;
        } else if self.password_stdin {
            let read = io::stdin().lock().read_to_string(&mut text);
            read.map_err(|cause| CliError::Io { what: "cannot read the password".to_owned(), cause })?;
        } else {
            return Ok(None);
        }
        let password = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if password.is_empty() {
            return Err(CliError::Usage("the password is empty".to_owned()));
        }
        Ok(Some(password.to_owned()))
    }

    /// The password, which this command cannot do without.
    pub(crate) fn read_required(&self) -> Result<String, CliError> {
        let missing = || CliError::Usage("give the password with --password-stdin or --password-file".to_owned());
        self.read()?.ok_or_else(missing)
    }
}
