//! The tenant's side of the store in memory.

use async_trait::async_trait;
use chancery_domain::{
    audit::AuditEvent,
    change::Noun,
    fault::{Fault, WriteError},
    id::KeyId,
    key::{Key, KeyState},
    key_policy::KeyPolicy,
    ports::{
        answered_pages::AnsweredPages,
        applied_documents::{AppliedDocumentReads, AppliedDocuments},
        claim_mappings::{ClaimMappingReads, ClaimMappings},
        client_secrets::SecretUses,
        client_uses::ClientUses,
        consents::{ConsentLists, ConsentWithdrawals},
        deliveries::Deliveries,
        devices::{DeviceReads, Devices},
        encryption_keys::{EncryptionKeyReads, EncryptionKeys},
        fresh_values::FreshValues,
        grants::{GrantLists, GrantRevocations},
        impact::ImpactReads,
        initial_access_tokens::{InitialAccessTokenReads, InitialAccessTokens},
        password_links::{PasswordLinkReads, PasswordLinks},
        pushed_requests::{PushedRequestReads, PushedRequests},
        replay_memory::{ReplayMemory, ReplayMemoryReads},
        resources::{ResourceReads, Resources},
        session_clients::{SessionClientReads, SessionClients},
        sessions::SessionLists,
        store::{
            ClientReads, Clients, CodeReads, Codes, ConsentReads, Consents, GrantReads, Grants, KeyReads, Keys,
            RefreshReads, RefreshTokens, Requests, ScopeReads, Scopes, SealedKek, SessionReads, Sessions, TenantReader,
            TenantRows, TenantTx, UserReads, Users,
        },
        token_secrets::{TokenSecretReads, TokenSecrets},
        trusted_issuers::{TrustedIssuerReads, TrustedIssuers},
    },
    time::Timestamp,
    version::Version,
};

use super::{Fenced, MemoryTx, TenantKeys, locked};

impl Fenced {
    fn with<T>(&self, act: impl FnOnce(&mut TenantKeys) -> T) -> T {
        let tenant = self.tenant.expect("rows of one tenant");
        act(locked(&self.rows).tenants.entry(tenant).or_default())
    }

    fn readable(&self) -> Result<(), Fault> {
        let tenant = self.tenant.expect("rows of one tenant");
        let unreadable = locked(&self.rows).unreadable.contains(&tenant);
        if unreadable { Err(Fault::unavailable("the rows of a tenant", "as the test wants it")) } else { Ok(()) }
    }
}

#[async_trait]
impl KeyReads for Fenced {
    async fn all(&self) -> Result<Vec<Key>, Fault> {
        self.readable()?;
        let kept = |keys: &TenantKeys| {
            keys.keys.iter().filter(|key| key.state() != KeyState::Purged).cloned().collect::<Vec<_>>()
        };
        Ok(self.with(|keys| kept(keys)))
    }

    async fn find(&self, id: &KeyId) -> Result<Option<Key>, Fault> {
        Ok(self.with(|keys| keys.keys.iter().find(|key| key.id == *id).cloned()))
    }

    async fn policy(&self) -> Result<KeyPolicy, Fault> {
        self.with(|keys| keys.policy.clone()).ok_or_else(|| Fault::bug("a tenant has no key policy"))
    }

    async fn kek(&self) -> Result<SealedKek, Fault> {
        self.with(|keys| keys.kek.clone()).ok_or_else(|| Fault::bug("a tenant has no key of its own"))
    }
}

#[async_trait]
impl Keys for Fenced {
    async fn insert(&self, key: &Key) -> Result<(), WriteError> {
        self.with(|keys| {
            let twice =
                |there: &Key| there.id == key.id || (there.thumbprint.is_some() && there.thumbprint == key.thumbprint);
            if keys.keys.iter().any(twice) {
                return Err(WriteError::Taken(Noun::Key));
            }
            keys.keys.push(key.clone());
            unique(&keys.keys)
        })
    }

    async fn update(&self, key: &Key) -> Result<(), WriteError> {
        self.with(|keys| {
            let row = keys.keys.iter_mut().find(|row| row.id == key.id && row.version == key.version);
            *row.ok_or(WriteError::Stale)? = key.clone().written();
            unique(&keys.keys)
        })
    }

