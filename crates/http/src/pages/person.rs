//! How somebody who is signed in is shown to themselves.

use chancery_domain::{fault::Fault, session::Session};

use crate::extract::visit::Visit;

/// Their name where they have one, else what they sign in with.
pub(super) async fn name_of(visit: &Visit, session: &Session) -> Result<String, Fault> {
    let user = visit.front.oauth.store.read(visit.view.tenant.id).users().find(session.user).await?;
    let named = |name| user.as_ref()?.claim(name)?.as_str().map(str::to_owned);
    Ok(named("name").or_else(|| named("preferred_username")).unwrap_or_default())
}
