//! `CreateInitialAccessToken`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    id::InitialAccessTokenId,
    registration::InitialAccessToken,
    secret::{OpaqueToken, TokenKind},
};
use chancery_proto::v1::{CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    name, reach, span,
    status::{Reason, Refusal},
    text,
};

/// Creates a token and tells it, this once: only its digest is kept.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateInitialAccessTokenRequest,
) -> Result<CreateInitialAccessTokenResponse, Refusal> {
    let now = cx.clock.now();
    let tenant = name::tenant("parent", &request.parent)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let sent = request.initial_access_token.unwrap_or_default();
    let display_name = text::display_name("initial_access_token.display_name", &sent.display_name)?;
    if display_name.is_empty() {
        return Err(Refusal::field("initial_access_token.display_name", "must say what the token is for"));
    }
    let life = request.ttl.map_or(Ok(InitialAccessToken::USUAL_LIFE), |ttl| span::seconds("ttl", ttl))?;
    if life.is_zero() || life > InitialAccessToken::LONGEST_LIFE {
        return Err(Refusal::field("ttl", "must be from 1 s to 90 d"));
    }
    let uses = u32::try_from(request.uses).ok().filter(|uses| *uses <= InitialAccessToken::MOST_USES);
    let uses_left = uses.ok_or_else(|| Refusal::field("uses", "must be from 1 to 10000"))?.max(1);
    if reached.read().initial_access_tokens().all().await?.len() >= InitialAccessToken::MOST {
        let what = "has a hundred of them with those that are used up; delete some, then create another";
        return Err(Refusal::precondition(Reason::TooManyInitialAccessTokens, &request.parent, what));
    }
    let secret = OpaqueToken::generate(TokenKind::InitialAccess, &*cx.random);
    let token = InitialAccessToken {
        id: InitialAccessTokenId::generate(&*cx.random, now),
        digest: secret.digest(),
        hint: secret.hint(),
        display_name,
        uses_left,
        created_at: now,
        expires_at: now + life,
    };
    let entry = message::of(&tenant, &token);
    if request.validate_only {
        return Ok(CreateInitialAccessTokenResponse { initial_access_token: Some(entry), secret: String::new() });
    }
    let tx = reached.begin().await?;
    tx.initial_access_tokens().insert(&token).await?;
    let event = call.event(Some(reached.tenant.id), now, Action::Created);
    tx.audit(event.about(Noun::InitialAccessToken, &token.id)).await?;
    tx.commit().await?;
    // The one answer that carries the text.
    Ok(CreateInitialAccessTokenResponse { initial_access_token: Some(entry), secret: secret.expose().to_owned() })
}
