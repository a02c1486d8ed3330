//! What this process knows without asking the database: on SQLite nobody else writes, so what it knows is the truth.
//!
//! Tokens that were denied, all of them, and how grants stand, as many as fit. A check of an access token then reads
//! nothing. What a transaction touched is forgotten when it has been committed and before anybody is told so; what was
//! read from the database while something was being forgotten is not remembered, because it may be what was before.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use chancery_domain::{
    change::Noun,
    fault::Fault,
    grant::GrantStanding,
    id::{GrantId, TenantId},
    time::Timestamp,
};
use quick_cache::sync::Cache;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, prelude::Uuid};
use tokio::sync::OnceCell;

use crate::{changes::Touched, fault::fault, line::Line};

/// How many grants are remembered. One takes about half a kilobyte.
const MOST_GRANTS: usize = 8_192;

const DENIED: &str = "SELECT tenant_id, token_id, until FROM denied_tokens";

/// A token that was taken back, until it would have expired.
#[derive(FromQueryResult)]
pub(crate) struct Denied {
    pub(crate) tenant_id: Uuid,
    pub(crate) token_id: String,
    pub(crate) until: i64,
}

/// What is known.
pub(crate) struct Known {
    grants: Cache<(TenantId, GrantId), GrantStanding>,
    /// Counts how often something was forgotten. Held while that happens.
    forgotten: Mutex<u64>,
    denied: Mutex<HashMap<(Uuid, String), i64>>,
    loaded: OnceCell<()>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            grants: Cache::new(MOST_GRANTS),
            forgotten: Mutex::default(),
            denied: Mutex::default(),
            loaded: OnceCell::new(),
        }
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

/// The moment before something is read, which decides whether it may be remembered.
pub(crate) struct Moment(u64);

impl Known {
    /// How a grant stands, if it is known.
    pub(crate) fn grant(&self, tenant: TenantId, grant: GrantId) -> Option<GrantStanding> {
        self.grants.get(&(tenant, grant))
    }

    /// The moment before a reading.
    pub(crate) fn moment(&self) -> Moment {
        Moment(*self.forgotten.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what was read since that moment, unless something was forgotten since.
    pub(crate) fn remember(&self, tenant: TenantId, standing: &GrantStanding, since: &Moment) {
        let forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        if *forgotten == since.0 {
            self.grants.insert((tenant, standing.grant.id), standing.clone());
        }
    }

    /// Whether a token was denied. The first question asks the database for all that were.
    pub(crate) async fn is_denied<L: Line>(&self, line: &L, tenant: TenantId, token: String) -> Result<bool, Fault> {
        self.loaded.get_or_try_init(|| self.load(line)).await?;
        Ok(self.denied.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(tenant.uuid(), token)))
    }

    async fn load<L: Line>(&self, line: &L) -> Result<(), Fault> {
        let db = line.db();
        let statement = Statement::from_string(db.get_database_backend(), DENIED);
        let stored = Denied::find_by_statement(statement).all(&db).await.map_err(fault)?;
        self.deny(stored);
        Ok(())
    }

    fn deny(&self, denied: Vec<Denied>) {
        let mut known = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(denied.into_iter().map(|Denied { tenant_id, token_id, until }| ((tenant_id, token_id), until)));
    }

    /// Learns what a transaction did. Tokens that have expired anyway are forgotten on the way.
    pub(crate) fn learn(&self, touched: &[Touched], denied: Vec<Denied>, now: Timestamp) {
        if !denied.is_empty() {
            self.denied.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now.millis());
            self.deny(denied);
        }
        if touched.is_empty() {
            return;
        }
        let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        *forgotten = forgotten.wrapping_add(1);
        for Touched { tenant, noun, id } in touched {
            match (noun, tenant) {
                (Noun::Grant, Some(tenant)) => {
                    if let Ok(grant) = id.parse() {
                        self.grants.remove(&(*tenant, grant));
                    }
                }
                (Noun::User, Some(tenant)) => {
                    let user = id.parse().ok();
                    self.grants.retain(|(of, _), known| of != tenant || Some(known.grant.user) != user);
                }
                (Noun::Tenant | Noun::Client, Some(tenant)) => self.grants.retain(|(of, _), _| of != tenant),
                (
                    Noun::Scope
                    | Noun::Session
                    | Noun::Consent
                    | Noun::Key
                    | Noun::KeyPolicy
                    | Noun::TokenSecret
                    | Noun::InitialAccessToken
                    | Noun::EncryptionKey
                    | Noun::TenantDocument
                    | Noun::Resource
                    | Noun::ClaimMapping
                    | Noun::TrustedIssuer
                    | Noun::AdminKey
                    | Noun::AuditKey
                    | Noun::AuditCheckpoint
                    | Noun::Approval
                    | Noun::Role
                    | Noun::RoleBinding
                    | Noun::MasterKey,
                    _,
                )
                | (Noun::Tenant | Noun::Client | Noun::User | Noun::Grant, None) => {}
            }
        }
    }
}
