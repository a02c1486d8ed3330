//! The answers of a stream on their way out: a few that wait, and the last word of a stream that is refused.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use chancery_proto::v1::WatchChangesResponse;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::Status;

/// How many answers wait to be read; whoever tells more waits too.
const WAITING: usize = 64;

/// What a stream ends with, when it ends badly. It needs no room among the answers that wait.
#[derive(Clone, Default)]
pub(super) struct LastWord(Arc<Mutex<Option<Status>>>);

impl LastWord {
    /// To be told once every answer is read.
    pub(super) fn say(&self, status: Status) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
    }
}

/// The answers, as the transport takes them.
pub(super) struct Told {
    answers: mpsc::Receiver<WatchChangesResponse>,
    last: LastWord,
}

/// A stream, and its two ends on this side.
pub(super) fn told() -> (mpsc::Sender<WatchChangesResponse>, LastWord, Told) {
    let (tell, answers) = mpsc::channel(WAITING);
    let last = LastWord::default();
    (tell, last.clone(), Told { answers, last })
}

impl Stream for Told {
    type Item = Result<WatchChangesResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.answers.poll_recv(cx).map(|answer| match answer {
            Some(answer) => Some(Ok(answer)),
            None => self.last.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(Err),
        })
    }
}
