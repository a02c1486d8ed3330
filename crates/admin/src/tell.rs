//! The one way to answer with a stream: what is told is made as it is read, and ends with a last word where it ends badly.

use std::{future::Future, time::Duration};

use chancery_domain::fault::Fault;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    call::Call,
    context::Context,
    service::Answers,
    status::{Reason, Refusal},
};

/// Tells beside the call, for as long as somebody listens. One answer waits to be read; the next is made after that.
pub(crate) fn answers<A, T>(cx: &Context, call: &Call, telling: impl FnOnce(Tell<A>) -> T) -> Answers<A>
where
    A: Send + 'static,
    T: Future<Output = Result<(), Ended>> + Send + 'static,
{
    let (to, last, answers) = ends(1);
    let telling = telling(Tell { to, unread: cx.watch.unread, stop: cx.stop.clone() });
    let trace = call.trace.clone();
    tokio::spawn(async move {
        let refusal = match telling.await {
            Ok(()) | Err(Ended::Unheard) => return,
            Err(Ended::Stopping) => Refusal::new(Reason::ServerStopping, "the server stops; ask again").retriable(),
            Err(Ended::Refused(refusal)) => refusal,
        };
        last.say(refusal.into_status(&trace));
    });
    answers
}

/// A stream, of which so many answers may wait to be read, with both its ends on this side.
pub(crate) fn ends<A: Send + 'static>(waiting: usize) -> (mpsc::Sender<A>, LastWord, Answers<A>) {
    let (to, told) = mpsc::channel(waiting);
    let (last, word) = mpsc::channel(1);
    let answers = ReceiverStream::new(told).map(Ok).chain(ReceiverStream::new(word).map(Err));
    (to, LastWord(last), Box::pin(answers))
}

/// What a stream ends with, when it ends badly. It needs no room among the answers that wait.
pub(crate) struct LastWord(mpsc::Sender<Status>);

impl LastWord {
    /// To be told once every answer is read.
    pub(crate) fn say(self, status: Status) {
        // Nobody may be left to hear it.
        let _ = self.0.try_send(status);
    }
}

/// What ends a telling early.
pub(crate) enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The server stops.
    Stopping,
    /// The caller may not go on, or we cannot.
    Refused(Refusal),
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

/// Where the answers go.
pub(crate) struct Tell<A> {
    to: mpsc::Sender<A>,
    /// How long one may wait to be read.
    unread: Duration,
    stop: CancellationToken,
}

impl<A> Tell<A> {
    /// Says it as soon as there is room. A server that stops waits for nobody who does not read.
    pub(crate) async fn say(&self, answer: A) -> Result<(), Ended> {
        let room = tokio::select! {
            biased;
            room = timeout(self.unread, self.to.reserve()) => room,
            () = self.stop.cancelled() => return Err(Ended::Stopping),
        };
        match room {
            Ok(Ok(room)) => {
                room.send(answer);
                Ok(())
            }
            Ok(Err(_)) => Err(Ended::Unheard),
            Err(_) => Err(Refusal::new(Reason::WatchUnread, "the answers of this stream were not read").into()),
        }
    }

    /// Waits so long, unless something ends the telling before.
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), Ended> {
        tokio::select! {
            () = self.to.closed() => Err(Ended::Unheard),
            () = self.stop.cancelled() => Err(Ended::Stopping),
            () = sleep(time) => Ok(()),
        }
    }

    /// Whether anybody listens still.
    pub(crate) fn is_heard(&self) -> bool {
        !self.to.is_closed()
    }
}
