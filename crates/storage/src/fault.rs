//! What the database answers when it does not do what it was asked, in the words of the domain.

use chancery_domain::fault::{Fault, WriteError};
use sea_orm::{DbErr, RuntimeErr};

/// Turns a database error into a fault: either the database is away or overrun, or something is broken.
pub(crate) fn fault(error: DbErr) -> Fault {
    if is_away(&error) { Fault::unavailable("database", error) } else { Fault::broken("database", error) }
}

/// Turns the error of a guarded write into what it means. What hangs on a row that is gone, or would stand twice where
/// one may, came too late.
pub(crate) fn write_error(error: DbErr) -> WriteError {
    match database_error(&error) {
        Some(cause) if cause.is_unique_violation() || cause.is_foreign_key_violation() => WriteError::Stale,
        _ => fault(error).into(),
    }
}

/// Whether the write would have made a second of something that there may be one of.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    database_error(error).is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    Some(cause)
}

fn database_error(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    sqlx_error(error).and_then(sqlx::Error::as_database_error)
}

/// Whether a statement gave up waiting for what another transaction holds (PostgreSQL's `lock_not_available`).
pub(crate) fn is_lock_timeout(error: &DbErr) -> bool {
    database_error(error).and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "55P03")
}

fn is_away(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Database(cause)) => cause.code().is_some_and(|code| is_passing(&code)),
        Some(cause) => matches!(
            cause,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        ),
        None => matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)),
    }
}

/// Whether trying again later may help. PostgreSQL's codes have five characters (its appendix A), SQLite's are numbers
/// whose lowest byte is the kind.
fn is_passing(code: &str) -> bool {
    if code.len() == 5 {
        // No connection, no resources, operator's intervention, no lock, deadlock, a standby that is read-only.
        ["08", "53", "57"].iter().any(|class| code.starts_with(class))
            || matches!(code, "55P03" | "40001" | "40P01" | "25006")
    } else {
        // Busy, locked, read-only, input/output, full, cannot open.
        code.parse::<u32>().is_ok_and(|code| matches!(code & 0xFF, 5 | 6 | 8 | 10 | 13 | 14))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_is_away_and_a_wrong_statement_is_broken() {
        for passing in ["5", "517", "261", "57P01", "53300", "08006", "40P01"] {
            assert!(is_passing(passing), "{passing}");
        }
        for lasting in ["1", "2067", "787", "42601", "23505", "23503"] {
            assert!(!is_passing(lasting), "{lasting}");
        }
    }
}
