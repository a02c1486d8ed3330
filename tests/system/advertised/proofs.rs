//! How clients prove themselves.

use anyhow::{Context as _, Result, bail, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, random_text},
};
use serde_json::{Value, json};

use super::{certificates, trial::Trial};
use crate::client_keys::{ClientKey, now};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is asked of each endpoint: something that whoever proves itself is answered with 200.
fn form(endpoint: &str) -> Vec<(&'static str, &'static str)> {
    if endpoint == "token_endpoint" { vec![("grant_type", "client_credentials")] } else { vec![("token", "a.b.c")] }
}

/// An assertion of a client about itself.
pub(super) fn assertion(trial: &Trial<'_>, party: &Party, key: &ClientKey) -> Result<String> {
    let id = party.client.client_id.as_str();
    let claims = json!({ "iss": id, "sub": id, "aud": trial.tenant.issuer, "iat": now(), "exp": now() + 60,
        "jti": random_text() });
    key.sign("JWT", &claims)
}

async fn asserts(trial: &Trial<'_>, party: &Party, key: &ClientKey, endpoint: &str) -> Result<Reply> {
    let proof = assertion(trial, party, key)?;
    let own = [("client_assertion_type", TYPE), ("client_assertion", proof.as_str())];
    let request = Http::new()?.post(party.endpoint(endpoint)?)?.form(&[&own[..], &form(endpoint)].concat());
    Reply::read(request.send().await?).await
}

/// A client that signs with that algorithm, with what it signs.
pub(super) async fn signer(trial: &Trial<'_>, alg: &str, more: &Value) -> Result<(Party, ClientKey)> {
    let mut client = json!({ "redirectUris": ["https://signer.example/cb"] });
    for (name, value) in more.as_object().context("an object")? {
        client[name] = value.clone();
    }
    if alg.starts_with("HS") {
        let party = trial.client(&client).await?;
        let secret = party.client.client_secret.clone().context("no secret")?;
        return Ok((party, ClientKey::shared(alg, secret.as_bytes())?));
    }
    let key = ClientKey::generate(alg)?;
    client["jwks"] = key.jwks()?.into();
    Ok((trial.client(&client).await?, key))
}

pub(super) async fn algorithms(trial: &Trial<'_>, member: &str) -> Result<()> {
    let endpoint = member.trim_end_matches("_auth_signing_alg_values_supported");
    for alg in trial.listed(member) {
        let method = if alg.starts_with("HS") { "CLIENT_SECRET_JWT" } else { "PRIVATE_KEY_JWT" };
        let more = json!({ "authMethods": [format!("AUTH_METHOD_{method}")], "tokenEndpointAuthSigningAlg": alg });
        let (party, key) = signer(trial, alg, &more).await.with_context(|| alg.to_owned())?;
        let reply = asserts(trial, &party, &key, endpoint).await?;
        ensure!(reply.status == 200, "{alg}: {reply:?}");
    }
    Ok(())
}

pub(super) async fn methods(trial: &Trial<'_>, member: &str) -> Result<()> {
    let endpoint = member.trim_end_matches("_auth_methods_supported");
    for method in trial.listed(member) {
        let reply = by(trial, method, endpoint).await.with_context(|| method.to_owned())?;
        ensure!(reply.status == 200, "{method}: {reply:?}");
    }
    Ok(())
}

async fn by(trial: &Trial<'_>, method: &str, endpoint: &str) -> Result<Reply> {
    let registered = json!({ "authMethods": [format!("AUTH_METHOD_{}", method.to_uppercase())] });
    let form = form(endpoint);
    let request = match method {
        "client_secret_basic" | "client_secret_post" => {
            let party = trial.client(&registered).await?;
            let (id, secret) = (party.client.client_id.clone(), party.client.client_secret.clone().context("none")?);
            let request = Http::new()?.post(party.endpoint(endpoint)?)?;
            if method == "client_secret_basic" {
                request.basic_auth(id, Some(secret)).form(&form)
            } else {
                request.form(&[&form[..], &[("client_id", &id), ("client_secret", &secret)]].concat())
            }
        }
        "private_key_jwt" | "client_secret_jwt" => {
            let alg = if method == "private_key_jwt" { "ES256" } else { "HS256" };
            let (party, key) = signer(trial, alg, &registered).await?;
            return asserts(trial, &party, &key, endpoint).await;
        }
        "tls_client_auth" | "self_signed_tls_client_auth" => {
            return certificates::by(trial, method, endpoint, &form).await;
        }
        // Whoever has no proof gets nothing for itself: a person's code, or a token taken back.
        "none" => {
            let public = json!({ "authMethods": ["AUTH_METHOD_NONE"],
                "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"] });
            let party = trial.client(&public).await?;
            if endpoint == "token_endpoint" {
                let attempt = party.begin("openid", &[])?;
                let code = party.code_in(&trial.answer(&party, &attempt).await?, &attempt)?;
                return party.redeem(&code, &attempt.verifier).await;
            }
            Http::new()?
                .post(party.endpoint(endpoint)?)?
                .form(&[&form[..], &[("client_id", party.client.client_id.as_str())]].concat())
        }
        _ => bail!("nobody tries this method"),
    };
    Reply::read(request.send().await?).await
}
