//! Secrets cannot be printed, and at rest there is only a digest.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::random::{self, Random};

/// A text that must not be shown: a password, a token as it came in, a key from the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Gives the text out. Name the reason at the place where you call this.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The kinds of random text that we hand out. Each has its own prefix, so that a scanner can find a leaked one and
/// none can be read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An authorization code.
    Code,
    /// The code that a device asks with.
    Device,
    /// A refresh token.
    Refresh,
    /// The value of a session cookie.
    Session,
    /// The secret of a client.
    ClientSecret,
    /// A secret that a tenant shares with resource servers.
    TokenSecret,
    /// An administrator's API key.
    AdminKey,
    /// What the first owner of the platform comes in with.
    Bootstrap,
    /// What ties a page to the browser that it was shown in.
    Browser,
    /// A link to the page where a person chooses a password.
    PasswordLink,
    /// What stands for a pushed authorization request.
    PushedRequest,
    /// What lets somebody register a client.
    InitialAccess,
    /// What lets a client that registered itself manage its registration.
    Registration,
    /// An access token that only its issuer can read.
    AccessToken,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "chc_",
            Self::Device => "chd_",
            Self::Refresh => "chr_",
            Self::Session => "chs_",
            Self::ClientSecret => "chx_",
            Self::TokenSecret => "cht_",
            Self::AdminKey => "cha_",
            Self::Bootstrap => "cho_",
            Self::Browser => "chb_",
            Self::PasswordLink => "chp_",
            Self::PushedRequest => "chq_",
            Self::InitialAccess => "chi_",
            Self::Registration => "chg_",
            Self::AccessToken => "chk_",
        }
    }
}

/// 256 random bits with the prefix of their kind; handed out once and never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OpaqueToken {
    kind: TokenKind,
    text: String,
}

impl OpaqueToken {
    /// A new token.
    #[must_use]
    pub fn generate(kind: TokenKind, random: &dyn Random) -> Self {
        let text = format!("{}{}", kind.prefix(), base64url(&random::bytes::<32>(random)));
        Self { kind, text }
    }

    /// A token as somebody presents it; `None` when it cannot be one of this kind.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let body = text.strip_prefix(kind.prefix())?;
        (URL_SAFE_NO_PAD.decode(body).ok()?.len() == 32).then(|| Self { kind, text: text.to_owned() })
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.kind.prefix(), self.text.as_bytes())
    }

    /// The text itself, for the one answer that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The last four characters, so that people can tell their secrets apart.
    #[must_use]
    pub fn hint(&self) -> String {
        self.text[self.text.len() - 4..].to_owned()
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueToken(..)")
    }
}

/// A secret as stored where a digest is not enough, because the server has to compute with it: sealed under the tenant's
/// key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(pub Vec<u8>);

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSecret(..)")
    }
}

/// SHA-256 of a token of 256 random bits. Equality takes the same time wherever two digests differ.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests `bytes` for one purpose: digests of different purposes never match.
    #[must_use]
    pub fn of(purpose: &str, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// A digest as stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest for storing.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The least and the greatest digest of its part: of the 256 that the first byte makes of all.
    #[must_use]
    pub const fn part(&self) -> ([u8; 32], [u8; 32]) {
        let (mut least, mut greatest) = ([0; 32], [u8::MAX; 32]);
        (least[0], greatest[0]) = (self.0[0], self.0[0]);
        (least, greatest)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// Base64url without padding (RFC 4648 section 5), the form of everything on this wire.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding; spare bits and foreign characters are refused.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (byte, value) in buffer.iter_mut().zip(0..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_secret_cannot_be_printed() {
        let token = OpaqueToken::generate(TokenKind::Code, &Counting);
        assert_eq!(format!("{token:?} {:?}", token.digest()), "OpaqueToken(..) Digest(..)");
        assert_eq!(format!("{:?}", Secret::new("hush".into())), "Secret(..)");
    }

    #[test]
    fn a_token_of_one_kind_is_none_of_another() {
        let code = OpaqueToken::generate(TokenKind::Code, &Counting);
        assert!(OpaqueToken::parse(TokenKind::Code, code.expose()).is_some());
        assert!(OpaqueToken::parse(TokenKind::Refresh, code.expose()).is_none());
        assert!(OpaqueToken::parse(TokenKind::Code, &code.expose()[..20]).is_none());
        assert!(OpaqueToken::parse(TokenKind::Code, &format!("{}=", code.expose())).is_none());
    }
}
