//! The store as the rooms of one tenant see it.
//!
//! Tenancy is something you hold: whoever has a [`TenantReader`] or a [`TenantTx`] can reach that tenant's rows and no
//! others, and no method here takes a tenant id. Every write of a noun also appends to the change feed in its own
//! transaction; audit events are written by the use-case, in the transaction of what they tell.
//!
//! Writes are guarded: `update` and `delete` take the version that was read and answer [`WriteError::Stale`] when the
//! row has moved on. While a transaction is open nothing slow may be awaited: hash, sign and generate before `begin`.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::{
    audit::AuditEvent,
    client::{Client, ClientField, ClientSecret, ClientUse, SecretUse},
    code::Code,
    consent::Consent,
    fault::{Fault, WriteError},
    grant::{Grant, GrantStanding, RevocationReason},
    id::{ClientId, ClientUid, GrantId, KeyId, MasterKeyId, ScopeSlug, SecretId, SessionId, TenantId, UserId},
    key::Key,
    key_policy::KeyPolicy,
    page::Page,
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
        token_secrets::{TokenSecretReads, TokenSecrets},
        trusted_issuers::{TrustedIssuerReads, TrustedIssuers},
    },
    query::Query,
    refresh::{RefreshFamily, RefreshStanding, RefreshToken, Spent},
    scope::Scope,
    secret::Digest,
    session::Session,
    time::Timestamp,
    token_id::TokenId,
    user::{Login, User, UserField},
    version::Version,
};

/// Opens the rows of one tenant.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads of one tenant, each for itself, without a transaction.
    fn read(&self, tenant: TenantId) -> Box<dyn TenantReader>;

    /// A transaction in one tenant. Dropped without a commit, it leaves nothing.
    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn TenantTx>, Fault>;

    /// Takes an audit event for which there is no transaction; it is written with others within a second.
    fn audit_later(&self, event: AuditEvent);

    /// Takes note that a client's secret was used. It is written with others, later, at most once a minute for each
    /// secret. A store that keeps no such notes lets it fall.
    fn secret_used(&self, _used: SecretUse) {}

    /// Takes note that a client is in use. It is written with others, later, at most once an hour for each client. A store
    /// that keeps no such notes lets it fall.
    fn client_used(&self, _used: ClientUse) {}
}

/// Reads in one tenant.
pub trait TenantReader: Send + Sync {
    /// Clients.
    fn clients(&self) -> &dyn ClientReads;
    /// Scopes.
    fn scopes(&self) -> &dyn ScopeReads;
    /// Users.
    fn users(&self) -> &dyn UserReads;
    /// Sessions.
    fn sessions(&self) -> &dyn SessionReads;
    /// Who takes part in sessions.
    fn session_clients(&self) -> &dyn SessionClientReads;
    /// Sessions, to look through.
    fn session_lists(&self) -> &dyn SessionLists;
    /// Consents.
    fn consents(&self) -> &dyn ConsentReads;
    /// Consents, to look through.
    fn consent_lists(&self) -> &dyn ConsentLists;
    /// Grants.
    fn grants(&self) -> &dyn GrantReads;
    /// Grants, to look through.
    fn grant_lists(&self) -> &dyn GrantLists;
    /// Password links.
    fn password_links(&self) -> &dyn PasswordLinkReads;
    /// Pushed requests.
    fn pushed_requests(&self) -> &dyn PushedRequestReads;
    /// What was used and is good once: assertions of clients, proofs of possession.
    fn replay_memory(&self) -> &dyn ReplayMemoryReads;
    /// Codes.
    fn codes(&self) -> &dyn CodeReads;
    /// The wishes of devices.
    fn devices(&self) -> &dyn DeviceReads;
    /// Trusted issuers.
    fn trusted_issuers(&self) -> &dyn TrustedIssuerReads;
    /// Refresh tokens.
    fn refresh(&self) -> &dyn RefreshReads;
    /// Keys and key policy.
    fn keys(&self) -> &dyn KeyReads;
    /// Encryption keys.
    fn encryption_keys(&self) -> &dyn EncryptionKeyReads;
    /// Token secrets.
    fn token_secrets(&self) -> &dyn TokenSecretReads;
    /// Initial access tokens.
    fn initial_access_tokens(&self) -> &dyn InitialAccessTokenReads;
    /// The document that was last applied.
    fn applied_documents(&self) -> &dyn AppliedDocumentReads;
    /// Resources.
    fn resources(&self) -> &dyn ResourceReads;
    /// Claim mappings.
    fn claim_mappings(&self) -> &dyn ClaimMappingReads;
    /// What would end.
    fn impact(&self) -> &dyn ImpactReads;
}

