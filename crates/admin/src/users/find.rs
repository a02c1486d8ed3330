//! Finding the user that a call names.

use chancery_domain::{id::UserId, user::User};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The user.
pub(crate) async fn find(reached: &Reached<'_>, id: UserId) -> Result<User, Refusal> {
    let found = reached.read().users().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "users", id);
    found.ok_or_else(|| Refusal::not_found(Reason::UserNotFound, "User", &name()))
}
