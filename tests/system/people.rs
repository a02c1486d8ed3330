//! What an operator takes back is over at every endpoint at once, on both databases.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::Tenant,
    party::{Party, claims},
};
use serde_json::{Value, json};

use crate::databases::{Database, Site};

const SCOPE: &str = "openid email offline_access";

#[tokio::test]
async fn what_is_revoked_is_over_at_once_on_sqlite() -> Result<()> {
    what_is_revoked_is_over_at_once(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn what_is_revoked_is_over_at_once_on_postgres() -> Result<()> {
    what_is_revoked_is_over_at_once(&Database::Postgres.site().await?).await
}

/// A person who is signed in at an application.
struct SignedIn {
    party: Party,
    browser: Browser,
    access: String,
    refresh: String,
    grant: String,
}

impl SignedIn {
    async fn at(tenant: &Tenant) -> Result<Self> {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let mut browser = Browser::new()?;
        let tokens = party.sign_in(&mut browser, tenant.user()?, SCOPE).await?;
        let text = |name: &str| tokens[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
        let (access, refresh) = (text("access_token")?, text("refresh_token")?);
        // The grant stands in the `jti`: `g.`, the id, and what tells its tokens apart.
        let jti = claims(&access)?["jti"].as_str().context("no jti")?.to_owned();
        let id = jti.split('.').nth(1).context("no grant")?;
        let id = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, id)?;
        let grant = format!("tenants/{}/grants/{}", tenant.tenant, uuid::Uuid::from_slice(&id)?);
        let signed_in = Self { party, browser, access, refresh, grant };
        anyhow::ensure!(
            signed_in.party.introspect(&signed_in.access).await?["active"] == true,
            "a new token is active"
        );
        Ok(signed_in)
    }

    /// Nothing of what was given is worth anything.
    async fn is_over(&self) -> Result<()> {
        for token in [&self.access, &self.refresh] {
            assert_eq!(self.party.introspect(token).await?, json!({ "active": false }));
        }
        assert_eq!(self.party.userinfo(&self.access).await?.status, 401);
        assert_eq!(self.party.refresh(&self.refresh).await?.refusal(), (400, "invalid_grant"));
        Ok(())
    }

    /// The error with which a request without any page comes back; nothing where it succeeds.
    async fn silently(&mut self, tenant: &Tenant) -> Result<String> {
        let attempt = self.party.begin(SCOPE, &[("prompt", "none")])?;
        let redirect_uri = self.party.redirect_uri()?.to_owned();
        let answer = self.browser.authorize(attempt.url.as_str(), tenant.user()?, &redirect_uri).await?;
        Ok(answer.get("error").cloned().unwrap_or_default())
    }
}

async fn what_is_revoked_is_over_at_once(site: &Site) -> Result<()> {
    let (admin, tenant) = (&site.admin, &site.first);
    let parent = format!("tenants/{}", tenant.tenant);

    let mut first = SignedIn::at(tenant).await?;
    let grant = admin.call("GrantService/GetGrant", json!({ "name": first.grant })).await?;
    assert_eq!((&grant["state"], &grant["offline"]), (&json!("STATE_LIVE"), &json!(true)));
    let revoked = admin.call("GrantService/RevokeGrant", json!({ "name": first.grant })).await?;
    assert_eq!(revoked["revokeReason"], "REVOKE_REASON_ADMIN");
    first.is_over().await?;
    assert_eq!(first.silently(tenant).await?, "", "the session and the consent stay");

    let mut second = SignedIn::at(tenant).await?;
    let of_second = admin.call("GrantService/GetGrant", json!({ "name": second.grant })).await?;
    let session = of_second["session"].clone();
    let ended = admin.call("SessionService/RevokeSession", json!({ "name": session })).await?;
    assert_eq!((&ended["session"]["state"], &ended["revokedGrantCount"]), (&json!("STATE_ENDED"), &json!(1)));
    second.is_over().await?;
    assert_eq!(second.silently(tenant).await?, "login_required");

    let mut third = SignedIn::at(tenant).await?;
    let name = format!("{}/consents/{}", of_second["user"].as_str().context("a user")?, third.party.client.client_id);
    admin.call("ConsentService/RevokeConsent", json!({ "name": name })).await?;
    third.is_over().await?;
    assert_eq!(third.silently(tenant).await?, "consent_required", "they are asked again");

    let mut fourth = SignedIn::at(tenant).await?;
    let renewed = fourth.party.refresh(&fourth.refresh).await?.success()?;
    let jti = claims(&fourth.access)?["jti"].clone();
    admin.call("GrantService/RevokeToken", json!({ "parent": parent, "tokenId": jti })).await?;
    assert_eq!(fourth.party.introspect(&fourth.access).await?, json!({ "active": false }));
    assert_eq!(fourth.party.userinfo(&fourth.access).await?.status, 401);
    let renewed = renewed["access_token"].as_str().context("a token")?;
    assert_eq!(fourth.party.introspect(renewed).await?["active"], true, "the others of the grant stay good");

    let attempt = fourth.party.begin(SCOPE, &[("prompt", "none")])?;
    let code = fourth.party.obtain_code(&mut fourth.browser, tenant.user()?, &attempt).await?;
    let client = format!("{parent}/clients/{}", fourth.party.client.client_id);
    let counted = admin.call("GrantService/RevokeGrants", json!({ "parent": parent, "client": client })).await?;
    assert_eq!(counted["revokedGrantCount"], 1, "what is over already does not count");
    let late = fourth.party.redeem(&code, &attempt.verifier).await?;
    assert_eq!(late.refusal(), (400, "invalid_grant"), "a code that was on its way");
    assert_eq!(fourth.party.introspect(renewed).await?, json!({ "active": false }));
    used_within(site, &client, Duration::from_secs(10)).await
}

/// The secret that the application showed tells so, a little later.
async fn used_within(site: &Site, client: &str, limit: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        let listed = site.admin.call("ClientService/ListClientSecrets", json!({ "parent": client })).await?;
        let used: &Value = &listed["clientSecrets"][0]["lastUseTime"];
        if used.is_string() {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < limit, "{listed}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
