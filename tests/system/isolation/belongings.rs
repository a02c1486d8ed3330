//! Everything that a tenant hands out.

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::{Browser, Cookie},
    dev::{Client, Tenant},
    page::Form,
    party::{Attempt, Party},
};
use serde_json::json;

use crate::databases::Site;

const SCOPE: &str = "openid email offline_access";

/// One of each kind, all of them fresh.
pub(super) struct Belongings {
    pub(super) client: Client,
    pub(super) code: String,
    pub(super) attempt: Attempt,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) id_token: String,
    pub(super) cookies: Vec<Cookie>,
    pub(super) sign_in_form: Form,
    pub(super) sign_in_cookies: Vec<Cookie>,
    pub(super) admin_key: String,
    pub(super) password_link: String,
}

impl Belongings {
    /// Signs in at a tenant and keeps what comes of it.
    pub(super) async fn of(site: &Site, tenant: &Tenant) -> Result<Self> {
        let client = tenant.confidential_client()?.clone();
        let party = Party::discover(tenant, &client).await?;
        let mut browser = Browser::new()?;
        let page = browser.open(party.begin("openid", &[])?.url.as_str()).await?.page()?;
        let sign_in_form = page.form_of("login-submit")?;
        let sign_in_cookies = browser.cookies().to_vec();
        let tokens = party.sign_in(&mut browser, tenant.user()?, SCOPE).await?;
        let token = |name: &str| tokens[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
        let attempt = party.begin(SCOPE, &[("prompt", "consent")])?;
        let code = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
        let parent = format!("tenants/{}", tenant.tenant);
        let key = json!({ "parent": parent, "apiKey": { "displayName": "matrix" } });
        let key = site.admin.call("ApiKeyService/CreateApiKey", key).await?;
        let user =
            site.admin.call("UserService/ListUsers", json!({ "parent": parent })).await?["users"][0]["name"].clone();
        let link = site.admin.call("UserService/CreatePasswordLink", json!({ "name": user })).await?;
        let link = link["uri"].as_str().and_then(|uri| uri.rsplit('=').next()).context("no link")?.to_owned();
        Ok(Self {
            client,
            code,
            attempt,
            access_token: token("access_token")?,
            refresh_token: token("refresh_token")?,
            id_token: token("id_token")?,
            cookies: browser.cookies().to_vec(),
            sign_in_form,
            sign_in_cookies,
            admin_key: key["secret"].as_str().context("no secret")?.to_owned(),
            password_link: link,
        })
    }

    /// Each with its name, as the text that would be presented.
    pub(super) fn texts(&self) -> Vec<(&'static str, &str)> {
        let mut texts = vec![
            ("client id", self.client.client_id.as_str()),
            ("client secret", self.client.client_secret.as_deref().unwrap_or_default()),
            ("code", &self.code),
            ("access token", &self.access_token),
            ("refresh token", &self.refresh_token),
            ("ID token", &self.id_token),
            ("admin key", &self.admin_key),
            ("password link", &self.password_link),
        ];
        texts.extend(self.cookies.iter().map(|cookie| ("cookie", cookie.value.as_str())));
        texts
    }

    /// At home every one of them is as good as ever.
    pub(super) async fn all_work_at_home(&self, site: &Site, tenant: &Tenant) -> Result<()> {
        let party = Party::discover(tenant, &self.client).await?;
        party.userinfo(&self.access_token).await?.success().context("the access token")?;
        let told = party.introspect(&self.access_token).await?;
        anyhow::ensure!(told["active"] == true, "the access token: {told}");
        party.redeem(&self.code, &self.attempt.verifier).await?.success().context("the code")?;
        party.refresh(&self.refresh_token).await?.success().context("the refresh token")?;
        party.token(&[("grant_type", "client_credentials")]).await?.success().context("the client")?;
        let mut browser = Browser::new()?;
        self.cookies.iter().cloned().for_each(|cookie| browser.plant(cookie));
        let silent = party.begin("openid", &[("prompt", "none"), ("id_token_hint", &self.id_token)])?;
        party.obtain_code(&mut browser, tenant.user()?, &silent).await.context("the session and the hint")?;
        let page = browser.open(&format!("{}/password?link={}", tenant.issuer, self.password_link)).await?.page()?;
        anyhow::ensure!(page.has("password-submit"), "the password link: {}", page.html);
        let own = site.admin.with_key(&self.admin_key);
        own.call("ClientService/ListClients", json!({ "parent": format!("tenants/{}", tenant.tenant) })).await?;
        Ok(())
    }
}
