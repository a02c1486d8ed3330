//! What can be wrong with foreign key material: one variant for each fault, and a sentence that says what to do.
//!
//! No sentence holds a byte of the material. Short words of a JWK (`alg`, `use`, `crv`) are repeated when they look
//! like words.

use chancery_domain::vocabulary::Algorithm;

/// Why foreign key material is not taken. The caller is at fault, and the sentence is for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// There is nothing.
    #[error("the key material is empty")]
    Empty,
    /// More than [`super::LONGEST`] bytes.
    #[error("the key material has {bytes} bytes, and at most {} are read: give one key alone", super::LONGEST)]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Something else than a key, or a key in a form that is not read.
    #[error("this is {found}: {advice}")]
    Foreign {
        /// What it looks like.
        found: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// More than one key, or a key among other things.
    #[error("the material holds {count} {things}: give one key alone")]
    Several {
        /// How many there are.
        count: usize,
        /// Of what.
        things: &'static str,
    },
    /// The form is known, and its content is not whole.
    #[error("{what} cannot be read, it is truncated or garbled: export the key again")]
    Garbled {
        /// What was being read.
        what: &'static str,
    },
    /// A JWK with a member that stands twice.
    #[error("a member stands twice in the JWK: readers would not agree on which one counts")]
    RepeatedMember,
    /// A JWK without a member that its type needs.
    #[error("the JWK has no {member}, or it is not a string")]
    MemberMissing {
        /// The name of the member.
        member: &'static str,
    },
    /// A JWK with a number in another form than RFC 7518 asks for.
    #[error("the {member} of the JWK must be base64url without padding, with {rule}")]
    MemberMalformed {
        /// The name of the member.
        member: &'static str,
        /// What the number must be like.
        rule: &'static str,
    },
    /// A JWK that is meant for something else than signatures.
    #[error("the {member} of the JWK says {value}, so this key is not meant for signing: {member} must be {rule}")]
    NotForSigning {
        /// The name of the member.
        member: &'static str,
        /// What it says, if that can be shown.
        value: String,
        /// What it must say.
        rule: &'static str,
    },
    /// A key that everybody who verifies would hold as well.
    #[error("this is a symmetric key (oct), and tokens are signed with key pairs: give an EC, RSA or OKP key")]
    Symmetric,
    /// Encrypted, and no passphrase was given.
    #[error("the key is encrypted: give its passphrase too")]
    PassphraseMissing,
    /// Encrypted under something else.
    #[error("the passphrase does not open the key, or the key is damaged")]
    PassphraseWrong,
    /// A passphrase came with a key that needs none.
    #[error("a passphrase was given, and the key is not encrypted: leave the passphrase out if this is the right key")]
    PassphraseNeedless,
    /// Encrypted in a way that is not read.
    #[error("the key is encrypted in a way that is not read: {advice}")]
    Cipher {
        /// What to do about it.
        advice: &'static str,
    },
    /// Deriving the key from the passphrase would take too much time or memory.
    #[error(
        "the passphrase is stretched with {found}, and at most {most} is done here: encrypt the key again with less"
    )]
    Costly {
        /// What the file asks for.
        found: String,
        /// What is done at most.
        most: &'static str,
    },
    /// An RSA key serves six algorithms, and none was named.
    #[error("an RSA key can serve RS256, RS384, RS512, PS256, PS384 or PS512: name the one that it is for")]
    AlgorithmMissing,
    /// The key cannot serve the algorithm that was asked for.
    #[error("the key is {key}, and {wanted} signs {takes}")]
    WrongKey {
        /// What the key is.
        key: &'static str,
        /// The algorithm asked for.
        wanted: Algorithm,
        /// What that algorithm takes.
        takes: &'static str,
    },
    /// A JWK is for another algorithm than the one asked for.
    #[error("the alg of the JWK says {says}, and {wanted} was asked for: a key serves one algorithm")]
    OtherAlgorithm {
        /// What the JWK says.
        says: Algorithm,
        /// What was asked for.
        wanted: Algorithm,
    },
    /// A key of a kind, or on a curve, that no algorithm here signs with.
    #[error("this is {found}, which is not supported: give an RSA key, or one on P-256, P-384, P-521 or Ed25519")]
    Unsupported {
        /// The kind of key.
        found: String,
    },
    /// Too short to be safe, or too long to be quick.
    #[error("the RSA key has {bits} bits, and must have between 2048 and 8192")]
    RsaSize {
        /// The length of the modulus.
        bits: usize,
    },
    /// A public exponent with which nobody should sign.
    #[error("the public exponent of the RSA key is {exponent}, and must be odd, at least 65537 and below 2^33")]
    RsaExponent {
        /// The exponent, or its length where it is long.
        exponent: String,
    },
    /// No product of two odd primes.
    #[error("the modulus of the RSA key is even, so it is no product of two large primes: the key is broken")]
    RsaModulusEven,
    /// More than two primes.
    #[error("the RSA key has more than two primes: make a key with two")]
    RsaMultiPrime,
    /// Numbers that are not of one key.
    #[error("the numbers of the RSA key do not belong together: its {wrong}")]
    RsaInconsistent {
        /// Which of them.
        wrong: &'static str,
    },
    /// Numbers that belong together, and that others can find as well.
    #[error("the RSA key can be broken by anybody, because {weakness}: make a new one")]
    RsaWeak {
        /// What is wrong with it.
        weakness: &'static str,
    },
    /// A public key that is no point.
    #[error("the public key is not a point of {curve} that one can verify with: the key is broken")]
    PointOffCurve {
        /// The curve.
        curve: &'static str,
    },
    /// A private key that is zero, or too large for its curve.
    #[error("the private number does not lie in the range of {curve}: the key is broken, or of another curve")]
    ScalarOutOfRange {
        /// The curve.
        curve: &'static str,
    },
    /// Private and public part of different keys.
    #[error("the public part does not belong to the private part: the key was put together wrongly")]
    PublicMismatch,
    /// All seems well, and yet what it signs does not verify.
    #[error("a signature made with the key does not verify: the key is broken")]
    DoesNotSign,
}

impl ImportError {
    pub(super) const fn garbled(what: &'static str) -> Self {
        Self::Garbled { what }
    }

    pub(super) fn unsupported(found: impl Into<String>) -> Self {
        Self::Unsupported { found: found.into() }
    }
}
