//! What cases share that run at once: what drives them, and one of everything that is slow to make for each database.

use std::sync::LazyLock;

use anyhow::Result;
use chancery_tests::http::from_own_address;
use tokio::{runtime::Runtime, sync::OnceCell};

use crate::databases::Database;

/// What is shared outlives the test that made it, and so must what drives it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Runs a case. Its requests come from an address of its own.
pub(crate) fn run(case: impl Future<Output = Result<()>>) -> Result<()> {
    RUNTIME.block_on(from_own_address(case))
}

/// One for each database, made by the case that first asks for it.
pub(crate) struct OnEach<T> {
    on_sqlite: OnceCell<T>,
    on_postgres: OnceCell<T>,
}

impl<T> OnEach<T> {
    pub(crate) const fn new() -> Self {
        Self { on_sqlite: OnceCell::const_new(), on_postgres: OnceCell::const_new() }
    }

    /// The one of that database.
    pub(crate) async fn of(&self, database: Database, make: impl AsyncFnOnce() -> Result<T>) -> Result<&T> {
        let cell = match database {
            Database::Sqlite => &self.on_sqlite,
            Database::Postgres => &self.on_postgres,
        };
        cell.get_or_try_init(|| Box::pin(make())).await
    }
}
