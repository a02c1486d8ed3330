//! Signing: one header made ready, one serialisation, one signature with a key that is kept hot or that somebody holds.

use std::{fmt, sync::Arc};

use aws_lc_rs::signature::ParsedPublicKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    fault::Fault,
    id::KeyId,
    vocabulary::{Algorithm, TokenType},
};
use serde::Serialize;
use tokio::sync::OnceCell;

use super::hot_key::HotKey;
use crate::custodian::{Custodian, PrivateKey};

/// A private key at work, with the headers of all that it signs.
pub(crate) struct Signer {
    algorithm: Algorithm,
    home: Home,
    /// What every signature is tried with before it leaves; see [`Signer::hot`] for why some need none.
    proof: Option<Arc<ParsedPublicKey>>,
    /// In the order of [`TokenType::ALL`], encoded, with the dot behind.
    headers: Vec<(TokenType, String)>,
}

/// Where the private key is.
enum Home {
    Here(Arc<dyn PrivateKey>),
    /// Opened when it is first needed, and tried again until that succeeds: a view must not wait for a custodian, and
    /// one that was away comes back.
    Held {
        custodian: Arc<dyn Custodian>,
        reference: Vec<u8>,
        opened: OnceCell<Arc<dyn PrivateKey>>,
    },
}

/// The JOSE header of everything that we sign.
#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    kid: &'a KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'static str>,
}

impl Signer {
    /// Makes a key ready that is in memory. `pkcs8` is its private part (RFC 5958).
    ///
    /// Its signatures are not verified here. One RSA signature that went wrong in a faulty processor gives the factors
    /// of the modulus away, and aws-lc verifies each before it returns it; once more would cost 6 % of signing. On the
    /// curves verifying costs three times what signing does, and ECDSA and ML-DSA draw a nonce or a seed for each
    /// signature, so that a wrong one says little.
    pub(crate) fn hot(kid: &KeyId, algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Fault> {
        let key = Arc::new(HotKey::load(algorithm, pkcs8)?);
        Ok(Self { algorithm, home: Home::Here(key), proof: None, headers: headers(kid, algorithm)? })
    }

    /// Makes a key ready that a custodian holds. What it returns has crossed a driver and perhaps a network: every
    /// signature is verified.
    pub(crate) fn held(
        kid: &KeyId,
        algorithm: Algorithm,
        custodian: Arc<dyn Custodian>,
        reference: Vec<u8>,
        public: &Arc<ParsedPublicKey>,
    ) -> Result<Self, Fault> {
        let home = Home::Held { custodian, reference, opened: OnceCell::new() };
        Ok(Self { algorithm, home, proof: Some(Arc::clone(public)), headers: headers(kid, algorithm)? })
    }

    /// What it signs with.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The private key, opened.
    pub(crate) async fn key(&self) -> Result<&Arc<dyn PrivateKey>, Fault> {
        match &self.home {
            Home::Here(key) => Ok(key),
            Home::Held { custodian, reference, opened } => {
                opened.get_or_try_init(|| custodian.open(self.algorithm, reference)).await
            }
        }
    }

    /// The compact JWS over `claims`.
    pub(crate) fn sign(&self, key: &dyn PrivateKey, typ: TokenType, claims: &[u8]) -> Result<String, Fault> {
        let header = self.headers.iter().find(|(of, _)| *of == typ).map(|(_, header)| header);
        let header = header.ok_or_else(|| Fault::bug("a type of token has no header"))?;
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 360);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = key.sign(token.as_bytes())?;
        if let Some(public) = &self.proof {
            let fits = public.verify_sig(token.as_bytes(), &signature);
            fits.map_err(|_| Fault::bug("a signature did not verify and was thrown away"))?;
        }
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}

fn headers(kid: &KeyId, algorithm: Algorithm) -> Result<Vec<(TokenType, String)>, Fault> {
    let header = |typ: TokenType| {
        let json = serde_json::to_vec(&Header { alg: algorithm, kid, typ: typ.typ() })
            .map_err(|error| Fault::broken("a JOSE header could not be written", error))?;
        Ok((typ, format!("{}.", URL_SAFE_NO_PAD.encode(json))))
    };
    TokenType::ALL.iter().copied().map(header).collect()
}
