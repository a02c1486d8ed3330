//! `GetClaimMapping`.

use chancery_proto::v1::{ClaimMapping, GetClaimMappingRequest};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One claim mapping.
pub(super) async fn get(cx: &Context, call: &Call, request: GetClaimMappingRequest) -> Result<ClaimMapping, Refusal> {
    let (tenant, id) = name::claim_mapping("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, &id).await?))
}
