//! The way to the database: a pool to read from, or a transaction to write in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_domain::{
    audit::AuditEvent,
    fault::Fault,
    time::{Clock, Timestamp},
};
use sea_orm::{DatabaseConnection, DatabaseExecutor, DatabaseTransaction};

use crate::{
    audit,
    changes::Touched,
    database::Signal,
    fault::fault,
    known::{Denied, Known},
    postgres, sqlite,
};

/// Something that statements can be sent along.
pub(crate) trait Line: Send + Sync {
    /// Takes one statement.
    fn db(&self) -> DatabaseExecutor<'_>;

    /// What this process knows without asking, where there is something.
    fn known(&self) -> Option<&Known>;
}

/// A line that may be written to: one transaction.
pub(crate) trait WriteLine: Line {
    /// Notes what is being touched. Gives the number of this change within the transaction, from 0.
    fn note(&self, touched: Touched) -> i64;

    /// Notes a token that is being denied.
    fn note_denied(&self, denied: Denied);

    /// Notes an event that is to be linked to its chain on commit.
    fn note_event(&self, event: AuditEvent);

    /// What time it is.
    fn now(&self) -> Timestamp;
}

/// A pool: each statement for itself.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) connection: DatabaseConnection,
    pub(crate) known: Option<Arc<Known>>,
}

impl Line for Pool {
    fn db(&self) -> DatabaseExecutor<'_> {
        (&self.connection).into()
    }

    fn known(&self) -> Option<&Known> {
        self.known.as_deref()
    }
}

/// An open transaction. Dropped without a commit, it leaves nothing.
pub(crate) struct Transaction {
    open: Open,
    noted: Mutex<Noted>,
    known: Option<Arc<Known>>,
    clock: Arc<dyn Clock>,
    signal: Signal,
}

/// What a transaction will have done once it is committed.
#[derive(Default)]
struct Noted {
    touched: Vec<Touched>,
    denied: Vec<Denied>,
    events: Vec<AuditEvent>,
}

/// A transaction of either database.
pub(crate) enum Open {
    /// A savepoint in the writer's group.
    Sqlite(sqlite::Member),
    /// A transaction of its own.
    Postgres(DatabaseTransaction),
}

impl Open {
    fn db(&self) -> DatabaseExecutor<'_> {
        match self {
            Self::Sqlite(member) => member.transaction().into(),
            Self::Postgres(transaction) => transaction.into(),
        }
    }

    async fn commit(self, changed: bool) -> Result<(), Fault> {
        match self {
            Self::Sqlite(member) => member.commit().await,
            Self::Postgres(transaction) => {
                if changed {
                    postgres::announce(&transaction).await.map_err(fault)?;
                }
                transaction.commit().await.map_err(fault)
            }
        }
    }
}

impl Transaction {
    pub(crate) fn new(open: Open, known: Option<Arc<Known>>, clock: Arc<dyn Clock>, signal: Signal) -> Self {
        Self { open, noted: Mutex::default(), known, clock, signal }
    }

    /// Links the events to their chains, last of all, so that nobody waits for a chain longer than a commit takes; then
    /// makes everything durable. Without the events nothing else stays either. Runs in a task of its own, so that it ends even if the caller goes away.
    pub(crate) async fn commit(self) -> Result<(), Fault> {
        let Self { open, noted, known, clock, signal } = self;
        let Noted { touched, denied, events } = noted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let commit = async move {
            let linked = audit::link(&open.db(), &events).await;
            let outcome = match linked {
                Ok(()) => open.commit(!touched.is_empty()).await,
                Err(unlinked) => Err(unlinked),
            };
            // After a failure as well: then nobody can tell what is on disk.
            if let Some(known) = known {
                known.learn(&touched, denied, clock.now());
            }
            if !touched.is_empty() {
                signal.raise();
            }
            outcome
        };
        tokio::spawn(commit).await.map_err(|error| Fault::unavailable("commit", error))?
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line for Transaction {
    fn db(&self) -> DatabaseExecutor<'_> {
        self.open.db()
    }

    /// A transaction looks for itself: it may have changed what others know.
    fn known(&self) -> Option<&Known> {
        None
    }
}

impl WriteLine for Transaction {
    fn note(&self, touched: Touched) -> i64 {
        let mut noted = self.noted();
        noted.touched.push(touched);
        i64::try_from(noted.touched.len() - 1).unwrap_or(i64::MAX)
    }

    fn note_denied(&self, denied: Denied) {
        self.noted().denied.push(denied);
    }

    fn note_event(&self, event: AuditEvent) {
        self.noted().events.push(event);
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

    fn known(&self) -> Option<&Known> {
        (**self).known()
    }
}

impl WriteLine for &Transaction {
    fn note(&self, touched: Touched) -> i64 {
        (**self).note(touched)
    }

    fn note_denied(&self, denied: Denied) {
        (**self).note_denied(denied);
    }

    fn note_event(&self, event: AuditEvent) {
        (**self).note_event(event);
    }

    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
