//! Counting the keys of all tenants: three statements, each answered from an index. That of the counts is walked from
//! end to end, which takes some sixty milliseconds for a hundred thousand tenants with three keys each; no key is read.

use chancery_domain::{
    fault::Fault,
    key::KeyState,
    key_census::{KeyCensus, KeyCount},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    fault::fault,
    line::Line,
    row::{Reading, time},
};

/// The words of `keys_census` and `tenants_purge_at`, so that both are used.
const COUNTS: &str = "SELECT state, algorithm, COUNT(*) AS number, MIN(activated_at) AS activated_at FROM keys
      WHERE state <> 'purged' AND tenant_id NOT IN (SELECT id FROM tenants WHERE purge_at IS NOT NULL)
      GROUP BY state, algorithm ORDER BY state, algorithm";

const NEXT_DUE: &str = "SELECT p.due_at AS number FROM key_policies p JOIN tenants t ON t.id = p.tenant_id
      WHERE t.state <> 'deleted' ORDER BY p.due_at LIMIT 1";

const OVERDUE: &str = "SELECT COUNT(*) AS number FROM key_policies p JOIN tenants t ON t.id = p.tenant_id
      WHERE p.due_at < $1 AND t.state <> 'deleted'";

#[cfg(test)]
mod tests;

#[derive(FromQueryResult)]
struct Count {
    state: String,
    algorithm: String,
    number: i64,
    activated_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

impl Count {
    fn thing(self) -> Result<KeyCount, Fault> {
        let row = Reading::platform("keys", &format_args!("{}/{}", self.state, self.algorithm));
        Ok(KeyCount {
            state: row.label("state", &self.state, &KeyState::LABELS, |label| label)?,
            algorithm: row.parse("algorithm", &self.algorithm)?,
            keys: whole(self.number),
            // Kept when a key moves on, and of no meaning here then.
            active_since: self.activated_at.filter(|_| self.state == "active").map(time),
        })
    }
}

/// How the keys of all tenants stand.
pub(crate) async fn take<L: Line>(line: &L, overdue_before: Timestamp) -> Result<KeyCensus, Fault> {
    let db = line.db();
    let counts = Statement::from_string(db.get_database_backend(), COUNTS);
    let counts = Count::find_by_statement(counts).all(&db).await.map_err(fault)?;
    Ok(KeyCensus {
        counts: counts.into_iter().map(Count::thing).collect::<Result<_, _>>()?,
        next_due: number(line, NEXT_DUE, []).await?.map(time),
        overdue: number(line, OVERDUE, [overdue_before.millis().into()]).await?.map_or(0, whole),
    })
}

async fn number<L: Line, const N: usize>(line: &L, sql: &str, values: [Value; N]) -> Result<Option<i64>, Fault> {
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = Number::find_by_statement(statement).one(&db).await.map_err(fault)?;
    Ok(row.map(|row| row.number))
}

/// Counts are never negative.
fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
