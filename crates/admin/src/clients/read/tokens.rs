//! What a client registers about its tokens.

use std::time::Duration;

use chancery_domain::{
    client::{ClientKeys, ClientTokens, Encryption, TokenLifetimes},
    ports::client_jose::ReadClientKeys,
    vocabulary::{Algorithm, SubjectType},
};
use chancery_keys::client_keys::ClientKeyReader;
use chancery_proto::v1;

use crate::{span, status::Refusal};

/// Reads it, for a client with those keys.
pub(super) fn read(sent: &v1::Client, keys: Option<&ClientKeys>) -> Result<ClientTokens, Refusal> {
    let pair = |answer: &str, alg: &str, enc: &str| encryption(answer, alg, enc, keys);
    Ok(ClientTokens {
        userinfo_signing: algorithm("userinfo_signed_response_alg", &sent.userinfo_signed_response_alg)?,
        id_token_encryption: pair(
            "id_token",
            &sent.id_token_encrypted_response_alg,
            &sent.id_token_encrypted_response_enc,
        )?,
        userinfo_encryption: pair(
            "userinfo",
            &sent.userinfo_encrypted_response_alg,
            &sent.userinfo_encrypted_response_enc,
        )?,
        introspection_signing: algorithm("introspection_signed_response_alg", &sent.introspection_signed_response_alg)?,
        subject_type: match sent.subject_type.as_str() {
            "" => SubjectType::Public,
            named => named.parse().map_err(|malformed| Refusal::malformed("client.subject_type", &malformed))?,
        },
        sector_identifier_uri: match sent.sector_identifier_uri.as_str() {
            "" => None,
            uri => {
                let read = uri.parse().map(Some);
                read.map_err(|malformed| Refusal::malformed("client.sector_identifier_uri", &malformed))?
            }
        },
        dpop_bound: sent.dpop_bound_access_tokens,
        lifetimes: sent.token_lifetimes.as_ref().map_or(Ok(TokenLifetimes::default()), lifetimes)?,
    })
}

fn algorithm(field: &str, sent: &str) -> Result<Option<Algorithm>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    sent.parse().map(Some).map_err(|malformed| Refusal::malformed(format!("client.{field}"), &malformed))
}

/// How answers of the authorization endpoint are encrypted, for a client with those keys.
pub(super) fn answers(sent: &v1::Client, keys: Option<&ClientKeys>) -> Result<Option<Encryption>, Refusal> {
    let (alg, enc) = (&sent.authorization_encrypted_response_alg, &sent.authorization_encrypted_response_enc);
    encryption("authorization", alg, enc, keys)
}

/// How an answer is encrypted. Keys that were registered are looked at now; those at an address when they are needed.
fn encryption(answer: &str, alg: &str, enc: &str, keys: Option<&ClientKeys>) -> Result<Option<Encryption>, Refusal> {
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (alg, enc) = (named(alg), named(enc));
    let field = |which: &str| format!("client.{answer}_encrypted_response_{which}");
    let read = Encryption::registered(alg.as_deref(), enc.as_deref())
        .map_err(|malformed| Refusal::malformed(field(malformed.what), &malformed))?;
    let jwks = keys.and_then(ClientKeys::jwks).map(|jwks| ClientKeyReader.read(jwks));
    if let (Some(how), Some(Ok(keys))) = (read, jwks)
        && !keys.can_encrypt(how)
    {
        return Err(Refusal::field(field("alg"), "needs a key in jwks that can be encrypted to in this way"));
    }
    Ok(read)
}

fn lifetimes(sent: &v1::TokenLifetimes) -> Result<TokenLifetimes, Refusal> {
    let read = |field: &str, sent: Option<prost_types::Duration>| -> Result<Option<Duration>, Refusal> {
        sent.map(|sent| span::seconds(&format!("client.token_lifetimes.{field}"), sent)).transpose()
    };
    Ok(TokenLifetimes {
        access_token: read("access_token_ttl", sent.access_token_ttl)?,
        client_credentials: read("client_credentials_ttl", sent.client_credentials_ttl)?,
        id_token: read("id_token_ttl", sent.id_token_ttl)?,
        refresh_idle: read("refresh_idle_ttl", sent.refresh_idle_ttl)?,
        refresh_absolute: read("refresh_absolute_ttl", sent.refresh_absolute_ttl)?,
        refresh_max_uses: (sent.refresh_max_uses != 0).then_some(sent.refresh_max_uses),
    })
}
