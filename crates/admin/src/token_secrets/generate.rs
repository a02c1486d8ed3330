//! `GenerateTokenSecret`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    id::TokenSecretId,
    ports::jose::{Purpose, Sealer},
    secret::{OpaqueToken, SealedSecret, TokenKind},
    token_secret::TokenSecret,
};
use chancery_keys::seal::TenantSealer;
use chancery_proto::v1::{GenerateTokenSecretRequest, GenerateTokenSecretResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// Adds a secret and tells it, this once: it is kept sealed.
pub(super) async fn generate(
    cx: &Context,
    call: &Call,
    request: GenerateTokenSecretRequest,
) -> Result<GenerateTokenSecretResponse, Refusal> {
    let now = cx.clock.now();
    let slug = name::tenant("parent", &request.parent)?;
    let reached = reach::writable(cx, call, &slug).await?;
    let tenant = &reached.tenant;
    let refused = |reason, rule: &str| Err(Refusal::precondition(reason, &request.parent, rule));
    if !tenant.profile.allows_shared_secrets() {
        return refused(Reason::ProfileForbids, "has PROFILE_OAUTH21, which knows no HMAC access tokens");
    }
    let beside = reached.read().token_secrets().all().await?;
    if beside.len() >= TokenSecret::MOST {
        return refused(Reason::TooManyTokenSecrets, "has two token secrets, the most that a tenant may have");
    }
    let token = OpaqueToken::generate(TokenKind::TokenSecret, &*cx.random);
    let id = TokenSecretId::generate(&*cx.random, now);
    let own_key = TenantSealer::of(&cx.keys, tenant.id).await?;
    // Sealed as the octets of the text: those are the secret.
    let sealed = own_key.seal(Purpose::TokenSecret, &TokenSecret::context(id), token.expose().as_bytes())?;
    let secret = TokenSecret::new(id, SealedSecret(sealed), token.hint(), &beside, now);

    let tx = reached.begin().await?;
    tx.token_secrets().insert(&secret).await?;
    tx.audit(call.event(Some(tenant.id), now, Action::Created).about(Noun::TokenSecret, &id)).await?;
    tx.commit().await?;
    // The one answer that carries the text.
    let told = token.expose().to_owned();
    Ok(GenerateTokenSecretResponse { token_secret: Some(message::of(&slug, &secret)), secret: told })
}
