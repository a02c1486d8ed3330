//! `chancery migrate`: brings the database up to date.

use std::path::Path;

use chancery_cli::{Output, say};
use serde_json::json;

use super::{Opened, open};

/// Applies what is missing; replicas that start together do so once.
pub(super) async fn run(path: &Path, output: Output) -> anyhow::Result<()> {
    let Opened { storage, log: _log, .. } = open(path).await?;
    let pending = storage.pending_migrations().await?;
    storage.migrate().await?;
    storage.close().await?;
    let sentence = format!("the database is up to date ({} applied)", pending.len());
    Ok(say(output, &sentence, &json!({ "applied": pending }))?)
}
