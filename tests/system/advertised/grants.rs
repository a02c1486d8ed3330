//! Each grant, from its beginning to tokens.

use anyhow::{Context as _, Result, bail, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::{claims, random_text},
};
use serde_json::json;

use super::trial::Trial;
use crate::{
    authorization::scene::text,
    client_keys::{ClientKey, now},
};

/// Every grant type, and what the admin API calls it.
pub(super) const ENUMS: [(&str, &str); 7] = [
    ("authorization_code", "GRANT_TYPE_AUTHORIZATION_CODE"),
    ("implicit", "GRANT_TYPE_IMPLICIT"),
    ("refresh_token", "GRANT_TYPE_REFRESH_TOKEN"),
    ("client_credentials", "GRANT_TYPE_CLIENT_CREDENTIALS"),
    (EXCHANGE, "GRANT_TYPE_TOKEN_EXCHANGE"),
    (DEVICE, "GRANT_TYPE_DEVICE_CODE"),
    (BEARER, "GRANT_TYPE_JWT_BEARER"),
];

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(super) async fn all(trial: &Trial<'_>) -> Result<()> {
    for grant in trial.listed("grant_types_supported") {
        one(trial, grant).await.with_context(|| grant.to_owned())?;
    }
    Ok(())
}

async fn one(trial: &Trial<'_>, grant: &str) -> Result<()> {
    let party = &trial.party;
    match grant {
        "authorization_code" => trial.signs_in().await,
        // Without a code, straight from the authorization endpoint.
        "implicit" => {
            let attempt = party.begin("openid", &[])?;
            let url = attempt.with("response_type", "id_token");
            let answer = trial.answer(party, &chancery_tests::party::Attempt { url, ..attempt.clone() }).await?;
            ensure!(claims(&answer["id_token"])?["nonce"] == attempt.nonce.as_str(), "{answer:?}");
            Ok(())
        }
        "refresh_token" => {
            let tokens = trial.tokens(party, "openid offline_access", &[("prompt", "consent")]).await?;
            party.refresh(text(&tokens, "refresh_token")?).await?.success().map(drop)
        }
        "client_credentials" => party.token(&[("grant_type", grant)]).await?.success().map(drop),
        EXCHANGE => {
            let tokens = trial.tokens(party, "openid", &[]).await?;
            let form = [
                ("grant_type", grant),
                ("subject_token", text(&tokens, "access_token")?),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ];
            party.token(&form).await?.success().map(drop)
        }
        DEVICE => device(trial).await,
        BEARER => assertion(trial).await,
        _ => bail!("nobody tries this grant"),
    }
}

pub(super) async fn device(trial: &Trial<'_>) -> Result<()> {
    let party = &trial.party;
    let codes = party.call("device_authorization_endpoint", &[("scope", "openid")]).await?.success()?;
    let page = trial.browser()?.open(text(&codes, "verification_uri")?).await?.page()?;
    ensure!(page.status == 200, "{}", page.html);
    let form = [("grant_type", DEVICE), ("device_code", text(&codes, "device_code")?)];
    let reply = party.token(&form).await?;
    ensure!(reply.refusal() == (400, "authorization_pending"), "{reply:?}");
    Ok(())
}

/// A token of an issuer that the tenant trusts.
async fn assertion(trial: &Trial<'_>) -> Result<()> {
    let key = ClientKey::generate("ES256")?;
    let name = format!("https://{}.outside.example", random_text()[..8].to_lowercase().replace('_', "x"));
    let trusted = json!({ "issuer": name, "jwks": key.jwks()?, "algorithms": ["ES256"], "scopes": ["profile"],
        "subjectMapping": "SUBJECT_MAPPING_USERNAME", "clients": [trial.party.client.client_id] });
    let parent = format!("tenants/{}", trial.tenant.tenant);
    let message = json!({ "parent": parent, "trustedIssuerId": "tried", "trustedIssuer": trusted });
    trial.admin.call("TrustedIssuerService/CreateTrustedIssuer", message).await?;
    let said = json!({ "iss": name, "sub": trial.tenant.user()?.username, "aud": trial.tenant.issuer,
        "iat": now(), "exp": now() + 60, "jti": random_text() });
    let assertion = key.sign("JWT", &said)?;
    let form = [("grant_type", BEARER), ("assertion", assertion.as_str()), ("scope", "profile")];
    trial.party.token(&form).await?.success().map(drop)
}

/// What a grant that is not advertised is answered with, to a client that registered it.
pub(super) async fn refused(trial: &Trial<'_>, grant: &str) -> Result<()> {
    let form = [
        ("grant_type", grant),
        ("subject_token", "a.b.c"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("assertion", "a.b.c"),
        ("device_code", "chd_x"),
        ("username", "ann"),
        ("password", "x"),
    ];
    let reply = trial.party.token(&form).await?;
    ensure!(reply.refusal() == (400, "unsupported_grant_type"), "{grant}: {reply:?}");
    if grant == DEVICE {
        let (id, secret) = (&trial.party.client.client_id, trial.party.client.client_secret.as_ref());
        let url = format!("{}/oauth2/device_authorization", trial.tenant.issuer);
        let request = Http::new()?.post(&url)?.basic_auth(id, secret).form(&[("scope", "openid")]);
        let reply = Reply::read(request.send().await?).await?;
        ensure!(matches!(reply.status, 400 | 404) && reply.body.get("device_code").is_none(), "{reply:?}");
    }
    Ok(())
}
