//! One stream: what it missed, then the news, then signs of life, until something ends it.

use std::sync::Arc;

use chancery_domain::{admin_key::AdminReach, change::Noun, fault::FeedError, id::TenantId, ports::jose::Sealer};
use chancery_proto::v1::{Change, WatchChangesResponse};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    entry::Entry,
    hub::{Hub, Listener, News},
    limits::WatchLimits,
    position::{Position, Tokens},
    seats::Seat,
};
use crate::{
    call::Call,
    context::Context,
    reach,
    status::{Reason, Refusal},
    tell::LastWord,
};

/// What a stream tells of.
pub(super) struct View {
    /// The tenant, or everything.
    pub(super) tenant: Option<TenantId>,
    /// These, or everything.
    pub(super) nouns: Vec<Noun>,
}

impl View {
    /// What is told of that here, if anything is.
    fn shown<'e>(&self, entry: &'e Entry) -> Option<&'e Change> {
        let (noun, message) = entry.told.as_ref()?;
        let here = self.tenant.is_none() || self.tenant == entry.tenant;
        (here && (self.nouns.is_empty() || self.nouns.contains(noun))).then_some(message)
    }
}

/// Tells one stream.
pub(super) struct Teller<S> {
    pub(super) hub: Arc<Hub>,
    pub(super) view: View,
    pub(super) tokens: Tokens<S>,
    pub(super) limits: WatchLimits,
    /// Everything up to there was told.
    pub(super) position: Position,
    pub(super) tell: mpsc::Sender<WatchChangesResponse>,
    /// When something was told last.
    pub(super) spoke: Instant,
}

/// What ends a stream from outside.
pub(super) struct Ending {
    pub(super) cx: Context,
    pub(super) call: Call,
    pub(super) tenant: Option<TenantId>,
    /// Kept as long as the stream runs.
    pub(super) _seat: Seat,
}

impl<S: Sealer> Teller<S> {
    /// Tells until something ends the stream, and says what did.
    pub(super) async fn run(mut self, listener: Listener, ending: Ending, last: LastWord) {
        let limits = self.limits;
        let listening = self.tell.clone();
        let ended = tokio::select! {
            refusal = self.tell_on(listener) => refusal,
            refusal = ending.when_refused(&limits) => Some(refusal),
            () = sleep(limits.life) => None,
            () = ending.cx.stop.cancelled() => None,
            () = listening.closed() => return,
        };
        match ended {
            Some(refusal) => last.say(refusal.into_status(&ending.call.trace)),
            None => {
                // Who does not read it has a token all the same.
                if let Ok(resume_token) = self.tokens.write(self.position) {
                    let answer = WatchChangesResponse { resume_token, ending: true, ..Default::default() };
                    let _ = timeout(limits.recheck, self.tell.send(answer)).await;
                }
            }
        }
    }

    /// Tells on and on; gives the refusal that ends it.
    async fn tell_on(&mut self, listener: Listener) -> Option<Refusal> {
        self.follow(listener).await.err()
    }

    async fn follow(&mut self, mut listener: Listener) -> Result<(), Refusal> {
        // At once, so that the caller can list from here on.
        self.sign_of_life().await?;
        loop {
            self.catch_up(listener.position()).await?;
            loop {
                match timeout_at(self.spoke + self.limits.heartbeat, listener.news.recv()).await {
                    Ok(Ok(News::Changed(entry))) => self.hear(&entry).await?,
                    Ok(Ok(News::Reached(position))) => self.reached(position),
                    Ok(Ok(News::Lost)) => return Err(FeedError::Lost.into()),
                    // What was missed is read from the store.
                    Ok(Err(RecvError::Lagged(_))) => break,
                    Ok(Err(RecvError::Closed)) => return Ok(()),
                    Err(_) => self.sign_of_life().await?,
                }
            }
        }
    }

    /// Reads what lies between this stream and that place.
    async fn catch_up(&mut self, until: Position) -> Result<(), Refusal> {
        while self.position.place.sequence < until.place.sequence {
            let page = self.hub.page(self.view.tenant, self.position.place).await?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                self.hear(&entry).await?;
            }
        }
        self.reached(until);
        Ok(())
    }

    /// Everything up to there was heard.
    fn reached(&mut self, position: Position) {
        if position.place.sequence >= self.position.place.sequence {
            self.position = position;
        }
    }

    async fn hear(&mut self, entry: &Entry) -> Result<(), Refusal> {
        if entry.position.place.sequence <= self.position.place.sequence {
            return Ok(());
        }
        let Some(message) = self.view.shown(entry) else {
            self.position = entry.position;
            return Ok(());
        };
        let resume_token = self.tokens.write(entry.position)?;
        let change = Some(message.clone());
        self.say(WatchChangesResponse { change, resume_token, ending: false }, entry.position).await
    }

    async fn sign_of_life(&mut self) -> Result<(), Refusal> {
        let resume_token = self.tokens.write(self.position)?;
        self.say(WatchChangesResponse { resume_token, ..Default::default() }, self.position).await
    }

    /// Says it as soon as there is room, and is then at that position: both or neither, wherever this is cut off.
    async fn say(&mut self, answer: WatchChangesResponse, position: Position) -> Result<(), Refusal> {
        match timeout(self.limits.unread, self.tell.reserve()).await {
            Ok(Ok(room)) => {
                room.send(answer);
                (self.position, self.spoke) = (position, Instant::now());
                Ok(())
            }
            // Nobody listens; `run` has seen it too.
            Ok(Err(_)) => Ok(()),
            Err(_) => {
                let message = "the answers of this stream were not read; watch again with the token of the last one";
                Err(Refusal::new(Reason::WatchUnread, message))
            }
        }
    }
}

impl Ending {
    /// Returns when the caller may not watch any more.
    async fn when_refused(&self, limits: &WatchLimits) -> Refusal {
        loop {
            sleep(limits.recheck).await;
            if let Err(refusal) = self.check().await
                // A store that is away says nothing about the caller.
                && refusal.reason() != Reason::StoreUnavailable
            {
                return refusal;
            }
        }
    }

    async fn check(&self) -> Result<(), Refusal> {
        let caller = self.call.caller.again(&self.cx).await?;
        let call = Call { caller, ..self.call.clone() };
        let Some(tenant) = self.tenant else { return reach::held(&call, AdminReach::Platform) };
        reach::held(&call, AdminReach::Tenant(tenant))?;
        let found = self.cx.platform.read().tenants().find(tenant).await?;
        match found {
            Some(_) => Ok(()),
            None => Err(Refusal::new(Reason::TenantNotFound, "the tenant is gone")),
        }
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::change::Place;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_has_no_word_here_is_passed_over() {
        let position = Position { place: Place::START, as_of: Place::START.at };
        let [here, there] = [1, 2].map(|id| TenantId::from_uuid(Uuid::from_u128(id)));
        let entry = |told| Entry { position, tenant: Some(here), told };
        let (strange, known) = (entry(None), entry(Some((Noun::User, Change::default()))));
        let shows = |tenant, nouns: &[Noun], entry| View { tenant, nouns: nouns.to_vec() }.shown(entry).is_some();
        assert!(!shows(None, &[], &strange) && !shows(Some(here), &[], &strange));
        assert!(shows(None, &[], &known) && shows(Some(here), &[Noun::User], &known));
        assert!(!shows(Some(there), &[], &known) && !shows(None, &[Noun::Scope], &known));
    }
}
