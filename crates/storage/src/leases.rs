//! Leases: one statement decides who runs a task.

use chancery_domain::{fault::Fault, lease::LeaseClaim, time::Timestamp};
use sea_orm::{ConnectionTrait, Statement};

use crate::{fault::fault, line::WriteLine};

const TAKE: &str = "INSERT INTO leases (task, holder, until) VALUES ($1, $2, $3)
     ON CONFLICT (task) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE leases.until <= $4 OR leases.holder = excluded.holder";

const GIVE_BACK: &str = "DELETE FROM leases WHERE task = $1 AND holder = $2";

/// Takes or renews a lease. `false` when another process holds it.
pub(crate) async fn take<L: WriteLine>(line: &L, claim: &LeaseClaim, now: Timestamp) -> Result<bool, Fault> {
    let until = now + claim.span;
    let values = [claim.task.into(), claim.holder.as_str().into(), until.millis().into(), now.millis().into()];
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), TAKE, values);
    db.execute_raw(statement).await.map(|done| done.rows_affected() == 1).map_err(fault)
}

/// Gives a lease back, if it is still held.
pub(crate) async fn give_back<L: WriteLine>(line: &L, claim: &LeaseClaim) -> Result<(), Fault> {
    let db = line.db();
    let values = [claim.task.into(), claim.holder.as_str().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), GIVE_BACK, values);
    db.execute_raw(statement).await.map(drop).map_err(fault)
}
