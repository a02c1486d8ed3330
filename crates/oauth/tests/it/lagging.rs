//! A replica that has not heard yet of what was committed elsewhere a moment ago.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use chancery_domain::{
    client::Client,
    fault::Fault,
    id::{ClientId, ClientUid, TenantId, TenantSlug},
    issuer::IssuerHost,
    ports::directory::Directory,
    view::TenantView,
};
use chancery_oauth::error::ErrorCode;

use crate::front::Front;

/// A directory that knows one client, as it was.
struct Lagging {
    client: Arc<Client>,
    rest: Arc<dyn Directory>,
}

#[async_trait]
impl Directory for Lagging {
    async fn tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault> {
        self.rest.tenant(slug).await
    }

    async fn tenant_at(&self, host: &IssuerHost) -> Result<Option<TenantSlug>, Fault> {
        self.rest.tenant_at(host).await
    }

    async fn client(&self, _: TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, Fault> {
        Ok(Some(Arc::clone(&self.client)).filter(|client| client.id == *id))
    }

    async fn origins(&self, tenant: TenantId) -> Result<Arc<BTreeSet<String>>, Fault> {
        self.rest.origins(tenant).await
    }

    async fn client_by_uid(&self, _: TenantId, uid: ClientUid) -> Result<Option<Arc<Client>>, Fault> {
        Ok(Some(Arc::clone(&self.client)).filter(|client| client.uid == uid))
    }
}

/// A front whose public client stays in memory as it is now.
async fn lagging() -> Front {
    let mut front = Front::new().await;
    let client = Arc::new(front.client("app").await);
    front.cx.directory = Arc::new(Lagging { client, rest: Arc::clone(&front.cx.directory) });
    front
}

#[tokio::test]
async fn t059_the_code_of_a_client_that_was_just_disabled_is_refused_and_not_used_up() {
    let front = lagging().await;
    let code = front.code(&front.app, "openid").await;
    let disabled = front.app.clone().disable().expect("enabled");
    front.update(&disabled).await;
    let refused = front.redeem(&front.app, &code).await.expect_err("refused");
    assert_eq!(refused.code(), Some(ErrorCode::InvalidGrant), "{refused}");
    front.update(&front.app).await;
    front.redeem(&front.app, &code).await.expect("tokens");
}

#[tokio::test]
async fn t098_the_refresh_token_of_a_client_that_was_just_disabled_is_refused_and_not_spent() {
    let front = lagging().await;
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    let disabled = front.app.clone().disable().expect("enabled");
    front.update(&disabled).await;
    let refused = front.refresh(&front.app, tokens.refresh()).await.expect_err("refused");
    assert_eq!(refused.code(), Some(ErrorCode::InvalidGrant), "{refused}");
    front.update(&front.app).await;
    front.refresh(&front.app, tokens.refresh()).await.expect("tokens");
}