/// Reads and writes in one tenant, within a transaction.
#[async_trait]
pub trait TenantRows: Send + Sync {
    /// Clients.
    fn clients(&self) -> &dyn Clients;
    /// Scopes.
    fn scopes(&self) -> &dyn Scopes;
    /// Users.
    fn users(&self) -> &dyn Users;
    /// Sessions.
    fn sessions(&self) -> &dyn Sessions;
    /// Who takes part in sessions.
    fn session_clients(&self) -> &dyn SessionClients;
    /// Consents.
    fn consents(&self) -> &dyn Consents;
    /// Consents, to be taken back.
    fn consent_withdrawals(&self) -> &dyn ConsentWithdrawals;
    /// Grants.
    fn grants(&self) -> &dyn Grants;
    /// Grants, to be taken back in numbers.
    fn grant_revocations(&self) -> &dyn GrantRevocations;
    /// Password links.
    fn password_links(&self) -> &dyn PasswordLinks;
    /// Pushed requests.
    fn pushed_requests(&self) -> &dyn PushedRequests;
    /// Pages that were answered.
    fn answered_pages(&self) -> &dyn AnsweredPages;
    /// What was used and is good once: assertions of clients, proofs of possession.
    fn replay_memory(&self) -> &dyn ReplayMemory;
    /// Challenges and nonces that clients used lately.
    fn fresh_values(&self) -> &dyn FreshValues;
    /// When secrets of clients were used.
    fn secret_uses(&self) -> &dyn SecretUses;
    /// When clients were used.
    fn client_uses(&self) -> &dyn ClientUses;
    /// Codes.
    fn codes(&self) -> &dyn Codes;
    /// The wishes of devices.
    fn devices(&self) -> &dyn Devices;
    /// Trusted issuers.
    fn trusted_issuers(&self) -> &dyn TrustedIssuers;
    /// Refresh tokens.
    fn refresh(&self) -> &dyn RefreshTokens;
    /// Keys and key policy.
    fn keys(&self) -> &dyn Keys;
    /// Encryption keys.
    fn encryption_keys(&self) -> &dyn EncryptionKeys;
    /// Token secrets.
    fn token_secrets(&self) -> &dyn TokenSecrets;
    /// Initial access tokens.
    fn initial_access_tokens(&self) -> &dyn InitialAccessTokens;
    /// The document that was last applied.
    fn applied_documents(&self) -> &dyn AppliedDocuments;
    /// Resources.
    fn resources(&self) -> &dyn Resources;
    /// Claim mappings.
    fn claim_mappings(&self) -> &dyn ClaimMappings;
    /// Messages that are owed.
    fn deliveries(&self) -> &dyn Deliveries;
    /// Answers to requests that named themselves.
    fn requests(&self) -> &dyn Requests;
    /// Writes an audit event. An operator's is linked to its chain on commit, which fails when that cannot be done.
    async fn audit(&self, event: AuditEvent) -> Result<(), Fault>;
}

