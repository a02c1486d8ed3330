//! Registering a client (RFC 7591 section 3).

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::{Client, ClientKind},
    id::{ClientId, ClientUid},
    ports::store::TenantTx,
    registration::{RegistrationAccess, RegistrationPolicy},
    secret::{Digest, OpaqueToken, Secret, TokenKind},
    time::Timestamp,
    view::TenantView,
};
use serde_json::{Map, Value};

use super::{
    RegistrationRefused, answer, members,
    metadata::{self, Place},
    places, secret,
};
use crate::{Context, error::OAuthError};

const HOUR: Duration = Duration::from_secs(3600);

/// Registers a client for whoever may: its id, and its secret if it gets one, are ours. It is durable when this returns.
pub async fn register(
    cx: &Context,
    view: &TenantView,
    token: Option<&Secret>,
    body: &[u8],
) -> Result<Map<String, Value>, RegistrationRefused> {
    let (now, policy) = (cx.clock.now(), &view.tenant.settings.registration);
    let allowed_by = admit(cx, view, token, now).await?;
    let bare =
        Client::new(ClientUid::generate(&*cx.random, now), ClientId::generate(&*cx.random), ClientKind::Web, now);
    let mut client = metadata::read(&Place { view, uris: &*cx.fetch }, bare, &members(body)?)?;
    places::check(cx, view, &client).await?;

    let manages = OpaqueToken::generate(TokenKind::Registration, &*cx.random);
    client.registration_token = Some(manages.digest());
    let secret = if secret::is_needed(&client) { Some(secret::generate(cx, view, &client, now)?) } else { None };
    let (text, stored) = secret.unzip();
    client.secrets.extend(stored);

    let tx = cx.store.begin(view.tenant.id).await?;
    has_room(&*tx, policy, now).await?;
    if let Some(digest) = &allowed_by
        && !tx.initial_access_tokens().spend(digest, now).await?
    {
        return Err(RegistrationRefused::WrongToken);
    }
    tx.clients().insert(&client).await?;
    let reason = if allowed_by.is_some() { "initial_access_token" } else { "open" };
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::Anonymous, Action::ClientRegistered);
    tx.audit(event.about(Noun::Client, &client.id).because(reason).between(None, client.version)).await?;
    tx.commit().await?;
    Ok(answer::of(view, &client, &manages, text.as_ref()))
}

/// Whether somebody with that token may register a client now; gives the digest of the token that has to be spent.
async fn admit(
    cx: &Context,
    view: &TenantView,
    token: Option<&Secret>,
    now: Timestamp,
) -> Result<Option<Digest>, RegistrationRefused> {
    match view.tenant.settings.registration.access {
        RegistrationAccess::Closed => Err(RegistrationRefused::Closed),
        RegistrationAccess::Open => Ok(None),
        RegistrationAccess::InitialAccessToken => {
            // Exposed to be compared by its digest.
            let token = token.ok_or(RegistrationRefused::NoToken)?.expose();
            let digest = OpaqueToken::parse(TokenKind::InitialAccess, token).map(|token| token.digest());
            let rows = cx.store.read(view.tenant.id);
            let found = match &digest {
                Some(digest) => rows.initial_access_tokens().find(digest).await?,
                None => None,
            };
            if found.is_some_and(|found| found.is_good(now)) {
                return Ok(digest);
            }
            let refused = AuditEvent::new(Some(view.tenant.id), now, Actor::Anonymous, Action::RegistrationRefused);
            cx.store.audit_later(refused.because("initial_access_token"));
            Err(RegistrationRefused::WrongToken)
        }
    }
}

/// Refuses one client too many, of all or of this hour.
async fn has_room(tx: &dyn TenantTx, policy: &RegistrationPolicy, now: Timestamp) -> Result<(), RegistrationRefused> {
    let full = [(Timestamp::from_millis(0), policy.most_clients), (now - HOUR, policy.most_per_hour)];
    for (since, most) in full {
        if tx.clients().self_registered(since, most).await? >= most {
            return Err(OAuthError::TooMany { retry_after: HOUR }.into());
        }
    }
    Ok(())
}
