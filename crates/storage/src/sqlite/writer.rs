//! The writer: one connection, whose commits are grouped, so that many callers share one sync of the disk.
//!
//! There is one turn, and it is handed on in the order in which it was asked for. Whoever has the turn works in a
//! savepoint of the group's outer transaction. A commit releases the savepoint, hands the turn on and waits; the
//! committer asks for the turn like everybody else, so those who asked before it join the group, and then it commits the
//! outer transaction and tells every member. A member that is dropped undoes its own savepoint alone.
//!
//! Nobody is told of a success before the outer commit is on disk, and when that fails everybody is told.
//!
//! A member can see what earlier members of its group have written and not yet made durable. That is safe: what a
//! member commits stands or falls with the group, and what it only refuses promises nothing.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use chancery_domain::fault::Fault;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot},
    time::timeout,
};

use crate::fault::fault;

/// How many members a group takes before it has to commit.
const LARGEST_GROUP: usize = 256;

/// How long a caller waits for the turn before the database counts as overrun.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands out the turn.
pub(crate) struct Writer {
    connection: DatabaseConnection,
    turn: Turn,
    patience: Duration,
}

/// The turn, and the group that is open, if one is.
type Turn = Arc<Mutex<Option<Group>>>;

/// The transaction that is open on the connection, and who waits for its commit.
struct Group {
    outer: DatabaseTransaction,
    waiting: Vec<oneshot::Sender<Result<(), DbErr>>>,
    /// Set when a savepoint could not be undone: then nothing of the group may stay.
    lost: Option<DbErr>,
}

impl Writer {
    pub(crate) fn new(connection: DatabaseConnection) -> Self {
        Self { connection, turn: Arc::default(), patience: PATIENCE }
    }

    /// Takes the turn, which may take a while, and opens a savepoint.
    pub(crate) async fn begin(&self) -> Result<Member, Fault> {
        let turn = timeout(self.patience, Arc::clone(&self.turn).lock_owned()).await;
        let mut turn = turn.map_err(|error| Fault::unavailable("the writer's turn", error))?;
        if turn.as_ref().is_some_and(Group::takes_no_more) {
            end(&mut turn).await;
        }
        if turn.is_none() {
            *turn = Some(Group::open(&self.connection).await.map_err(fault)?);
        }
        let Ok(group) = OwnedMutexGuard::try_map(turn, Option::as_mut) else {
            return Err(Fault::bug("a group is open and cannot be found"));
        };
        // From here on the savepoint is undone when the caller goes away, even before it is known to be there.
        let member = Member(Some(Held { group, turn: Arc::clone(&self.turn), runtime: Handle::current() }));
        member.transaction().execute_unprepared("SAVEPOINT member").await.map_err(fault)?;
        Ok(member)
    }

    /// Takes the turn for a transaction of its own, outside of any group. For migrations.
    pub(crate) async fn alone(&self) -> Result<Alone, DbErr> {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        end(&mut turn).await;
        let transaction = self.connection.begin_with_options(immediate()).await?;
        Ok(Alone { transaction, _turn: turn })
    }

    /// Waits for the last group and closes the connection.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        let mut turn = self.turn.lock().await;
        end(&mut turn).await;
        self.connection.close_by_ref().await
    }
}

fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
}

impl Group {
    async fn open(connection: &DatabaseConnection) -> Result<Self, DbErr> {
        let outer = connection.begin_with_options(immediate()).await?;
        Ok(Self { outer, waiting: Vec::new(), lost: None })
    }

    fn takes_no_more(&self) -> bool {
        self.lost.is_some() || self.waiting.len() >= LARGEST_GROUP
    }

    /// Commits, and tells every member how it went.
    async fn commit(self) {
        let outcome = match self.lost {
            None => self.outer.commit().await,
            Some(error) => self.outer.rollback().await.and(Err(error)),
        };
        if let Err(error) = &outcome {
            tracing::error!(%error, members = self.waiting.len(), "a group of transactions did not commit");
        }
        for member in self.waiting {
            // A member whose process part is gone wants no answer.
            drop(member.send(outcome.clone()));
        }
    }
}

/// Ends the group that is open, if one is. In a task of its own, so that it ends even if the caller goes away.
async fn end(turn: &mut Option<Group>) {
    if let Some(group) = turn.take() {
        drop(tokio::spawn(group.commit()).await);
    }
}

/// Asks for the turn like everybody else and ends the group: those who asked before are in it then.
async fn end_in_turn(turn: Turn) {
    end(&mut *turn.lock_owned().await).await;
}

/// One transaction of a group: it has the turn until it is committed or dropped.
pub(crate) struct Member(Option<Held>);

struct Held {
    group: OwnedMappedMutexGuard<Option<Group>, Group>,
    turn: Turn,
    runtime: Handle,
}

impl Member {
    /// What statements go through.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.0.as_ref().expect("a member has the turn until it ends").group.outer
    }

    /// Hands the turn on and returns when everything is on disk. To be run in a task of its own: whoever stops waiting
    /// for it after the turn is handed on does not learn how it went.
    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        self.transaction().execute_unprepared("RELEASE member").await.map_err(fault)?;
        let Some(mut held) = self.0.take() else { return Err(Fault::bug("a member ended twice")) };
        let (told, outcome) = oneshot::channel();
        if held.group.waiting.is_empty() {
            tokio::spawn(end_in_turn(Arc::clone(&held.turn)));
        }
        held.group.waiting.push(told);
        drop(held);
        // Whatever it was, the group is gone and the next one may do better.
        let outcome = outcome.await.map_err(|error| Fault::unavailable("commit", error))?;
        outcome.map_err(|error| Fault::unavailable("commit", error))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            held.runtime.clone().spawn(held.undo());
        }
    }
}

impl Held {
    /// Undoes the savepoint alone and hands the turn on. When it cannot be undone, the whole group is lost.
    async fn undo(mut self) {
        let undone = self.group.outer.execute_unprepared("ROLLBACK TO member; RELEASE member").await;
        self.group.lost = undone.err().or(self.group.lost.take());
        if self.group.waiting.is_empty() {
            tokio::spawn(end_in_turn(Arc::clone(&self.turn)));
        }
    }
}

/// A transaction outside of any group.
pub(crate) struct Alone {
    transaction: DatabaseTransaction,
    _turn: OwnedMutexGuard<Option<Group>>,
}

impl Alone {
    /// What statements go through.
    pub(crate) const fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Returns when everything is on disk.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.transaction.commit().await
    }
}
