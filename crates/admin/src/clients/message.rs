//! A client as message.

use std::time::Duration;

use chancery_domain::{
    client::{Client, ClientKeys, ClientKind, ClientSecret, ClientState, Encryption, TokenLifetimes},
    id::TenantSlug,
    redirect_uri::RedirectUri,
    time::Timestamp,
    version::Version,
    vocabulary::{Algorithm, ClientAlgorithm, ClientAuthMethod, GrantType, SubjectType},
};
use chancery_proto::v1::{self, client};

use super::logout;
use crate::{etag, name, span};

/// The client as callers see it.
pub(crate) fn of(tenant: &TenantSlug, found: &Client) -> v1::Client {
    let texts = |uris: &[RedirectUri]| uris.iter().map(ToString::to_string).collect();
    let state = match found.state() {
        ClientState::Enabled => client::State::Enabled,
        ClientState::Disabled => client::State::Disabled,
    };
    let keys = found.metadata.keys.as_ref();
    let requests = &found.metadata.requests;
    let tokens = &found.metadata.tokens;
    let mut message = v1::Client {
        name: name::within(tenant, "clients", &found.id),
        uid: found.uid.to_string(),
        display_name: found.display_name.clone(),
        kind: kind(found.kind).into(),
        auth_methods: found.auth_methods.iter().map(|method| auth_method(*method).into()).collect(),
        redirect_uris: texts(&found.redirect_uris),
        post_logout_redirect_uris: texts(&found.post_logout_redirect_uris),
        grant_types: found.grant_types.iter().map(|grant| grant_type(*grant).into()).collect(),
        scopes: found.scopes.iter().map(ToString::to_string).collect(),
        skip_consent: found.skip_consent,
        require_pkce: found.require_pkce,
        allowed_origins: found.allowed_origins.clone(),
        logo_uri: found.logo_uri.clone().unwrap_or_default(),
        policy_uri: found.policy_uri.clone().unwrap_or_default(),
        tos_uri: found.tos_uri.clone().unwrap_or_default(),
        id_token_signed_response_alg: found.id_token_signing.registered().to_owned(),
        jwks: keys.and_then(ClientKeys::jwks).unwrap_or_default().to_owned(),
        jwks_uri: keys.and_then(ClientKeys::jwks_uri).map(ToString::to_string).unwrap_or_default(),
        exchange_resources: found.metadata.exchange.resources.iter().map(ToString::to_string).collect(),
        exchange_impersonates: found.metadata.exchange.impersonates,
        state: state.into(),
        registered_by: if found.registered_itself() {
            client::RegisteredBy::Self_
        } else {
            client::RegisteredBy::Operator
        }
        .into(),
        initiate_login_uri: found.metadata.about.initiate_login_uri.clone().unwrap_or_default(),
        client_uri: found.metadata.about.client_uri.clone().unwrap_or_default(),
        contacts: found.metadata.about.contacts.clone(),
        software_id: found.metadata.about.software_id.clone().unwrap_or_default(),
        software_version: found.metadata.about.software_version.clone().unwrap_or_default(),
        create_time: Some(span::moment(found.created_at)),
        update_time: Some(span::moment(found.updated_at)),
        etag: etag(found),
        response_types: found.metadata.response_types.iter().map(ToString::to_string).collect(),
        default_max_age: found.metadata.default_max_age.map(|most| span::span(Duration::from_secs(most.into()))),
        require_auth_time: found.metadata.require_auth_time,
        authorization_signed_response_alg: algorithm(found.metadata.authorization_signing),
        authorization_encrypted_response_alg: encryption_alg(found.metadata.authorization_encryption),
        authorization_encrypted_response_enc: encryption_enc(found.metadata.authorization_encryption),
        token_endpoint_auth_signing_alg: registered(requests.assertion_alg),
        require_pushed_authorization_requests: requests.require_pushed,
        request_object_signing_alg: registered(requests.object_alg),
        request_uris: requests.uris.iter().map(ToString::to_string).collect(),
        require_signed_request_object: requests.require_object,
        request_object_encryption_alg: encryption_alg(requests.object_encryption),
        request_object_encryption_enc: encryption_enc(requests.object_encryption),
        userinfo_signed_response_alg: algorithm(tokens.userinfo_signing),
        id_token_encrypted_response_alg: encryption_alg(tokens.id_token_encryption),
        id_token_encrypted_response_enc: encryption_enc(tokens.id_token_encryption),
        userinfo_encrypted_response_alg: encryption_alg(tokens.userinfo_encryption),
        userinfo_encrypted_response_enc: encryption_enc(tokens.userinfo_encryption),
        subject_type: match tokens.subject_type {
            SubjectType::Public => String::new(),
            SubjectType::Pairwise => tokens.subject_type.to_string(),
        },
        sector_identifier_uri: tokens.sector_identifier_uri.as_ref().map(ToString::to_string).unwrap_or_default(),
        token_lifetimes: lifetimes(&tokens.lifetimes),
        introspection_signed_response_alg: algorithm(tokens.introspection_signing),
        dpop_bound_access_tokens: tokens.dpop_bound,
        ..v1::Client::default()
    };
    logout::show(&found.metadata.logout, &mut message);
    message
}

