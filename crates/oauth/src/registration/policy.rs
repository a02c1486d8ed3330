//! What a client gets that says nothing about it, and what no client that registers itself may have here.

use std::collections::BTreeSet;

use chancery_domain::{
    client::{Client, origin},
    tenant::DpopPolicy,
    view::TenantView,
    vocabulary::{ClientAuthMethod, GrantType},
};
use url::Url;

use super::unfit;
use crate::error::OAuthError;

/// The defaults of the specifications (RFC 7591 section 2), and what follows from the rest.
pub(super) fn complete(view: &TenantView, client: &mut Client) {
    if client.auth_methods.is_empty() {
        client.auth_methods = BTreeSet::from([ClientAuthMethod::Basic]);
    }
    if client.grant_types.is_empty() {
        // Who names response types alone means the grants behind them.
        let types = &client.metadata.response_types;
        let code = types.is_empty() || types.iter().any(|it| it.has_code());
        let implicit = types.iter().any(|it| it.has_front_channel_token());
        client.grant_types.extend(code.then_some(GrantType::AuthorizationCode));
        client.grant_types.extend(implicit.then_some(GrantType::Implicit));
    }
    if client.scopes.is_empty() {
        client.scopes = view.tenant.settings.registration.scopes();
    }
    // Whoever can keep a secret proves with it that a code is theirs; the profile may ask for more.
    client.require_pkce = client.is_public();
    // A page that gets codes may read what it gets for them.
    let pages = client.redirect_uris.iter().filter_map(|uri| Url::parse(uri.as_str()).ok());
    let origins = pages.filter_map(|url| origin(&url.origin().ascii_serialization()).ok());
    client.allowed_origins = origins.collect::<BTreeSet<_>>().into_iter().collect();
}

/// Refuses what the tenant does not give to strangers, and what its profile gives to nobody.
pub(super) fn admit(view: &TenantView, client: &Client) -> Result<(), OAuthError> {
    let (tenant, policy) = (&view.tenant, &view.tenant.settings.registration);
    if !client.auth_methods.iter().all(|method| policy.admits(*method)) {
        return Err(unfit("token_endpoint_auth_method", "must be one that clients may register here"));
    }
    if !client.grant_types.is_subset(&policy.grant_types(tenant)) {
        return Err(unfit("grant_types", "must be grants that clients may register here"));
    }
    if !client.scopes.is_within(&policy.scopes()) {
        return Err(unfit("scope", "must hold nothing but scopes that clients may register here"));
    }
    if !client.metadata.response_types.iter().all(|asked| tenant.response_types().any(|offered| offered == *asked)) {
        return Err(unfit("response_types", "must be response types that the issuer offers"));
    }
    if let Some((member, _)) = led_to(client).find(|(_, uri)| !policy.admits_place(uri)) {
        return Err(unfit(member, "must lie on a host whose software may register here"));
    }
    if client.metadata.tokens.dpop_bound && tenant.settings.dpop == DpopPolicy::Off {
        return Err(unfit("dpop_bound_access_tokens", "must not be true: nothing is bound to a key here"));
    }
    if !tenant.profile.takes_request_objects() && client.metadata.requests.uses_objects() {
        let requests = &client.metadata.requests;
        let member = match (requests.object_alg, requests.object_encryption, requests.require_object) {
            (Some(_), _, _) => "request_object_signing_alg",
            (None, Some(_), _) => "request_object_encryption_alg",
            (None, None, true) => "require_signed_request_object",
            (None, None, false) => "request_uris",
        };
        return Err(unfit(member, "must not be there: request objects are not taken here"));
    }
    if client.metadata.requests.object_encryption.is_some() && !tenant.takes_encrypted_requests() {
        return Err(unfit(
            "request_object_encryption_alg",
            "must not be there: encrypted request objects are not taken here",
        ));
    }
    Ok(())
}

/// Where the client sends browsers and people, by member. Its page for frames has the host of a redirect URI anyway.
fn led_to(client: &Client) -> impl Iterator<Item = (&'static str, &str)> {
    let about = &client.metadata.about;
    let links = [
        ("initiate_login_uri", about.initiate_login_uri.as_deref()),
        ("client_uri", about.client_uri.as_deref()),
        ("logo_uri", client.logo_uri.as_deref()),
        ("policy_uri", client.policy_uri.as_deref()),
        ("tos_uri", client.tos_uri.as_deref()),
    ];
    let redirects = client.redirect_uris.iter().map(|uri| ("redirect_uris", uri.as_str()));
    let out = client.post_logout_redirect_uris.iter().map(|uri| ("post_logout_redirect_uris", uri.as_str()));
    redirects.chain(out).chain(links.into_iter().filter_map(|(member, uri)| Some((member, uri?))))
}
