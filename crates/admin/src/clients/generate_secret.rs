//! `GenerateClientSecret`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    client::{Client, ClientSecret},
    id::SecretId,
    ports::jose::{Purpose, Sealer},
    secret::{OpaqueToken, SealedSecret, TokenKind},
};
use chancery_keys::seal::TenantSealer;
use chancery_proto::v1::{GenerateClientSecretRequest, GenerateClientSecretResponse};

use super::{find::find, message};
use crate::{
    call::Call,
    context::Context,
    name, reach, span,
    status::{Reason, Refusal},
};

/// Adds a secret and tells it, this once: only its digest is kept, and a sealed copy where the server has to
/// compute with it.
pub(super) async fn generate_secret(
    cx: &Context,
    call: &Call,
    request: GenerateClientSecretRequest,
) -> Result<GenerateClientSecretResponse, Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::client("parent", &request.parent)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let client = find(&reached, &id).await?;
    if client.is_public() {
        return Err(Refusal::precondition(Reason::ClientPublic, &request.parent, "is a public client"));
    }
    let too_many = |what: &str| Err(Refusal::precondition(Reason::TooManyClientSecrets, &request.parent, what));
    if client.live_secrets(now) >= Client::MOST_LIVE_SECRETS {
        return too_many("has two secrets that work; delete the one that is not used any more, then generate another");
    }
    if client.secrets.len() >= Client::MOST_SECRETS {
        return too_many("has five secrets with those that have expired; delete an expired one, then generate another");
    }
    let life = request.ttl.map(|ttl| span::seconds("ttl", ttl)).transpose()?;
    if life.is_some_and(|life| life.is_zero()) {
        return Err(Refusal::field("ttl", "must be at least 1 s"));
    }
    let token = OpaqueToken::generate(TokenKind::ClientSecret, &*cx.random);
    let id_of_secret = SecretId::generate(&*cx.random, now);
    let sealed = if client.needs_sealed_secrets() {
        let sealer = TenantSealer::of(&cx.keys, reached.tenant.id).await?;
        let context = ClientSecret::context(client.uid, id_of_secret);
        // Sealed as the octets of the text: those are the key.
        Some(SealedSecret(sealer.seal(Purpose::ClientSecret, &context, token.expose().as_bytes())?))
    } else {
        None
    };
    let secret = ClientSecret {
        id: id_of_secret,
        digest: token.digest(),
        sealed,
        hint: token.hint(),
        created_at: now,
        expires_at: life.map(|life| now + life),
        last_used_at: None,
    };

    let tx = reached.begin().await?;
    tx.clients().add_secret(&client, &secret).await?;
    tx.audit(call.event(Some(reached.tenant.id), now, Action::SecretGenerated).about(Noun::Client, &id)).await?;
    tx.commit().await?;
    let entry = message::of_secret(&tenant, &client, &secret);
    // The one answer that carries the text.
    Ok(GenerateClientSecretResponse { client_secret: Some(entry), secret: token.expose().to_owned() })
}
