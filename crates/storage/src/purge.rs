//! Removing what nobody can use any more, a bounded number of rows at a time. Audit events stay.

use std::time::Duration;

use chancery_domain::{
    change::{ChangeKind, FEED_KEPT, Noun},
    fault::Fault,
    id::TenantId,
    key_policy::Margins,
    ports::platform::TenantPurge,
    pushed_request::PushedRequest,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value, prelude::Uuid};

use crate::{changes, fault::fault, line::WriteLine};

const DAY: Duration = Duration::from_secs(86_400);
/// How long role bindings and API keys stay after their end: whoever wonders why a call is refused still finds them.
pub(crate) const RIGHTS_KEPT: Duration = Duration::from_secs(7 * 86_400);

/// How long what must not be believed again is remembered beyond its end: the clock of another process may be behind by the
/// most that a deployment allows. (A proof of possession says so in its own end.)
const SKEW: Duration = Margins::STANDARD.skew;

/// A kind of row that ages: its table, its key, the condition in which `$1` is the time before which it is old, and how
/// long it stays after its end. (What is refused as too old should for a while be told apart from what never was.)
struct Aging {
    table: &'static str,
    key: &'static str,
    old: &'static str,
    stays: Duration,
}

const AGING: &[Aging] = &[
    Aging { table: "device_authorizations", key: "tenant_id, digest", old: "expires_at <= $1", stays: DAY },
    Aging { table: "trusted_assertions", key: "tenant_id, slug, digest", old: "expires_at <= $1", stays: SKEW },
    Aging { table: "codes", key: "tenant_id, digest", old: "expires_at <= $1", stays: DAY },
    Aging { table: "refresh_tokens", key: "tenant_id, digest", old: "expires_at <= $1", stays: DAY },
    Aging { table: "refresh_families", key: "tenant_id, id", old: "expires_at <= $1", stays: DAY },
    Aging { table: "grants", key: "tenant_id, id", old: "expires_at <= $1", stays: DAY },
    Aging { table: "sessions", key: "tenant_id, id", old: "expires_at <= $1", stays: DAY },
    Aging { table: "sessions", key: "tenant_id, id", old: "ended_at <= $1", stays: DAY },
    Aging { table: "password_links", key: "tenant_id, user_id", old: "expires_at <= $1", stays: Duration::ZERO },
    Aging {
        table: "pushed_requests",
        key: "tenant_id, digest",
        old: "used_at IS NULL AND expires_at <= $1",
        stays: Duration::ZERO,
    },
    Aging {
        table: "pushed_requests",
        key: "tenant_id, digest",
        old: "used_at <= $1",
        stays: PushedRequest::REMEMBERED,
    },
    Aging { table: "answered_pages", key: "tenant_id, digest", old: "expires_at <= $1", stays: Duration::ZERO },
    Aging { table: "used_assertions", key: "tenant_id, client_uid, digest", old: "expires_at <= $1", stays: SKEW },
    Aging {
        table: "fresh_values",
        key: "tenant_id, client_uid, kind, place",
        old: "expires_at <= $1",
        stays: Duration::ZERO,
    },
    Aging {
        table: "fresh_warnings",
        key: "tenant_id, client_uid, kind",
        old: "quiet_until <= $1",
        stays: Duration::ZERO,
    },
    Aging {
        table: "used_proofs",
        key: "tenant_id, client_uid, digest",
        old: "expires_at <= $1",
        stays: Duration::ZERO,
    },
    Aging { table: "initial_access_tokens", key: "tenant_id, id", old: "expires_at <= $1", stays: DAY },
    Aging { table: "denied_tokens", key: "tenant_id, token_id", old: "until <= $1", stays: SKEW },
    Aging {
        table: "remembered_requests",
        key: "tenant_id, caller, method, request_id",
        old: "until <= $1",
        stays: Duration::ZERO,
    },
    // Long after they were given up: whatever is left then, nobody delivers here.
    Aging { table: "deliveries", key: "tenant_id, id", old: "expires_at <= $1", stays: FEED_KEPT },
    Aging { table: "approvals", key: "id", old: "expires_at <= $1", stays: DAY },
    Aging { table: "bootstrap_tokens", key: "digest", old: "expires_at <= $1", stays: DAY },
    Aging { table: "leases", key: "task", old: "until <= $1", stays: DAY },
];

