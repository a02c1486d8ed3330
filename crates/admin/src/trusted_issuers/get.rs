//! `GetTrustedIssuer`.

use chancery_proto::v1::{GetTrustedIssuerRequest, TrustedIssuer};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One trusted issuer.
pub(super) async fn get(cx: &Context, call: &Call, request: GetTrustedIssuerRequest) -> Result<TrustedIssuer, Refusal> {
    let (tenant, id) = name::trusted_issuer("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, &id).await?))
}
