//! `chancery migrate`: brings the database up to date.

use std::path::Path;

use crate::{config, wiring};

/// Applies what is missing; replicas that start together do so once.
pub(super) async fn run(path: &Path) -> anyhow::Result<()> {
    let config = config::load(path)?;
    let _log = wiring::start_log(&config.log)?;
    let (storage, _clock) = wiring::open_storage(config.database_url.expose(), config.database_connections).await?;
    let pending = storage.pending_migrations().await?.len();
    storage.migrate().await?;
    storage.close().await?;
    println!("the database is up to date ({pending} applied)");
    Ok(())
}
