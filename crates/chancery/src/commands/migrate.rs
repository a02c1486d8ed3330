//! `chancery migrate`: brings the database up to date.

use std::path::Path;

use super::{Opened, open};

/// Applies what is missing; replicas that start together do so once.
pub(super) async fn run(path: &Path) -> anyhow::Result<()> {
    let Opened { storage, log: _log, .. } = open(path).await?;
    let pending = storage.pending_migrations().await?.len();
    storage.migrate().await?;
    storage.close().await?;
    println!("the database is up to date ({pending} applied)");
    Ok(())
}
