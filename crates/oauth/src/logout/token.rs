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

/// Who is told, and where.
struct Told {
    view: Arc<TenantView>,
    client: Client,
    target: String,
}

impl LogoutTokens {
    /// With these ports.
    #[must_use]
    pub const fn new(cx: Context) -> Self {
        Self { cx }
    }

    /// The client, its tenant and where it is to be told now, as long as it is to be told at all. The client is read from its
    /// row: what is remembered of it here may be older than the notice, and a notice that is dropped comes never again. A
    /// tenant that is suspended goes on telling: its sessions are over, whoever suspended it.
    async fn find(&self, owed: &Owed, notice: &LogoutNotice) -> Result<Option<Told>, Fault> {
        let view = self.cx.directory.tenant(&notice.tenant).await?.filter(|view| view.tenant.id == owed.tenant);
        let Some(view) = view.filter(|view| !matches!(view.tenant.state(), TenantState::Deleted { .. })) else {
            return Ok(None);
        };
        let client = self.cx.store.read(owed.tenant).clients().find_by_uid(notice.client).await?;
        Ok(client.and_then(|client| {
            let target = client.metadata.logout.backchannel_uri.as_ref()?.as_str().to_owned();
            Some(Told { view, client, target })
        }))
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
        let Some(Told { view, client, target }) = self.find(owed, &notice).await? else { return Ok(Made::Nothing) };
        let now = self.cx.clock.now();
        if !view.may_sign(now) {
            return Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old"));
        }
        let jti = base64url(&random::bytes::<16>(&*self.cx.random));
        let claims = claims(&view, &client, &notice, &jti, now)?.to_string();
        let signed = signed(&view, &client, claims.as_bytes(), now).await?;
        let pairs = vec![("logout_token", self.sealed(&view, &client, signed).await?)];
        Ok(Made::Form { target, pairs })
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
