//! The answer: a code (RFC 6749 section 4.1.2), tokens (OpenID Connect Core sections 3.2.2.5 and 3.3.2.5), or that the
//! user said no.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    code::Code,
    id::GrantId,
    ports::store::TenantTx,
    secret::{Digest, OpaqueToken, TokenKind},
    session::Session,
    time::Timestamp,
    view::TenantView,
};

use super::{
    Answer, AuthorizationRequest, Checked, Done, Refusal, Step, acr, carry, freshness, front_channel, next_step,
    return_path::ReturnPath,
};
use crate::{
    Context,
    error::{ErrorCode, OAuthError},
    in_use, pushed, session_clients, session_state,
};

/// Issues what was asked for, if nothing stands before it any more. It is durable when this returns. Tokens are signed
/// before the transaction begins, never while it is open.
pub async fn issue(
    cx: &Context,
    view: &TenantView,
    checked: &Checked,
    session: &Session,
    done: Done,
) -> Result<Answer, Refusal> {
    check_ready(cx, view, checked, session, done).await?;
    carry::check_readable(cx, view, checked).await?;
    let response_type = checked.request.response_type;
    let code = OpaqueToken::generate(TokenKind::Code, &*cx.random);
    let given = given(cx, view, checked, session, &code);
    let code = response_type.has_code().then_some(code);
    let mut parameters: Vec<_> = code.iter().map(|code| ("code", code.expose().to_owned())).collect();
    let begun = response_type.has_front_channel_token().then(|| front_channel::grant(view, &checked.client, &given));
    if let Some(grant) = &begun {
        let tokens = front_channel::parameters(cx, view, checked, grant, code.as_ref()).await;
        parameters.extend(tokens.map_err(|error| ReturnPath::of(view, &checked.request).refuse(error))?);
    }

    let event = |action| AuditEvent::new(Some(view.tenant.id), given.issued_at, Actor::User(session.user), action);
    let tx = cx.store.begin(view.tenant.id).await?;
    // Somebody may have signed out since it was looked at.
    if !tx.sessions().hold(session.id).await? {
        return Err(over(view, checked));
    }
    use_up(&*tx, checked, given.issued_at).await?;
    if response_type.has_code() {
        tx.codes().insert(&given).await.map_err(OAuthError::from)?;
        tx.audit(event(Action::CodeIssued).about(Noun::Client, &checked.client.id)).await?;
    }
    if let Some(grant) = begun.filter(|_| response_type.has_access_token()) {
        tx.grants().insert(&grant).await.map_err(OAuthError::from)?;
        tx.audit(event(Action::TokensIssued).about(Noun::Grant, &grant.id).because("front_channel")).await?;
    } else if response_type.has_id_token() {
        tx.audit(event(Action::TokensIssued).about(Noun::Client, &checked.client.id).because("front_channel")).await?;
    }
    session_clients::join(&*tx, &checked.client, session.id).await?;
    freshness::watch(&*tx, view, checked, session, given.issued_at).await?;
    let (user, client) = (session.user, &checked.client);
    // Or have taken back what they allowed.
    if !(client.skip_consent || checked.is_allowed_by(tx.consents().hold(user, client.uid).await?.as_ref(), done)) {
        return Err(not_allowed(view, checked));
    }
    tx.commit().await?;
    in_use::note(cx, view, &checked.client, given.issued_at);
    let state = session_state::of(view, &checked.request, session, &*cx.random);
    parameters.extend(state.map(|state| ("session_state", state)));
    Ok(ReturnPath::of(view, &checked.request).answer(parameters))
}

/// The user said no. That completes a pushed request too.
pub async fn deny(cx: &Context, view: &TenantView, checked: &Checked) -> Result<Answer, Refusal> {
    if checked.request.pushed.is_some() {
        let tx = cx.store.begin(view.tenant.id).await?;
        use_up(&*tx, checked, cx.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(denied(view, &checked.request))
}

fn denied(view: &TenantView, request: &AuthorizationRequest) -> Answer {
    let error = vec![
        ("error", ErrorCode::AccessDenied.to_string()),
        ("error_description", "the user did not allow it".to_owned()),
    ];
    ReturnPath::of(view, request).answer(error)
}

/// A pushed request is answered once (RFC 9126 section 7.3).
async fn use_up(tx: &dyn TenantTx, checked: &Checked, now: Timestamp) -> Result<(), Refusal> {
    let Some(digest) = checked.request.pushed else { return Ok(()) };
    let digest = Digest::from_bytes(digest);
    let first = tx.pushed_requests().use_up(&digest, checked.client.uid, now).await?;
    if first { Ok(()) } else { Err(pushed::nothing_there().into()) }
}

/// Whether every step was gone. A door that follows the steps never sees the refusals here.
async fn check_ready(
    cx: &Context,
    view: &TenantView,
    checked: &Checked,
    session: &Session,
    done: Done,
) -> Result<(), Refusal> {
    if !session.is_live(&view.tenant.settings, cx.clock.now()) {
        return Err(over(view, checked));
    }
    let missing = match next_step(cx, view, checked, Some(session), done).await? {
        Step::Issue => return Ok(()),
        Step::SignIn | Step::SignUp => OAuthError::new(ErrorCode::LoginRequired, "the user has to sign in first"),
        Step::Consent { .. } => return Err(not_allowed(view, checked)),
    };
    Err(ReturnPath::of(view, &checked.request).refuse(missing))
}

fn not_allowed(view: &TenantView, checked: &Checked) -> Refusal {
    let missing = OAuthError::new(ErrorCode::ConsentRequired, "the user has not allowed this yet");
    ReturnPath::of(view, &checked.request).refuse(missing)
}

fn over(view: &TenantView, checked: &Checked) -> Refusal {
    let over = OAuthError::new(ErrorCode::LoginRequired, "the session is over");
    ReturnPath::of(view, &checked.request).refuse(over)
}

/// What the user gives: the row of the code, and what a grant begins with.
fn given(cx: &Context, view: &TenantView, checked: &Checked, session: &Session, code: &OpaqueToken) -> Code {
    let request = &checked.request;
    let now = cx.clock.now();
    Code {
        digest: code.digest(),
        grant: GrantId::generate(&*cx.random, now),
        grant_begun: request.response_type.has_access_token(),
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
        acr: acr::proven(session).filter(|_| request.acr.told),
        claims: request.claims.clone(),
        confirmation: request.confirmation,
        issued_at: now,
        expires_at: now + view.tenant.settings.code_ttl,
        redeemed_at: None,
    }
}
