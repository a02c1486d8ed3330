//! Every member that a client can register (RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2), how
//! it is read into a client, and how it is told back. A new member is one line.
//!
//! Members that do not stand here are ignored (RFC 7591 section 2), and so is whatever is null (RFC 7592 section 2.2).

mod values;

use chancery_domain::{
    client::{Client, ClientAbout, ClientLogout, ClientTokens},
    fault::Malformed,
    ports::outbound::CheckUris,
    scope::ScopeSet,
    view::TenantView,
};
use serde_json::{Map, Value, json};

use self::values::{
    alg, backchannel, by, check_encryption, contacts, frontchannel, https, id_token_alg, jwks, jwks_uri, kind, method,
    own_alg, parsed, response_types, shown, some, told_id_token_alg, told_jwks, told_jwks_uri, told_kind,
    told_response_types, with, yes,
};
use super::{
    name, policy,
    reading::{places, seconds, short, text, truth, words},
    unfit,
};
use crate::error::OAuthError;

/// Where a client registers, and what is called from there.
pub(super) struct Place<'a> {
    pub(super) view: &'a TenantView,
    pub(super) uris: &'a dyn CheckUris,
}

type Read = fn(&mut Client, &Value, &Place<'_>) -> Result<(), Malformed>;
type Tell = fn(&Client, &TenantView) -> Value;

/// Each in the order in which it is read: what others depend on comes first.
const MEMBERS: &[(&str, Read, Tell)] = &[
    ("application_type", |c, v, _| kind(v).map(|kind| c.kind = kind), |c, _| told_kind(c.kind).into()),
    ("client_name", |c, v, _| name::read(text(v)?).map(|name| c.display_name = name), |c, _| json!(c.display_name)),
    ("redirect_uris", |c, v, _| places(v, c.kind).map(|uris| c.redirect_uris = uris), |c, _| some(&c.redirect_uris)),
    (
        "post_logout_redirect_uris",
        |c, v, _| places(v, c.kind).map(|uris| c.post_logout_redirect_uris = uris),
        |c, _| some(&c.post_logout_redirect_uris),
    ),
    (
        "token_endpoint_auth_method",
        |c, v, _| method(v).map(|method| c.auth_methods = [method].into()),
        |c, _| json!(c.auth_methods.first()),
    ),
    (
        "response_types",
        |c, v, _| response_types(v).map(|types| c.metadata.response_types = types),
        |c, _| told_response_types(c),
    ),
    ("grant_types", |c, v, _| words(v).map(|grants| c.grant_types = grants), |c, _| json!(c.grant_types)),
    ("scope", |c, v, _| ScopeSet::parse(text(v)?).map(|scopes| c.scopes = scopes), |c, _| c.scopes.to_string().into()),
    (
        "client_uri",
        |c, v, _| https("client_uri", v).map(|it| about(c).client_uri = it),
        |c, _| json!(told(c).client_uri),
    ),
    ("logo_uri", |c, v, _| shown("logo_uri", v).map(|it| c.logo_uri = it), |c, _| json!(c.logo_uri)),
    ("policy_uri", |c, v, _| shown("policy_uri", v).map(|it| c.policy_uri = it), |c, _| json!(c.policy_uri)),
    ("tos_uri", |c, v, _| shown("tos_uri", v).map(|it| c.tos_uri = it), |c, _| json!(c.tos_uri)),
    ("contacts", |c, v, _| contacts(v).map(|it| about(c).contacts = it), |c, _| some(&told(c).contacts)),
    ("software_id", |c, v, _| short(v).map(|it| about(c).software_id = Some(it)), |c, _| json!(told(c).software_id)),
    (
        "software_version",
        |c, v, _| short(v).map(|it| about(c).software_version = Some(it)),
        |c, _| json!(told(c).software_version),
    ),
    (
        "initiate_login_uri",
        |c, v, _| https("initiate_login_uri", v).map(|it| about(c).initiate_login_uri = it),
        |c, _| json!(told(c).initiate_login_uri),
    ),
    (
        "sector_identifier_uri",
        |c, v, _| text(v)?.parse().map(|uri| tokens(c).sector_identifier_uri = Some(uri)),
        |c, _| json!(c.metadata.tokens.sector_identifier_uri),
    ),
    (
        "backchannel_logout_uri",
        |c, v, at| backchannel(v, at.uris).map(|uri| logout(c).backchannel_uri = Some(uri)),
        |c, _| json!(c.metadata.logout.backchannel_uri),
    ),
    (
        "backchannel_logout_session_required",
        |c, v, _| truth(v).map(|it| logout(c).backchannel_session_required = it),
        |c, _| yes(c.metadata.logout.backchannel_session_required),
    ),
    (
        "frontchannel_logout_uri",
        |c, v, at| frontchannel(v, at.view).map(|uri| logout(c).frontchannel_uri = Some(uri)),
        |c, _| json!(c.metadata.logout.frontchannel_uri),
    ),
    (
        "frontchannel_logout_session_required",
        |c, v, _| truth(v).map(|it| logout(c).frontchannel_session_required = it),
        |c, _| yes(c.metadata.logout.frontchannel_session_required),
    ),
    (
        "subject_type",
        |c, v, _| text(v)?.parse().map(|kind| tokens(c).subject_type = kind),
        |c, _| json!(c.metadata.tokens.subject_type),
    ),
    ("jwks", |c, v, at| jwks(v, at.view).map(|keys| c.metadata.keys = Some(keys)), |c, _| told_jwks(c)),
    ("jwks_uri", |c, v, _| jwks_uri(c, v).map(|keys| c.metadata.keys = Some(keys)), |c, _| told_jwks_uri(c)),
    ("id_token_signed_response_alg", id_token_alg, told_id_token_alg),
    (
        "id_token_encrypted_response_alg",
        |c, v, _| by(v).map(|how| tokens(c).id_token_encryption = Some(how)),
        |c, _| json!(c.metadata.tokens.id_token_encryption.map(|how| how.alg)),
    ),
    (
        "id_token_encrypted_response_enc",
        |c, v, _| with(v, &mut tokens(c).id_token_encryption),
        |c, _| json!(c.metadata.tokens.id_token_encryption.map(|how| how.enc)),
    ),
    (
        "userinfo_signed_response_alg",
        |c, v, at| own_alg(v, at.view).map(|alg| tokens(c).userinfo_signing = Some(alg)),
        |c, _| json!(c.metadata.tokens.userinfo_signing),
    ),
    (
        "userinfo_encrypted_response_alg",
        |c, v, _| by(v).map(|how| tokens(c).userinfo_encryption = Some(how)),
        |c, _| json!(c.metadata.tokens.userinfo_encryption.map(|how| how.alg)),
    ),
    (
        "userinfo_encrypted_response_enc",
        |c, v, _| with(v, &mut tokens(c).userinfo_encryption),
        |c, _| json!(c.metadata.tokens.userinfo_encryption.map(|how| how.enc)),
    ),
    (
        "introspection_signed_response_alg",
        |c, v, at| own_alg(v, at.view).map(|alg| tokens(c).introspection_signing = Some(alg)),
        |c, _| json!(c.metadata.tokens.introspection_signing),
    ),
    (
        "dpop_bound_access_tokens",
        |c, v, _| truth(v).map(|it| tokens(c).dpop_bound = it),
        |c, _| yes(c.metadata.tokens.dpop_bound),
    ),
    (
        "token_endpoint_auth_signing_alg",
        |c, v, _| alg(v).map(|alg| c.metadata.requests.assertion_alg = Some(alg)),
        |c, _| json!(c.metadata.requests.assertion_alg),
    ),
    (
        "request_object_signing_alg",
        |c, v, _| alg(v).map(|alg| c.metadata.requests.object_alg = Some(alg)),
        |c, _| json!(c.metadata.requests.object_alg),
    ),
    (
        "request_object_encryption_alg",
        |c, v, _| by(v).map(|how| c.metadata.requests.object_encryption = Some(how)),
        |c, _| json!(c.metadata.requests.object_encryption.map(|how| how.alg)),
    ),
    (
        "request_object_encryption_enc",
        |c, v, _| with(v, &mut c.metadata.requests.object_encryption),
        |c, _| json!(c.metadata.requests.object_encryption.map(|how| how.enc)),
    ),
    (
        "request_uris",
        |c, v, _| parsed(v).map(|uris| c.metadata.requests.uris = uris),
        |c, _| some(&c.metadata.requests.uris),
    ),
    (
        "require_signed_request_object",
        |c, v, _| truth(v).map(|it| c.metadata.requests.require_object = it),
        |c, _| yes(c.metadata.requests.require_object),
    ),
    (
        "require_pushed_authorization_requests",
        |c, v, _| truth(v).map(|it| c.metadata.requests.require_pushed = it),
        |c, _| yes(c.metadata.requests.require_pushed),
    ),
    (
        "default_max_age",
        |c, v, _| seconds(v).map(|it| c.metadata.default_max_age = Some(it)),
        |c, _| json!(c.metadata.default_max_age),
    ),
    (
        "require_auth_time",
        |c, v, _| truth(v).map(|it| c.metadata.require_auth_time = it),
        |c, _| yes(c.metadata.require_auth_time),
    ),
    (
        "authorization_signed_response_alg",
        |c, v, at| own_alg(v, at.view).map(|alg| c.metadata.authorization_signing = Some(alg)),
        |c, _| json!(c.metadata.authorization_signing),
    ),
    (
        "authorization_encrypted_response_alg",
        |c, v, _| by(v).map(|how| c.metadata.authorization_encryption = Some(how)),
        |c, _| json!(c.metadata.authorization_encryption.map(|how| how.alg)),
    ),
    (
        "authorization_encrypted_response_enc",
        |c, v, _| with(v, &mut c.metadata.authorization_encryption),
        |c, _| json!(c.metadata.authorization_encryption.map(|how| how.enc)),
    ),
];

/// The client that these members describe, where `bare` is one that says nothing yet.
pub(super) fn read(at: &Place<'_>, bare: Client, members: &Map<String, Value>) -> Result<Client, OAuthError> {
    let mut client = bare;
    for (member, read, _) in MEMBERS {
        if let Some(value) = members.get(*member).filter(|value| !value.is_null()) {
            read(&mut client, value, at).map_err(|malformed| unfit(member, malformed.rule))?;
        }
    }
    policy::complete(at.view, &mut client);
    let client = client.checked().map_err(|malformed| unfit(named(malformed.what), malformed.rule))?;
    check_encryption(&client, at.view)?;
    policy::admit(at.view, &client)?;
    Ok(client)
}

/// Everything that the client has registered, defaults included (RFC 7591 section 3.2.1).
pub(super) fn tell(view: &TenantView, client: &Client) -> Map<String, Value> {
    let told = MEMBERS.iter().map(|(member, _, tell)| ((*member).to_owned(), tell(client, view)));
    told.filter(|(_, value)| !value.is_null()).collect()
}

/// The member behind a part of a client.
fn named(part: &'static str) -> &'static str {
    if part == "auth_methods" { "token_endpoint_auth_method" } else { part }
}

const fn about(client: &mut Client) -> &mut ClientAbout {
    &mut client.metadata.about
}

const fn told(client: &Client) -> &ClientAbout {
    &client.metadata.about
}

const fn tokens(client: &mut Client) -> &mut ClientTokens {
    &mut client.metadata.tokens
}

const fn logout(client: &mut Client) -> &mut ClientLogout {
    &mut client.metadata.logout
}
