//! Keys of ML-DSA (FIPS 204), whose private part is the seed alone (RFC 9964 section 4).

use aws_lc_rs::signature::{KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair};
use chancery_domain::secret::base64url;
use zeroize::Zeroizing;

use super::{
    super::{
        error::ImportError,
        kind::Kind,
        unproved::{MlDsaNumbers, MlDsaSet},
    },
    Proved,
};
use crate::jwk::Numbers;

pub(super) fn prove(key: &MlDsaNumbers) -> Result<Proved, ImportError> {
    let (kind, signing) = match key.set {
        MlDsaSet::Of44 => (Kind::MlDsa44, &ML_DSA_44_SIGNING),
        MlDsaSet::Of65 => (Kind::MlDsa65, &ML_DSA_65_SIGNING),
        MlDsaSet::Of87 => (Kind::MlDsa87, &ML_DSA_87_SIGNING),
    };
    let pkcs8 = if let Some(seed) = &key.seed {
        let pair = PqdsaKeyPair::from_seed(signing, seed).map_err(|_| ImportError::DoesNotSign)?;
        if pair.public_key().as_ref() != key.public {
            return Err(ImportError::PublicMismatch);
        }
        let document = pair.to_pkcs8v1().map_err(|_| ImportError::DoesNotSign)?;
        Some(Zeroizing::new(document.as_ref().to_vec()))
    } else {
        None
    };
    Ok(Proved { kind, numbers: Numbers::Akp { public: base64url(&key.public) }, pkcs8 })
}

#[cfg(test)]
mod tests {
    use super::{super::super::read, *};

    /// The example of RFC 9964 appendix A.1, whose seed is all zeros.
    #[test]
    fn the_key_of_the_rfc_is_taken_and_no_other_with_its_seed() {
        let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &[0; 32]).expect("a pair");
        let mut public = pair.public_key().as_ref().to_vec();
        let jwk = |public: &[u8], alg| {
            let (public, seed) = (base64url(public), base64url(&[0; 32]));
            format!(r#"{{"kty":"AKP","alg":"{alg}","pub":"{public}","priv":"{seed}"}}"#)
        };
        let imported = read(jwk(&public, "ML-DSA-44").as_bytes(), None, None).expect("a key");
        assert_eq!(imported.thumbprint(), "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o");

        let other_set = read(jwk(&public, "ML-DSA-65").as_bytes(), None, None).expect_err("another length");
        assert!(matches!(other_set, ImportError::MemberMalformed { member: "pub", .. }), "{other_set}");
        let other_kind = read(jwk(&public, "ES256").as_bytes(), None, None).expect_err("no ML-DSA");
        assert!(matches!(other_kind, ImportError::NotForSigning { member: "alg", .. }), "{other_kind}");
        public[40] ^= 1;
        let mismatch = read(jwk(&public, "ML-DSA-44").as_bytes(), None, None).expect_err("another key");
        assert_eq!(mismatch, ImportError::PublicMismatch);
    }
}