    async fn put_policy(&self, policy: &KeyPolicy, _now: Timestamp) -> Result<Version, WriteError> {
        self.with(|keys| {
            let version = match &keys.policy {
                None => Version::FIRST,
                Some(there) if there.version == policy.version => policy.version.next(),
                Some(_) => return Err(WriteError::Stale),
            };
            keys.policy = Some(KeyPolicy { version, ..policy.clone() });
            Ok(version)
        })
    }

    async fn insert_kek(&self, kek: &SealedKek) -> Result<(), WriteError> {
        if locked(&self.rows).masters.released.contains(&kek.master_key) {
            return Err(WriteError::Stale);
        }
        self.with(|keys| match keys.kek.replace(kek.clone()) {
            None => Ok(()),
            Some(_) => Err(WriteError::Taken(Noun::Tenant)),
        })
    }

    async fn schedule(&self, due: Timestamp) -> Result<(), Fault> {
        self.with(|keys| keys.due = Some(due));
        Ok(())
    }
}

/// One active and one standby key for each algorithm.
fn unique(keys: &[Key]) -> Result<(), WriteError> {
    let mut places = std::collections::BTreeSet::new();
    let crowded = keys.iter().any(|key| match key.state() {
        KeyState::Active { .. } | KeyState::Standby { .. } => !places.insert((key.algorithm, key.state().label())),
        KeyState::Generated
        | KeyState::Retiring { .. }
        | KeyState::Retired { .. }
        | KeyState::Purged
        | KeyState::Tainted { .. }
        | KeyState::Compromised { .. } => false,
    });
    if crowded { Err(WriteError::Stale) } else { Ok(()) }
}

impl TenantReader for Fenced {
    fn clients(&self) -> &dyn ClientReads {
        self
    }
    fn scopes(&self) -> &dyn ScopeReads {
        self
    }
    fn users(&self) -> &dyn UserReads {
        self
    }
    fn sessions(&self) -> &dyn SessionReads {
        self
    }
    fn session_clients(&self) -> &dyn SessionClientReads {
        self
    }
    fn session_lists(&self) -> &dyn SessionLists {
        self
    }
    fn consents(&self) -> &dyn ConsentReads {
        self
    }
    fn consent_lists(&self) -> &dyn ConsentLists {
        self
    }
    fn grants(&self) -> &dyn GrantReads {
        self
    }
    fn grant_lists(&self) -> &dyn GrantLists {
        self
    }
    fn password_links(&self) -> &dyn PasswordLinkReads {
        self
    }
    fn pushed_requests(&self) -> &dyn PushedRequestReads {
        self
    }
    fn replay_memory(&self) -> &dyn ReplayMemoryReads {
        self
    }
    fn codes(&self) -> &dyn CodeReads {
        self
    }
    fn devices(&self) -> &dyn DeviceReads {
        self
    }
    fn trusted_issuers(&self) -> &dyn TrustedIssuerReads {
        self
    }
    fn refresh(&self) -> &dyn RefreshReads {
        self
    }
    fn keys(&self) -> &dyn KeyReads {
        self
    }
    fn encryption_keys(&self) -> &dyn EncryptionKeyReads {
        self
    }
    fn token_secrets(&self) -> &dyn TokenSecretReads {
        self
    }
    fn initial_access_tokens(&self) -> &dyn InitialAccessTokenReads {
        self
    }

    fn applied_documents(&self) -> &dyn AppliedDocumentReads {
        self
    }

    fn resources(&self) -> &dyn ResourceReads {
        self
    }

    fn claim_mappings(&self) -> &dyn ClaimMappingReads {
        self
    }
    fn impact(&self) -> &dyn ImpactReads {
        self
    }
}

