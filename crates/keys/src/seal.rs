//! Sealing for the other rooms: what travels through browsers, and what only the holder of a token may read.

use aws_lc_rs::hmac;
use chancery_domain::{
    fault::Fault,
    id::{TenantId, UserId},
    ports::jose::{Purpose, Sealer},
};

use crate::{
    Context,
    envelope::{self, KeyBytes, Root, bound_to},
    kek::TenantKek,
    pseudonym,
};

/// Seals under keys derived from a tenant's own, one for each purpose.
#[derive(Clone, Debug)]
pub struct TenantSealer(Root);

impl TenantSealer {
    /// The sealer of the tenant whose key this is.
    #[must_use]
    pub fn new(kek: &TenantKek) -> Self {
        Self(kek.root().clone())
    }

    /// The sealer of that tenant, for what is sealed outside its view: one read.
    pub async fn of(cx: &Context, tenant: TenantId) -> Result<Self, Fault> {
        let kek = cx.store.read(tenant).keys().kek().await?;
        Ok(Self::new(&cx.masters.open_kek(tenant, &kek)?))
    }

    fn key(&self, purpose: Purpose) -> Result<KeyBytes, Fault> {
        self.0.derive(&format!("seal:{}", purpose.label()))
    }

    /// The tenant's part is the salt and the holder's secret the material, so that neither is enough.
    fn joint_key(&self, secret: &str, purpose: Purpose) -> Result<KeyBytes, Fault> {
        let salt = self.0.derive(&format!("seal-under:{}", purpose.label()))?;
        Root::new(salt.as_slice(), secret.as_bytes()).derive(purpose.label())
    }
}

impl Sealer for TenantSealer {
    fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
        envelope::seal(&self.key(purpose)?, &bound_to(purpose.label(), &[context]), plain)
    }

    fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let key = self.key(purpose).ok()?;
        envelope::open(&key, &bound_to(purpose.label(), &[context]), sealed).map(|plain| plain.to_vec())
    }

    fn seal_under(&self, secret: &str, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        envelope::seal(&self.joint_key(secret, purpose)?, &bound_to(purpose.label(), &[]), plain)
    }

    fn open_under(&self, secret: &str, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>> {
        let key = self.joint_key(secret, purpose).ok()?;
        envelope::open(&key, &bound_to(purpose.label(), &[]), sealed).map(|plain| plain.to_vec())
    }

    fn tag(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; 32], Fault> {
        let key = self.0.derive(&format!("tag:{}", purpose.label()))?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()), text);
        tag.as_ref().try_into().map_err(|_| Fault::bug("a tag has another length"))
    }

    fn pseudonym(&self, sector: &str, user: UserId) -> Result<String, Fault> {
        pseudonym::of(&self.0, sector, user)
    }

    fn behind_pseudonym(&self, sector: &str, pseudonym: &str) -> Option<UserId> {
        pseudonym::user(&self.0, sector, pseudonym)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_context() {
        let acme = TenantSealer::new(&TenantKek::new(&[1; 32]));
        let sealed = acme.seal(Purpose::SignIn, b"browser", b"state").expect("seals");
        assert_eq!(acme.open(Purpose::SignIn, b"browser", &sealed).as_deref(), Some(b"state".as_slice()));
        assert_eq!(acme.open(Purpose::Consent, b"browser", &sealed), None);
        assert_eq!(acme.open(Purpose::SignIn, b"other browser", &sealed), None);
        let neighbour = TenantSealer::new(&TenantKek::new(&[2; 32]));
        assert_eq!(neighbour.open(Purpose::SignIn, b"browser", &sealed), None);
    }

    #[test]
    fn t138_a_tag_is_of_one_tenant_and_one_purpose() {
        let [acme, neighbour] = [[1; 32], [2; 32]].map(|key| TenantSealer::new(&TenantKek::new(&key)));
        let tag = acme.tag(Purpose::DpopNonce, b"text").expect("a tag");
        assert_eq!(acme.tag(Purpose::DpopNonce, b"text").expect("a tag"), tag);
        assert_ne!(acme.tag(Purpose::DpopNonce, b"test").expect("a tag"), tag);
        assert_ne!(acme.tag(Purpose::PageToken, b"text").expect("a tag"), tag);
        assert_ne!(neighbour.tag(Purpose::DpopNonce, b"text").expect("a tag"), tag);
    }

    #[test]
    fn what_is_sealed_under_a_secret_needs_the_tenant_and_the_secret() {
        let acme = TenantSealer::new(&TenantKek::new(&[1; 32]));
        let sealed = acme.seal_under("parent", Purpose::RefreshChild, b"child").expect("seals");
        assert_eq!(acme.open_under("parent", Purpose::RefreshChild, &sealed).as_deref(), Some(b"child".as_slice()));
        assert_eq!(acme.open_under("guess", Purpose::RefreshChild, &sealed), None);
        assert_eq!(acme.open(Purpose::RefreshChild, b"", &sealed), None);
        let neighbour = TenantSealer::new(&TenantKek::new(&[2; 32]));
        assert_eq!(neighbour.open_under("parent", Purpose::RefreshChild, &sealed), None);
    }
}
