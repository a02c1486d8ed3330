//! Signing out, on both databases: who asks, who is told, and how.

pub(crate) mod applications;
mod backchannel;
mod chromium;
mod hints;
mod retired_key;

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::{Browser, Landing},
    dev::{Client, Tenant},
    party::Party,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    client_keys::changed,
    databases::{Database, Site},
    making,
};

/// The server may call this machine, as it would an intranet.
const REACH: &[(&str, &str)] = &[("CHANCERY_OUTBOUND__ALLOWED_HOSTS", "http://127.0.0.1")];

impl Database {
    /// A site that delivers to this machine.
    async fn delivering_site(self) -> Result<Site> {
        self.site_with(REACH).await
    }
}

/// A public client whose people are not asked, with more said of it.
async fn client(site: &Site, tenant: &Tenant, id: &str, origin: &str, more: &Value) -> Result<Client> {
    let public = json!({
        "authMethods": ["AUTH_METHOD_NONE"], "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"],
        "redirectUris": [format!("{origin}/callback")], "scopes": ["openid", "profile"],
        "postLogoutRedirectUris": [format!("{origin}/bye?from=id")],
    });
    making::client(&site.admin, tenant, id, &changed(public, more)).await
}

/// Asks to sign out with these parameters.
async fn sign_out(party: &Party, browser: &mut Browser, parameters: &[(&str, &str)]) -> Result<Landing> {
    let mut url = Url::parse(party.endpoint("end_session_endpoint")?)?;
    url.query_pairs_mut().extend_pairs(parameters);
    browser.open(url.as_str()).await
}

/// The error with which a request without any page comes back; nothing where it succeeds.
async fn silently(party: &Party, browser: &mut Browser, tenant: &Tenant) -> Result<String> {
    let attempt = party.begin("openid", &[("prompt", "none")])?;
    let answer = browser.authorize(attempt.url.as_str(), tenant.user()?, party.redirect_uri()?).await?;
    Ok(answer.get("error").cloned().unwrap_or_default())
}

/// Signs in and gives the ID token.
async fn id_token(party: &Party, browser: &mut Browser, tenant: &Tenant) -> Result<String> {
    let tokens = party.sign_in(browser, tenant.user()?, "openid").await?;
    Ok(tokens["id_token"].as_str().context("no ID token")?.to_owned())
}
