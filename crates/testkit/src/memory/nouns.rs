//! The nouns of a tenant beside its keys: clients, scopes, users, sessions, consents, grants, codes, refresh tokens.

mod applied_documents;
mod clients;
mod codes;
mod consents;
mod grants;
mod refresh;
mod scopes;
mod sessions;
mod token_secrets;
mod users;

use std::collections::BTreeMap;

use chancery_domain::{
    applied_document::AppliedDocument,
    client::Client,
    code::Code,
    consent::Consent,
    fault::{Fault, WriteError},
    grant::Grant,
    id::{ClientUid, FamilyId, GrantId, ScopeSlug, SessionId, TokenSecretId, UserId},
    page::{Page, PageRequest},
    refresh::{RefreshFamily, RefreshToken},
    scope::Scope,
    session::Session,
    time::Timestamp,
    token_secret::TokenSecret,
    user::User,
    version::Version,
};

use super::{Fenced, locked};

/// The rows of one tenant.
#[derive(Clone, Default)]
pub(super) struct Nouns {
    clients: BTreeMap<ClientUid, Client>,
    scopes: BTreeMap<ScopeSlug, Scope>,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    consents: BTreeMap<(UserId, ClientUid), Consent>,
    pub(super) grants: BTreeMap<GrantId, Grant>,
    denied: BTreeMap<String, Timestamp>,
    codes: BTreeMap<[u8; 32], Code>,
    families: BTreeMap<FamilyId, RefreshFamily>,
    token_secrets: BTreeMap<TokenSecretId, TokenSecret>,
    applied_document: Option<AppliedDocument>,
    pub(super) tokens: BTreeMap<[u8; 32], RefreshToken>,
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
}

/// The version after a guarded write.
pub(super) fn guarded(there: Option<Version>, read: Version) -> Result<Version, WriteError> {
    if there == Some(read) { Ok(read.next()) } else { Err(WriteError::Stale) }
}

/// A page of rows in the order of their positions.
pub(super) fn page<T: Clone>(
    rows: impl Iterator<Item = T>,
    position: impl Fn(&T) -> String,
    asked: &PageRequest,
) -> Page<T> {
    let mut rows: Vec<T> = rows.filter(|row| asked.after.as_ref().is_none_or(|after| position(row) > *after)).collect();
    rows.sort_by_key(&position);
    let size = usize::try_from(asked.size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(&position);
    Page { rows, next }
}
