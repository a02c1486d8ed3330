//! Clients in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    client::{Client, ClientField, ClientSecret, ClientUse, SecretUse},
    fault::{Fault, WriteError},
    id::{ClientId, ClientUid, SecretId},
    page::Page,
    ports::{
        client_secrets::SecretUses,
        client_uses::ClientUses,
        store::{ClientReads, Clients},
    },
    query::Query,
    time::Timestamp,
    version::Version,
};

use super::{super::Fenced, Nouns, guarded};

#[async_trait]
impl SecretUses for Fenced {
    async fn note(&self, uses: &[SecretUse]) -> Result<(), Fault> {
        self.nouns(|rows| uses.iter().for_each(|used| rows.note_secret_use(used)))
    }
}

#[async_trait]
impl ClientUses for Fenced {
    async fn note_clients(&self, uses: &[ClientUse]) -> Result<(), Fault> {
        self.nouns(|rows| uses.iter().for_each(|used| rows.note_client_use(used)))
    }

    async fn unused_since(&self, before: Timestamp, most: u32) -> Result<Vec<(ClientId, Version)>, Fault> {
        self.nouns(|rows| {
            let mut unused: Vec<_> = rows.unused_clients(before).collect();
            unused.sort_by_key(|(used, client)| (*used, client.id.clone()));
            unused.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            unused.into_iter().map(|(_, client)| (client.id.clone(), client.version)).collect()
        })
    }
}

impl Nouns {
    /// Writes down that a client was used, unless a later use is known.
    pub(in super::super) fn note_client_use(&mut self, used: &ClientUse) {
        let last = self.client_uses.entry(used.client).or_insert(used.at);
        *last = used.at.max(*last);
    }

    /// Clients that registered themselves and were neither made nor used after that, with when they last were.
    pub(in super::super) fn unused_clients(&self, before: Timestamp) -> impl Iterator<Item = (Timestamp, &Client)> {
        let strangers = self.clients.values().filter(|client| client.registered_itself());
        let last = strangers.map(|it| (self.client_uses.get(&it.uid).copied().unwrap_or(it.created_at), it));
        last.filter(move |(used, _)| *used <= before)
    }

    /// Writes down that a secret was used, unless a later use is known.
    pub(in super::super) fn note_secret_use(&mut self, used: &SecretUse) {
        let secrets = self.clients.get_mut(&used.client).into_iter().flat_map(|client| &mut client.secrets);
        for secret in secrets.filter(|secret| secret.id == used.secret) {
            secret.last_used_at = secret.last_used_at.max(Some(used.at));
        }
    }
}

#[async_trait]
impl ClientReads for Fenced {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.nouns(|rows| rows.clients.values().find(|client| client.id == *id).cloned())
    }

    async fn find_by_uid(&self, uid: ClientUid) -> Result<Option<Client>, Fault> {
        self.nouns(|rows| rows.clients.get(&uid).cloned())
    }

    async fn list(&self, query: Query<ClientField>) -> Result<Page<Client>, Fault> {
        self.nouns(|rows| query.of(rows.clients.values().cloned(), Client::field, |client| client.id.to_string()))
    }

    async fn origins(&self) -> Result<BTreeSet<String>, Fault> {
        self.nouns(|rows| {
            let enabled = rows.clients.values().filter(|client| client.is_enabled());
            enabled.flat_map(|client| client.allowed_origins.iter().cloned()).collect()
        })
    }

    async fn self_registered(&self, since: Timestamp, most: u32) -> Result<u32, Fault> {
        self.nouns(|rows| {
            let new = rows.clients.values().filter(|it| it.registered_itself() && it.created_at >= since).count();
            u32::try_from(new).unwrap_or(u32::MAX).min(most)
        })
    }
}

#[async_trait]
impl Clients for Fenced {
    async fn insert(&self, client: &Client) -> Result<(), WriteError> {
        self.nouns(|rows| {
            if rows.clients.values().any(|there| there.id == client.id) {
                return Err(WriteError::Taken(Noun::Client));
            }
            rows.clients.insert(client.uid, client.clone());
            Ok(())
        })?
    }

    async fn update(&self, client: &Client, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.clients.get(&client.uid);
            let version = guarded(there.map(|there| there.version), client.version)?;
            let secrets = there.map(|there| there.secrets.clone()).unwrap_or_default();
            let mut row = client.clone();
            (row.version, row.secrets, row.updated_at) = (version, secrets, now);
            rows.clients.insert(row.uid, row);
            Ok(version)
        })?
    }

    async fn delete(&self, id: &ClientId, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let there = rows.clients.values().find(|client| client.id == *id && client.version == version);
            let uid = there.map(|client| client.uid).ok_or(WriteError::Stale)?;
            rows.clients.remove(&uid);
            rows.consents.retain(|(_, client), _| *client != uid);
            rows.claim_mappings.retain(|_, mapping| mapping.client.as_ref().is_none_or(|client| client.uid != uid));
            rows.codes.retain(|_, code| code.client != uid);
            rows.pushed_requests.retain(|_, request| request.client != uid);
            rows.used_once.retain(|(client, ..), _| *client != uid);
            rows.fresh_values.retain(|(client, ..), _| *client != uid);
            rows.fresh_warnings.retain(|(client, _), _| *client != uid);
            rows.deliveries.retain(|_, delivery| delivery.client != uid);
            rows.grants.retain(|_, grant| grant.client != uid);
            rows.forget_families();
            Ok(())
        })?
    }

    async fn add_secret(&self, client: &Client, secret: &ClientSecret) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.clients.get_mut(&client.uid).ok_or(WriteError::Stale)?;
            there.version = guarded(Some(there.version), client.version)?;
            there.secrets.push(secret.clone());
            Ok(there.version)
        })?
    }

    async fn forget_sealed_secrets(&self, client: ClientUid) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let there = rows.clients.get_mut(&client).ok_or(WriteError::Stale)?;
            there.secrets.iter_mut().for_each(|secret| secret.sealed = None);
            Ok(())
        })?
    }

    async fn delete_secret(&self, client: &Client, secret: SecretId, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.clients.get_mut(&client.uid).ok_or(WriteError::Stale)?;
            let version = guarded(Some(there.version), client.version)?;
            let at = there.secrets.iter().position(|own| own.id == secret).ok_or(WriteError::Stale)?;
            there.secrets.remove(at);
            (there.version, there.updated_at) = (version, now);
            Ok(version)
        })?
    }
}
