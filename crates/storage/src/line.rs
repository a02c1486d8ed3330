//! The way to the database: a pool to read from, or a transaction to write in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chancery_domain::{
    fault::Fault,
    time::{Clock, Timestamp},
};
use sea_orm::{DatabaseConnection, DatabaseExecutor, DatabaseTransaction};

use crate::{database::Signal, fault::fault, postgres, sqlite};

/// Something that statements can be sent along.
pub(crate) trait Line: Send + Sync {
    /// Takes one statement.
    fn db(&self) -> DatabaseExecutor<'_>;
}

/// A line that may be written to: one transaction.
pub(crate) trait WriteLine: Line {
    /// The number of the next change within this transaction, from 0.
    fn next_change(&self) -> i64;

    /// What time it is.
    fn now(&self) -> Timestamp;
}

/// A pool: each statement for itself.
#[derive(Clone)]
pub(crate) struct Pool(pub(crate) DatabaseConnection);

impl Line for Pool {
    fn db(&self) -> DatabaseExecutor<'_> {
        (&self.0).into()
    }
}

/// An open transaction. Dropped without a commit, it leaves nothing.
pub(crate) struct Transaction {
    open: Open,
    changes: AtomicI64,
    clock: Arc<dyn Clock>,
    signal: Signal,
}

/// A transaction of either database.
pub(crate) enum Open {
    /// A savepoint in the writer's group.
    Sqlite(sqlite::Member),
    /// A transaction of its own.
    Postgres(DatabaseTransaction),
}

impl Transaction {
    pub(crate) fn new(open: Open, clock: Arc<dyn Clock>, signal: Signal) -> Self {
        Self { open, changes: AtomicI64::new(0), clock, signal }
    }

    /// Makes everything durable. Runs in a task of its own, so that it ends even if the caller goes away.
    pub(crate) async fn commit(self) -> Result<(), Fault> {
        let Self { open, changes, signal, .. } = self;
        let changed = changes.into_inner() > 0;
        let commit = async move {
            match open {
                Open::Sqlite(member) => member.commit().await?,
                Open::Postgres(transaction) => {
                    if changed {
                        postgres::announce(&transaction).await.map_err(fault)?;
                    }
                    transaction.commit().await.map_err(fault)?;
                }
            }
            if changed {
                signal.raise();
            }
            Ok(())
        };
        tokio::spawn(commit).await.map_err(|error| Fault::unavailable("commit", error))?
    }
}

impl Line for Transaction {
    fn db(&self) -> DatabaseExecutor<'_> {
        match &self.open {
            Open::Sqlite(member) => member.transaction().into(),
            Open::Postgres(transaction) => transaction.into(),
        }
    }
}

impl WriteLine for Transaction {
    fn next_change(&self) -> i64 {
        self.changes.fetch_add(1, Ordering::Relaxed)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// A transaction that somebody else will end.
impl Line for &Transaction {
    fn db(&self) -> DatabaseExecutor<'_> {
        (**self).db()
    }
}

impl WriteLine for &Transaction {
    fn next_change(&self) -> i64 {
        (**self).next_change()
    }

    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
