//! Published keys (RFC 7517, RFC 7518, RFC 8037, RFC 9964), each bound to what it may verify.

use std::fmt;

use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// Signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 9964) that a token may be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the registry")]
pub enum Algorithm {
    Es256,
    Es384,
    Es512,
    EdDsa,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// How a key of one kind is read.
enum Scheme {
    /// `kty` EC on that curve, whose coordinates have so many bytes.
    Ec(&'static str, usize, &'static EcdsaVerificationAlgorithm),
    /// `kty` OKP on Ed25519.
    Ed(&'static dyn VerificationAlgorithm),
    /// `kty` AKP, with the length of the public key in bytes. The key names its algorithm.
    Akp(usize, &'static dyn VerificationAlgorithm),
    /// `kty` RSA.
    Rsa(&'static RsaParameters),
}

impl Algorithm {
    /// Every one of them.
    pub const ALL: [Self; 13] = [
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The name in the registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// The algorithm of that name. Ed25519 by its own name (RFC 9864) is `EdDSA`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    const fn scheme(self) -> Scheme {
        match self {
            Self::Es256 => Scheme::Ec("P-256", 32, &signature::ECDSA_P256_SHA256_FIXED),
            Self::Es384 => Scheme::Ec("P-384", 48, &signature::ECDSA_P384_SHA384_FIXED),
            Self::Es512 => Scheme::Ec("P-521", 66, &signature::ECDSA_P521_SHA512_FIXED),
            Self::EdDsa => Scheme::Ed(&signature::ED25519),
            Self::Rs256 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Self::Ps256 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
            Self::MlDsa44 => Scheme::Akp(1312, &signature::ML_DSA_44),
            Self::MlDsa65 => Scheme::Akp(1952, &signature::ML_DSA_65),
            Self::MlDsa87 => Scheme::Akp(2592, &signature::ML_DSA_87),
        }
    }
}

/// A key as published.
#[derive(Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    #[serde(rename = "pub")]
    public: Option<String>,
}

/// A key ready to verify.
pub(crate) struct VerifyingKey {
    pub(crate) id: Option<String>,
    schemes: Vec<(Algorithm, ParsedPublicKey)>,
}

impl VerifyingKey {
    /// Makes a key ready for those of the allowed algorithms that fit it. `None` when there is none: such a key is for
    /// something else.
    pub(crate) fn read(jwk: Jwk, allowed: &[Algorithm]) -> Option<Self> {
        let signs = jwk.usage.as_deref().is_none_or(|usage| usage == "sig")
            && jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let named = jwk.alg.as_deref().map(Algorithm::from_name);
        let fits = |algorithm: &&Algorithm| named.is_none_or(|named| named == Some(**algorithm));
        let schemes: Vec<_> =
            allowed.iter().filter(fits).filter_map(|algorithm| Some((*algorithm, jwk.parse(*algorithm)?))).collect();
        (signs && !schemes.is_empty()).then_some(Self { id: jwk.kid, schemes })
    }

    /// Whether it verifies that algorithm.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.schemes.iter().any(|(own, _)| *own == algorithm)
    }

    /// Whether it signed that message.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let mut keys = self.schemes.iter().filter(|(own, _)| *own == algorithm);
        keys.any(|(_, key)| key.verify_sig(message, signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Jwk {
    fn parse(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match algorithm.scheme() {
            Scheme::Ec(curve, size, scheme) => {
                let (x, y) = (bytes(self.x.as_deref())?, bytes(self.y.as_deref())?);
                let fits = self.kty == "EC" && self.crv.as_deref() == Some(curve) && x.len() == size && y.len() == size;
                let point = [[4].as_slice(), &x, &y].concat();
                fits.then(|| ParsedPublicKey::new(scheme, point).ok())?
            }
            Scheme::Ed(scheme) => {
                let fits = self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519");
                let x = bytes(self.x.as_deref())?;
                (fits && x.len() == 32).then(|| ParsedPublicKey::new(scheme, x).ok())?
            }
            Scheme::Akp(size, scheme) => {
                // RFC 9964 section 3: without `alg` the key is of no kind.
                let fits = self.kty == "AKP" && self.alg.as_deref() == Some(algorithm.name());
                let public = bytes(self.public.as_deref())?;
                (fits && public.len() == size).then(|| ParsedPublicKey::new(scheme, public).ok())?
            }
            Scheme::Rsa(scheme) => {
                let (n, e) = (bytes(self.n.as_deref())?, bytes(self.e.as_deref())?);
                let components = RsaPublicKeyComponents { n, e };
                (self.kty == "RSA").then(|| components.to_parsed_public_key(scheme).ok())?
            }
        }
    }
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}