/// A transaction in one tenant.
#[async_trait]
pub trait TenantTx: TenantRows {
    /// Makes everything durable; returns when it is. The commit runs to its end even if the caller goes away.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// Reads of clients.
#[async_trait]
pub trait ClientReads: Send + Sync {
    /// By `client_id`, with its secrets.
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, Fault>;
    /// By uid, with its secrets.
    async fn find_by_uid(&self, uid: ClientUid) -> Result<Option<Client>, Fault>;
    /// A page of those asked for, by `client_id` unless asked otherwise.
    async fn list(&self, query: Query<ClientField>) -> Result<Page<Client>, Fault>;
    /// The web origins that enabled clients allow.
    async fn origins(&self) -> Result<BTreeSet<String>, Fault>;
    /// How many registered themselves since then, counted up to `most`.
    async fn self_registered(&self, since: Timestamp, most: u32) -> Result<u32, Fault>;
}

/// Writes of clients.
#[async_trait]
pub trait Clients: ClientReads {
    /// A new client with its secrets.
    async fn insert(&self, client: &Client) -> Result<(), WriteError>;
    /// Everything but uid, id and secrets; guarded by `client.version`. Gives the new version.
    async fn update(&self, client: &Client, now: Timestamp) -> Result<Version, WriteError>;
    /// The client with its secrets, consents, codes and grants; guarded by the version.
    async fn delete(&self, id: &ClientId, version: Version) -> Result<(), WriteError>;
    /// One secret more; guarded by `client.version`, which moves on.
    async fn add_secret(&self, client: &Client, secret: &ClientSecret) -> Result<Version, WriteError>;
    /// The sealed copies of its secrets go, the digests stay. To be called once the client was updated, in the same
    /// transaction, which guards it.
    async fn forget_sealed_secrets(&self, client: ClientUid) -> Result<(), WriteError>;
    /// One secret less; guarded by `client.version`, which moves on. `Stale` when there is no such secret.
    async fn delete_secret(&self, client: &Client, secret: SecretId, now: Timestamp) -> Result<Version, WriteError>;
}

/// Reads of scopes: a tenant's own ones.
#[async_trait]
pub trait ScopeReads: Send + Sync {
    /// By resource name.
    async fn find(&self, slug: &ScopeSlug) -> Result<Option<Scope>, Fault>;
    /// All of them, ordered by name; a tenant has at most a thousand.
    async fn all(&self) -> Result<Vec<Scope>, Fault>;
}

/// Writes of scopes.
#[async_trait]
pub trait Scopes: ScopeReads {
    /// A new scope; `Taken` when slug or value is.
    async fn insert(&self, scope: &Scope) -> Result<(), WriteError>;
    /// Description and claims; guarded by `scope.version`.
    async fn update(&self, scope: &Scope, now: Timestamp) -> Result<Version, WriteError>;
    /// Gone; guarded by the version. `Stale` while it belongs to a resource.
    async fn delete(&self, slug: &ScopeSlug, version: Version) -> Result<(), WriteError>;
}

/// Reads of users.
#[async_trait]
pub trait UserReads: Send + Sync {
    /// By id.
    async fn find(&self, id: UserId) -> Result<Option<User>, Fault>;
    /// By what they type to sign in.
    async fn find_by_login(&self, login: &Login) -> Result<Option<User>, Fault>;
    /// A page of those asked for, by id unless asked otherwise.
    async fn list(&self, query: Query<UserField>) -> Result<Page<User>, Fault>;
}

/// Writes of users.
#[async_trait]
pub trait Users: UserReads {
    /// A new user; `Taken` when name or address is.
    async fn insert(&self, user: &User) -> Result<(), WriteError>;
    /// Everything but the id; guarded by `user.version`.
    async fn update(&self, user: &User, now: Timestamp) -> Result<Version, WriteError>;
    /// The user with sessions, consents and grants; guarded by the version.
    async fn delete(&self, id: UserId, version: Version) -> Result<(), WriteError>;
    /// Lets nobody change or remove them until this transaction is over: what is begun for who they are now comes before
    /// that, and ends with it. To be called before anything is begun.
    async fn hold(&self, id: UserId) -> Result<Option<User>, Fault>;
    /// Lets nobody hold, change or remove them until this transaction is over. To be called, or the user to be updated,
    /// before anything of theirs is ended: all take the user first.
    async fn hold_alone(&self, id: UserId) -> Result<Option<User>, Fault>;
}

/// Reads of sessions.
#[async_trait]
pub trait SessionReads: Send + Sync {
    /// By the digest of its cookie, ended and expired ones included.
    async fn find(&self, digest: &Digest) -> Result<Option<Session>, Fault>;
    /// By id, ended and expired ones included.
    async fn find_by_id(&self, id: SessionId) -> Result<Option<Session>, Fault>;
}

/// Writes of sessions.
#[async_trait]
pub trait Sessions: SessionReads {
    /// A new session.
    async fn insert(&self, session: &Session) -> Result<(), WriteError>;
    /// A session goes on under its id with another proof and another cookie, as long as it has not ended and is that
    /// user's. Else `false`, and nothing was written.
    async fn renew(&self, session: &Session) -> Result<bool, Fault>;
    /// Lets nobody end it until this transaction is over: what is given in it then comes before its end, and is taken back
    /// with it. `false` when it has ended, or is not there. To be called before anything is given.
    async fn hold(&self, id: SessionId) -> Result<bool, Fault>;
    /// It was used.
    async fn touch(&self, id: SessionId, now: Timestamp) -> Result<(), Fault>;
    /// It is over. `false` when it was already.
    async fn end(&self, id: SessionId, now: Timestamp) -> Result<bool, Fault>;
    /// All of that user's are over. Gives those that were not before.
    async fn end_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, Fault>;
}

/// Reads of consents.
#[async_trait]
pub trait ConsentReads: Send + Sync {
    /// What a user has allowed a client.
    async fn find(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault>;
}

/// Writes of consents.
#[async_trait]
pub trait Consents: ConsentReads {
    /// What a user now allows a client, in place of what they did.
    async fn put(&self, consent: &Consent) -> Result<(), WriteError>;
    /// What a user has allowed a client, and lets nobody change or withdraw it until this transaction is over. To be called
    /// last, when everything is given: whoever removes the client or the user comes to its consents at the end as well.
    async fn hold(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault>;
}

/// Reads of grants.
#[async_trait]
pub trait GrantReads: Send + Sync {
    /// A grant with the states of its user, its client and its tenant: one read.
    async fn standing(&self, id: GrantId) -> Result<Option<GrantStanding>, Fault>;
    /// Whether a single token was taken back.
    async fn is_denied(&self, token: &TokenId) -> Result<bool, Fault>;
    /// A grant with what else decides for one of its tokens, unless that token was taken back alone: one read.
    async fn standing_for(&self, id: GrantId, token: &TokenId) -> Result<Option<GrantStanding>, Fault> {
        if self.is_denied(token).await? { Ok(None) } else { self.standing(id).await }
    }
    /// Whether a token that a client has without a grant holds: it was not taken back, its client is enabled and its
    /// tenant serves. One read.
    async fn holds_for(&self, client: ClientUid, token: &TokenId) -> Result<bool, Fault>;
}

/// Writes of grants.
#[async_trait]
pub trait Grants: GrantReads {
    /// A new grant.
    async fn insert(&self, grant: &Grant) -> Result<(), WriteError>;
    /// Lets a grant that was not taken back last until then. `false` when it was, or is unknown.
    async fn prolong(&self, id: GrantId, until: Timestamp) -> Result<bool, Fault>;
    /// Takes a grant back. `false` when it was already, or is unknown.
    async fn revoke(&self, id: GrantId, reason: RevocationReason, now: Timestamp) -> Result<bool, Fault>;
    /// Takes back what a session gave, to everybody or to one client, but for grants with `offline_access`.
    async fn revoke_of_session(
        &self,
        session: SessionId,
        client: Option<ClientUid>,
        now: Timestamp,
    ) -> Result<u64, Fault>;
    /// Takes back everything that a user gave.
    async fn revoke_of_user(&self, user: UserId, reason: RevocationReason, now: Timestamp) -> Result<u64, Fault>;
    /// Takes back a single token; remembered until it would have expired.
    async fn deny(&self, token: &TokenId, until: Timestamp) -> Result<(), Fault>;
}

/// Reads of authorization codes.
#[async_trait]
pub trait CodeReads: Send + Sync {
    /// By digest, redeemed and expired ones included. None while its client is disabled or its tenant does not serve, as the
    /// rows say at this moment.
    async fn find(&self, digest: &Digest) -> Result<Option<Code>, Fault>;
}

/// Writes of authorization codes.
#[async_trait]
pub trait Codes: CodeReads {
    /// A new code.
    async fn insert(&self, code: &Code) -> Result<(), WriteError>;
    /// Spends it: one guarded statement. `false` when somebody else has, or it is too old.
    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
}

/// Reads of refresh tokens.
#[async_trait]
pub trait RefreshReads: Send + Sync {
    /// By digest, spent and expired ones included: one read.
    async fn standing(&self, digest: &Digest) -> Result<Option<RefreshStanding>, Fault>;
}

/// Writes of refresh tokens.
#[async_trait]
pub trait RefreshTokens: RefreshReads {
    /// A new family with its first token.
    async fn begin_family(&self, family: &RefreshFamily, first: &RefreshToken) -> Result<(), WriteError>;
    /// Spends the parent and inserts the child. One guarded statement decides: `false` when the parent was spent
    /// already, and then nothing was written.
    async fn spend(&self, parent: &Digest, spent: &Spent, child: &RefreshToken) -> Result<bool, Fault>;
    /// An unspent token was used and stays what it is, until `until`: one guarded statement. `false` when it was spent, or
    /// was used `most` times before.
    async fn renew(&self, token: &Digest, until: Timestamp, most: Option<u32>) -> Result<bool, Fault>;
}

/// Reads of keys.
#[async_trait]
pub trait KeyReads: Send + Sync {
    /// Every key that is not purged, oldest first.
    async fn all(&self) -> Result<Vec<Key>, Fault>;
    /// By `kid`.
    async fn find(&self, id: &KeyId) -> Result<Option<Key>, Fault>;
    /// The policy.
    async fn policy(&self) -> Result<KeyPolicy, Fault>;
    /// The tenant's own key, sealed under a master key.
    async fn kek(&self) -> Result<SealedKek, Fault>;
}

/// Writes of keys.
#[async_trait]
pub trait Keys: KeyReads {
    /// A new key. `Stale` when its algorithm has an active or standby key already and this one is that too. For a key
    /// that an operator brings `Taken`, which can also mean its id or the key itself.
    async fn insert(&self, key: &Key) -> Result<(), WriteError>;
    /// The state with its dates, the promise and the private part; guarded by `key.version`.
    async fn update(&self, key: &Key) -> Result<(), WriteError>;
    /// The policy in place of the one there, or the first; guarded by `policy.version` where there is one.
    async fn put_policy(&self, policy: &KeyPolicy, now: Timestamp) -> Result<Version, WriteError>;
    /// The tenant's own key, on creation of the tenant. `Stale` when the store has no check value of its master key,
    /// which then has left use.
    async fn insert_kek(&self, kek: &SealedKek) -> Result<(), WriteError>;
    /// When the keys want to be looked at again.
    async fn schedule(&self, due: Timestamp) -> Result<(), Fault>;
}

/// A tenant's key as stored: sealed under the named master key.
#[derive(Clone)]
pub struct SealedKek {
    /// The master key that opens it.
    pub master_key: MasterKeyId,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for SealedKek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedKek({}, ..)", self.master_key)
    }
}

/// Answers to admin requests that named themselves, so that a repeated call gets the same answer.
#[async_trait]
pub trait Requests: Send + Sync {
    /// What was answered to that request, if it was seen.
    async fn recall(&self, caller: &str, method: &str, request_id: &str) -> Result<Option<Remembered>, Fault>;
    /// Remembers an answer until `until`. `Taken` when a parallel call was first.
    async fn remember(
        &self,
        caller: &str,
        method: &str,
        request_id: &str,
        answer: &Remembered,
        until: Timestamp,
    ) -> Result<(), WriteError>;
}

/// A remembered answer. Never of a call that gives a secret out.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Digest of the request without its id.
    pub request: Digest,
    /// The encoded answer.
    pub answer: Vec<u8>,
}
