//! Which algorithms a key can serve, and which one it is to serve.

use chancery_domain::vocabulary::Algorithm;

use super::error::ImportError;
use crate::jwk::Curve;

/// The kinds of keys that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    /// RSA, bound to PSS by its own identifier.
    RsaPss,
    On(Curve),
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

const KINDS: [Kind; 8] = [
    Kind::On(Curve::P256),
    Kind::On(Curve::P384),
    Kind::On(Curve::P521),
    Kind::On(Curve::Ed25519),
    Kind::Rsa,
    Kind::MlDsa44,
    Kind::MlDsa65,
    Kind::MlDsa87,
];

impl Kind {
    const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Rsa => &[
                Algorithm::Rs256,
                Algorithm::Rs384,
                Algorithm::Rs512,
                Algorithm::Ps256,
                Algorithm::Ps384,
                Algorithm::Ps512,
            ],
            Self::RsaPss => &[Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512],
            Self::On(Curve::P256) => &[Algorithm::Es256],
            Self::On(Curve::P384) => &[Algorithm::Es384],
            Self::On(Curve::P521) => &[Algorithm::Es512],
            Self::On(Curve::Ed25519) => &[Algorithm::EdDsa],
            Self::MlDsa44 => &[Algorithm::MlDsa44],
            Self::MlDsa65 => &[Algorithm::MlDsa65],
            Self::MlDsa87 => &[Algorithm::MlDsa87],
        }
    }

    /// The kind, to follow "the key is".
    const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "an RSA key",
            Self::RsaPss => "an RSA key bound to PSS",
            Self::On(Curve::P256) => "on P-256",
            Self::On(Curve::P384) => "on P-384",
            Self::On(Curve::P521) => "on P-521",
            Self::On(Curve::Ed25519) => "on Ed25519",
            Self::MlDsa44 => "an ML-DSA-44 key",
            Self::MlDsa65 => "an ML-DSA-65 key",
            Self::MlDsa87 => "an ML-DSA-87 key",
        }
    }

    /// What an algorithm of this kind takes, to follow "signs".
    const fn taken(self) -> &'static str {
        match self {
            Self::Rsa => "with an RSA key that is free for it",
            Self::RsaPss => "with an RSA key",
            Self::On(_) => self.name(),
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => "with a key of its own parameter set",
        }
    }

    /// The algorithm that the key will serve: the one asked for, else the one it names, else the only one it can.
    pub(super) fn algorithm(
        self,
        says: Option<Algorithm>,
        wanted: Option<Algorithm>,
    ) -> Result<Algorithm, ImportError> {
        let chosen = match (says, wanted) {
            (Some(says), Some(wanted)) if says != wanted => return Err(ImportError::OtherAlgorithm { says, wanted }),
            (Some(algorithm), _) | (None, Some(algorithm)) => algorithm,
            (None, None) => match self.algorithms() {
                [only] => *only,
                _ => return Err(ImportError::AlgorithmMissing),
            },
        };
        if self.algorithms().contains(&chosen) {
            return Ok(chosen);
        }
        let kind = KINDS.iter().find(|kind| kind.algorithms().contains(&chosen));
        let takes = kind.map_or("with a key of another kind", |kind| kind.taken());
        Err(ImportError::WrongKey { key: self.name(), wanted: chosen, takes })
    }
}

/// The curve, as people call it.
pub(super) const fn curve_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
        Curve::Ed25519 => "Ed25519",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_wrong_curve_is_named_with_what_is_asked_of_it() {
        let says = |kind: Kind, wanted| kind.algorithm(None, Some(wanted)).expect_err("refused").to_string();
        let p384 = Kind::On(Curve::P384);
        assert_eq!(says(p384, Algorithm::Es256), "the key is on P-384, and ES256 signs on P-256");
        assert_eq!(says(Kind::Rsa, Algorithm::EdDsa), "the key is an RSA key, and EdDSA signs on Ed25519");
        let pss = "the key is an RSA key bound to PSS, and RS256 signs with an RSA key that is free for it";
        assert_eq!(says(Kind::RsaPss, Algorithm::Rs256), pss);
    }

    #[test]
    fn every_algorithm_that_makes_key_pairs_has_a_kind() {
        for kind in KINDS {
            for algorithm in kind.algorithms() {
                assert_eq!(kind.algorithm(Some(*algorithm), Some(*algorithm)), Ok(*algorithm));
                assert_eq!(kind.algorithm(None, Some(*algorithm)), Ok(*algorithm));
            }
        }
        assert_eq!(Kind::Rsa.algorithm(None, None), Err(ImportError::AlgorithmMissing));
        assert_eq!(Kind::On(Curve::P521).algorithm(None, None), Ok(Algorithm::Es512));
    }
}
