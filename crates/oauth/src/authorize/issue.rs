//! The answer: a code (RFC 6749 section 4.1.2), or that the user said no.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    code::Code,
    id::GrantId,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    view::TenantView,
};

use super::{Answer, AuthorizationRequest, Checked, Refusal, Step, next_step, return_path::ReturnPath};
use crate::{
    Context,
    error::{ErrorCode, OAuthError},
    session_clients, session_state,
};

/// Issues a code, if nothing stands before it any more. The code is durable when this returns.
pub async fn issue(cx: &Context, view: &TenantView, checked: &Checked, session: &Session) -> Result<Answer, Refusal> {
    check_ready(cx, view, checked, session).await?;
    let code = OpaqueToken::generate(TokenKind::Code, &*cx.random);
    let row = code_row(cx, view, checked, session, &code);
    let issued = AuditEvent::new(Some(view.tenant.id), row.issued_at, Actor::User(session.user), Action::CodeIssued)
        .about(Noun::Client, &checked.client.id);
    let tx = cx.store.begin(view.tenant.id).await?;
    tx.codes().insert(&row).await.map_err(OAuthError::from)?;
    session_clients::join(&*tx, &checked.client, session).await?;
    tx.audit(issued).await?;
    tx.commit().await?;
    let state = session_state::of(view, &checked.client, &checked.request.redirect_uri, session, &*cx.random);
    let mut answer = vec![("code", code.expose().to_owned())];
    answer.extend(state.map(|state| ("session_state", state)));
    Ok(ReturnPath::of(view, &checked.request).answer(answer))
}

/// The user said no.
#[must_use]
pub fn deny(view: &TenantView, request: &AuthorizationRequest) -> Answer {
    let error = vec![
        ("error", ErrorCode::AccessDenied.to_string()),
        ("error_description", "the user did not allow it".to_owned()),
    ];
    ReturnPath::of(view, request).answer(error)
}

/// Whether every step was gone. A door that follows the steps never sees the refusals here.
async fn check_ready(cx: &Context, view: &TenantView, checked: &Checked, session: &Session) -> Result<(), Refusal> {
    if !session.is_live(&view.tenant.settings, cx.clock.now()) {
        return Err(OAuthError::new(ErrorCode::LoginRequired, "the session is over").into());
    }
    let missing = match next_step(cx, view, checked, Some(session), false).await? {
        Step::Issue => return Ok(()),
        Step::SignIn => OAuthError::new(ErrorCode::LoginRequired, "the user has to sign in first"),
        Step::Consent { .. } => OAuthError::new(ErrorCode::ConsentRequired, "the user has not allowed this yet"),
    };
    Err(ReturnPath::of(view, &checked.request).refuse(missing))
}

fn code_row(cx: &Context, view: &TenantView, checked: &Checked, session: &Session, code: &OpaqueToken) -> Code {
    let request = &checked.request;
    let now = cx.clock.now();
    Code {
        digest: code.digest(),
        grant: GrantId::generate(&*cx.random, now),
        client: checked.client.uid,
        user: session.user,
        session: session.id,
        redirect_uri: request.redirect_uri.clone(),
        redirect_uri_asked: request.redirect_uri_asked,
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        scopes: request.scopes.clone(),
        resources: request.resources.clone(),
        authenticated_at: session.authenticated_at,
        amr: session.amr.clone(),
        issued_at: now,
        expires_at: now + view.tenant.settings.code_ttl,
        redeemed_at: None,
    }
}
