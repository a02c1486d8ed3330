//! `DeleteUser`.

use chancery_domain::{audit::Action, change::Noun, principal::Principal};
use chancery_proto::v1::DeleteUserRequest;

use super::{ending, find::find, message};
use crate::{call::Call, context::Context, etag, last_owner, name, previews, reach, status::Refusal};

/// Removes a user with sessions, consents and grants.
pub(crate) async fn delete(cx: &Context, call: &Call, request: DeleteUserRequest) -> Result<(), Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let (tenant, id) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    let tx = cx.platform.begin().await?;
    if reached.is_system() {
        last_owner::keep_without(cx, &*tx, &request.name, &Principal::User(id), now).await?;
    }
    if request.validate_only {
        return Ok(());
    }
    let rows = tx.of(reached.tenant.id);
    // Nobody begins anything for them any more.
    rows.users().hold_alone(id).await?;
    // Ended before they go, so that whoever follows the changes hears of it.
    ending::end_everything(&*rows, &*cx.random, &tenant, id, now).await?;
    rows.users().delete(id, stored.version).await?;
    let event = reached.event(now, Action::Deleted).between(stored.version, None);
    rows.audit(event.about(Noun::User, &id)).await?;
    drop(rows);
    Ok(tx.commit().await?)
}
