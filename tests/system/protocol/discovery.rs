//! What the metadata of a tenant say (OpenID Connect Discovery sections 3 and 4, RFC 8414).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::Party,
};
use serde_json::Value;

use crate::authorization::scene::Scene;

/// One party of each profile.
pub(super) fn profiles(scene: &Scene) -> [&Party; 2] {
    [&scene.web, &scene.hybrid]
}

fn issuer_of(party: &Party) -> Result<&str> {
    party.metadata["issuer"].as_str().context("no issuer")
}

async fn at(url: &str) -> Result<Reply> {
    let reply = Reply::read(Http::new()?.get(url)?.send().await?).await?;
    ensure!(reply.status == 200, "{url}: {}", reply.status);
    ensure!(reply.header("content-type") == "application/json", "{url}: {:?}", reply.headers);
    Ok(reply)
}

pub(super) async fn issuer(scene: &Scene) -> Result<()> {
    for tenant in [&scene.site.first, &scene.site.second] {
        let url = format!("{}/.well-known/openid-configuration", tenant.issuer);
        let issuer = at(&url).await?.body["issuer"].clone();
        ensure!(issuer.as_str() == url.strip_suffix("/.well-known/openid-configuration"), "{issuer} at {url}");
    }
    Ok(())
}

pub(super) async fn places(scene: &Scene) -> Result<()> {
    let public = scene.site.installation.public_url();
    for party in profiles(scene) {
        let issuer = issuer_of(party)?;
        let path = issuer.strip_prefix(public).context("an issuer under the public URL")?;
        for document in ["oauth-authorization-server", "openid-configuration"] {
            for url in [format!("{public}/.well-known/{document}{path}"), format!("{issuer}/.well-known/{document}")] {
                ensure!(at(&url).await?.body == party.metadata, "another document at {url}");
            }
        }
    }
    Ok(())
}

/// Members that are URLs of ours.
fn is_place(member: &str) -> bool {
    member.ends_with("_endpoint") || ["jwks_uri", "check_session_iframe"].contains(&member)
}

pub(super) async fn endpoints(scene: &Scene) -> Result<()> {
    for party in profiles(scene) {
        let under = format!("{}/", issuer_of(party)?);
        let members = party.metadata.as_object().context("an object")?;
        let places: Vec<_> = members.iter().filter(|(name, _)| is_place(name)).collect();
        ensure!(places.len() >= 8, "{places:?}");
        for (name, place) in places {
            let url = place.as_str().with_context(|| format!("{name} is no text"))?;
            ensure!(url.starts_with(&under) && !url[under.len()..].contains(['?', '#', ' ']), "{name}: {url}");
            let parsed = url::Url::parse(url)?;
            ensure!(parsed.as_str() == url, "{name} is not written as a URL is: {url}");
            // Each is there: whatever it makes of a GET, it is not 404.
            let answer = Http::new()?.request(reqwest::Method::GET, &parsed).send().await?;
            ensure!(answer.status() != 404, "nothing at {name}: {url}");
        }
    }
    Ok(())
}

/// The members that specifications register, by their types (the registry of OAuth authorization server metadata).
const TEXTS: &[&str] = &["issuer", "service_documentation", "op_policy_uri", "op_tos_uri"];
const TRUTHS: &[&str] = &[
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_session_supported",
    "backchannel_logout_supported",
    "claims_parameter_supported",
    "frontchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_pushed_authorization_requests",
    "require_request_uri_registration",
    "require_signed_request_object",
    "tls_client_certificate_bound_access_tokens",
];
const LISTS: &[&str] = &[
    "acr_values_supported",
    "authorization_encryption_alg_values_supported",
    "authorization_encryption_enc_values_supported",
    "authorization_signing_alg_values_supported",
    "claim_types_supported",
    "claims_locales_supported",
    "claims_supported",
    "code_challenge_methods_supported",
    "display_values_supported",
    "dpop_signing_alg_values_supported",
    "grant_types_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "id_token_signing_alg_values_supported",
    "introspection_encryption_alg_values_supported",
    "introspection_encryption_enc_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "introspection_signing_alg_values_supported",
    "prompt_values_supported",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "response_modes_supported",
    "response_types_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "scopes_supported",
    "subject_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "ui_locales_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
    "userinfo_signing_alg_values_supported",
];

pub(super) async fn types(scene: &Scene) -> Result<()> {
    for party in profiles(scene) {
        for (name, value) in party.metadata.as_object().context("an object")? {
            let fits = match name.as_str() {
                place if is_place(place) || TEXTS.contains(&place) => value.is_string(),
                truth if TRUTHS.contains(&truth) => value.is_boolean(),
                list if LISTS.contains(&list) => is_list_of_texts(value),
                other => anyhow::bail!("{other} is registered by nobody"),
            };
            ensure!(fits, "{name}: {value}");
        }
    }
    Ok(())
}

/// Texts, at least one, none empty, none twice: RFC 8414 section 2 leaves an empty list out.
fn is_list_of_texts(value: &Value) -> bool {
    let texts: Option<Vec<&str>> = value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
    texts.is_some_and(|texts| {
        let mut own = texts.clone();
        own.sort_unstable();
        own.dedup();
        !texts.is_empty()
            && Some(texts.len()) == value.as_array().map(Vec::len)
            && own.len() == texts.len()
            && texts.iter().all(|text| !text.is_empty())
    })
}

pub(super) fn listed<'a>(party: &'a Party, member: &str) -> Vec<&'a str> {
    party.metadata[member].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

pub(super) async fn algorithms(scene: &Scene) -> Result<()> {
    ensure!(listed(&scene.hybrid, "id_token_signing_alg_values_supported").contains(&"RS256"), "on oidc");
    for party in profiles(scene) {
        let signs = listed(party, "id_token_signing_alg_values_supported");
        let modern = ["PS256", "ES256", "EdDSA", "RS256"];
        ensure!(signs.iter().any(|alg| modern.contains(alg)), "{signs:?}");
        let modes = listed(party, "response_modes_supported");
        for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
            ensure!(modes.contains(&mode), "{mode} in {modes:?}");
        }
        ensure!(!listed(party, "authorization_signing_alg_values_supported").is_empty(), "JARM is signed by nothing");
        ensure!(party.metadata["authorization_response_iss_parameter_supported"] == true);
    }
    Ok(())
}

/// A scope token (RFC 6749 section 3.3).
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

/// A language tag in its canonical form, as far as those of ours go: language, script, region (RFC 5646 section 2.1.1).
fn is_canonical(tag: &str) -> bool {
    let lower = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    let upper = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
    let title = |part: &str| part.len() == 4 && upper(&part[..1]) && lower(&part[1..]);
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && lower(part));
    language && parts.all(|part| title(part) || (part.len() == 2 && upper(part)))
}

pub(super) async fn words(scene: &Scene) -> Result<()> {
    for party in profiles(scene) {
        let scopes = listed(party, "scopes_supported");
        ensure!(scopes.contains(&"openid") && scopes.iter().all(|scope| is_scope(scope)), "{scopes:?}");
        ensure!(listed(party, "subject_types_supported").contains(&"public"));
        ensure!(listed(party, "claims_supported").contains(&"sub"));
        ensure!(party.metadata["userinfo_endpoint"].is_string());
        ensure!(listed(party, "code_challenge_methods_supported") == ["S256"]);
        let locales = [listed(party, "ui_locales_supported"), listed(party, "claims_locales_supported")].concat();
        ensure!(!locales.is_empty() && locales.iter().all(|tag| is_canonical(tag)), "{locales:?}");
    }
    Ok(())
}
