//! Tenants with everything switched on that their profile allows, and one with everything off.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chancery_tests::{admin::Admin, browser::Browser, dev::Tenant, http::Http, installation::found_with, party::Party};
use serde_json::{Value, json};

use crate::certificates::authority::Authority;

/// What a tenant offers.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) slug: &'static str,
    pub(super) profile: &'static str,
    /// Whether everything is on, or off.
    pub(super) on: bool,
    /// What it signs with, the default first.
    pub(super) algorithms: &'static [&'static str],
}

pub(super) const KINDS: [&Kind; 3] = [
    &Kind { slug: "everything", profile: "PROFILE_OIDC", on: true, algorithms: &["RS256", "ES256", "EdDSA", "PS384"] },
    &Kind { slug: "modern", profile: "PROFILE_OAUTH21", on: true, algorithms: &["ES256", "PS256"] },
    &Kind { slug: "nothing", profile: "PROFILE_OIDC", on: false, algorithms: &["RS256"] },
];

/// Every response type.
pub(super) const RESPONSE_TYPES: [&str; 6] =
    ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];

impl Kind {
    /// Whether it takes what only older clients do.
    pub(super) fn is_oidc(&self) -> bool {
        self.profile == "PROFILE_OIDC"
    }

    fn settings(&self, authority: &Authority) -> Value {
        if !self.on {
            return json!({ "frontchannelLogout": false, "sessionManagement": false });
        }
        let mut settings = json!({
            "tokenExchange": true, "deviceAuthorization": true, "jwtBearer": true,
            "clientCertificateAuthorities": [authority.pem()],
            "signUpUri": "https://everything.example/join", "registration": { "access": "ACCESS_OPEN" },
        });
        if self.is_oidc() {
            settings["responseTypes"] = json!(RESPONSE_TYPES);
            settings["requestObjectEncryption"] = json!(true);
        }
        settings
    }

    /// Makes it.
    pub(super) async fn found(&self, admin: &Admin, authority: &Authority) -> Result<Tenant> {
        let of = json!({ "profile": self.profile, "settings": self.settings(authority) });
        let tenant = found_with(admin, self.slug, of).await?;
        let parent = format!("tenants/{}", self.slug);
        if self.on {
            let scope = json!({ "value": "orders:read", "claims": ["department"] });
            let scope = json!({ "parent": parent, "scopeId": "orders-read", "scope": scope });
            admin.call("ScopeService/CreateScope", scope).await?;
        }
        let name = format!("{parent}/keyPolicy");
        let policy = json!({ "name": name, "algorithms": self.algorithms, "defaultAlgorithm": self.algorithms[0] });
        let update = json!({ "keyPolicy": policy, "updateMask": "algorithms,defaultAlgorithm" });
        admin.call("KeyService/UpdateKeyPolicy", update).await?;
        // Nobody knows a key of this tenant yet, so none has to be announced for long.
        let rotate = json!({ "parent": parent, "immediate": true, "reason": "nobody verifies yet" });
        admin.call("KeyService/RotateKeys", rotate).await?;
        let begun = Instant::now();
        loop {
            let party = Party::discover(&tenant, tenant.public_client()?).await?;
            let listed = |member: &str| party.metadata[member].as_array().map_or(0, Vec::len);
            // HS256 stands beside what signs where older clients are served.
            let signs =
                listed("id_token_signing_alg_values_supported") >= self.algorithms.len() + usize::from(self.is_oidc());
            if signs && listed("scopes_supported") == 6 + usize::from(self.on) {
                return Ok(tenant);
            }
            ensure!(begun.elapsed() < Duration::from_secs(60), "the metadata do not follow: {}", party.metadata);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// A tenant whose clients push, all of them: it says so, and means it.
pub(super) async fn pushing(admin: &Admin) -> Result<()> {
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let slug = format!("pushing-{}", profile[8..].to_lowercase());
        let of = json!({ "profile": profile, "settings": { "requirePushedAuthorizationRequests": true } });
        let tenant = found_with(admin, &slug, of).await?;
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        ensure!(party.metadata["require_pushed_authorization_requests"] == true, "{}", party.metadata);
        let attempt = party.begin("openid", &[])?;
        let away = Browser::new()?.open(attempt.url.as_str()).await?.away()?;
        ensure!(away.as_str().contains("error=invalid_request&"), "{away}");
        let form: Vec<_> = attempt.url.query_pairs().into_owned().collect();
        let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
        let url = party.endpoint("pushed_authorization_request_endpoint")?;
        let pushed = Http::new()?.post(url)?.basic_auth(id, secret).form(&form).send().await?;
        ensure!(pushed.status() == 201, "{pushed:?}");
    }
    Ok(())
}
