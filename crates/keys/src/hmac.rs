//! Tokens signed by HS256 (RFC 7518 section 3.2), for consumers that know no other way. Whoever can verify such a token
//! can make one: the secret is shared, and proves no more than that one of those who have it signed.
//!
//! **ID tokens** (OpenID Connect Core section 10.1). The key is the octets of the text of the client's secret: of the
//! newest live one that is kept sealed. Any live one of them proves a hint. There is no `kid`: the client tries its own.
//!
//! **Access tokens**, for resource servers that were written for `PyJOAT` and its like: see `access_token`.

mod access_token;
mod client;

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    client::{Client, ClientSecret},
    fault::Fault,
    id::{ClientId, TenantId},
    ports::jose::{MacTokens, Purpose, Sealer, Untrusted},
    secret::SealedSecret,
    time::Timestamp,
    token_secret::TokenSecret,
    vocabulary::TokenType,
};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use self::access_token::AccessKey;
pub use self::access_token::Believer;
use crate::{jws::verify::Presented, kek::TenantKek, seal::TenantSealer};

/// The name of the one algorithm.
const HS256: &str = "HS256";

/// What a tenant shares with others, ready to sign and to verify. It cannot be printed.
pub struct Macs {
    sealer: TenantSealer,
    access: Vec<AccessKey>,
}

/// The JOSE header of what is signed here.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'static str>,
}

impl Macs {
    /// Opens what a tenant shares. A token secret that does not open is left out and reported: damage to one is no
    /// damage to the others.
    #[must_use]
    pub fn open(kek: &TenantKek, tenant: TenantId, secrets: &[TokenSecret]) -> Self {
        let sealer = TenantSealer::new(kek);
        let opened = |secret: &TokenSecret| {
            let key = AccessKey::open(&sealer, secret);
            if key.is_none() {
                tracing::error!(tenant.id = %tenant, token_secret.id = %secret.id, "a token secret does not open");
            }
            key
        };
        let access = secrets.iter().filter_map(opened).collect();
        Self { sealer, access }
    }

    /// The key that a client's secret is.
    fn client_key(&self, client: &Client, secret: &ClientSecret, sealed: &SealedSecret) -> Option<hmac::Key> {
        self.client_key_for(hmac::HMAC_SHA256, client, secret, sealed)
    }

    /// The same for another hash.
    fn client_key_for(
        &self,
        hash: hmac::Algorithm,
        client: &Client,
        secret: &ClientSecret,
        sealed: &SealedSecret,
    ) -> Option<hmac::Key> {
        let context = ClientSecret::context(client.uid, secret.id);
        let text = Zeroizing::new(self.sealer.open(Purpose::ClientSecret, &context, &sealed.0)?);
        Some(hmac::Key::new(hash, &text))
    }
}

impl MacTokens for Macs {
    fn sign_for_client(&self, client: &Client, typ: TokenType, claims: &[u8], now: Timestamp) -> Result<String, Fault> {
        let (secret, sealed) = client
            .signing_secret(now)
            .ok_or_else(|| Fault::bug("a client whose secret signs its tokens has no live secret to sign with"))?;
        let key = self
            .client_key(client, secret, sealed)
            .ok_or_else(|| Fault::bug("a client's secret does not open in its row"))?;
        compact(&Header { alg: HS256, kid: None, typ: typ.typ() }, claims, &key)
    }

    fn verify_id_token(&self, client: &Client, token: &str, now: Timestamp) -> Result<Map<String, Value>, Untrusted> {
        Presented::read(token)?.claims_by(HS256, TokenType::IdToken, |_, signed, signature| {
            // The comparison takes the same time wherever two MACs differ.
            let fits = |key: hmac::Key| hmac::verify(&key, signed, signature).is_ok();
            client.sealed_secrets(now).any(|(secret, sealed)| self.client_key(client, secret, sealed).is_some_and(fits))
        })
    }

    fn sign_access_token(&self, claims: &[u8]) -> Result<String, Fault> {
        let signing = self.access.iter().find(|key| key.signs);
        signing.ok_or_else(|| Fault::bug("no token secret is active"))?.sign(claims)
    }

    fn claimed_client(&self, token: &str) -> Option<ClientId> {
        let claims = Presented::read(token).ok()?.unproven(HS256)?;
        claims.get("aud")?.as_str()?.parse().ok()
    }
}

/// The compact JWS over `claims` (RFC 7515 section 7.1).
fn compact(header: &Header<'_>, claims: &[u8], key: &hmac::Key) -> Result<String, Fault> {
    let header =
        serde_json::to_vec(header).map_err(|error| Fault::broken("a JOSE header could not be written", error))?;
    let mut token = String::with_capacity((header.len() + claims.len()) * 4 / 3 + 64);
    URL_SAFE_NO_PAD.encode_string(header, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let mac = hmac::sign(key, token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(mac.as_ref(), &mut token);
    Ok(token)
}

impl fmt::Debug for Macs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Macs(..)")
    }
}
