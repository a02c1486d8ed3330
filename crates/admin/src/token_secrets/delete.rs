//! `DeleteTokenSecret`.

use chancery_domain::{audit::Action, change::Noun, vocabulary::AccessTokenFormat};
use chancery_proto::v1::DeleteTokenSecretRequest;

use super::find;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// The ways out for the one that signs.
const SIGNS: &str = "signs the access tokens of its tenant: activate another one first, or set access_token_format to \
                     ACCESS_TOKEN_FORMAT_JWT";

/// Removes a secret: what it signed is refused from then on.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteTokenSecretRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (slug, id) = name::token_secret("name", &request.name)?;
    let reached = reach::writable(cx, call, &slug).await?;
    let tenant = &reached.tenant;
    let secret = find(&reached.read().token_secrets().all().await?, id, &request.name)?;
    let is_used = match tenant.settings.access_token_format {
        AccessTokenFormat::Hmac => secret.is_active(),
        AccessTokenFormat::Jwt | AccessTokenFormat::Opaque => false,
    };
    if is_used {
        return Err(Refusal::precondition(Reason::TokenSecretActive, &request.name, SIGNS));
    }
    if request.validate_only {
        return Ok(());
    }
    let tx = cx.platform.begin().await?;
    if secret.is_active() {
        // The tenant moves on with it, so that nobody sets the format to HMAC at the same time.
        tx.tenants().update(tenant, now).await?;
    }
    tx.of(tenant.id).token_secrets().delete(id, secret.version).await?;
    tx.audit(call.event(Some(tenant.id), now, Action::Deleted).about(Noun::TokenSecret, &id)).await?;
    Ok(tx.commit().await?)
}