fn registered(algorithm: Option<ClientAlgorithm>) -> String {
    algorithm.map(|algorithm| algorithm.to_string()).unwrap_or_default()
}

fn algorithm(registered: Option<Algorithm>) -> String {
    registered.map(|algorithm| algorithm.to_string()).unwrap_or_default()
}

fn encryption_alg(registered: Option<Encryption>) -> String {
    registered.map(|how| how.alg.to_string()).unwrap_or_default()
}

fn encryption_enc(registered: Option<Encryption>) -> String {
    registered.map(|how| how.enc.to_string()).unwrap_or_default()
}

fn lifetimes(own: &TokenLifetimes) -> Option<v1::TokenLifetimes> {
    (!own.is_usual()).then(|| v1::TokenLifetimes {
        access_token_ttl: own.access_token.map(span::span),
        client_credentials_ttl: own.client_credentials.map(span::span),
        id_token_ttl: own.id_token.map(span::span),
        refresh_idle_ttl: own.refresh_idle.map(span::span),
        refresh_absolute_ttl: own.refresh_absolute.map(span::span),
        refresh_max_uses: own.refresh_max_uses.unwrap_or_default(),
    })
}

/// The client as callers see it once it was written.
pub(super) fn of_written(tenant: &TenantSlug, mut found: Client, version: Version, now: Timestamp) -> v1::Client {
    (found.version, found.updated_at) = (version, now);
    of(tenant, &found)
}

/// The tag of a client as it stands.
pub(super) fn etag(found: &Client) -> String {
    etag::of(found.uid, found.version)
}

/// One of its secrets as callers see it: never the text.
pub(super) fn of_secret(tenant: &TenantSlug, owner: &Client, secret: &ClientSecret) -> v1::ClientSecret {
    v1::ClientSecret {
        name: format!("{}/secrets/{}", name::within(tenant, "clients", &owner.id), secret.id),
        hint: secret.hint.clone(),
        create_time: Some(span::moment(secret.created_at)),
        expire_time: secret.expires_at.map(span::moment),
        last_use_time: secret.last_used_at.map(span::moment),
    }
}

const fn kind(kind: ClientKind) -> client::Kind {
    match kind {
        ClientKind::Web => client::Kind::Web,
        ClientKind::Native => client::Kind::Native,
        ClientKind::Service => client::Kind::Service,
    }
}

/// A way to authenticate.
pub(crate) const fn auth_method(method: ClientAuthMethod) -> client::AuthMethod {
    match method {
        ClientAuthMethod::Basic => client::AuthMethod::ClientSecretBasic,
        ClientAuthMethod::Post => client::AuthMethod::ClientSecretPost,
        ClientAuthMethod::PrivateKeyJwt => client::AuthMethod::PrivateKeyJwt,
        ClientAuthMethod::SecretJwt => client::AuthMethod::ClientSecretJwt,
        ClientAuthMethod::None => client::AuthMethod::None,
    }
}

/// A grant.
pub(crate) const fn grant_type(grant: GrantType) -> client::GrantType {
    match grant {
        GrantType::AuthorizationCode => client::GrantType::AuthorizationCode,
        GrantType::RefreshToken => client::GrantType::RefreshToken,
        GrantType::ClientCredentials => client::GrantType::ClientCredentials,
        GrantType::Implicit => client::GrantType::Implicit,
        GrantType::TokenExchange => client::GrantType::TokenExchange,
        GrantType::DeviceCode => client::GrantType::DeviceCode,
        GrantType::JwtBearer => client::GrantType::JwtBearer,
    }
}
