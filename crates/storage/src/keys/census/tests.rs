//! What is counted each minute has to be counted without reading the keys.

use chancery_testkit::FakeClock;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;

use super::{COUNTS, NEXT_DUE, OVERDUE};
use crate::{Options, database::Database};

#[tokio::test]
async fn sqlite_answers_from_indexes_alone() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("census.db").display());
    let options = Options::new(&url, std::sync::Arc::new(FakeClock::new()));
    let database = Database::open(options).await.expect("opens");
    database.migrate().await.expect("migrates");
    for (sql, index) in [
        (COUNTS, "keys_census"),
        (COUNTS, "tenants_purge_at"),
        (NEXT_DUE, "key_policies_due_at"),
        (OVERDUE, "key_policies_due_at"),
    ] {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = database.reader().connection.query_all_raw(statement).await.expect("explains");
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a detail")).collect();
        assert!(plan.iter().any(|line| line.contains(&format!("USING COVERING INDEX {index}"))), "{sql}: {plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{sql} sorts: {plan:#?}");
    }
}
