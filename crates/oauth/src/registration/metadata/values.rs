//! Members as they stand in a registration, each read into its part of a client and told from there.

use std::{collections::BTreeSet, str::FromStr};

use chancery_domain::{
    client::{
        self, BackchannelUri, Client, ClientAbout, ClientKeys, ClientKind, Encryption, FrontchannelUri, IdTokenSigning,
    },
    fault::Malformed,
    ports::outbound::CheckUris,
    view::{SignedBy, TenantView},
    vocabulary::{Algorithm, ClientAlgorithm, ClientAuthMethod, GrantType, ResponseType},
};
use serde_json::{Value, json};

use super::{
    super::{
        reading::{rule, short, text, texts},
        unfit,
    },
    Place,
};
use crate::error::OAuthError;

pub(super) fn backchannel(value: &Value, uris: &dyn CheckUris) -> Result<BackchannelUri, Malformed> {
    uris.check(text(value)?).map(|uri| BackchannelUri::from(&uri)).map_err(|refused| rule(refused.hint()))
}

pub(super) fn frontchannel(value: &Value, view: &TenantView) -> Result<FrontchannelUri, Malformed> {
    if view.tenant.frontchannel_logout() {
        FrontchannelUri::register(text(value)?)
    } else {
        Err(rule("must not be there: no pages are loaded when somebody signs out here"))
    }
}

/// A list, unless there is nothing in it.
pub(super) fn some<T: ToString>(list: &[T]) -> Value {
    if list.is_empty() { Value::Null } else { list.iter().map(ToString::to_string).collect() }
}

/// Yes, or nothing.
pub(super) fn yes(it: bool) -> Value {
    if it { true.into() } else { Value::Null }
}

pub(super) fn kind(value: &Value) -> Result<ClientKind, Malformed> {
    match text(value)? {
        "web" => Ok(ClientKind::Web),
        "native" => Ok(ClientKind::Native),
        _ => Err(rule("must be web or native")),
    }
}

pub(super) const fn told_kind(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Native => "native",
        ClientKind::Web | ClientKind::Service => "web",
    }
}

pub(super) fn method(value: &Value) -> Result<ClientAuthMethod, Malformed> {
    text(value)?.parse()
}

/// The words of each may stand in any order.
pub(super) fn response_types(value: &Value) -> Result<BTreeSet<ResponseType>, Malformed> {
    let read = |text: &str| ResponseType::asked(text).ok_or(rule("must be response types of OpenID Connect"));
    texts(value)?.into_iter().map(read).collect()
}

pub(super) fn told_response_types(client: &Client) -> Value {
    let registered = &client.metadata.response_types;
    let code = client.grant_types.contains(&GrantType::AuthorizationCode);
    if registered.is_empty() && code { json!(["code"]) } else { json!(registered) }
}

pub(super) fn shown(what: &'static str, value: &Value) -> Result<Option<String>, Malformed> {
    client::shown_uri(what, text(value)?).map(Some)
}

pub(super) fn https(what: &'static str, value: &Value) -> Result<Option<String>, Malformed> {
    ClientAbout::https(what, text(value)?).map(Some)
}

pub(super) fn contacts(value: &Value) -> Result<Vec<String>, Malformed> {
    let list = value.as_array().filter(|list| list.len() <= 10).ok_or(rule("must be a list of at most 10 texts"))?;
    list.iter().map(short).collect()
}

pub(super) fn parsed<T: FromStr<Err = Malformed>>(value: &Value) -> Result<Vec<T>, Malformed> {
    texts(value)?.into_iter().map(str::parse).collect()
}

/// How an answer is encrypted: by that, and with what goes without saying.
pub(super) fn by(value: &Value) -> Result<Encryption, Malformed> {
    Encryption::registered(Some(text(value)?), None)?.ok_or(rule("must name an algorithm"))
}

pub(super) fn with(value: &Value, how: &mut Option<Encryption>) -> Result<(), Malformed> {
    let how = how.as_mut().ok_or(rule("must not be there without an alg"))?;
    how.enc = text(value)?.parse()?;
    Ok(())
}

/// Refuses answers that nobody could encrypt. Keys at an address are looked at when they are needed.
pub(super) fn check_encryption(client: &Client, view: &TenantView) -> Result<(), OAuthError> {
    let Some(jwks) = client.metadata.keys.as_ref().and_then(ClientKeys::jwks) else { return Ok(()) };
    let keys = view.client_keys.read(jwks).map_err(|malformed| unfit("jwks", malformed.rule))?;
    let tokens = &client.metadata.tokens;
    for (member, how) in [
        ("id_token_encrypted_response_alg", tokens.id_token_encryption),
        ("userinfo_encrypted_response_alg", tokens.userinfo_encryption),
        ("authorization_encrypted_response_alg", client.metadata.authorization_encryption),
    ] {
        if how.is_some_and(|how| !keys.can_encrypt(how)) {
            return Err(unfit(member, "needs a key in jwks that can be encrypted to in this way"));
        }
    }
    Ok(())
}

pub(super) fn alg(value: &Value) -> Result<ClientAlgorithm, Malformed> {
    text(value)?.parse()
}

/// An algorithm that the tenant signs with.
pub(super) fn own_alg(value: &Value, view: &TenantView) -> Result<Algorithm, Malformed> {
    let read = text(value)?.parse::<Algorithm>().ok().filter(|alg| view.signing_algorithms.contains(alg));
    read.ok_or(rule("must be an algorithm that the issuer signs with"))
}

pub(super) fn jwks(value: &Value, view: &TenantView) -> Result<ClientKeys, Malformed> {
    if !value.is_object() {
        return Err(rule("must be a JWK Set"));
    }
    let text = value.to_string();
    view.client_keys.read(&text)?;
    Ok(ClientKeys::Jwks(text))
}

pub(super) fn told_jwks(client: &Client) -> Value {
    let text = client.metadata.keys.as_ref().and_then(ClientKeys::jwks);
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

pub(super) fn jwks_uri(client: &Client, value: &Value) -> Result<ClientKeys, Malformed> {
    if client.metadata.keys.is_some() {
        return Err(rule("must not stand beside jwks"));
    }
    text(value)?.parse().map(ClientKeys::JwksUri)
}

pub(super) fn told_jwks_uri(client: &Client) -> Value {
    json!(client.metadata.keys.as_ref().and_then(ClientKeys::jwks_uri).map(ToString::to_string))
}

/// An algorithm of the tenant's keys, or the client's own secret.
pub(super) fn id_token_alg(client: &mut Client, value: &Value, at: &Place<'_>) -> Result<(), Malformed> {
    let by_secret = text(value)? == IdTokenSigning::ClientSecret.registered();
    client.id_token_signing = if by_secret && at.view.tenant.profile.allows_shared_secrets() {
        IdTokenSigning::ClientSecret
    } else {
        IdTokenSigning::Key(own_alg(value, at.view)?)
    };
    Ok(())
}

pub(super) fn told_id_token_alg(client: &Client, view: &TenantView) -> Value {
    match view.id_token_signing(client) {
        SignedBy::Key(algorithm) => algorithm.as_str().into(),
        SignedBy::ClientSecret => IdTokenSigning::ClientSecret.registered().into(),
    }
}
