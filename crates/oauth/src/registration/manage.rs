//! What a client that registered itself may do with its registration (RFC 7592).

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::{Client, ClientKind, ClientSecret},
    fault::WriteError,
    id::ClientId,
    ports::store::TenantTx,
    secret::{OpaqueToken, Secret, TokenKind},
    time::Timestamp,
    version::Version,
    view::TenantView,
};
use serde_json::{Map, Value};

use super::{
    RegistrationRefused, answer, members,
    metadata::{self, Place},
    places, secret, unfit,
};
use crate::Context;

/// The registration as it stands.
pub async fn read(
    cx: &Context,
    view: &TenantView,
    client: &str,
    token: Option<&Secret>,
) -> Result<Map<String, Value>, RegistrationRefused> {
    let (client, token) = authenticate(cx, view, client, token).await?;
    Ok(answer::of(view, &client, &token, None))
}

/// Another registration in place of the one there, all of it: what is left out takes its default. What an operator added,
/// such as that people are not asked, was about the registration as it was, and goes.
pub async fn change(
    cx: &Context,
    view: &TenantView,
    client: &str,
    token: Option<&Secret>,
    body: &[u8],
) -> Result<Map<String, Value>, RegistrationRefused> {
    let (stored, token) = authenticate(cx, view, client, token).await?;
    if view.tenant.settings.registration.is_closed() {
        return Err(RegistrationRefused::Closed);
    }
    let now = cx.clock.now();
    let members = members(body)?;
    is_about(&stored, &members, now)?;
    let mut bare =
        Client::new(stored.uid, stored.id.clone(), ClientKind::Web, stored.created_at).stored_as(stored.state());
    (bare.version, bare.registration_token) = (stored.version, stored.registration_token);
    let mut client = metadata::read(&Place { view, uris: &*cx.fetch }, bare, &members)?;
    // What an operator demanded of it, and how long its tokens live, stays.
    client.metadata.tokens.lifetimes = stored.metadata.tokens.lifetimes;
    client.require_pkce |= stored.require_pkce && !stored.is_public();
    places::check(cx, view, &client).await?;

    let usable = stored.live_secrets(now) > 0;
    let sealed = !client.needs_sealed_secrets() || stored.has_sealed_secrets_alone();
    let renew = secret::is_needed(&client) && !(usable && sealed);
    let fresh = if renew { Some(secret::generate(cx, view, &client, now)?) } else { None };
    let tx = cx.store.begin(view.tenant.id).await?;
    let replaced = fresh.is_some() || client.is_public();
    let version = write(&*tx, &stored, &client, (replaced, fresh.as_ref().map(|(_, secret)| secret)), now).await?;
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::Client(stored.id.clone()), Action::Updated);
    tx.audit(event.about(Noun::Client, &stored.id).between(stored.version, version)).await?;
    tx.commit().await?;
    Ok(answer::of(view, &client, &token, fresh.as_ref().map(|(text, _)| text)))
}

/// The client goes, with everything that it was given.
pub async fn remove(
    cx: &Context,
    view: &TenantView,
    client: &str,
    token: Option<&Secret>,
) -> Result<(), RegistrationRefused> {
    let (client, _) = authenticate(cx, view, client, token).await?;
    let tx = cx.store.begin(view.tenant.id).await?;
    tx.clients().delete(&client.id, client.version).await?;
    let event =
        AuditEvent::new(Some(view.tenant.id), cx.clock.now(), Actor::Client(client.id.clone()), Action::Deleted);
    tx.audit(event.about(Noun::Client, &client.id).between(client.version, None)).await?;
    Ok(tx.commit().await?)
}

/// The client that this token manages. A client that is not there, one that did not register itself, and a token of
/// another are one. The rows are asked, so that what an operator does counts at once.
async fn authenticate(
    cx: &Context,
    view: &TenantView,
    client: &str,
    token: Option<&Secret>,
) -> Result<(Client, OpaqueToken), RegistrationRefused> {
    // Exposed to be compared by its digest.
    let token = OpaqueToken::parse(TokenKind::Registration, token.ok_or(RegistrationRefused::NoToken)?.expose());
    let Ok(id) = client.parse::<ClientId>() else { return Err(RegistrationRefused::NotManaged(None)) };
    // Where nobody registers, hardly anything is to be managed: what comes here for other clients is not looked at, and
    // nothing is told of it.
    if view.tenant.settings.registration.is_closed() {
        let known = cx.directory.client(view.tenant.id, &id).await?;
        if !known.is_some_and(|client| client.registered_itself()) {
            return Err(RegistrationRefused::NotManaged(None));
        }
    }
    let client = cx.store.read(view.tenant.id).clients().find(&id).await?;
    let digest = token.as_ref().map(OpaqueToken::digest);
    match (client.filter(|client| digest.is_some() && client.registration_token == digest), token) {
        (Some(client), Some(token)) if client.is_enabled() => Ok((client, token)),
        (Some(_), _) => Err(RegistrationRefused::Disabled),
        (None, _) => Err(RegistrationRefused::NotManaged(Some(id))),
    }
}

/// Tells the audit of a token that did not manage the client of that id. Whoever counts such misses says how often: without
/// end, anybody could fill the audit by them.
pub fn tell_of_miss(cx: &Context, view: &TenantView, id: &ClientId) {
    let refused = AuditEvent::new(Some(view.tenant.id), cx.clock.now(), Actor::Anonymous, Action::RegistrationRefused);
    cx.store.audit_later(refused.because("registration_access_token").about(Noun::Client, id));
}

/// A client says again who it is (RFC 7592 section 2.2): its id, and no secret that is not its own.
fn is_about(stored: &Client, members: &Map<String, Value>, now: Timestamp) -> Result<(), RegistrationRefused> {
    if members.get("client_id").and_then(Value::as_str) != Some(stored.id.as_str()) {
        return Err(unfit("client_id", "must be that of the client").into());
    }
    let Some(said) = members.get("client_secret").filter(|secret| !secret.is_null()) else { return Ok(()) };
    let said = said.as_str().and_then(|text| OpaqueToken::parse(TokenKind::ClientSecret, text));
    if said.is_some_and(|said| stored.knows_secret(&said, now)) {
        Ok(())
    } else {
        Err(unfit("client_secret", "must be that of the client, or be left out").into())
    }
}

/// Writes the client, and where they are replaced its secrets. Gives the last version.
async fn write(
    tx: &dyn TenantTx,
    stored: &Client,
    client: &Client,
    (replaced, fresh): (bool, Option<&ClientSecret>),
    now: Timestamp,
) -> Result<Version, WriteError> {
    let mut client = client.clone();
    client.version = tx.clients().update(&client, now).await?;
    if stored.needs_sealed_secrets() && !client.needs_sealed_secrets() {
        tx.clients().forget_sealed_secrets(client.uid).await?;
    }
    for old in stored.secrets.iter().filter(|_| replaced) {
        client.version = tx.clients().delete_secret(&client, old.id, now).await?;
    }
    if let Some(secret) = fresh {
        client.version = tx.clients().add_secret(&client, secret).await?;
    }
    Ok(client.version)
}
