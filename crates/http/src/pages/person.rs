//! How somebody who is signed in is shown to themselves.

use chancery_domain::{fault::Fault, session::Session, user::User};

use crate::extract::visit::Visit;

/// Their name where they have one, else what they sign in with.
pub(super) async fn name_of(visit: &Visit, session: &Session) -> Result<String, Fault> {
    let user = visit.front.oauth.store.read(visit.view.tenant.id).users().find(session.user).await?;
    Ok(user.as_ref().map(of).unwrap_or_default())
}

/// The same, of a user at hand.
pub(super) fn of(user: &User) -> String {
    let named = |name| user.claim(name)?.as_str().map(str::to_owned);
    named("name").or_else(|| named("preferred_username")).unwrap_or_default()
}
