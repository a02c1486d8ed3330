//! Authorities, and the certificates that they give out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chancery_domain::{secret::base64url, time::Clock as _};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, PublicKeyData as _,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::callers::Now;

const DAY: Duration = Duration::from_secs(86_400);

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its private key.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: Vec<u8>,
    point: Vec<u8>,
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(Now.now().millis().unsigned_abs())
}

/// What is asked of an authority: names, and a life of a day.
pub(crate) fn wanted(names: &[&str]) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.not_before = (now() - DAY).into();
    params.not_after = (now() + DAY).into();
    params.distinguished_name = DistinguishedName::new();
    Ok(params)
}

/// One that ended an hour ago.
pub(crate) fn ended(mut params: CertificateParams) -> CertificateParams {
    params.not_after = (now() - Duration::from_secs(3600)).into();
    params
}

/// The same with that distinguished name, in the order of the certificate.
pub(crate) fn named(mut params: CertificateParams, name: &[(DnType, &str)]) -> CertificateParams {
    for (kind, value) in name {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params
}

impl Authority {
    /// A new one.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let mut params = wanted(&[])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// What tenants believe it by.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Gives out a certificate.
    pub(crate) fn gives(&self, params: &CertificateParams) -> Result<Shown> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Shown::of(&certificate, &key))
    }

    /// One with those alternative names and nothing odd.
    pub(crate) fn gives_to(&self, names: &[&str]) -> Result<Shown> {
        self.gives(&wanted(names)?)
    }
}

impl Shown {
    fn of(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().to_vec(),
            point: key.der_bytes().to_vec(),
        }
    }

    /// One of its holder's own making.
    pub(crate) fn of_its_own(params: &CertificateParams) -> Result<Self> {
        Self::renewed(params, &KeyPair::generate()?)
    }

    /// The same with a key that there is already.
    pub(crate) fn renewed(params: &CertificateParams, key: &KeyPair) -> Result<Self> {
        Ok(Self::of(&params.self_signed(key)?, key))
    }

    /// Certificate and key, one behind the other.
    pub(crate) fn pem(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }

    /// As a byte sequence of a header (RFC 9440 section 2.2).
    pub(crate) fn header(&self) -> String {
        format!(":{}:", STANDARD.encode(&self.der))
    }

    /// What tokens are bound to (RFC 8705 section 3.1).
    pub(crate) fn thumbprint(&self) -> String {
        base64url(&Sha256::digest(&self.der))
    }

    /// The JWK of its key, which is on P-256.
    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.point[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    /// The same with the certificate itself.
    pub(crate) fn jwk_with_certificate(&self) -> Value {
        let mut jwk = self.jwk();
        jwk["x5c"] = json!([STANDARD.encode(&self.der)]);
        jwk
    }
}
