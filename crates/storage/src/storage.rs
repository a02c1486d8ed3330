//! An open database, and what it hands out.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{
    audit::AuditEvent,
    client::{ClientUse, SecretUse},
    fault::Fault,
    id::TenantId,
    ports::{
        platform::{PlatformReader, PlatformStore, PlatformTx},
        store::{Store, TenantReader, TenantTx},
    },
};
use tokio::sync::{Mutex, watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    audit::Later,
    changes,
    database::{Database, Kind},
    fault::fault,
    migrate,
    open::{OpenError, Options},
    platform::PlatformRows,
    postgres,
    rows::Rows,
    uses::Uses,
};

/// An open database. Cheap to clone; each clone remembers by itself which changes it was told of.
pub struct Storage {
    database: Arc<Database>,
    background: Arc<Background>,
    heard: Mutex<watch::Receiver<u64>>,
}

/// The tasks of an open database. They end with the last clone.
struct Background {
    later: Later,
    uses: Arc<Uses>,
    tasks: TaskTracker,
    stop: DropGuard,
}

impl Storage {
    /// Opens a database. It may be behind: ask [`Self::pending_migrations`], or call [`Self::migrate`].
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let database = Arc::new(Database::open(options).await?);
        let (later, queue) = Later::new();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        if let Kind::Postgres(server) = &database.kind {
            tasks.spawn(postgres::follow(server.pool.clone(), database.signal.clone(), stop.clone()));
        }
        tasks.spawn(queue.run(Arc::clone(&database), stop.clone()));
        let uses = Arc::<Uses>::default();
        tasks.spawn(Arc::clone(&uses).run(Arc::clone(&database), stop.clone()));
        let heard = Mutex::new(database.signal.listen());
        Ok(Self { database, background: Arc::new(Background { later, uses, tasks, stop: stop.drop_guard() }), heard })
    }

    /// Brings the database up to date, also one that was restored from a copy. Several processes may do so at once: one
    /// migrates, the others wait.
    pub async fn migrate(&self) -> Result<(), Fault> {
        self.database.migrate().await.map_err(fault)?;
        changes::remove_ahead(&self.database).await.map(drop)
    }

    /// The names of the migrations that the database lacks, in order. Nothing works before this is empty.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Fault> {
        migrate::pending(&self.database.reader().connection).await.map_err(fault)
    }

    /// Returns when a change may have been written since this clone was last told, or since it was made. A clone is
    /// for one listener. It may return too often, and it is not the bound: read the feed every few seconds all the same.
    pub async fn changed(&self) {
        // The sender lives in `database`, so it cannot be gone.
        drop(self.heard.lock().await.changed().await);
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.database.ping().await.map_err(fault)
    }

    /// Writes what waits to be written and closes the database, for every clone.
    pub async fn close(self) -> Result<(), Fault> {
        self.background.stop.token().cancel();
        self.background.tasks.close();
        self.background.tasks.wait().await;
        self.database.close().await.map_err(fault)
    }
}

impl Clone for Storage {
    fn clone(&self) -> Self {
        Self {
            database: Arc::clone(&self.database),
            background: Arc::clone(&self.background),
            heard: Mutex::new(self.database.signal.listen()),
        }
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Storage {
    fn read(&self, tenant: TenantId) -> Box<dyn TenantReader> {
        Box::new(Rows::new(self.database.reader(), tenant))
    }

    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn TenantTx>, Fault> {
        Ok(Box::new(Rows::new(self.database.begin().await?, tenant)))
    }

    fn audit_later(&self, event: AuditEvent) {
        self.background.later.take(event);
    }

    fn secret_used(&self, used: SecretUse) {
        self.background.uses.take_secret(used);
    }

    fn client_used(&self, used: ClientUse) {
        self.background.uses.take_client(used);
    }
}

#[async_trait]
impl PlatformStore for Storage {
    fn read(&self) -> Box<dyn PlatformReader> {
        Box::new(PlatformRows::new(self.database.reader(), Arc::clone(&self.database.clock)))
    }

    async fn begin(&self) -> Result<Box<dyn PlatformTx>, Fault> {
        let clock = Arc::clone(&self.database.clock);
        Ok(Box::new(PlatformRows::new(self.database.begin().await?, clock)))
    }

    async fn remove_changes_ahead(&self) -> Result<u64, Fault> {
        changes::remove_ahead(&self.database).await
    }

    async fn changed(&self) {
        Self::changed(self).await;
    }
}
