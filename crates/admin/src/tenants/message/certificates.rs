//! The authorities whose certificates the clients of a tenant may show.

use chancery_keys::client_certificates::Authorities;
use chancery_proto::v1;

use crate::status::Refusal;

/// Those that were sent.
pub(super) fn read(sent: &v1::TenantSettings) -> Result<Vec<String>, Refusal> {
    const FIELD: &str = "tenant.settings.client_certificate_authorities";
    let texts = &sent.client_certificate_authorities;
    if texts.len() > Authorities::MOST {
        return Err(Refusal::field(FIELD, format!("must hold at most {} certificates", Authorities::MOST)));
    }
    let refused = |(at, text): (usize, &String)| {
        Authorities::check(text).err().map(|malformed| (format!("{FIELD}[{at}]"), malformed.rule))
    };
    let wrong: Vec<_> = texts.iter().enumerate().filter_map(refused).collect();
    if wrong.is_empty() { Ok(texts.clone()) } else { Err(Refusal::fields(wrong)) }
}
