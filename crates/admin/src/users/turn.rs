//! What enabling and disabling a user have in common.

use chancery_domain::{
    change::Noun,
    principal::Principal,
    user::{User, UserState},
};
use chancery_proto::v1;

use super::{ending, find::find, message};
use crate::{
    call::Call,
    context::Context,
    last_owner, name, reach,
    request_id::Named,
    status::{Reason, Refusal},
    turn::Turn,
};

impl Turn<'_, User> {
    /// Carries the move out, if the state allows it, and remembers the answer of a request that named itself. Who may not
    /// sign in any more is signed out.
    pub(crate) async fn carry_out(self, cx: &Context, call: &Call, named: Option<&Named>) -> Result<v1::User, Refusal> {
        let now = cx.clock.now();
        let (tenant, id) = name::user("name", self.name)?;
        let reached = reach::writable(cx, call, &tenant).await?;
        let stored = find(&reached, id).await?;
        let standing = match stored.state() {
            UserState::Enabled => Reason::UserEnabled,
            UserState::Disabled => Reason::UserDisabled,
        };
        let tag = message::etag(&stored);
        let user = self.made(stored, &tag, standing, now)?;
        let tx = cx.platform.begin().await?;
        if reached.is_system() && !user.is_enabled() {
            last_owner::keep_without(cx, &*tx, self.name, &Principal::User(id), now).await?;
        }
        if self.validate_only {
            return Ok(message::of(&tenant, &user));
        }

        let rows = tx.of(reached.tenant.id);
        let version = rows.users().update(&user, now).await?;
        if !user.is_enabled() {
            ending::end_everything(&*rows, &*cx.random, &tenant, id, now).await?;
        }
        let event = reached.event(now, self.action).between(user.version, version);
        rows.audit(event.about(Noun::User, &id)).await?;
        let answer = message::of_written(&tenant, user, version, now);
        if let Some(named) = named {
            named.remember(rows.requests(), &answer, now).await?;
        }
        drop(rows);
        tx.commit().await?;
        Ok(answer)
    }
}
