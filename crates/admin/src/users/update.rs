//! `UpdateUser`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{self, UpdateUserRequest};

use super::{FIELDS, find::find, message};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes username, email or claims.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateUserRequest) -> Result<v1::User, Refusal> {
    let now = cx.clock.now();
    let sent = request.user.unwrap_or_default();
    let (tenant, id) = name::user("user.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "user", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let before = stored.email.clone();
    let mut user = message::read(wanted, stored)?;
    // That the old address was proven says nothing about a new one.
    user.email_verified &= user.email == before || sent.email_verified;

    let tx = reached.begin().await?;
    let updated = tx.users().update(&user, now).await;
    let version = updated.map_err(|error| Refusal::from(error).about("User", &sent.name))?;
    let event = reached.event(now, Action::Updated).between(user.version, version);
    tx.audit(event.about(Noun::User, &user.id)).await?;
    let answer = message::of_written(&tenant, user, version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
