//! The thumbprint of a key (RFC 7638): the same numbers have the same one, whatever else a JWK says.

use aws_lc_rs::digest::{SHA256, digest};
use chancery_domain::{confirmation::Thumbprint, fault::Fault, vocabulary::Algorithm};
use serde::Serialize;

use super::{Curve, Jwk, Numbers};

/// The members that count, in the order of their names (RFC 7638 section 3.2, RFC 8037 section 2, RFC 9964 section 6).
#[derive(Serialize)]
#[serde(untagged)]
enum Required<'a> {
    Rsa { e: &'a str, kty: &'static str, n: &'a str },
    Ec { crv: Curve, kty: &'static str, x: &'a str, y: &'a str },
    Okp { crv: Curve, kty: &'static str, x: &'a str },
    Akp { alg: Algorithm, kty: &'static str, r#pub: &'a str },
}

impl Jwk {
    /// The thumbprint with SHA-256, in base64url.
    pub(crate) fn thumbprint(&self) -> Result<String, Fault> {
        self.numbers.thumbprint(self.alg).map(|thumbprint| thumbprint.to_string())
    }
}

impl Numbers {
    /// The thumbprint with SHA-256 of a key of that algorithm.
    pub(crate) fn thumbprint(&self, algorithm: Algorithm) -> Result<Thumbprint, Fault> {
        let required = match self {
            Self::Rsa { n, e } => Required::Rsa { e, kty: "RSA", n },
            Self::Ec { crv, x, y } => Required::Ec { crv: *crv, kty: "EC", x, y },
            Self::Okp { crv, x } => Required::Okp { crv: *crv, kty: "OKP", x },
            Self::Akp { public } => Required::Akp { alg: algorithm, kty: "AKP", r#pub: public },
        };
        let json = serde_json::to_vec(&required).map_err(|error| Fault::broken("a JWK could not be written", error))?;
        let digest = digest(&SHA256, &json);
        let bytes = digest.as_ref().try_into().map_err(|_| Fault::bug("a digest has another length"))?;
        Ok(Thumbprint::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::{id::KeyId, random::Random};

    use super::*;
    use crate::generate::KeyPair;

    /// A seed of zeros, as the examples of RFC 9964 have it.
    struct Zeros;

    impl Random for Zeros {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    /// The examples of RFC 9964 appendix A.1: seed, public key and thumbprint hang together.
    #[test]
    fn ml_dsa_keys_are_those_of_the_rfc() {
        let examples = [
            (Algorithm::MlDsa44, "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"),
            (Algorithm::MlDsa65, "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM"),
        ];
        for (algorithm, thumbprint) in examples {
            let numbers = KeyPair::make(algorithm.into(), &Zeros).expect("a pair").numbers().clone();
            let jwk = Jwk::new(KeyId::generate(&Zeros), algorithm, numbers);
            assert_eq!(jwk.thumbprint().expect("a thumbprint"), thumbprint);
        }
    }

    /// The examples of RFC 7638 section 3.1 and RFC 8037 appendix A.3.
    #[test]
    fn nothing_but_the_numbers_counts() {
        let rsa = concat!(
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6t"#,
            "Soc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY",
            "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcR",
            r#"wr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","use":"sig","alg":"RS256","kid":"2011"}"#,
        );
        let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig","alg":"EdDSA","kid":"k"}"#;
        let examples =
            [(rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), (ed, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")];
        for (jwk, thumbprint) in examples {
            let jwk: Jwk = serde_json::from_str(jwk).expect("a JWK");
            assert_eq!(jwk.thumbprint().expect("a thumbprint"), thumbprint);
        }
    }
}
