//! Provider metadata (OpenID Connect Discovery section 3, RFC 8414 section 2), generated from what is enforced.

mod requests;
mod tokens;

use std::collections::BTreeSet;

use chancery_domain::{
    claim_mapping::{ClaimMappings, ClaimTarget},
    client::IdTokenSigning,
    issuer::Issuer,
    scope::{BuiltInScope, Scope},
    tenant::Tenant,
    vocabulary::{Acr, Algorithm, Display, GrantType, Prompt, ResponseMode},
};
use serde_json::{Value, json};

use crate::endpoints;

/// The claims that stand in an ID token beside those of a scope.
const TOKEN_CLAIMS: [&str; 12] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "azp", "sid", "acr", "amr"];

/// The metadata of a tenant.
#[must_use]
pub fn document(
    tenant: &Tenant,
    issuer: &Issuer,
    signing: &[Algorithm],
    scopes: &[Scope],
    mappings: &ClaimMappings,
) -> Value {
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.at(endpoints::AUTHORIZE),
        "token_endpoint": issuer.at(endpoints::TOKEN),
        "userinfo_endpoint": issuer.at(endpoints::USERINFO),
        "jwks_uri": issuer.at(endpoints::JWKS),
        "introspection_endpoint": issuer.at(endpoints::INTROSPECT),
        "revocation_endpoint": issuer.at(endpoints::REVOKE),
        "end_session_endpoint": issuer.at(endpoints::LOGOUT),
        "scopes_supported": scopes_supported(scopes),
        "claims_supported": claims_supported(scopes, mappings),
        "claim_types_supported": ["normal"],
        "response_types_supported": tenant.response_types().collect::<Vec<_>>(),
        "response_modes_supported": ResponseMode::ALL,
        "grant_types_supported": grant_types(tenant),
        "prompt_values_supported": prompts(tenant),
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": Acr::ALL,
        "display_values_supported": Display::ALL,
        "ui_locales_supported": UI_LOCALES,
        "id_token_signing_alg_values_supported": id_token_algorithms(tenant, signing),
        "authorization_signing_alg_values_supported": signing,
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": true,
    });
    if let Value::Object(members) = &mut document {
        members.extend(requests::members(tenant, issuer));
        members.extend(device_members(tenant, issuer));
        members.extend(registration(tenant, issuer));
        members.extend(tokens::members(signing));
        members.extend(tokens::dpop(tenant));
    }
    add_logout(&mut document, tenant, issuer);
    document
}

/// How clients hear of the end of a session, as far as it is on. `sid` stands in all that they are told.
fn add_logout(document: &mut Value, tenant: &Tenant, issuer: &Issuer) {
    document["backchannel_logout_supported"] = true.into();
    document["backchannel_logout_session_supported"] = true.into();
    if tenant.frontchannel_logout() {
        document["frontchannel_logout_supported"] = true.into();
        document["frontchannel_logout_session_supported"] = true.into();
    }
    if tenant.session_management() {
        document["check_session_iframe"] = issuer.at(endpoints::CHECK_SESSION).into();
    }
}

/// The registration endpoint, where anybody may register a client.
fn registration(tenant: &Tenant, issuer: &Issuer) -> Option<(String, Value)> {
    let there = !tenant.settings.registration.is_closed();
    there.then(|| ("registration_endpoint".to_owned(), issuer.at(endpoints::REGISTER).into()))
}

/// Where devices ask (RFC 8628 section 4).
fn device_members(tenant: &Tenant, issuer: &Issuer) -> Option<(String, Value)> {
    let endpoint = || issuer.at(endpoints::DEVICE_AUTHORIZATION).into();
    tenant.offers(GrantType::DeviceCode).then(|| ("device_authorization_endpoint".to_owned(), endpoint()))
}

/// The languages of the pages on which people sign in and consent (RFC 5646).
pub const UI_LOCALES: [&str; 3] = ["en", "de", "fr"];

/// The grants that clients may use here.
fn grant_types(tenant: &Tenant) -> Vec<GrantType> {
    GrantType::ALL.iter().copied().filter(|grant| tenant.offers(*grant)).collect()
}

/// What clients may ask for as `prompt`; to make an account only where there is a place to do so.
fn prompts(tenant: &Tenant) -> Vec<Prompt> {
    let sign_up = tenant.settings.sign_up_uri.is_some();
    Prompt::ALL.iter().copied().filter(|prompt| sign_up || *prompt != Prompt::Create).collect()
}

/// What signs ID tokens: the tenant's keys, and where the profile allows it the secrets of clients that registered that.
fn id_token_algorithms(tenant: &Tenant, signing: &[Algorithm]) -> Vec<&'static str> {
    let by_secret = tenant.profile.allows_shared_secrets().then(|| IdTokenSigning::ClientSecret.registered());
    signing.iter().map(|algorithm| algorithm.as_str()).chain(by_secret).collect()
}

fn scopes_supported(own: &[Scope]) -> Vec<&str> {
    let built_in = BuiltInScope::ALL.iter().map(|scope| scope.value);
    built_in.chain(own.iter().map(|scope| scope.value.as_str())).collect()
}

/// Those of UserInfo and of ID tokens; what only access tokens say is between the tenant and its APIs.
fn claims_supported<'a>(own: &'a [Scope], mappings: &'a ClaimMappings) -> BTreeSet<&'a str> {
    let built_in = BuiltInScope::ALL.iter().flat_map(|scope| scope.claims.iter().copied());
    let own = own.iter().flat_map(|scope| scope.claims.iter().map(String::as_str));
    let mapped = [ClaimTarget::IdToken, ClaimTarget::Userinfo].into_iter().flat_map(|target| mappings.of(target));
    let mapped = mapped.map(|mapping| mapping.claim.as_str());
    TOKEN_CLAIMS.into_iter().chain(built_in).chain(own).chain(mapped).collect()
}
