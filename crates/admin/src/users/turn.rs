//! What enabling and disabling a user have in common.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::IllegalMove,
    user::{User, UserState},
};
use chancery_proto::v1;

use super::{ending, find::find, message};
use crate::{
    call::Call,
    context::Context,
    etag, name, reach,
    status::{Reason, Refusal},
};

/// A move that a caller asks for.
pub(crate) struct Turn<'a> {
    /// The name of the user.
    pub(super) name: &'a str,
    /// The tag that it must still have, or nothing.
    pub(super) etag: &'a str,
    /// Whether the caller only asks what would happen.
    pub(super) validate_only: bool,
    /// What the audit calls it.
    pub(super) action: Action,
    /// The move.
    pub(super) step: fn(User) -> Result<User, IllegalMove>,
}

impl Turn<'_> {
    /// Carries the move out, if the state allows it. Who may not sign in any more is signed out.
    pub(crate) async fn carry_out(self, cx: &Context, call: &Call) -> Result<v1::User, Refusal> {
        let now = cx.clock.now();
        let (tenant, id) = name::user("name", self.name)?;
        let reached = reach::writable(cx, call, &tenant).await?;
        let stored = find(&reached, id).await?;
        etag::check(self.etag, &message::etag(&stored))?;
        let state = stored.state();
        let user = (self.step)(stored).map_err(|illegal| refused(self.name, state, illegal))?;
        if self.validate_only {
            return Ok(message::of(&tenant, &user));
        }

        let tx = reached.begin().await?;
        let version = tx.users().update(&user, now).await?;
        if !user.is_enabled() {
            ending::end_everything(&*tx, &*cx.random, &tenant, id, now).await?;
        }
        let event = call.event(Some(reached.tenant.id), now, self.action).between(user.version, version);
        tx.audit(event.about(Noun::User, &id)).await?;
        tx.commit().await?;
        Ok(message::of_written(&tenant, user, version, now))
    }
}

fn refused(name: &str, state: UserState, illegal: IllegalMove) -> Refusal {
    let reason = match state {
        UserState::Enabled => Reason::UserEnabled,
        UserState::Disabled => Reason::UserDisabled,
    };
    Refusal::precondition(reason, name, &format!("is {}", illegal.from))
}
