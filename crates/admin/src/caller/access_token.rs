//! An access token of the system tenant (RFC 9068): of a person who signed in there, or of a program.

use chancery_domain::{
    admin_key::AdminReach,
    principal::Principal,
    secret::{Secret, from_base64url},
    time::Timestamp,
    token_id::{TokenId, TokenOrigin},
    view::TenantView,
};
use serde_json::{Map, Value};

use super::{Authenticated, Known};
use crate::{
    context::{Context, SystemTenant},
    status::{Reason, Refusal},
};

/// Whose the token is. What it hangs on is read anew with each call: the grant, the person, the client.
pub(super) async fn find(cx: &Context, token: &Secret) -> Result<Known, Refusal> {
    let Some(system) = &cx.system_tenant else { return Err(refused()) };
    let view = cx.directory.tenant(&system.slug).await?.filter(|view| view.tenant.is_active());
    let view = view.ok_or_else(refused)?;
    let now = cx.clock.now();
    // It is looked at, and neither kept nor told.
    let claims = believed(&view, system, token.expose(), now).ok_or_else(refused)?;
    let id: TokenId = text(&claims, "jti").and_then(|id| id.parse().ok()).ok_or_else(refused)?;
    let known = match id.origin {
        TokenOrigin::Grant(_) => person(cx, &view, &id, &claims, now).await?,
        TokenOrigin::Client(_) => program(cx, &view, &id, &claims).await?,
    };
    known.ok_or_else(refused)
}

/// Refuses the holder of a token that is not good any more. Its text was verified when the call came in.
pub(super) async fn recheck(cx: &Context, shown: &Shown, now: Timestamp) -> Result<(), Refusal> {
    let Some(system) = &cx.system_tenant else { return Err(refused()) };
    let view = cx.directory.tenant(&system.slug).await?.filter(|view| view.tenant.is_active());
    let tenant = view.ok_or_else(refused)?.tenant.id;
    let grants = cx.store.read(tenant);
    let is_good = match shown.id.origin {
        TokenOrigin::Grant(grant) => {
            let standing = grants.grants().standing_for(grant, &shown.id).await?;
            standing.is_some_and(|standing| standing.is_good(now))
        }
        TokenOrigin::Client(uid) => grants.grants().holds_for(uid, &shown.id).await?,
    };
    if is_good && now < shown.expires_at { Ok(()) } else { Err(refused()) }
}

/// What is kept of a token while a call lasts.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Which token it is.
    id: TokenId,
    /// Until when it is good.
    expires_at: Timestamp,
}

impl Shown {
    fn of(id: &TokenId, claims: &Map<String, Value>) -> Option<Self> {
        let expires_at = Timestamp::from_seconds(claims.get("exp")?.as_i64()?);
        Some(Self { id: *id, expires_at })
    }
}

/// The claims, if one of the tenant's own keys signed them as an access token for this API and for nobody else. What is
/// meant for others as well could have come here from one of them.
fn believed(view: &TenantView, system: &SystemTenant, token: &str, now: Timestamp) -> Option<Map<String, Value>> {
    if is_by_shared_secret(token) {
        return None;
    }
    let claims = view.access_token(token).ok()?;
    // Nobody acts for somebody else here (RFC 8693 section 4.1), and nobody proves here to have the key that a token is bound
    // to (RFC 7800 section 3.1).
    if claims.contains_key("act") || claims.contains_key("cnf") {
        return None;
    }
    let ours = text(&claims, "iss")? == view.issuer.as_str();
    let audience = match claims.get("aud")? {
        Value::String(only) => only,
        Value::Array(list) => match list.as_slice() {
            [only] => only.as_str()?,
            [] | [..] => return None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let expires_at = Timestamp::from_seconds(claims.get("exp")?.as_i64()?);
    let allowed = text(&claims, "scope")?.split(' ').any(|scope| scope == SystemTenant::SCOPE);
    (ours && audience == system.audience.as_str() && now < expires_at && allowed).then_some(claims)
}

/// Whether an HMAC signs the token: whoever verifies such tokens can write them too, so they open nothing here.
fn is_by_shared_secret(token: &str) -> bool {
    let header = token.split_once('.').and_then(|(header, _)| from_base64url(header));
    let header: Option<Value> = header.and_then(|header| serde_json::from_slice(&header).ok());
    let algorithm = header.as_ref().and_then(|header| header.get("alg")?.as_str());
    algorithm.is_some_and(|algorithm| algorithm.starts_with("HS"))
}

/// A person, if they may still sign in, neither they nor their client lost the grant, and nobody took the token back.
async fn person(
    cx: &Context,
    view: &TenantView,
    id: &TokenId,
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Known>, Refusal> {
    let TokenOrigin::Grant(grant) = id.origin else { return Ok(None) };
    let rows = cx.store.read(view.tenant.id);
    let standing = rows.grants().standing_for(grant, id).await?;
    let Some(standing) = standing.filter(|standing| standing.is_good(now)) else { return Ok(None) };
    let grant = standing.grant;
    let client = cx.directory.client_by_uid(view.tenant.id, grant.client).await?;
    let of_client = client.is_some_and(|client| is_of(claims, client.id.as_str()));
    if !of_client || text(claims, "sub") != Some(grant.user.to_string().as_str()) {
        return Ok(None);
    }
    let Some(user) = rows.users().find(grant.user).await? else { return Ok(None) };
    Ok(Some(Known {
        principal: Principal::User(user.id),
        authenticated: Authenticated::Token { auth_time: Some(grant.authenticated_at) },
        within: AdminReach::Platform,
        key: None,
        born: None,
        until: None,
        token: Shown::of(id, claims),
    }))
}

/// A program that got the token for itself, if its client may still do anything.
async fn program(
    cx: &Context,
    view: &TenantView,
    id: &TokenId,
    claims: &Map<String, Value>,
) -> Result<Option<Known>, Refusal> {
    let TokenOrigin::Client(uid) = id.origin else { return Ok(None) };
    if !cx.store.read(view.tenant.id).grants().holds_for(uid, id).await? {
        return Ok(None);
    }
    let client = cx.directory.client_by_uid(view.tenant.id, uid).await?;
    let client = client.filter(|client| is_of(claims, client.id.as_str()));
    Ok(client.map(|client| Known {
        principal: Principal::Client(client.id.clone()),
        authenticated: Authenticated::Token { auth_time: None },
        within: AdminReach::Platform,
        key: None,
        born: Some(client.created_at),
        until: None,
        token: Shown::of(id, claims),
    }))
}

fn is_of(claims: &Map<String, Value>, client: &str) -> bool {
    text(claims, "client_id") == Some(client)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// The refusal of every access token that opens nothing: why, is nobody's to know.
fn refused() -> Refusal {
    Refusal::new(Reason::AccessTokenInvalid, "this access token is not accepted")
}
