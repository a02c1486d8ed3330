//! Passwords that operators set.

use chancery_accounts::password::{self, GateError};
use chancery_domain::{secret::Secret, user::PasswordHash};

use crate::{
    context::Context,
    status::{Reason, Refusal},
};

/// Checks and hashes a password. Slow on purpose: never while a transaction is open.
pub(super) async fn hash(cx: &Context, sent: String) -> Result<PasswordHash, Refusal> {
    let password = Secret::new(sent);
    password::check_policy(&password).map_err(|malformed| Refusal::malformed("password", &malformed))?;
    cx.gate.hash(&password, &*cx.random).await.map_err(|error| match error {
        GateError::Busy => Refusal::new(Reason::Busy, "too many passwords at this moment; try again").retriable(),
        GateError::Fault(fault) => fault.into(),
    })
}
