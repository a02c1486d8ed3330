//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    client::Client,
    delivery::DeliveryKind,
    fault::Fault,
    logout::LogoutNotice,
    ports::{
        client_jose::Content,
        deliveries::{Made, MakeDelivery, Owed},
    },
    random,
    secret::base64url,
    tenant::TenantState,
    time::Timestamp,
    view::{SignedBy, TenantView},
    vocabulary::TokenType,
};
use serde_json::{Value, json};

use crate::{Context, encrypted, encrypted::Unreadable, subject};

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

    /// Encrypted as the client's ID tokens are (section 2.4). A client whose keys cannot be had may publish some until the
    /// next attempt.
    async fn sealed(&self, view: &TenantView, client: &Client, signed: String) -> Result<String, Fault> {
        let Some(how) = client.metadata.tokens.id_token_encryption else { return Ok(signed) };
        encrypted::encrypt(&self.cx, view, client, how, Content::Jwt(&signed)).await.map_err(|why| match why {
            Unreadable::NoKey => Fault::unavailable("no logout token is made", encrypted::NO_KEY),
            Unreadable::Ours(fault) => fault,
        })
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
        let claims = claims(&view, &client, &notice, &jti, now)?.to_string();
        let signed = signed(&view, &client, claims.as_bytes(), now).await?;
        Ok(Made::Form(vec![("logout_token", self.sealed(&view, &client, signed).await?)]))
    }
}

/// What it says: who, which session, and that it is over. A nonce would make an ID token of it (section 2.4).
fn claims(
    view: &TenantView,
    client: &Client,
    notice: &LogoutNotice,
    jti: &str,
    now: Timestamp,
) -> Result<Value, Fault> {
    Ok(json!({
        "iss": view.issuer.as_str(),
        "aud": client.id.as_str(),
        "iat": now.seconds(),
        "exp": (now + LIFE).seconds(),
        "jti": jti,
        "events": { EVENT: {} },
        "sub": subject::of(view, client, notice.user)?,
        "sid": notice.session.to_string(),
    }))
}

/// By what signs the client's ID tokens (section 2.6).
async fn signed(view: &TenantView, client: &Client, claims: &[u8], now: Timestamp) -> Result<String, Fault> {
    match view.id_token_signing(client) {
        SignedBy::Key(algorithm) => view.signer.sign(algorithm, TokenType::LogoutToken, claims).await,
        SignedBy::ClientSecret => view.macs.sign_for_client(client, TokenType::LogoutToken, claims, now),
    }
}
