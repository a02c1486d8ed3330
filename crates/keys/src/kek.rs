//! A tenant's own key: everything that is secret at rest at a tenant is sealed under keys derived from it.

use std::fmt;

use aws_lc_rs::hmac;
use chancery_domain::{
    encryption_key::{EncryptionKey, EncryptionKind},
    fault::Fault,
    id::{KeyId, TenantId},
    key::{Key, SealedPrivateKey},
    vocabulary::Algorithm,
};
use zeroize::Zeroizing;

use crate::{
    envelope::{self, Root, bound_to},
    private_part::PrivatePart,
};

/// A tenant's key, opened. It cannot be printed, and gives out nothing but what it opens.
#[derive(Clone)]
pub struct TenantKek(Root);

impl TenantKek {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(Root::new(b"chancery tenant key", secret))
    }

    pub(crate) const fn root(&self) -> &Root {
        &self.0
    }

    /// Seals the private part of a key for its own row.
    pub(crate) fn seal_private(
        &self,
        tenant: TenantId,
        id: &KeyId,
        algorithm: Algorithm,
        private: &PrivatePart,
    ) -> Result<SealedPrivateKey, Fault> {
        let key = self.0.derive("signing-key")?;
        envelope::seal(&key, &self.row(tenant, id, algorithm)?, &private.bytes()).map(SealedPrivateKey)
    }

    /// Opens the private part of that row. One that was moved from another tenant or row does not open.
    pub(crate) fn open_private(&self, tenant: TenantId, key: &Key) -> Result<PrivatePart, Fault> {
        let sealed = key.private.as_ref().ok_or_else(|| Fault::bug("an active key has no private part"))?;
        let opening = self.0.derive("signing-key")?;
        let bytes = envelope::open(&opening, &self.row(tenant, &key.id, key.algorithm)?, &sealed.0);
        PrivatePart::read(bytes.ok_or_else(|| Fault::bug("a private key does not open in its row"))?)
    }

    /// The seal of a public row: a MAC over what verifiers will believe.
    pub(crate) fn seal_public(
        &self,
        tenant: TenantId,
        id: &KeyId,
        algorithm: Algorithm,
        jwk: &str,
    ) -> Result<Vec<u8>, Fault> {
        let row = public_row(tenant, id, algorithm, jwk);
        Ok(hmac::sign(&self.public_seal_key()?, &row).as_ref().to_vec())
    }

    /// Whether the public row is one that we sealed.
    pub(crate) fn believes(&self, tenant: TenantId, key: &Key) -> bool {
        let row = public_row(tenant, &key.id, key.algorithm, &key.public_jwk);
        self.public_seal_key().is_ok_and(|seal| hmac::verify(&seal, &row, &key.public_seal).is_ok())
    }

    /// Seals the private part of a key that others encrypt to, for its own row.
    pub(crate) fn seal_decrypting(
        &self,
        tenant: TenantId,
        id: &KeyId,
        kind: EncryptionKind,
        pkcs8: &[u8],
    ) -> Result<SealedPrivateKey, Fault> {
        let key = self.0.derive("encryption-key")?;
        envelope::seal(&key, &encryption_row(tenant, id, kind, ""), pkcs8).map(SealedPrivateKey)
    }

    /// Opens the private part of that row; none where it was sealed for another.
    pub(crate) fn open_decrypting(&self, tenant: TenantId, key: &EncryptionKey) -> Option<Zeroizing<Vec<u8>>> {
        let opening = self.0.derive("encryption-key").ok()?;
        envelope::open(&opening, &encryption_row(tenant, &key.id, key.kind, ""), &key.private.0)
    }

    /// The seal of the public row of such a key.
    pub(crate) fn seal_encrypting(
        &self,
        tenant: TenantId,
        id: &KeyId,
        kind: EncryptionKind,
        jwk: &str,
    ) -> Result<Vec<u8>, Fault> {
        Ok(hmac::sign(&self.public_seal_key()?, &encryption_row(tenant, id, kind, jwk)).as_ref().to_vec())
    }

    /// Whether the public row of such a key is one that we sealed.
    pub(crate) fn believes_encrypting(&self, tenant: TenantId, key: &EncryptionKey) -> bool {
        let row = encryption_row(tenant, &key.id, key.kind, &key.public_jwk);
        self.public_seal_key().is_ok_and(|seal| hmac::verify(&seal, &row, &key.public_seal).is_ok())
    }

    fn public_seal_key(&self) -> Result<hmac::Key, Fault> {
        Ok(hmac::Key::new(hmac::HMAC_SHA256, self.0.derive("public-row")?.as_slice()))
    }

    /// What a sealed private key is bound to; the last field names this very key.
    fn row(&self, tenant: TenantId, id: &KeyId, algorithm: Algorithm) -> Result<Vec<u8>, Fault> {
        let name = self.0.derive("name")?;
        let (tenant, algorithm) = (tenant.uuid(), algorithm.as_str().as_bytes());
        let fields = [tenant.as_bytes(), id.as_str().as_bytes(), algorithm, b"sig", &name[..8]];
        Ok(bound_to("signing-key", &fields))
    }
}

