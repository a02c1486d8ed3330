//! `GetKeyPolicy`.

use chancery_keys::plan::Rules;
use chancery_proto::v1::{GetKeyPolicyRequest, KeyPolicy};

use super::policy_message as message;
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// The policy.
pub(super) async fn get_policy(cx: &Context, call: &Call, request: GetKeyPolicyRequest) -> Result<KeyPolicy, Refusal> {
    let reached = reach::readable(cx, call, &name::key_policy("name", &request.name)?).await?;
    let rows = reached.read();
    let (policy, keys) = (rows.keys().policy().await?, rows.keys().all().await?);
    let now = cx.clock.now();
    let rules = Rules::of(policy, cx.keys.margins, reached.tenant.id, now)?;
    Ok(message::of(&reached.tenant, &rules, &keys, now))
}
