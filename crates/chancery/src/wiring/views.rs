//! Building a tenant view from its rows.

use std::sync::Arc;

use chancery_domain::{
    claim_mapping::ClaimMappings,
    fault::Fault,
    issuer::PublicUrl,
    resource::Resources,
    tenant::Tenant,
    view::{Document, Freshness, TenantView},
};
use chancery_keys::{
    alarm,
    client_certificates::Authorities,
    client_keys::ClientKeyReader,
    encryption::{self, Opener},
    hmac::{Believer, Macs},
    jwk,
    plan::{self, Rules},
    ring::Ring,
    seal::TenantSealer,
};
use chancery_oauth::discovery::with_certificates;

use crate::config::MtlsSection;

/// Builds views.
pub(super) struct Views {
    pub(super) public_url: PublicUrl,
    pub(super) keys: Arc<chancery_keys::Context>,
    /// Where the certificates of clients reach us.
    pub(super) certificates: CertificatePlace,
}

/// Where clients show certificates.
pub(super) enum CertificatePlace {
    /// Nowhere.
    None,
    /// At the usual addresses.
    Usual,
    /// At a place of its own.
    At(PublicUrl),
}

impl CertificatePlace {
    /// As the configuration says it.
    pub(super) fn of(section: Option<&MtlsSection>) -> Self {
        let place = section.map(|mtls| mtls.public_url.clone());
        place.map_or(Self::None, |place| place.map_or(Self::Usual, Self::At))
    }
}

impl Views {
    /// The view of a tenant: seven or eight reads, the keys unwrapped, the documents written.
    pub(super) async fn build(&self, tenant: Tenant, freshness: Arc<Freshness>) -> Result<TenantView, Fault> {
        let rows = self.keys.store.read(tenant.id);
        let kek = self.keys.masters.open_kek(tenant.id, &rows.keys().kek().await?)?;
        let key_policy = rows.keys().policy().await?;
        let keys = rows.keys().all().await?;
        let scopes = rows.scopes().all().await?;
        let resources = Resources::new(rows.resources().all().await?, key_policy.token_life);
        let claim_mappings = ClaimMappings::new(rows.claim_mappings().all().await?);
        let ring = Arc::new(Ring::open(&kek, tenant.id, &keys, &self.keys.custodians)?);
        // Where the profile forbids shared secrets, those of another profile's time prove nothing.
        let shares = tenant.profile.allows_shared_secrets();
        let secrets = if shares { rows.token_secrets().all().await? } else { Vec::new() };
        let macs = Arc::new(Macs::open(&kek, tenant.id, &secrets));
        let encryption_keys = encryption::ready(&self.keys, &tenant).await?;
        let opens = tenant.takes_encrypted_requests();
        let opener = opens.then(|| Arc::new(Opener::new(&kek, tenant.id, &encryption_keys)) as _);
        let issuer = self.public_url.issuer_of(&tenant);
        let signing_algorithms = key_policy.signing_algorithms(&keys);
        let discovery =
            chancery_oauth::discovery::document(&tenant, &issuer, &signing_algorithms, &scopes, &claim_mappings);
        let (reached, certificates_at) = match &self.certificates {
            CertificatePlace::None => (false, None),
            CertificatePlace::Usual => (true, None),
            CertificatePlace::At(place) => (true, Some(place.path_issuer(&tenant.slug))),
        };
        let authorities = reached.then(|| Authorities::of(&tenant.settings.client_certificate_authorities));
        let discovery = match &authorities {
            Some(judge) => with_certificates(discovery, &tenant, judge, certificates_at.as_ref()),
            None => discovery,
        };
        let rules = Rules::of(key_policy.clone(), self.keys.margins, tenant.id, self.keys.clock.now())?;
        Ok(TenantView {
            discovery: Document::new(discovery.to_string().into_bytes()),
            jwk_set: Document::new(jwk::jwk_set(
                jwk::published(&kek, tenant.id, &keys),
                encryption::published(&kek, tenant.id, &encryption_keys),
            )),
            signer: Arc::clone(&ring) as _,
            verifier: Arc::new(Believer::new(ring, Arc::clone(&macs))),
            client_keys: Arc::new(ClientKeyReader),
            certificates_at,
            client_certificates: authorities.map(|authorities| Arc::new(authorities) as _),
            client_macs: Arc::clone(&macs) as _,
            macs,
            opener,
            sealer: Arc::new(TenantSealer::new(&kek)),
            tenant,
            issuer,
            key_policy,
            margins: self.keys.margins,
            signing_algorithms,
            alarm_until: alarm::lasts_until(&keys),
            overdue_at: plan::overdue_at(&keys, &rules),
            scopes,
            resources,
            claim_mappings,
            freshness,
        })
    }
}
