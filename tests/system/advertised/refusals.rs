//! What is not advertised is refused: of every list, the words that stand elsewhere and not here.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{dpop, grants, tenants::RESPONSE_TYPES, trial::Trial};

/// Every algorithm that somebody signs with somewhere, and those that nobody should.
const ALGORITHMS: [&str; 20] = [
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "HS256",
    "HS384",
    "HS512",
    "none",
    "ES256K",
    "RS1",
    "es256",
];

/// What clients register beside each list.
const REGISTERED: [(&str, &str); 6] = [
    ("id_token_signing_alg_values_supported", "idTokenSignedResponseAlg"),
    ("userinfo_signing_alg_values_supported", "userinfoSignedResponseAlg"),
    ("introspection_signing_alg_values_supported", "introspectionSignedResponseAlg"),
    ("authorization_signing_alg_values_supported", "authorizationSignedResponseAlg"),
    ("token_endpoint_auth_signing_alg_values_supported", "tokenEndpointAuthSigningAlg"),
    ("request_object_signing_alg_values_supported", "requestObjectSigningAlg"),
];

/// Ways to encrypt that are not offered, and ciphers.
const ENCRYPTIONS: [&str; 8] =
    ["RSA1_5", "RSA-OAEP", "dir", "A128KW", "A256KW", "A256GCMKW", "PBES2-HS256+A128KW", "ECDH-ES+A192KW"];
const CIPHERS: [&str; 4] = ["A192GCM", "A192CBC-HS384", "A256CBC-HS512", "none"];

pub(super) async fn all(trial: &Trial<'_>) -> Result<()> {
    let proofs = dpop::others(trial, &others(trial, "dpop_signing_alg_values_supported", &ALGORITHMS)).await;
    let told =
        [words(trial).await, grants_and_methods(trial).await, registrations(trial).await, endpoints(trial), proofs];
    let taken: Vec<_> = told.into_iter().filter_map(|told| told.err().map(|why| format!("{why:#}"))).collect();
    ensure!(taken.is_empty(), "{taken:#?}");
    Ok(())
}

/// Those that the member does not list.
fn others<'a>(trial: &Trial<'_>, member: &str, all: &[&'a str]) -> Vec<&'a str> {
    let listed = trial.listed(member);
    all.iter().copied().filter(|word| !listed.contains(word)).collect()
}

async fn words(trial: &Trial<'_>) -> Result<()> {
    let attempt = || trial.party.begin("openid", &[]);
    let types = [&RESPONSE_TYPES[..], &["token", "none", "code none", "device"]].concat();
    for word in others(trial, "response_types_supported", &types) {
        trial.refused(&attempt()?, "response_type", word, "unsupported_response_type").await?;
    }
    let modes =
        ["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt", "web_message", "x"];
    for word in others(trial, "response_modes_supported", &modes) {
        trial.refused(&attempt()?, "response_mode", word, "invalid_request").await?;
    }
    for word in others(trial, "prompt_values_supported", &["none", "login", "consent", "select_account", "create", "x"])
    {
        trial.refused(&attempt()?, "prompt", word, "invalid_request").await?;
    }
    for word in others(trial, "code_challenge_methods_supported", &["S256", "plain", "S512", "s256"]) {
        trial.refused(&attempt()?, "code_challenge_method", word, "invalid_request").await?;
    }
    for word in others(trial, "scopes_supported", &["orders:read", "unheard:of", "phone2", "OPENID"]) {
        trial.refused(&attempt()?, "scope", &format!("openid {word}"), "invalid_scope").await?;
    }
    for acr in others(trial, "acr_values_supported", &["0", "gold", "urn:mace:incommon:iap:silver"]) {
        let wanted = json!({ "id_token": { "acr": { "essential": true, "values": [acr] } } }).to_string();
        trial.refused(&attempt()?, "claims", &wanted, "unmet_authentication_requirements").await?;
    }
    Ok(())
}

async fn grants_and_methods(trial: &Trial<'_>) -> Result<()> {
    let every: Vec<_> = grants::ENUMS.iter().map(|(grant, _)| *grant).collect();
    for grant in others(trial, "grant_types_supported", &[&every[..], &["password", "x"]].concat()) {
        grants::refused(trial, grant).await?;
    }
    for member in ["token", "revocation", "introspection"] {
        let member = format!("{member}_endpoint_auth_methods_supported");
        let listed = trial.listed(&member);
        // No other method can be registered at all, by any name.
        for method in ["tls_client_auth", "self_signed_tls_client_auth", "attest_jwt_client_auth"] {
            ensure!(!listed.contains(&method), "nobody tries {method}");
            let more = json!({ "authMethods": [format!("AUTH_METHOD_{}", method.to_uppercase())] });
            ensure!(trial.client(&more).await.is_err(), "{method} was registered");
        }
    }
    // Whoever has no proof is told nothing.
    ensure!(!trial.listed("introspection_endpoint_auth_methods_supported").contains(&"none"));
    let public = json!({ "authMethods": ["AUTH_METHOD_NONE"], "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"] });
    let public = trial.client(&public).await?;
    let reply = public.call("introspection_endpoint", &[("token", "a.b.c")]).await?;
    ensure!(reply.refusal() == (401, "invalid_client"), "{reply:?}");
    Ok(())
}

async fn registrations(trial: &Trial<'_>) -> Result<()> {
    for (member, field) in REGISTERED {
        // Without a list of its own nothing is taken, and so nothing needs to be refused at the registration.
        if trial.metadata().get(member).is_none() {
            continue;
        }
        for alg in others(trial, member, &ALGORITHMS) {
            trial.no_client(&json!({ field: alg })).await.with_context(|| member.to_owned())?;
        }
    }
    for (what, field) in [("id_token", "idToken"), ("userinfo", "userinfo"), ("authorization", "authorization")] {
        for alg in others(trial, &format!("{what}_encryption_alg_values_supported"), &ENCRYPTIONS) {
            trial.no_client(&json!({ format!("{field}EncryptedResponseAlg"): alg })).await?;
        }
        for enc in others(trial, &format!("{what}_encryption_enc_values_supported"), &CIPHERS) {
            let with = json!({ format!("{field}EncryptedResponseAlg"): "ECDH-ES",
                format!("{field}EncryptedResponseEnc"): enc });
            trial.no_client(&with).await?;
        }
    }
    for kind in others(trial, "subject_types_supported", &["public", "pairwise", "x"]) {
        trial.no_client(&json!({ "subjectType": kind })).await?;
    }
    Ok(())
}

/// Nothing answers where nothing is advertised.
fn endpoints(trial: &Trial<'_>) -> Result<()> {
    let members = trial.metadata().as_object().context("an object")?;
    let offers_devices = trial.listed("grant_types_supported").iter().any(|grant| grant.ends_with("device_code"));
    ensure!(members.contains_key("device_authorization_endpoint") == offers_devices, "{members:?}");
    Ok(())
}
