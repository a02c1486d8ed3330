//! A compact JWS of a client, taken apart.

use chancery_domain::{
    ports::{
        client_jose::{ClientJws, LONGEST_TEXT, TypRule},
        jose::Untrusted,
    },
    vocabulary::{Algorithm, ClientAlgorithm},
};
use serde_json::{Map, Value};

use crate::jws::verify::Presented;

/// A JWS of the right form, believed by nobody yet. Members of its header that carry or name keys (`jku`, `x5c`, `x5u`)
/// have no place here; `jwk` has one where a key proves nothing but itself.
pub(crate) struct Signed<'a> {
    presented: Presented<'a>,
    kid: Option<String>,
    typ: Option<String>,
}

impl<'a> Signed<'a> {
    /// Takes it apart, as strictly as our own tokens.
    pub(crate) fn read(token: &'a str) -> Result<Self, Untrusted> {
        let presented = Presented::read_up_to(LONGEST_TEXT, token)?;
        let (kid, typ) = (text(presented.header(), "kid")?, text(presented.header(), "typ")?);
        Ok(Self { presented, kid, typ })
    }

    /// The algorithm that the header names, if it is one that we know.
    pub(crate) fn algorithm(&self) -> Option<ClientAlgorithm> {
        match self.presented.header().get("alg")?.as_str()? {
            // RFC 9864 section 2.2 gives EdDSA on Ed25519 a name of its own.
            "Ed25519" => Some(ClientAlgorithm::Key(Algorithm::EdDsa)),
            known => known.parse().ok(),
        }
    }

    /// The name of the key.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key that the header carries.
    pub(crate) fn own_key(&self) -> Option<&Value> {
        self.presented.header().get("jwk")
    }

    /// That its type is taken here.
    pub(crate) fn is_of(&self, rule: TypRule) -> Result<(), Untrusted> {
        if rule.admits(self.typ.as_deref()) { Ok(()) } else { Err(Untrusted::WrongType) }
    }

    /// What is signed, and the signature.
    pub(crate) fn bytes(&self) -> (&[u8], &[u8]) {
        self.presented.signed()
    }

    /// What it says.
    pub(crate) fn jws(self) -> Result<ClientJws, Untrusted> {
        let (algorithm, claims) = (self.algorithm(), self.presented.said()?);
        Ok(ClientJws { algorithm, kid: self.kid, typ: self.typ, claims })
    }
}

/// A member that is text where it is there.
fn text(header: &Map<String, Value>, member: &str) -> Result<Option<String>, Untrusted> {
    match header.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Untrusted::Malformed),
    }
}
