//! `WatchChanges`.

use std::sync::Arc;

use chancery_domain::change::Noun;
use chancery_proto::v1::{WatchChangesRequest, WatchChangesResponse};
use tokio::time::Instant;

use super::{
    Watch, position,
    teller::{Ending, Teller, View},
};
use crate::{call::Call, name, reach, service::Answers, status::Refusal, tell};

/// How many answers wait to be read; whoever tells more waits too.
const WAITING: usize = 64;

/// Begins to tell what changes.
pub(super) async fn watch_changes(
    watch: &Watch,
    call: &Call,
    request: WatchChangesRequest,
) -> Result<Answers<WatchChangesResponse>, Refusal> {
    let cx = &watch.cx;
    let tenant = match request.parent.as_str() {
        "" => {
            reach::platform(call)?;
            None
        }
        parent => Some(reach::readable(cx, call, &name::tenant("parent", parent)?).await?.tenant.id),
    };
    let nouns = nouns(&request.nouns)?;
    let tokens = position::tokens(cx, call, tenant)?;
    let asked = match request.resume_token.as_str() {
        "" => None,
        token => Some(tokens.read(token, cx.clock.now())?),
    };
    let seat = cx.seats.take(call.caller.principal(), cx.watch.per_caller)?;
    let (listener, head) = watch.hub.listen().await?;
    if let Some(position) = asked {
        watch.hub.confirm(position.place).await?;
    }
    let (tell, last, answers) = tell::ends(WAITING);
    let teller = Teller {
        hub: Arc::clone(&watch.hub),
        view: View { tenant, nouns },
        tokens,
        limits: cx.watch,
        position: asked.unwrap_or(head),
        tell,
        spoke: Instant::now(),
    };
    let ending = Ending { cx: cx.clone(), call: call.clone(), tenant, _seat: seat };
    tokio::spawn(teller.run(listener, ending, last));
    Ok(answers)
}

fn nouns(sent: &[String]) -> Result<Vec<Noun>, Refusal> {
    let noun = |(at, label): (usize, &String)| {
        let unknown = || Refusal::field(format!("nouns[{at}]"), "must be a noun of the feed, such as `client`");
        Noun::from_label(label).ok_or_else(unknown)
    };
    sent.iter().enumerate().map(noun).collect()
}
