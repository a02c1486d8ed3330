//! SQLite: one process per file, one writer whose commits are grouped, four readers.

mod lock;
mod writer;

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use self::lock::FileLock;
pub(crate) use self::writer::{Member, Writer};
use crate::{line::Pool, open::OpenError};

/// How many connections read.
const READERS: u32 = 4;
/// How long a statement waits for a lock of the database. Only a checkpoint can hold one against us.
const BUSY: Duration = Duration::from_secs(5);
/// How long a caller waits for a reader before the database counts as away.
const ACQUIRE: Duration = Duration::from_secs(2);

/// An open SQLite database.
pub(crate) struct Sqlite {
    pub(crate) reader: Pool,
    pub(crate) writer: Writer,
    lock: FileLock,
}

impl Sqlite {
    /// Opens the file of the URL, and makes it where there is none.
    pub(crate) async fn open(url: &str) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Url("it cannot be read"))?;
        let file = file_of(url, &options)?;
        let lock = FileLock::take(&file)?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let writer = writer_pool(options.clone()).await?;
        refuse_careless(&writer).await?;
        let reader = reader_pool(options).await?;
        let writer = Writer::new(connection(writer));
        Ok(Self { reader: Pool { connection: connection(reader), known: Some(Arc::default()) }, writer, lock })
    }

    /// Waits for what is being written, closes every connection, and lets go of the file.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.writer.close().await?;
        self.reader.connection.close_by_ref().await?;
        self.lock.release();
        Ok(())
    }
}

fn connection(pool: SqlitePool) -> DatabaseConnection {
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
}

/// The one connection that writes. When it comes back within a transaction, something went wrong that SQLite ended by
/// itself: the connection is closed and the next one begins anew.
async fn writer_pool(options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.acquire_timeout(ACQUIRE).test_before_acquire(false).after_release(|connection, _| {
        Box::pin(async move {
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    Ok(pool.connect_with(options).await?)
}

/// The connections that read and cannot write.
async fn reader_pool(options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    let pool = SqlitePoolOptions::new().max_connections(READERS).idle_timeout(None).max_lifetime(None);
    let pool = pool.acquire_timeout(ACQUIRE).test_before_acquire(false);
    Ok(pool.connect_with(options.pragma("query_only", "ON")).await?)
}

/// Reads back what the file really does: some file systems cannot do what they are asked.
async fn refuse_careless(pool: &SqlitePool) -> Result<(), OpenError> {
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await?;
    if !journal.eq_ignore_ascii_case("wal") {
        return Err(OpenError::Careless { setting: "journal_mode", value: journal, needed: "wal" });
    }
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await?;
    if synchronous < 2 {
        let value = synchronous.to_string();
        return Err(OpenError::Careless { setting: "synchronous", value, needed: "2 (FULL)" });
    }
    Ok(())
}

/// The file, which there has to be: what lives in memory alone is lost with the process.
fn file_of(url: &str, options: &SqliteConnectOptions) -> Result<PathBuf, OpenError> {
    let file = options.get_filename();
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(OpenError::Url("a database in memory keeps nothing"));
    }
    if file.as_os_str().is_empty() {
        return Err(OpenError::Url("the file has no name"));
    }
    Ok(file.to_owned())
}