/// What there can be much of in a tenant. It goes before the tenant does, so that no single deletion is long.
const HEAVY: &[(&str, &str)] = &[
    ("refresh_tokens", "tenant_id, digest"),
    ("codes", "tenant_id, digest"),
    ("device_authorizations", "tenant_id, digest"),
    ("trusted_assertions", "tenant_id, slug, digest"),
    ("grants", "tenant_id, id"),
    ("sessions", "tenant_id, id"),
    ("consents", "tenant_id, user_id, client_uid"),
    ("users", "tenant_id, id"),
    ("denied_tokens", "tenant_id, token_id"),
    ("pushed_requests", "tenant_id, digest"),
    ("answered_pages", "tenant_id, digest"),
    ("used_assertions", "tenant_id, client_uid, digest"),
    ("fresh_values", "tenant_id, client_uid, kind, place"),
    ("used_proofs", "tenant_id, client_uid, digest"),
    ("deliveries", "tenant_id, id"),
];

#[derive(FromQueryResult)]
struct Taken {
    id: Uuid,
    slug: String,
}

/// Removes at most `batch` rows of each kind that age, and counts them.
pub(crate) async fn expired<L: WriteLine>(line: &L, now: Timestamp, batch: u32) -> Result<u64, Fault> {
    let mut removed = 0;
    for Aging { table, key, old, stays } in AGING {
        let before = (now - *stays).millis();
        removed += delete(line, (table, key, old), [before.into(), i64::from(batch).into()]).await?;
    }
    Ok(removed + changes::remove_aged(line, now - FEED_KEPT, batch).await?)
}

async fn delete<L: WriteLine>(
    line: &L,
    (table, key, old): (&str, &str, &str),
    values: [Value; 2],
) -> Result<u64, Fault> {
    let sql = format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {old} LIMIT $2)");
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map(|done| done.rows_affected()).map_err(fault)
}

/// Takes the tenant whose time to be brought back is over for longest, until the transaction ends: so nobody brings it back
/// meanwhile. And whoever read it before and would bring it back now comes too late, for it has another version.
const TAKE: &str = "UPDATE tenants SET version = version + 1
     WHERE id = (SELECT id FROM tenants WHERE state = 'deleted' AND purge_at <= $1 ORDER BY purge_at LIMIT 1)
     AND state = 'deleted' AND purge_at <= $1 RETURNING id, slug";

/// A tenant whose time to be brought back is over: first what there is much of, and at last it itself.
pub(crate) async fn tenant<L: WriteLine>(line: &L, now: Timestamp, batch: u32) -> Result<Option<TenantPurge>, Fault> {
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), TAKE, [now.millis().into()]);
    let Some(Taken { id, slug }) = Taken::find_by_statement(statement).one(&db).await.map_err(fault)? else {
        return Ok(None);
    };
    let tenant = TenantId::from_uuid(id);
    let mut rows = 0;
    for (table, key) in HEAVY {
        rows += delete(line, (table, key, "tenant_id = $1"), [id.into(), i64::from(batch).into()]).await?;
    }
    let is_gone = rows == 0;
    if is_gone {
        let statement = "DELETE FROM tenants WHERE id = $1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), statement, [id.into()]);
        rows += db.execute_raw(statement).await.map_err(fault)?.rows_affected();
        changes::append(line, ChangeKind::Deleted, Some(tenant), Noun::Tenant, slug.clone()).await?;
    }
    Ok(Some(TenantPurge { tenant, slug, rows, is_gone }))
}
