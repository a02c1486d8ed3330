//! `CreatePasswordLink`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    password_link::PasswordLink,
    secret::{OpaqueToken, TokenKind},
};
use chancery_proto::v1::{CreatePasswordLinkRequest, CreatePasswordLinkResponse};

use super::find::find;
use crate::{
    call::Call,
    context::Context,
    name, reach, span,
    status::{Reason, Refusal},
};

/// Makes a link by which the person chooses a password, and tells it, this once: only its digest is kept.
pub(super) async fn create_password_link(
    cx: &Context,
    call: &Call,
    request: CreatePasswordLinkRequest,
) -> Result<CreatePasswordLinkResponse, Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let user = find(&reached, id).await?;
    if !user.is_enabled() {
        return Err(Refusal::precondition(Reason::UserDisabled, &request.name, "is disabled"));
    }
    let life = request.ttl.map(|ttl| span::seconds("ttl", ttl)).transpose()?.unwrap_or(PasswordLink::USUAL_LIFE);
    if life.is_zero() || life > PasswordLink::LONGEST_LIFE {
        return Err(Refusal::field("ttl", "must be from 1 s to 7 days"));
    }
    let token = OpaqueToken::generate(TokenKind::PasswordLink, &*cx.random);
    let link = PasswordLink { user: id, digest: token.digest(), created_at: now, expires_at: now + life };

    let expire_time = Some(span::moment(link.expires_at));
    if request.validate_only {
        return Ok(CreatePasswordLinkResponse { uri: String::new(), expire_time });
    }

    let tx = reached.begin().await?;
    tx.password_links().put(&link).await?;
    let event = reached.event(now, Action::PasswordLinkCreated);
    tx.audit(event.about(Noun::User, &id)).await?;
    tx.commit().await?;
    // The one answer that carries the link.
    let uri = PasswordLink::uri(&cx.public_url.issuer_of(&reached.tenant), &token);
    Ok(CreatePasswordLinkResponse { uri, expire_time })
}
