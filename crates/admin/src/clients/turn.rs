//! What enabling and disabling a client have in common.

use chancery_domain::{
    audit::Action,
    change::Noun,
    client::{Client, ClientState},
    fault::IllegalMove,
};
use chancery_proto::v1;

use super::{find::find, message};
use crate::{
    call::Call,
    context::Context,
    etag, name, reach,
    request_id::Named,
    status::{Reason, Refusal},
};

/// A move that a caller asks for.
pub(crate) struct Turn<'a> {
    /// The name of the client.
    pub(super) name: &'a str,
    /// The tag that it must still have, or nothing.
    pub(super) etag: &'a str,
    /// Whether the caller only asks what would happen.
    pub(super) validate_only: bool,
    /// What the audit calls it.
    pub(super) action: Action,
    /// The move.
    pub(super) step: fn(Client) -> Result<Client, IllegalMove>,
}

impl Turn<'_> {
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
        etag::check(self.etag, &message::etag(&stored))?;
        let state = stored.state();
        let client = (self.step)(stored).map_err(|illegal| refused(self.name, state, illegal))?;
        if self.validate_only {
            return Ok(message::of(&tenant, &client));
        }

        let tx = reached.begin().await?;
        let version = tx.clients().update(&client, now).await?;
        let event = call.event(Some(reached.tenant.id), now, self.action).between(client.version, version);
        tx.audit(event.about(Noun::Client, &id)).await?;
        let answer = message::of_written(&tenant, client, version, now);
        if let Some(named) = named {
            named.remember(tx.requests(), &answer, now).await?;
        }
        tx.commit().await?;
        Ok(answer)
    }
}

fn refused(name: &str, state: ClientState, illegal: IllegalMove) -> Refusal {
    let reason = match state {
        ClientState::Enabled => Reason::ClientEnabled,
        ClientState::Disabled => Reason::ClientDisabled,
    };
    Refusal::precondition(reason, name, &format!("is {}", illegal.from))
}
