//! What is asked of the servers.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chancery_tests::{
    browser::Browser,
    dev::{Announcement, Client, Tenant},
    http::Http,
    party::Party,
};

use crate::load::{Asked, Load};

/// How many callers ask at a time.
const CALLERS: usize = 32;
/// How many refresh at a time.
const REFRESHERS: usize = 64;

/// A tenant that signs with ES256, and an application of it.
pub(crate) struct Target {
    /// The application's id and secret.
    pub(crate) client: Client,
    /// The tenant's metadata.
    pub(crate) discovery: String,
    /// The tenant's keys.
    pub(crate) keys: String,
    /// The issuer.
    pub(crate) issuer: String,
    tenant: Tenant,
    party: Party,
}

impl Target {
    /// The first tenant that signs with ES256.
    pub(crate) async fn of(announced: &Announcement) -> Result<Self> {
        for tenant in &announced.tenants {
            let client = tenant.confidential_client()?.clone();
            let party = Party::discover(tenant, &client).await?;
            if party.metadata["id_token_signing_alg_values_supported"][0] == "ES256" {
                let http = Http::new()?;
                let discovery = format!("{}/.well-known/openid-configuration", tenant.issuer);
                let discovery = http.get(&discovery)?.send().await?.text().await?;
                let keys = http.get(party.endpoint("jwks_uri")?)?.send().await?.text().await?;
                return Ok(Self {
                    client,
                    discovery,
                    keys,
                    issuer: tenant.issuer.clone(),
                    tenant: tenant.clone(),
                    party,
                });
            }
        }
        anyhow::bail!("no tenant signs with ES256")
    }

    /// What is measured against the floor, as asked of Chancery.
    pub(crate) fn cases(&self) -> Vec<Load> {
        let discovery = format!("{}/.well-known/openid-configuration", self.issuer);
        let endpoint = |name: &str| self.party.metadata[name].as_str().unwrap_or_default().to_owned();
        let secret = self.client.client_secret.as_deref().unwrap_or_default();
        let basic = STANDARD.encode(format!("{}:{secret}", self.client.client_id));
        let post = Asked::Post {
            authorization: Some(format!("Basic {basic}")),
            form: Bytes::from_static(b"grant_type=client_credentials"),
        };
        vec![
            Load::same("discovery", discovery, Asked::Get, CALLERS),
            Load::same("JWK Set", endpoint("jwks_uri"), Asked::Get, CALLERS),
            Load::same("client credentials, ES256", endpoint("token_endpoint"), post, CALLERS),
        ]
    }

    /// Refreshes: every caller has a token of its own, and goes on with what it is given.
    pub(crate) async fn refreshes(&self) -> Result<Load> {
        let public = self.tenant.public_client()?;
        let party = Party::discover(&self.tenant, public).await?;
        let mut browser = Browser::new()?;
        let mut tokens = Vec::new();
        for _ in 0..REFRESHERS {
            let answer = party.sign_in(&mut browser, self.tenant.user()?, "openid offline_access").await?;
            tokens.push(answer["refresh_token"].as_str().context("no refresh token")?.to_owned());
        }
        let url = party.endpoint("token_endpoint")?.to_owned();
        Ok(Load::refreshing(
            "durable refresh, 64 callers",
            url,
            &public.client_id,
            Arc::new(std::sync::Mutex::new(tokens.into())),
        ))
    }
}
