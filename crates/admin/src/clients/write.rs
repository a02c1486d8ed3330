//! Writing clients with their audit events: for the calls about one client, and for documents.

use std::time::Duration;

use chancery_domain::{audit::Action, change::Noun, client::Client, fault::WriteError, version::Version};
use chancery_keys::promise;

use crate::writing::Writing;

/// A new client.
pub(crate) async fn insert(to: Writing<'_>, client: &Client) -> Result<(), WriteError> {
    to.rows.clients().insert(client).await?;
    raise(to, client).await?;
    Ok(to.audit(Action::Created, Noun::Client, &client.id, (None, Some(client.version))).await?)
}

/// A client in place of what it was; guarded by the version that was read. Gives the new version.
pub(crate) async fn update(to: Writing<'_>, before: &Client, client: &Client) -> Result<Version, WriteError> {
    let version = to.rows.clients().update(client, to.now).await?;
    raise(to, client).await?;
    if before.needs_sealed_secrets() && !client.needs_sealed_secrets() {
        to.rows.clients().forget_sealed_secrets(client.uid).await?;
    }
    to.audit(Action::Updated, Noun::Client, &client.id, (Some(client.version), Some(version))).await?;
    Ok(version)
}

/// A client, its secrets and its grants go; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, client: &Client) -> Result<(), WriteError> {
    to.rows.clients().delete(&client.id, client.version).await?;
    Ok(to.audit(Action::Deleted, Noun::Client, &client.id, (Some(client.version), None)).await?)
}

/// Before the first token of a longer life can leave, the keys know of it.
async fn raise(to: Writing<'_>, client: &Client) -> Result<(), WriteError> {
    match client.longest_life() {
        Duration::ZERO => Ok(()),
        life => promise::raise(to.rows, life, &to.cx.keys.margins, to.now).await,
    }
}
