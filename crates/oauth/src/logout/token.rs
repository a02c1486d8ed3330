//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    client::{Client, IdTokenSigning},
    delivery::DeliveryKind,
    fault::Fault,
    logout::LogoutNotice,
    ports::deliveries::{Made, MakeDelivery, Owed},
    random,
    secret::base64url,
    tenant::TenantState,
    time::Timestamp,
    view::TenantView,
    vocabulary::TokenType,
};
use serde_json::{Value, json};

use crate::Context;

/// How long a logout token is good: it is used the moment it arrives.
const LIFE: Duration = Duration::from_secs(120);

/// What a logout token says happened.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Makes logout tokens of the notices that are owed, each attempt a new one: two minutes are over long before a client
/// that is away comes back.
#[derive(Clone, Debug)]
pub struct LogoutTokens {
    cx: Context,
}

impl LogoutTokens {
    /// With these ports.
    #[must_use]
    pub const fn new(cx: Context) -> Self {
        Self { cx }
    }

    /// The client and its tenant, as long as it is still to be told there. A tenant that is suspended goes on telling: its
    /// sessions are over, whoever suspended it.
    async fn find(&self, owed: &Owed, notice: &LogoutNotice) -> Result<Option<(Arc<TenantView>, Arc<Client>)>, Fault> {
        let view = self.cx.directory.tenant(&notice.tenant).await?.filter(|view| view.tenant.id == owed.tenant);
        let Some(view) = view.filter(|view| !matches!(view.tenant.state(), TenantState::Deleted { .. })) else {
            return Ok(None);
        };
        let client = self.cx.directory.client_by_uid(owed.tenant, notice.client).await?;
        let is_there = |client: &Client| {
            let uri = client.metadata.logout.backchannel_uri.as_ref();
            uri.is_some_and(|uri| uri.as_str() == owed.delivery.target)
        };
        Ok(client.filter(|client| is_there(client)).map(|client| (view, client)))
    }
}

#[async_trait]
impl MakeDelivery for LogoutTokens {
    async fn make(&self, owed: &Owed) -> Result<Made, Fault> {
        match owed.delivery.kind {
            DeliveryKind::BackchannelLogout => {}
        }
        let notice: LogoutNotice = serde_json::from_str(&owed.delivery.body)
            .map_err(|error| Fault::broken("the notice of a delivery cannot be read", error))?;
        let Some((view, client)) = self.find(owed, &notice).await? else { return Ok(Made::Nothing) };
        let now = self.cx.clock.now();
        if !view.may_sign(now) {
            return Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old"));
        }
        let jti = base64url(&random::bytes::<16>(&*self.cx.random));
        let claims = claims(&view, &client, &notice, &jti, now).to_string();
        Ok(Made::Form(vec![("logout_token", signed(&view, &client, claims.as_bytes(), now).await?)]))
    }
}

/// What it says: who, which session, and that it is over. A nonce would make an ID token of it (section 2.4).
fn claims(view: &TenantView, client: &Client, notice: &LogoutNotice, jti: &str, now: Timestamp) -> Value {
    json!({
        "iss": view.issuer.as_str(),
        "aud": client.id.as_str(),
        "iat": now.seconds(),
        "exp": (now + LIFE).seconds(),
        "jti": jti,
        "events": { EVENT: {} },
        "sub": notice.user.to_string(),
        "sid": notice.session.to_string(),
    })
}

/// By what signs the client's ID tokens (section 2.6).
async fn signed(view: &TenantView, client: &Client, claims: &[u8], now: Timestamp) -> Result<String, Fault> {
    match view.id_token_signing(client) {
        IdTokenSigning::TenantKey => view.signer.sign(view.default_algorithm(), TokenType::LogoutToken, claims).await,
        IdTokenSigning::ClientSecret => view.macs.sign_for_client(client, TokenType::LogoutToken, claims, now),
    }
}
