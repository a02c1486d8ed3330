//! Proving a client by an assertion that it signed (RFC 7523 section 3, OpenID Connect Core section 9).

use std::time::Duration;

use chancery_domain::{
    client::Client,
    fault::Fault,
    id::ClientId,
    ports::client_jose::{ClientJws, TypRule},
    profile::Profile,
    time::Timestamp,
    used_once::{Novelty, UsedOnce},
    view::TenantView,
    vocabulary::ClientAuthMethod,
};
use serde_json::Value;

use crate::{
    Context,
    client_jws::{self, Algorithms},
    endpoints,
};

/// The only `client_assertion_type` (RFC 7523 section 2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The types under which clients write them. One that is of another type was meant for something else.
const TYPES: TypRule = TypRule::AbsentOrOneOf(&["JWT", "client-authentication+jwt"]);

/// How far ahead an assertion may expire.
const LONGEST_LIFE: Duration = Duration::from_secs(300);

/// How far ahead of ours a client's clock may be.
const SKEW: Duration = Duration::from_secs(60);

/// How long to wait for room in the memory of assertions.
pub(super) const ROOM_WITHIN: Duration = Duration::from_secs(10);

/// What an assertion proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proven {
    /// That the client sent it.
    Yes,
    /// Nothing.
    No,
    /// Nothing yet: the client used too many of them lately.
    TooMany,
}

/// Whom an assertion claims to be from, which proves nothing yet.
pub(super) fn claimed(view: &TenantView, assertion: &str) -> Option<ClientId> {
    view.client_keys.unproven(assertion).ok()?.claims.get("sub")?.as_str()?.parse().ok()
}

/// What the assertion proves of that client, by the method and the algorithm that it registered. One that proves it is
/// used up from then on.
pub(super) async fn proves(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    assertion: &str,
    now: Timestamp,
) -> Result<Proven, Fault> {
    let Some(algorithms) = algorithms(client) else { return Ok(Proven::No) };
    let Ok(said) = client_jws::verify(cx, view, client, assertion, algorithms, TYPES).await else {
        return Ok(Proven::No);
    };
    match read(view, client, &said, now) {
        Some(used) => spend(cx, view, &used, now).await,
        None => Ok(Proven::No),
    }
}

/// What the client may sign with; none where it proves itself in another way.
fn algorithms(client: &Client) -> Option<Algorithms<'_>> {
    let every = match client.assertion_method()? {
        ClientAuthMethod::PrivateKeyJwt => Algorithms::EVERY_KEY,
        ClientAuthMethod::SecretJwt => Algorithms::EVERY_SECRET,
        ClientAuthMethod::Basic
        | ClientAuthMethod::Post
        | ClientAuthMethod::Tls
        | ClientAuthMethod::SelfSignedTls
        | ClientAuthMethod::None => return None,
    };
    Some(client.metadata.requests.assertion_alg.as_ref().map_or(every, Algorithms::only))
}

/// Whether it is by the client about itself, for us, now, and tells itself apart from others.
fn read(view: &TenantView, client: &Client, said: &ClientJws, now: Timestamp) -> Option<UsedOnce> {
    let text = |claim| said.claims.get(claim).and_then(Value::as_str);
    let by_itself = ["iss", "sub"].into_iter().all(|claim| text(claim) == Some(client.id.as_str()));
    if !by_itself || !is_for_us(view, text("aud")?) {
        return None;
    }
    let time = |claim| client_jws::time(said, claim).ok();
    let expires_at = Timestamp::from_seconds(time("exp")??);
    let begun = |claim| time(claim).is_some_and(|at| at.is_none_or(|at| Timestamp::from_seconds(at) <= now + SKEW));
    let now_is_right = now < expires_at && expires_at <= now + LONGEST_LIFE && begun("iat") && begun("nbf");
    let jti = text("jti").filter(|jti| !jti.is_empty())?;
    now_is_right.then(|| UsedOnce::assertion(client.uid, jti, expires_at))
}

/// A single audience, so that no other server is meant as well: the issuer, and where older clients are served also the
/// endpoints at which they present it (RFC 7523 section 3, RFC 9126 section 2).
fn is_for_us(view: &TenantView, audience: &str) -> bool {
    let at = |endpoint| audience == view.issuer.at(endpoint);
    match view.tenant.profile {
        Profile::Oauth21 => audience == view.issuer.as_str(),
        Profile::Oidc => {
            audience == view.issuer.as_str() || at(endpoints::TOKEN) || at(endpoints::PUSHED_AUTHORIZATION)
        }
    }
}

/// Whoever uses it first is believed; that stands before anything else is done.
async fn spend(cx: &Context, view: &TenantView, used: &UsedOnce, now: Timestamp) -> Result<Proven, Fault> {
    let tx = cx.store.begin(view.tenant.id).await?;
    let novelty = tx.replay_memory().spend(used, now).await?;
    tx.commit().await?;
    Ok(match novelty {
        Novelty::New => Proven::Yes,
        Novelty::Used => Proven::No,
        Novelty::TooMany => Proven::TooMany,
    })
}
