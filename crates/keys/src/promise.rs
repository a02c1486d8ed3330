//! Recording how long what a tenant signs may live: in its policy and in its active keys, in the transaction that
//! changes its settings, and so before the first token of a longer life can leave.

use std::time::Duration;

use chancery_domain::{
    fault::{Fault, WriteError},
    key::Key,
    key_policy::{KeyPolicy, Margins},
    ports::store::TenantRows,
    time::Timestamp,
};

/// Writes that what the tenant signs may live for `life` too, where that is longer than what was promised so far. A promise
/// is made shorter by [`write()`] alone, which looks at everything that the tenant signs.
pub async fn raise(rows: &dyn TenantRows, life: Duration, margins: &Margins, now: Timestamp) -> Result<(), WriteError> {
    let promised = rows.keys().policy().await?.token_life;
    if life > promised { write(rows, life, margins, now).await } else { Ok(()) }
}

/// Writes that the longest life of what the tenant signs is `life` from now on, and plans its keys again. `Stale` when
/// somebody else moves its keys or changes its policy at the same time.
///
/// The policy is written first: its row is where everybody who moves keys waits for his turn, so no key can become
/// active with the former life in between.
pub async fn write(rows: &dyn TenantRows, life: Duration, margins: &Margins, now: Timestamp) -> Result<(), WriteError> {
    let policy = rows.keys().policy().await?;
    if policy.token_life == life {
        return Ok(());
    }
    rows.keys().put_policy(&KeyPolicy { token_life: life, ..policy }, now).await?;
    for key in rows.keys().all().await?.into_iter().filter(Key::is_active) {
        let promised =
            key.promise(life, margins, now).map_err(|illegal| Fault::broken("a promise is not lawful", illegal))?;
        rows.keys().update(&promised).await?;
    }
    Ok(())
}
