//! The settings of a tenant's authorization endpoint.

use std::collections::BTreeSet;

use chancery_domain::{tenant::TenantSettings, vocabulary::ResponseType};
use chancery_proto::v1;

use crate::status::Refusal;

/// The response types that were sent.
pub(super) fn response_types(sent: &v1::TenantSettings) -> Result<BTreeSet<ResponseType>, Refusal> {
    const FIELD: &str = "tenant.settings.response_types";
    let mut wrong = Vec::new();
    let mut read = BTreeSet::new();
    for (at, one) in sent.response_types.iter().enumerate() {
        match one.parse::<ResponseType>() {
            Ok(response_type) => drop(read.insert(response_type)),
            Err(malformed) => wrong.push((format!("{FIELD}[{at}]"), malformed.rule)),
        }
    }
    if !wrong.is_empty() {
        return Err(Refusal::fields(wrong));
    }
    TenantSettings::offering(read).map_err(|malformed| Refusal::malformed(FIELD, &malformed))
}

/// The address of the tenant's sign-up page, where one was sent.
pub(super) fn sign_up_uri(sent: &v1::TenantSettings) -> Result<Option<String>, Refusal> {
    if sent.sign_up_uri.is_empty() {
        return Ok(None);
    }
    let read = TenantSettings::read_sign_up_uri(&sent.sign_up_uri);
    read.map(Some).map_err(|malformed| Refusal::malformed("tenant.settings.sign_up_uri", &malformed))
}
