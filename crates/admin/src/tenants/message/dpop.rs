//! What a tenant makes of DPoP proofs, as message and back.

use chancery_domain::tenant::DpopPolicy;
use chancery_proto::v1::{self, tenant_settings::DpopPolicy as Sent};

use crate::status::Refusal;

pub(super) const fn of(policy: DpopPolicy) -> Sent {
    match policy {
        DpopPolicy::Off => Sent::Off,
        DpopPolicy::Offered => Sent::Offered,
        DpopPolicy::Required => Sent::Required,
    }
}

pub(super) fn read(sent: &v1::TenantSettings) -> Result<DpopPolicy, Refusal> {
    match Sent::try_from(sent.dpop) {
        Ok(Sent::Unspecified | Sent::Offered) => Ok(DpopPolicy::Offered),
        Ok(Sent::Off) => Ok(DpopPolicy::Off),
        Ok(Sent::Required) => Ok(DpopPolicy::Required),
        Err(_) => Err(Refusal::field("tenant.settings.dpop", "must be a policy that this server knows")),
    }
}