#[async_trait]
impl TenantRows for Fenced {
    fn clients(&self) -> &dyn Clients {
        self
    }
    fn scopes(&self) -> &dyn Scopes {
        self
    }
    fn users(&self) -> &dyn Users {
        self
    }
    fn sessions(&self) -> &dyn Sessions {
        self
    }
    fn session_clients(&self) -> &dyn SessionClients {
        self
    }
    fn consents(&self) -> &dyn Consents {
        self
    }
    fn consent_withdrawals(&self) -> &dyn ConsentWithdrawals {
        self
    }
    fn grants(&self) -> &dyn Grants {
        self
    }
    fn grant_revocations(&self) -> &dyn GrantRevocations {
        self
    }
    fn password_links(&self) -> &dyn PasswordLinks {
        self
    }
    fn pushed_requests(&self) -> &dyn PushedRequests {
        self
    }
    fn answered_pages(&self) -> &dyn AnsweredPages {
        self
    }
    fn fresh_values(&self) -> &dyn FreshValues {
        self
    }
    fn replay_memory(&self) -> &dyn ReplayMemory {
        self
    }
    fn secret_uses(&self) -> &dyn SecretUses {
        self
    }
    fn client_uses(&self) -> &dyn ClientUses {
        self
    }
    fn codes(&self) -> &dyn Codes {
        self
    }
    fn devices(&self) -> &dyn Devices {
        self
    }
    fn trusted_issuers(&self) -> &dyn TrustedIssuers {
        self
    }
    fn refresh(&self) -> &dyn RefreshTokens {
        self
    }
    fn keys(&self) -> &dyn Keys {
        self
    }
    fn encryption_keys(&self) -> &dyn EncryptionKeys {
        self
    }
    fn token_secrets(&self) -> &dyn TokenSecrets {
        self
    }
    fn initial_access_tokens(&self) -> &dyn InitialAccessTokens {
        self
    }

    fn applied_documents(&self) -> &dyn AppliedDocuments {
        self
    }

    fn resources(&self) -> &dyn Resources {
        self
    }

    fn claim_mappings(&self) -> &dyn ClaimMappings {
        self
    }
    fn deliveries(&self) -> &dyn Deliveries {
        self
    }
    fn requests(&self) -> &dyn Requests {
        self
    }
    async fn audit(&self, event: AuditEvent) -> Result<(), Fault> {
        locked(&self.rows).tell(event);
        Ok(())
    }
}

#[async_trait]
impl TenantRows for MemoryTx {
    fn clients(&self) -> &dyn Clients {
        &self.rows
    }
    fn scopes(&self) -> &dyn Scopes {
        &self.rows
    }
    fn users(&self) -> &dyn Users {
        &self.rows
    }
    fn sessions(&self) -> &dyn Sessions {
        &self.rows
    }
    fn session_clients(&self) -> &dyn SessionClients {
        &self.rows
    }
    fn consents(&self) -> &dyn Consents {
        &self.rows
    }
    fn consent_withdrawals(&self) -> &dyn ConsentWithdrawals {
        &self.rows
    }
    fn grants(&self) -> &dyn Grants {
        &self.rows
    }
    fn grant_revocations(&self) -> &dyn GrantRevocations {
        &self.rows
    }
    fn password_links(&self) -> &dyn PasswordLinks {
        &self.rows
    }
    fn pushed_requests(&self) -> &dyn PushedRequests {
        &self.rows
    }
    fn answered_pages(&self) -> &dyn AnsweredPages {
        &self.rows
    }
    fn fresh_values(&self) -> &dyn FreshValues {
        &self.rows
    }
    fn replay_memory(&self) -> &dyn ReplayMemory {
        &self.rows
    }
    fn secret_uses(&self) -> &dyn SecretUses {
        &self.rows
    }
    fn client_uses(&self) -> &dyn ClientUses {
        &self.rows
    }
    fn codes(&self) -> &dyn Codes {
        &self.rows
    }
    fn devices(&self) -> &dyn Devices {
        &self.rows
    }
    fn trusted_issuers(&self) -> &dyn TrustedIssuers {
        &self.rows
    }
    fn refresh(&self) -> &dyn RefreshTokens {
        &self.rows
    }
    fn keys(&self) -> &dyn Keys {
        &self.rows
    }
    fn encryption_keys(&self) -> &dyn EncryptionKeys {
        &self.rows
    }
    fn token_secrets(&self) -> &dyn TokenSecrets {
        &self.rows
    }
    fn initial_access_tokens(&self) -> &dyn InitialAccessTokens {
        &self.rows
    }

    fn applied_documents(&self) -> &dyn AppliedDocuments {
        &self.rows
    }

    fn resources(&self) -> &dyn Resources {
        &self.rows
    }

    fn claim_mappings(&self) -> &dyn ClaimMappings {
        &self.rows
    }
    fn deliveries(&self) -> &dyn Deliveries {
        &self.rows
    }
    fn requests(&self) -> &dyn Requests {
        &self.rows
    }
    async fn audit(&self, event: AuditEvent) -> Result<(), Fault> {
        TenantRows::audit(&self.rows, event).await
    }
}

#[async_trait]
impl TenantTx for MemoryTx {
    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.make_durable()
    }
}
