//! `DeleteUser`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteUserRequest;

use super::{ending, find::find, message};
use crate::{call::Call, context::Context, etag, name, previews, reach, status::Refusal};

/// Removes a user with sessions, consents and grants.
pub(crate) async fn delete(cx: &Context, call: &Call, request: DeleteUserRequest) -> Result<(), Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let (tenant, id) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    // Ended before they go, so that whoever follows the changes hears of it.
    ending::end_everything(&*tx, &*cx.random, &tenant, id, now).await?;
    tx.users().delete(id, stored.version).await?;
    let event = reached.event(now, Action::Deleted).between(stored.version, None);
    tx.audit(event.about(Noun::User, &id)).await?;
    Ok(tx.commit().await?)
}
