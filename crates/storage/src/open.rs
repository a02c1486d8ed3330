//! What one says to open a database, and why it may not open.

use std::{fmt, path::PathBuf, sync::Arc};

use chancery_domain::time::Clock;
use sea_orm::DbErr;

/// Which database, and how.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`. It may hold a password: never for the log.
    pub url: String,
    /// How many connections to PostgreSQL at most. SQLite has one writer and four readers, whatever stands here.
    pub connections: u32,
    /// The clock that stamps changes, and the database's own clock where that is SQLite.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The database at `url`, with 16 connections.
    #[must_use]
    pub fn new(url: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { url: url.into(), connections: 16, clock }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// Why a database did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no database that we know.
    #[error("the database URL must begin with sqlite: or postgres: and name a file or a server: {0}")]
    Url(&'static str),
    /// Another process has the file.
    #[error(
        "the database {} is in use by another Chancery process; stop that process, or use PostgreSQL for several",
        .file.display()
    )]
    InUse {
        /// The database file.
        file: PathBuf,
    },
    /// Others on the machine can read the database file, or change it.
    #[error("the database {} is open to others (mode {mode:03o}): `chmod 600 {}`", .file.display(), .file.display())]
    OpenToOthers {
        /// The database file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The database file, or the lock file beside it, cannot be made or opened.
    #[error("cannot open {}: {cause}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The database does not keep what it has acknowledged.
    #[error("the database answers {setting}={value}, and only {needed} keeps what was acknowledged through a crash")]
    Careless {
        /// The setting.
        setting: &'static str,
        /// What it is.
        value: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// The database does not answer.
    #[error("the database does not open: {0}")]
    Away(#[source] DbErr),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Away(DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error))))
    }
}
