//! The database behind an open store: what readers and transactions begin at.

use std::sync::Arc;

use chancery_domain::{fault::Fault, time::Clock};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};
use tokio::sync::watch;

use crate::{
    fault::fault,
    line::{Open, Pool, Transaction},
    migrate,
    open::{OpenError, Options},
    postgres::Postgres,
    sqlite::Sqlite,
};

/// One of the two databases, with the clock and the signal of this process.
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signal: Signal,
}

/// Which database it is.
pub(crate) enum Kind {
    /// A file.
    Sqlite(Sqlite),
    /// A server.
    Postgres(Postgres),
}

/// Tells this process that a change may have been written.
#[derive(Clone)]
pub(crate) struct Signal(Arc<watch::Sender<u64>>);

impl Signal {
    /// Something may have changed.
    pub(crate) fn raise(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Hears of whatever is raised from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Database {
    pub(crate) async fn open(options: Options) -> Result<Self, OpenError> {
        let Options { url, connections, clock } = options;
        let kind = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Kind::Sqlite(Sqlite::open(&url).await?),
            Some("postgres" | "postgresql") => Kind::Postgres(Postgres::open(&url, connections).await?),
            Some(_) | None => return Err(OpenError::Url("its scheme is another")),
        };
        Ok(Self { kind, clock, signal: Signal(Arc::new(watch::Sender::new(0))) })
    }

    /// What reads.
    pub(crate) fn reader(&self) -> Pool {
        match &self.kind {
            Kind::Sqlite(database) => database.reader.clone(),
            Kind::Postgres(database) => Pool { connection: database.connection.clone(), known: None },
        }
    }

    /// What writes.
    pub(crate) async fn begin(&self) -> Result<Transaction, Fault> {
        let (open, known) = match &self.kind {
            Kind::Sqlite(database) => (Open::Sqlite(database.writer.begin().await?), database.reader.known.clone()),
            Kind::Postgres(database) => (Open::Postgres(database.connection.begin().await.map_err(fault)?), None),
        };
        Ok(Transaction::new(open, known, Arc::clone(&self.clock), self.signal.clone()))
    }

    /// Applies the migrations that are pending.
    pub(crate) async fn migrate(&self) -> Result<(), DbErr> {
        match &self.kind {
            Kind::Sqlite(database) => migrate::sqlite(&database.writer).await,
            Kind::Postgres(database) => migrate::postgres(&database.connection).await,
        }
    }

    /// Whether it answers.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        self.reader().connection.execute_unprepared("SELECT 1").await.map(drop)
    }

    /// Waits for what is being written, and closes every connection.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        match &self.kind {
            Kind::Sqlite(database) => database.close().await,
            Kind::Postgres(database) => database.connection.close_by_ref().await,
        }
    }
}
