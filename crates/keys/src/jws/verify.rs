//! Verifying: only the form that we write ourselves is believed (RFC 8725).

use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    ports::jose::Untrusted,
    vocabulary::{Algorithm, TokenType},
};
use serde_json::{Map, Value};

use super::json;

/// A longer token is not looked at.
const LONGEST_TOKEN: usize = 16 * 1024;

/// A public key, ready to verify with its own algorithm.
pub(crate) struct Verifier {
    /// The one algorithm that the key is for.
    pub(crate) algorithm: Algorithm,
    /// The key.
    pub(crate) key: Arc<ParsedPublicKey>,
    /// Whether it proves tokens, or old logout hints alone.
    pub(crate) published: bool,
}

/// A token taken apart: of the right form, and not believed yet.
pub(crate) struct Presented<'a> {
    header: Map<String, Value>,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Presented<'a> {
    /// Takes a compact JWS apart: three parts in strict base64url, a header without a repeated member, and no
    /// extension that we would have to understand (`crit` of RFC 7515 section 4.1.11, `b64` of RFC 7797).
    pub(crate) fn read(token: &'a str) -> Result<Self, Untrusted> {
        Self::read_up_to(LONGEST_TOKEN, token)
    }

    /// The same with a limit of the caller's own, in bytes.
    pub(crate) fn read_up_to(longest: usize, token: &'a str) -> Result<Self, Untrusted> {
        if token.len() > longest {
            return Err(Untrusted::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Untrusted::Malformed);
        };
        let signed = &token[..header.len() + 1 + payload.len()];
        let header = json::object(&decoded(header)?).ok_or(Untrusted::Malformed)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(Untrusted::Malformed);
        }
        Ok(Self { header, signed, payload, signature: decoded(signature)? })
    }

    /// The `kid` that the token names.
    pub(crate) fn kid(&self) -> Result<&str, Untrusted> {
        self.text("kid").ok_or(Untrusted::UnknownKey)
    }

    /// The claims, once type, algorithm and signature fit.
    pub(crate) fn claims(self, typ: TokenType, verifier: &Verifier) -> Result<Map<String, Value>, Untrusted> {
        if self.text("alg") != Some(verifier.algorithm.as_str()) {
            return Err(Untrusted::WrongAlgorithm);
        }
        self.is_of(typ)?;
        let fits = verifier.key.verify_sig(self.signed.as_bytes(), &self.signature);
        fits.map_err(|_| Untrusted::BadSignature)?;
        self.said()
    }

    /// The claims, once algorithm and type fit and `proves` believes the signature over the signed bytes. It is shown
    /// the claims before they are proven, because a key can be derived from them.
    pub(crate) fn claims_by(
        self,
        algorithm: &str,
        typ: TokenType,
        proves: impl FnOnce(&Map<String, Value>, &[u8], &[u8]) -> bool,
    ) -> Result<Map<String, Value>, Untrusted> {
        if self.text("alg") != Some(algorithm) {
            return Err(Untrusted::WrongAlgorithm);
        }
        self.is_of(typ)?;
        let claims = self.said()?;
        if proves(&claims, self.signed.as_bytes(), &self.signature) { Ok(claims) } else { Err(Untrusted::BadSignature) }
    }

    /// What the header says.
    pub(crate) const fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// What is signed, and the signature.
    pub(crate) fn signed(&self) -> (&[u8], &[u8]) {
        (self.signed.as_bytes(), &self.signature)
    }

    /// The claims, which nothing proves yet.
    pub(crate) fn said(&self) -> Result<Map<String, Value>, Untrusted> {
        json::object(&decoded(self.payload)?).ok_or(Untrusted::Malformed)
    }

    /// The claims of a token that says it is signed by that algorithm, which proves nothing.
    pub(crate) fn unproven(&self, algorithm: &str) -> Option<Map<String, Value>> {
        (self.text("alg") == Some(algorithm)).then(|| self.said().ok()).flatten()
    }

    /// That it says to be of that type. What has no type of its own could be anything, and is believed nowhere.
    fn is_of(&self, typ: TokenType) -> Result<(), Untrusted> {
        let fits = typ.typ().is_some_and(|typ| self.text("typ") == Some(typ));
        if fits { Ok(()) } else { Err(Untrusted::WrongType) }
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, Untrusted> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Untrusted::Malformed)
}
