//! `DeleteClientSecret`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteClientSecretRequest;

use super::find::find;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// Removes a secret: it is refused from then on.
pub(super) async fn delete_secret(
    cx: &Context,
    call: &Call,
    request: DeleteClientSecretRequest,
) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id, secret) = name::secret("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let client = find(&reached, &id).await?;
    if !client.secrets.iter().any(|own| own.id == secret) {
        return Err(Refusal::not_found(Reason::ClientSecretNotFound, "ClientSecret", &request.name));
    }
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    tx.clients().delete_secret(&client, secret, now).await?;
    tx.audit(reached.event(now, Action::SecretDeleted).about(Noun::Client, &id)).await?;
    Ok(tx.commit().await?)
}
