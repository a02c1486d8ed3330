//! An authorization code: short-lived, bound to its request, good for one use.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    claims_request::ClaimsRequest,
    confirmation::Confirmation,
    fault::Malformed,
    id::{ClientUid, GrantId, SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{Digest, base64url},
    time::Timestamp,
    vocabulary::Acr,
};

/// A code as stored.
#[derive(Clone, Debug)]
pub struct Code {
    /// Digest of the code.
    pub digest: Digest,
    /// The grant that its redemption makes.
    pub grant: GrantId,
    /// Whether that grant is there already, because an access token of it left beside the code.
    pub grant_begun: bool,
    /// Who may redeem it.
    pub client: ClientUid,
    /// Who gave it.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// Whether the authorization request named the redirect URI, so that the token request must too.
    pub redirect_uri_asked: bool,
    /// The challenge of the request, where it had one.
    pub challenge: Option<Challenge>,
    /// The nonce of the request, where it had one.
    pub nonce: Option<String>,
    /// What was authorized.
    pub scopes: ScopeSet,
    /// The resources that the authorization request named (RFC 8707 section 2.1); empty where it named none.
    pub resources: ResourceSet,
    /// When the user proved who they are.
    pub authenticated_at: Timestamp,
    /// How they proved it.
    pub amr: Vec<String>,
    /// What that proves, where the request asked to be told: the claim `acr`.
    pub acr: Option<Acr>,
    /// The single claims that the request named.
    pub claims: ClaimsRequest,
    /// The key that whoever redeems it proves to have, where the request named one (RFC 9449 section 10).
    pub confirmation: Option<Confirmation>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it is too old.
    pub expires_at: Timestamp,
    /// When it was redeemed, if it was.
    pub redeemed_at: Option<Timestamp>,
}

/// A PKCE challenge of method S256 (RFC 7636 section 4.2); there is no other method here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge(String);

impl Challenge {
    /// Whether this verifier belongs to it (RFC 7636 section 4.6).
    #[must_use]
    pub fn is_met_by(&self, verifier: &Verifier) -> bool {
        base64url(&Sha256::digest(verifier.0.as_bytes())).as_bytes().ct_eq(self.0.as_bytes()).into()
    }

    /// The challenge as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Challenge {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match crate::secret::from_base64url(text) {
            Some(bytes) if bytes.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(Malformed::new("code_challenge", "must be the 43 characters of a SHA-256 in base64url")),
        }
    }
}

impl TryFrom<String> for Challenge {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        challenge.0
    }
}

/// A PKCE verifier (RFC 7636 section 4.1).
#[derive(Clone)]
pub struct Verifier(String);

impl std::str::FromStr for Verifier {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new("code_verifier", "must be 43 to 128 of A-Z, a-z, 0-9, '-', '.', '_' and '~'"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_met_by_its_verifier_alone() {
        let verifier: Verifier = "a".repeat(43).parse().expect("good");
        let challenge: Challenge = base64url(&Sha256::digest("a".repeat(43))).parse().expect("good");
        assert!(challenge.is_met_by(&verifier));
        assert!(!challenge.is_met_by(&"b".repeat(43).parse().expect("good")));
        assert!("a".repeat(42).parse::<Verifier>().is_err());
        assert!("a".repeat(42).parse::<Challenge>().is_err());
        assert!(format!("{}=", challenge.as_str()).parse::<Challenge>().is_err());
    }
}
