//! Signing in with a name and a password.
//!
//! Unknown, disabled, without a password or simply wrong: the answer is the same, and so is the work behind it.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::{Fault, WriteError},
    id::SessionId,
    ports::store::TenantRows,
    secret::{OpaqueToken, Secret, TokenKind},
    session::Session,
    time::Timestamp,
    user::{Login, User},
    view::TenantView,
};

use crate::{
    Context,
    password::GateError,
    throttle::{Account, TooMany},
};

/// How the session was begun, for its `amr` (RFC 8176 section 2).
const PASSWORD: &str = "pwd";

/// Somebody signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Their session: a new one, or the one that they had in this browser before, with the new proof.
    pub session: Session,
    /// The value of its cookie, given out this once.
    pub cookie: OpaqueToken,
    /// Who they are.
    pub user: User,
}

/// Why somebody did not.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// No user that may sign in has this name and password.
    #[error("wrong name or password")]
    Wrong,
    /// Too many failures before.
    #[error("too many attempts")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many people are signing in at this moment; a second later it may work.
    #[error("too many people are signing in")]
    Busy,
    /// We failed.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// Begins a session for whoever has that name and password.
///
/// `source` is the address that the browser calls from, as far as it can be trusted. `before` is the session that the
/// browser had before, if any. Where it is that of the same user it goes on: applications know it by its `sid`, and
/// somebody who proves anew who they are has not signed out of any. The caller ends it in all other cases. Its cookie
/// never outlives a sign-in.
pub async fn sign_in(
    cx: &Context,
    view: &TenantView,
    login: &str,
    password: &Secret,
    source: IpAddr,
    before: Option<&Session>,
) -> Result<SignedIn, SignInRefused> {
    let tenant = view.tenant.id;
    let found = find(cx, view, login).await?;
    let account = found.as_ref().map_or_else(|| Account::named(login), |user| Account::of(user.id));
    let attempt = match cx.throttle.begin(tenant, account, source, cx.clock.now()) {
        Ok(attempt) => attempt,
        Err(TooMany { retry_after }) => {
            audit_refusal(cx, view, found.as_ref(), "throttled");
            return Err(SignInRefused::TooMany { retry_after });
        }
    };
    let hash = found.as_ref().and_then(|user| user.password.as_ref());
    let right = match cx.gate.verify(password, hash).await {
        Ok(right) => right,
        Err(refused) => {
            attempt.withdrawn();
            return Err(refused.into());
        }
    };
    let user = match found {
        Some(user) if right && user.is_enabled() && view.tenant.is_active() => user,
        found => {
            attempt.failed();
            audit_refusal(cx, view, found.as_ref(), why(view, found.as_ref(), right));
            return Err(SignInRefused::Wrong);
        }
    };
    let (session, cookie) = new_session(cx, view, &user, cx.clock.now());
    let before = before.filter(|before| before.user == user.id);
    match write(cx, view, &user, session, before).await {
        Ok(Some(session)) => {
            attempt.succeeded(session.authenticated_at);
            Ok(SignedIn { session, cookie, user })
        }
        Ok(None) => {
            attempt.failed();
            audit_refusal(cx, view, Some(&user), "changed");
            Err(SignInRefused::Wrong)
        }
        Err(fault) => {
            attempt.withdrawn();
            Err(fault.into())
        }
    }
}

/// The user of that name. A name that nobody can have costs one read too.
async fn find(cx: &Context, view: &TenantView, typed: &str) -> Result<Option<User>, Fault> {
    let login = typed.parse::<Login>();
    let can_exist = login.is_ok();
    let Ok(login) = login.or_else(|_| "-".parse()) else { return Ok(None) };
    let found = cx.store.read(view.tenant.id).users().find_by_login(&login).await?;
    Ok(found.filter(|_| can_exist))
}

fn new_session(cx: &Context, view: &TenantView, user: &User, now: Timestamp) -> (Session, OpaqueToken) {
    let cookie = OpaqueToken::generate(TokenKind::Session, &*cx.random);
    let session = Session {
        id: SessionId::generate(&*cx.random, now),
        digest: cookie.digest(),
        user: user.id,
        authenticated_at: now,
        amr: vec![PASSWORD.to_owned()],
        last_seen_at: now,
        expires_at: now + view.tenant.settings.session_absolute_ttl,
        ended_at: None,
    };
    (session, cookie)
}

/// Writes the session, in place of that before or beside it, unless the user was disabled or got another password while
/// the old one was being verified.
async fn write(
    cx: &Context,
    view: &TenantView,
    user: &User,
    fresh: Session,
    before: Option<&Session>,
) -> Result<Option<Session>, Fault> {
    let tx = cx.store.begin(view.tenant.id).await?;
    let current = tx.users().hold(user.id).await?;
    if !current.is_some_and(|current| current.is_enabled() && current.password == user.password) {
        return Ok(None);
    }
    let session = goes_on(&*tx, &fresh, before).await?;
    if session.is_none() {
        tx.sessions().insert(&fresh).await.map_err(|error| match error {
            WriteError::Fault(fault) => fault,
            WriteError::Taken(_) | WriteError::Stale => Fault::broken("a new session could not be written", error),
        })?;
    }
    let session = session.unwrap_or(fresh);
    let event = AuditEvent::new(Some(view.tenant.id), session.authenticated_at, Actor::User(user.id), Action::SignedIn);
    tx.audit(event.about(Noun::Session, &session.id)).await?;
    tx.commit().await?;
    Ok(Some(session))
}

/// The session before with the proof and the cookie of the fresh one, unless it ended meanwhile.
async fn goes_on(rows: &dyn TenantRows, fresh: &Session, before: Option<&Session>) -> Result<Option<Session>, Fault> {
    let Some(before) = before else { return Ok(None) };
    let session = Session { id: before.id, ..fresh.clone() };
    Ok(rows.sessions().renew(&session).await?.then_some(session))
}

/// The reason that the audit trail keeps; the browser never learns it.
fn why(view: &TenantView, user: Option<&User>, right: bool) -> &'static str {
    match user {
        _ if !view.tenant.is_active() => "tenant_not_serving",
        None => "unknown_user",
        Some(user) if !user.is_enabled() => "disabled_user",
        Some(user) if user.password.is_none() => "no_password",
        Some(_) if !right => "wrong_password",
        Some(_) => "refused",
    }
}

fn audit_refusal(cx: &Context, view: &TenantView, user: Option<&User>, reason: &'static str) {
    let event = AuditEvent::new(Some(view.tenant.id), cx.clock.now(), Actor::Anonymous, Action::SignInRefused);
    let event = event.because(reason);
    cx.store.audit_later(match user {
        Some(user) => event.about(Noun::User, &user.id),
        None => event,
    });
}

impl From<GateError> for SignInRefused {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Busy => Self::Busy,
            GateError::Fault(fault) => Self::Ours(fault),
        }
    }
}
