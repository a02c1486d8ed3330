//! Devices that cannot show a browser (RFC 8628): a device asks ([`begin`]), a person types its code elsewhere and decides
//! ([`approve`], [`deny`]), and the device takes its tokens at the token endpoint (`token/grants/device_code`).

mod decide;

use std::{fmt, net::IpAddr};

use chancery_domain::{
    client::Client,
    device::{CodeLength, DeviceAuthorization, DeviceState, UserCode},
    fault::{Fault, WriteError},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{OpaqueToken, TokenKind},
    view::TenantView,
    vocabulary::GrantType,
};
use serde::Serialize;

pub use self::decide::{Decision, Shown, approve, deny, find};
use crate::{
    Context,
    client_auth::{self, Credentials},
    endpoints,
    error::OAuthError,
    parameters::Parameters,
    resources, scopes,
    token::{Exposed, check_may_use},
};

/// How often a user code is drawn again because another device has it. Of a thousand that wait the chance is one in
/// millions each time.
const DRAWS: usize = 5;

/// What the door knows about the call.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Where the device asks from.
    pub place: IpAddr,
    /// How long its user code has to be.
    pub length: CodeLength,
}

/// What the device is told (RFC 8628 section 3.2), and only it.
#[derive(Serialize)]
pub struct DeviceResponse {
    device_code: Exposed,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Life of both codes, in seconds.
    expires_in: u64,
    /// Seconds between two questions.
    interval: u64,
}

/// Takes a device's wish and gives its two codes (RFC 8628 section 3.1).
pub async fn begin(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
    circumstances: Circumstances,
) -> Result<DeviceResponse, OAuthError> {
    let client = client_auth::authenticate(cx, view, credentials).await?;
    check_may_use(view, &client, GrantType::DeviceCode)?;
    let scopes = asked(view, &client, parameters)?;
    let resources = resources::parse(parameters)?;
    resources::check(view, &client, &resources, &scopes)?;
    let device_code = OpaqueToken::generate(TokenKind::Device, &*cx.random);
    let wish = wish(cx, &client, (scopes, resources), &device_code, circumstances.place);
    let user_code = keep(cx, view, wish, circumstances.length).await?.expose();
    let page = view.issuer.at(endpoints::DEVICE);
    Ok(DeviceResponse {
        device_code: Exposed(device_code),
        verification_uri_complete: format!("{page}?user_code={user_code}"),
        verification_uri: page,
        user_code,
        expires_in: DeviceAuthorization::LIFE.as_secs(),
        interval: DeviceAuthorization::INTERVAL.as_secs(),
    })
}

/// The `scope`: each must exist and be one that the client may ask for. `offline_access` is passed over where the client
/// may not use refresh tokens, as at the authorization endpoint.
fn asked(view: &TenantView, client: &Client, parameters: &Parameters) -> Result<ScopeSet, OAuthError> {
    let mut asked = scopes::parse(parameters)?.unwrap_or_default();
    if !client.grant_types.contains(&GrantType::RefreshToken) {
        asked = asked.iter().filter(|scope| scope.as_str() != "offline_access").cloned().collect();
    }
    scopes::check(view, client, &asked)?;
    Ok(asked)
}

fn wish(
    cx: &Context,
    client: &Client,
    (scopes, resources): (ScopeSet, ResourceSet),
    device_code: &OpaqueToken,
    place: IpAddr,
) -> DeviceAuthorization {
    let now = cx.clock.now();
    DeviceAuthorization {
        digest: device_code.digest(),
        // Drawn when it is kept.
        user_code: device_code.digest(),
        client: client.uid,
        scopes,
        resources,
        place,
        interval: DeviceAuthorization::INTERVAL,
        state: DeviceState::Pending,
        created_at: now,
        expires_at: now + DeviceAuthorization::LIFE,
    }
}

/// Keeps the wish under a user code that no other device has.
async fn keep(
    cx: &Context,
    view: &TenantView,
    mut wish: DeviceAuthorization,
    length: CodeLength,
) -> Result<UserCode, OAuthError> {
    let tx = cx.store.begin(view.tenant.id).await?;
    for _ in 0..DRAWS {
        let code = UserCode::generate(length, &*cx.random);
        wish.user_code = code.digest();
        match tx.devices().insert(&wish).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(code);
            }
            Err(WriteError::Taken(_)) => {}
            Err(error @ (WriteError::Fault(_) | WriteError::Stale)) => return Err(error.into()),
        }
    }
    Err(Fault::unavailable("no user code", "every one that was drawn is taken").into())
}

/// Shows nothing of the codes.
impl fmt::Debug for DeviceResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceResponse").field("verification_uri", &self.verification_uri).finish_non_exhaustive()
    }
}
