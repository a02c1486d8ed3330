//! The nouns of a tenant beside its keys: clients, scopes, users, sessions, consents, grants, codes, refresh tokens.

mod answered_pages;
mod applied_documents;
mod claim_mappings;
mod clients;
mod codes;
mod consents;
mod deliveries;
mod devices;
mod encryption_keys;
mod fresh_values;
mod grants;
mod impact;
mod initial_access_tokens;
mod lists;
mod password_links;
mod pushed_requests;
mod refresh;
mod replay_memory;
mod resources;
mod scopes;
mod session_clients;
mod sessions;
mod token_secrets;
mod trusted_issuers;
mod users;

use std::collections::{BTreeMap, BTreeSet};

use chancery_domain::{
    applied_document::AppliedDocument,
    change::Noun,
    claim_mapping::ClaimMapping,
    client::Client,
    code::Code,
    consent::Consent,
    delivery::Delivery,
    encryption_key::EncryptionKey,
    fault::{Fault, WriteError},
    fresh_value::FreshKind,
    grant::Grant,
    id::{
        ClaimMappingSlug, ClientUid, DeliveryId, FamilyId, GrantId, InitialAccessTokenId, KeyId, ResourceSlug,
        ScopeSlug, SessionId, TenantId, TokenSecretId, TrustedIssuerSlug, UserId,
    },
    password_link::PasswordLink,
    pushed_request::PushedRequest,
    refresh::{RefreshFamily, RefreshToken},
    registration::InitialAccessToken,
    resource::Resource,
    scope::Scope,
    session::Session,
    time::Timestamp,
    token_secret::TokenSecret,
    trusted_issuer::TrustedIssuer,
    used_once::UsedOnceKind,
    user::User,
    version::Version,
};

use super::{Fenced, locked};

/// The rows of one tenant.
#[derive(Clone, Default)]
pub(super) struct Nouns {
    clients: BTreeMap<ClientUid, Client>,
    /// When they were last used.
    client_uses: BTreeMap<ClientUid, Timestamp>,
    scopes: BTreeMap<ScopeSlug, Scope>,
    resources: BTreeMap<ResourceSlug, Resource>,
    claim_mappings: BTreeMap<ClaimMappingSlug, ClaimMapping>,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    session_clients: BTreeSet<(SessionId, ClientUid)>,
    consents: BTreeMap<(UserId, ClientUid), Consent>,
    pub(super) grants: BTreeMap<GrantId, Grant>,
    denied: BTreeMap<String, Timestamp>,
    password_links: BTreeMap<UserId, PasswordLink>,
    pushed_requests: BTreeMap<[u8; 32], PushedRequest>,
    answered_pages: BTreeSet<[u8; 32]>,
    used_once: BTreeMap<(ClientUid, UsedOnceKind, [u8; 32]), Timestamp>,
    fresh_values: BTreeMap<(ClientUid, FreshKind, u16), fresh_values::Kept>,
    fresh_warnings: BTreeMap<(ClientUid, FreshKind), Timestamp>,
    codes: BTreeMap<[u8; 32], Code>,
    pub(super) deliveries: BTreeMap<DeliveryId, Delivery>,
    devices: BTreeMap<[u8; 32], devices::Wish>,
    trusted_issuers: BTreeMap<TrustedIssuerSlug, TrustedIssuer>,
    trusted_assertions: BTreeSet<(TrustedIssuerSlug, [u8; 32])>,
    families: BTreeMap<FamilyId, RefreshFamily>,
    encryption_keys: BTreeMap<KeyId, EncryptionKey>,
    token_secrets: BTreeMap<TokenSecretId, TokenSecret>,
    initial_access_tokens: BTreeMap<InitialAccessTokenId, InitialAccessToken>,
    applied_document: Option<AppliedDocument>,
    pub(super) tokens: BTreeMap<[u8; 32], RefreshToken>,
}

impl Nouns {
    /// Everything here that the change feed tells of: of sessions and grants their end alone.
    pub(super) fn things(&self, tenant: TenantId, things: &mut BTreeMap<(Option<TenantId>, Noun, String), String>) {
        let mut put = |noun, id: String, text| {
            things.insert((Some(tenant), noun, id), text);
        };
        self.clients.values().for_each(|it| put(Noun::Client, it.id.to_string(), format!("{it:?}")));
        self.scopes.values().for_each(|it| put(Noun::Scope, it.slug.to_string(), format!("{it:?}")));
        self.users.values().for_each(|it| put(Noun::User, it.id.to_string(), format!("{it:?}")));
        self.encryption_keys.values().for_each(|it| put(Noun::EncryptionKey, it.id.to_string(), format!("{it:?}")));
        self.token_secrets.values().for_each(|it| put(Noun::TokenSecret, it.id.to_string(), format!("{it:?}")));
    }
}

impl Fenced {
    /// Works on the tenant's rows, unless the test wants the store to be away.
    fn nouns<T>(&self, act: impl FnOnce(&mut Nouns) -> T) -> Result<T, Fault> {
        let tenant = self.tenant.expect("rows of one tenant");
        let mut rows = locked(&self.rows);
        if rows.is_away {
            return Err(super::away());
        }
        Ok(act(rows.nouns.entry(tenant).or_default()))
    }

    /// Whether the tenant serves; one that a test did not insert does.
    fn serves(&self) -> bool {
        self.tenant.is_none_or(|tenant| locked(&self.rows).platform.serves(tenant))
    }
}

/// The version after a guarded write.
pub(super) fn guarded(there: Option<Version>, read: Version) -> Result<Version, WriteError> {
    if there == Some(read) { Ok(read.next()) } else { Err(WriteError::Stale) }
}
