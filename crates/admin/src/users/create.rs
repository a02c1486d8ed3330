//! `CreateUser`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::UserId,
    user::{Login, User},
};
use chancery_proto::v1::{self, CreateUserRequest};

use super::message;
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name,
    reach::{self, Reached},
    status::Refusal,
};

/// Enters a user, who has no password yet: that is theirs to choose.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateUserRequest) -> Result<v1::User, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &CreateUserRequest) -> Result<v1::User, Refusal> {
    let reached = &errand.reached;
    let cx = reached.cx;
    let now = cx.clock.now();
    let sent = request.user.clone().unwrap_or_default();
    let user = User::new(UserId::generate(&*cx.random, now), message::username(&sent)?, now);
    let user = message::read(sent, user)?;
    let about = |error: WriteError| Refusal::from(error).about("User", &request.parent);
    // Asked for the sake of those who only try; the insert is what decides.
    if is_taken(reached, &user).await? {
        return Err(about(WriteError::Taken(Noun::User)));
    }
    let answer = message::of(&reached.tenant.slug, &user);
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    tx.users().insert(&user).await.map_err(about)?;
    let event = reached.event(now, Action::Created).between(None, user.version);
    tx.audit(event.about(Noun::User, &user.id)).await?;
    errand.commit(tx, answer, now).await
}

async fn is_taken(reached: &Reached<'_>, user: &User) -> Result<bool, Refusal> {
    let rows = reached.read();
    if rows.users().find_by_login(&Login::Username(user.username.clone())).await?.is_some() {
        return Ok(true);
    }
    match &user.email {
        Some(email) => Ok(rows.users().find_by_login(&Login::Email(email.clone())).await?.is_some()),
        None => Ok(false),
    }
}