impl fmt::Debug for TenantKek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantKek(..)")
    }
}

fn public_row(tenant: TenantId, id: &KeyId, algorithm: Algorithm, jwk: &str) -> Vec<u8> {
    let algorithm = algorithm.as_str().as_bytes();
    bound_to("public-row", &[tenant.uuid().as_bytes(), id.as_str().as_bytes(), algorithm, jwk.as_bytes()])
}

fn encryption_row(tenant: TenantId, id: &KeyId, kind: EncryptionKind, jwk: &str) -> Vec<u8> {
    let tenant = tenant.uuid();
    let fields = [tenant.as_bytes(), id.as_str().as_bytes(), kind.label().as_bytes(), jwk.as_bytes()];
    bound_to("encryption-key", &fields)
}

#[cfg(test)]
mod tests {
    use chancery_domain::{
        key::{Origin, PublicKey},
        time::Timestamp,
    };
    use chancery_testkit::SeededRandom;
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn every_field_of_a_row_is_sealed() {
        let (kek, random, now) = (TenantKek::new(&[1; 32]), SeededRandom::new(1), Timestamp::from_seconds(0));
        let [acme, globex] = [TenantId::generate(&random, now), TenantId::generate(&random, now)];
        let [id, other] = [KeyId::generate(&random), KeyId::generate(&random)];
        let seal = kek.seal_public(acme, &id, Algorithm::Es256, "{}").expect("seals");
        let private = PrivatePart::Here(Zeroizing::new(vec![0x30]));
        let private = kek.seal_private(acme, &id, Algorithm::Es256, &private).expect("seals");
        let row = |id: &KeyId, algorithm, jwk: &str| {
            let (id, seal) = (id.clone(), seal.clone());
            let public = PublicKey { id, algorithm, jwk: jwk.into(), thumbprint: None, seal };
            Key::generated(public, Some(private.clone()), Origin::Made, now)
        };
        let good = row(&id, Algorithm::Es256, "{}");
        assert!(kek.believes(acme, &good) && kek.open_private(acme, &good).is_ok());

        for (tenant, key) in [
            (globex, good.clone()),
            (acme, row(&other, Algorithm::Es256, "{}")),
            (acme, row(&id, Algorithm::Es384, "{}")),
        ] {
            assert!(!kek.believes(tenant, &key) && kek.open_private(tenant, &key).is_err());
        }
        assert!(!kek.believes(acme, &row(&id, Algorithm::Es256, "{ }")));
        let neighbour = TenantKek::new(&[2; 32]);
        assert!(!neighbour.believes(acme, &good) && neighbour.open_private(acme, &good).is_err());
    }
}
