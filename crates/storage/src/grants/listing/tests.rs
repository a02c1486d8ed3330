//! Whoever signs out keeps SQLite's one writer busy for what their session gave, not for what their tenant did.

use std::sync::Arc;

use chancery_domain::{
    id::{ClientUid, SessionId},
    time::Clock,
};
use chancery_testkit::{FakeClock, SeededRandom};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use tempfile::TempDir;

use super::*;
use crate::{Options, database::Database, rows::Fenced};

fn deletion<E: Fenced>(those: Condition) -> Statement {
    E::delete_many().filter(E::TENANT.eq(Uuid::nil())).filter(those).build(DbBackend::Sqlite)
}

#[tokio::test]
async fn t300_sqlite_finds_what_a_session_gave_without_reading_its_tenant() {
    let (folder, clock) = (TempDir::new().expect("a folder"), FakeClock::new());
    let now = clock.now();
    let url = format!("sqlite:{}", folder.path().join("plans.db").display());
    let database = Database::open(Options::new(&url, Arc::new(clock))).await.expect("opens");
    database.migrate().await.expect("migrates");
    let random = SeededRandom::new(1);
    let session = Some(SessionId::generate(&random, now));
    let client = Some(ClientUid::generate(&random, now));
    for of in [GrantSelection { session, client, user: None }, GrantSelection { session, client: None, user: None }] {
        let revoked = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(now.millis()));
        let revoked = revoked.filter(Column::TenantId.eq(Uuid::nil())).filter(selected(&of));
        let revoked = revoked.filter(Column::Offline.eq(false)).filter(Column::RevokedAt.is_null());
        for (statement, index) in [
            (deletion::<codes::Entity>(unredeemed(&of, now)), "codes_of_session (session_id=?"),
            (deletion::<devices::Entity>(approved(&of, now)), "device_authorizations_waiting (tenant_id=? AND state=?"),
            (revoked.build(DbBackend::Sqlite), "grants_of_session (session_id=?"),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let values = statement.values.expect("values");
            let asked = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            let rows = database.reader().connection.query_all_raw(asked).await.expect("explains");
            let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a detail")).collect();
            assert!(plan.iter().any(|line| line.contains(index)), "{}: {plan:#?}", statement.sql);
        }
    }
}
