//! What enabling and disabling a client have in common.

use chancery_domain::{
    change::Noun,
    client::{Client, ClientState},
    principal::Principal,
};
use chancery_proto::v1;

use super::{find::find, message};
use crate::{
    call::Call,
    context::Context,
    last_owner, name, reach,
    request_id::Named,
    status::{Reason, Refusal},
    turn::Turn,
};

impl Turn<'_, Client> {
    /// Carries the move out, if the state allows it, and remembers the answer of a request that named itself.
    pub(crate) async fn carry_out(
        self,
        cx: &Context,
        call: &Call,
        named: Option<&Named>,
    ) -> Result<v1::Client, Refusal> {
        let now = cx.clock.now();
        let (tenant, id) = name::client("name", self.name)?;
        let reached = reach::writable(cx, call, &tenant).await?;
        let stored = find(&reached, &id).await?;
        let standing = match stored.state() {
            ClientState::Enabled => Reason::ClientEnabled,
            ClientState::Disabled => Reason::ClientDisabled,
        };
        let tag = message::etag(&stored);
        let client = self.made(stored, &tag, standing, now)?;
        let tx = cx.platform.begin().await?;
        if reached.is_system() && !client.is_enabled() {
            last_owner::keep_without(cx, &*tx, self.name, &Principal::Client(id.clone()), now).await?;
        }
        if self.validate_only {
            return Ok(message::of(&tenant, &client));
        }

        let rows = tx.of(reached.tenant.id);
        let version = rows.clients().update(&client, now).await?;
        let event = reached.event(now, self.action).between(client.version, version);
        rows.audit(event.about(Noun::Client, &id)).await?;
        let answer = message::of_written(&tenant, client, version, now);
        if let Some(named) = named {
            named.remember(rows.requests(), &answer, now).await?;
        }
        drop(rows);
        tx.commit().await?;
        Ok(answer)
    }
}
