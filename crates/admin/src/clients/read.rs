//! A message as client: every rule about a client that somebody sends.

mod requests;
mod sending;
mod tokens;

use chancery_domain::{
    client::{self, Client, ClientKind, ExchangePolicy, IdTokenSigning},
    fault::Malformed,
    ports::outbound::CheckUris,
    profile::Profile,
    redirect_uri::RedirectUri,
    resource::ResourceUri,
    scope::ScopeValue,
    vocabulary::{ClientAuthMethod, GrantType},
};
use chancery_proto::v1::{self, client as wire};

use super::logout;
use crate::{status::Refusal, text};

mod keys;

/// At most this many entries in a list.
const MOST: usize = 100;

/// The kind that a new client must name.
pub(super) fn kind(sent: &v1::Client) -> Result<ClientKind, Refusal> {
    match wire::Kind::try_from(sent.kind) {
        Ok(wire::Kind::Web) => Ok(ClientKind::Web),
        Ok(wire::Kind::Native) => Ok(ClientKind::Native),
        Ok(wire::Kind::Service) => Ok(ClientKind::Service),
        Ok(wire::Kind::Unspecified) | Err(_) => Err(Refusal::field("client.kind", "must be WEB, NATIVE or SERVICE")),
    }
}

/// The client with what was sent, at a tenant of that profile; id, kind, secrets and state stay.
pub(super) fn read(
    sent: &v1::Client,
    mut client: Client,
    profile: Profile,
    uris: &dyn CheckUris,
) -> Result<Client, Refusal> {
    let kind = client.kind;
    let called = text::display_name("client.display_name", &sent.display_name)?;
    client.display_name = if called.is_empty() { client.id.to_string() } else { called };
    client.auth_methods = each("auth_methods", &sent.auth_methods, |method| auth_method(*method))?;
    client.redirect_uris = each("redirect_uris", &sent.redirect_uris, |uri| RedirectUri::register(uri, kind))?;
    client.post_logout_redirect_uris =
        each("post_logout_redirect_uris", &sent.post_logout_redirect_uris, |uri| RedirectUri::register(uri, kind))?;
    client.grant_types = each("grant_types", &sent.grant_types, |grant| grant_type(*grant))?;
    client.scopes = each::<_, ScopeValue, _>("scopes", &sent.scopes, |scope| scope.parse())?;
    client.skip_consent = sent.skip_consent;
    client.require_pkce = sent.require_pkce;
    client.allowed_origins = each("allowed_origins", &sent.allowed_origins, |origin| client::origin(origin))?;
    client.logo_uri = shown("logo_uri", &sent.logo_uri)?;
    client.policy_uri = shown("policy_uri", &sent.policy_uri)?;
    client.tos_uri = shown("tos_uri", &sent.tos_uri)?;
    client.id_token_signing = id_token_signing(&sent.id_token_signed_response_alg, profile)?;
    client.metadata.keys = keys::read(sent)?;
    client.metadata.requests = sending::read(sent, profile)?;
    client.metadata.logout = logout::read(sent, &client.metadata.logout, uris)?;
    client.metadata.exchange = ExchangePolicy {
        resources: each::<_, ResourceUri, _>("exchange_resources", &sent.exchange_resources, |uri| uri.parse())?,
        impersonates: sent.exchange_impersonates,
    };
    requests::read(sent, &mut client, profile)?;
    client.metadata.tokens = tokens::read(sent, client.metadata.keys.as_ref())?;
    client.metadata.authorization_encryption = tokens::answers(sent, client.metadata.keys.as_ref())?;
    client.checked().map_err(|malformed| Refusal::malformed(format!("client.{}", malformed.what), &malformed))
}

/// Reads each entry of a list; the refusal names all that are wrong.
fn each<S, T, L: FromIterator<T>>(
    field: &str,
    sent: &[S],
    read: impl Fn(&S) -> Result<T, Malformed>,
) -> Result<L, Refusal> {
    if sent.len() > MOST {
        return Err(Refusal::field(format!("client.{field}"), format!("must hold at most {MOST} entries")));
    }
    let mut wrong = Vec::new();
    let mut right = Vec::with_capacity(sent.len());
    for (at, entry) in sent.iter().enumerate() {
        match read(entry) {
            Ok(value) => right.push(value),
            Err(malformed) => wrong.push((format!("client.{field}[{at}]"), malformed.rule)),
        }
    }
    if wrong.is_empty() { Ok(right.into_iter().collect()) } else { Err(Refusal::fields(wrong)) }
}

fn shown(field: &'static str, sent: &str) -> Result<Option<String>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let read = client::shown_uri(field, sent);
    read.map(Some).map_err(|malformed| Refusal::malformed(format!("client.{field}"), &malformed))
}

fn id_token_signing(sent: &str, profile: Profile) -> Result<IdTokenSigning, Refusal> {
    let field = "client.id_token_signed_response_alg";
    let signing = text::read(field, sent)?;
    match signing {
        IdTokenSigning::ClientSecret if !profile.allows_shared_secrets() => Err(Refusal::field(
            field,
            "must not be HS256 under PROFILE_OAUTH21: whoever has a shared secret can sign with it",
        )),
        IdTokenSigning::ClientSecret | IdTokenSigning::Key(_) | IdTokenSigning::TenantKey => Ok(signing),
    }
}

/// A way to authenticate.
pub(crate) fn auth_method(sent: i32) -> Result<ClientAuthMethod, Malformed> {
    match wire::AuthMethod::try_from(sent) {
        Ok(wire::AuthMethod::ClientSecretBasic) => Ok(ClientAuthMethod::Basic),
        Ok(wire::AuthMethod::ClientSecretPost) => Ok(ClientAuthMethod::Post),
        Ok(wire::AuthMethod::None) => Ok(ClientAuthMethod::None),
        Ok(wire::AuthMethod::PrivateKeyJwt) => Ok(ClientAuthMethod::PrivateKeyJwt),
        Ok(wire::AuthMethod::ClientSecretJwt) => Ok(ClientAuthMethod::SecretJwt),
        Ok(wire::AuthMethod::Unspecified) | Err(_) => Err(Malformed::new(
            "auth_methods",
            "must be CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT, CLIENT_SECRET_JWT or NONE",
        )),
    }
}

/// A grant.
pub(crate) fn grant_type(sent: i32) -> Result<GrantType, Malformed> {
    match wire::GrantType::try_from(sent) {
        Ok(wire::GrantType::AuthorizationCode) => Ok(GrantType::AuthorizationCode),
        Ok(wire::GrantType::RefreshToken) => Ok(GrantType::RefreshToken),
        Ok(wire::GrantType::ClientCredentials) => Ok(GrantType::ClientCredentials),
        Ok(wire::GrantType::Implicit) => Ok(GrantType::Implicit),
        Ok(wire::GrantType::TokenExchange) => Ok(GrantType::TokenExchange),
        Ok(wire::GrantType::DeviceCode) => Ok(GrantType::DeviceCode),
        Ok(wire::GrantType::JwtBearer) => Ok(GrantType::JwtBearer),
        Ok(wire::GrantType::Unspecified) | Err(_) => {
            let rule = "must be AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, IMPLICIT, \
                        TOKEN_EXCHANGE, DEVICE_CODE or JWT_BEARER";
            Err(Malformed::new("grant_types", rule))
        }
    }
}

#[cfg(test)]
mod tests;
