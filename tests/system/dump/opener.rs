//! Opens sealed keys as who has the master key can, by the written form and not by the code that sealed them: AES-256-GCM
//! (NIST SP 800-38D) under keys derived with HKDF-SHA256 (RFC 5869).

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use chancery_domain::{id::TenantId, key::Key, ports::store::SealedKek};

/// A private key that was opened.
pub(super) struct Opened {
    /// Its algorithm and id.
    pub(super) name: String,
    /// RFC 5958.
    pub(super) pkcs8: Vec<u8>,
}

/// Who has opened a tenant's own key.
pub(super) struct Opener(Vec<u8>);

impl Opener {
    /// With that master key; `None` when it is not the right one.
    pub(super) fn of_tenant(master: &[u8], tenant: TenantId, kek: &SealedKek) -> Option<Self> {
        let key = derive(&root(b"chancery master key", master), "tenant-key");
        let bound = bound_to("tenant-key", &[tenant.uuid().as_bytes(), kek.master_key.as_str().as_bytes()]);
        open(key, &bound, &kek.sealed).map(Self)
    }

    /// The tenant's own key.
    pub(super) fn secret(&self) -> &[u8] {
        &self.0
    }

    /// Opens the private part of a row, if it has one and the tenant's key is the right one.
    pub(super) fn private_key(&self, tenant: TenantId, key: &Key) -> Option<Opened> {
        let root = root(b"chancery tenant key", &self.0);
        let (tenant, algorithm, name) = (tenant.uuid(), key.algorithm.as_str(), derive(&root, "name"));
        let fields: [&[u8]; 5] =
            [tenant.as_bytes(), key.id.as_str().as_bytes(), algorithm.as_bytes(), b"sig", &name[..8]];
        let pkcs8 = open(derive(&root, "signing-key"), &bound_to("signing-key", &fields), &key.private.as_ref()?.0)?;
        Some(Opened { name: format!("{algorithm} {}", key.id), pkcs8 })
    }
}

struct Bits256;

impl KeyType for Bits256 {
    fn len(&self) -> usize {
        32
    }
}

fn root(salt: &[u8], secret: &[u8]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(secret)
}

fn derive(root: &Prk, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let info = [purpose.as_bytes()];
    root.expand(&info, Bits256).and_then(|okm| okm.fill(&mut key)).expect("32 bytes can be derived");
    key
}

fn bound_to(what: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![1];
    for field in std::iter::once(what.as_bytes()).chain(fields.iter().copied()) {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field);
    }
    bytes
}

fn open(key: [u8; 32], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.strip_prefix(&[1])?.split_at_checked(12)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
    let mut plain = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let length = key.open_in_place(nonce, Aad::from(bound), &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}
