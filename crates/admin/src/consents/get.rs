//! `GetConsent`.

use chancery_proto::v1::{Consent, GetConsentRequest};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One consent.
pub(super) async fn get(cx: &Context, call: &Call, request: GetConsentRequest) -> Result<Consent, Refusal> {
    let (tenant, user, client) = name::consent("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, user, &client).await?))
}
