//! `SetUserPassword`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{self, SetUserPasswordRequest};

use super::{ending, find::find, message, password};
use crate::{call::Call, context::Context, etag, name, reach, status::Refusal};

/// Sets the password, and ends what was begun with the old one.
pub(super) async fn set_password(
    cx: &Context,
    call: &Call,
    request: SetUserPasswordRequest,
) -> Result<v1::User, Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let mut user = find(&reached, id).await?;
    etag::check(&request.etag, &message::etag(&user))?;
    user.password = Some(password::hash(cx, request.password).await?);

    let tx = reached.begin().await?;
    let version = tx.users().update(&user, now).await?;
    ending::end_everything(&*tx, id, now).await?;
    tx.audit(call.event(Some(reached.tenant.id), now, Action::PasswordSet).about(Noun::User, &id)).await?;
    tx.commit().await?;
    Ok(message::of_written(&tenant, user, version, now))
}
