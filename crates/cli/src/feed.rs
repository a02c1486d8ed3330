//! What the server tells, one answer after the other, whatever becomes of the connections on the way.

use std::io::{self, Write};
use std::time::Duration;

use chancery_proto::v1::{
    WatchAuditEventsRequest, WatchAuditEventsResponse, WatchChangesRequest, WatchChangesResponse,
};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, Streaming};

use crate::connection::Api;
use crate::error::CliError;
use crate::output::printable;

/// How long the server may be silent before the connection counts as lost: it gives a sign every fifteen seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// How long is waited before the first new try; each further one waits twice as long.
const SHORTEST: Duration = Duration::from_millis(200);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// A call that is answered for as long as somebody listens, and can be taken up again behind any answer.
pub(crate) trait Follow {
    /// An answer, which is followed by others.
    type Answer;

    /// Calls.
    async fn call(&self, api: &Api) -> Result<Streaming<Self::Answer>, Status>;

    /// From now on a call goes on behind that answer.
    fn go_on_behind(&mut self, answer: &Self::Answer);
}

impl Follow for WatchChangesRequest {
    type Answer = WatchChangesResponse;

    async fn call(&self, api: &Api) -> Result<Streaming<Self::Answer>, Status> {
        Ok(api.watch().watch_changes(self.clone()).await?.into_inner())
    }

    fn go_on_behind(&mut self, answer: &Self::Answer) {
        self.resume_token.clone_from(&answer.resume_token);
    }
}

impl Follow for WatchAuditEventsRequest {
    type Answer = WatchAuditEventsResponse;

    async fn call(&self, api: &Api) -> Result<Streaming<Self::Answer>, Status> {
        Ok(api.audit().watch_audit_events(self.clone()).await?.into_inner())
    }

    fn go_on_behind(&mut self, answer: &Self::Answer) {
        self.resume_token.clone_from(&answer.resume_token);
    }
}

/// What is told, behind a place that moves on with each answer.
pub(crate) struct Feed<'a, R: Follow> {
    api: &'a Api,
    request: &'a mut R,
    answers: Option<Streaming<R::Answer>>,
    /// Whether there ever was an answer: before that, whatever is wrong is told to whoever asked.
    begun: bool,
    /// Whether there was one on this connection.
    heard: bool,
    wait: Duration,
}

impl<'a, R: Follow> Feed<'a, R> {
    /// From the place in the request on; it has the last one when the feed is let go. `begun` where the server was there
    /// before, and is to be waited for.
    pub(crate) const fn new(api: &'a Api, request: &'a mut R, begun: bool) -> Self {
        Self { api, request, answers: None, begun, heard: false, wait: SHORTEST }
    }

    /// The next answer. Waiting for it can be given up and taken up again: nothing is missed.
    pub(crate) async fn next(&mut self) -> Result<R::Answer, CliError> {
        loop {
            let lost = match self.answer().await {
                Ok(Some(answer)) => {
                    (self.begun, self.heard, self.wait) = (true, true, SHORTEST);
                    self.request.go_on_behind(&answer);
                    return Ok(answer);
                }
                Ok(None) => None,
                Err(status) if passes(status.code()) && self.begun => Some(status),
                Err(status) => return Err(status.into()),
            };
            self.answers = None;
            if let Some(status) = lost {
                // Nobody may be looking.
                let _ = writeln!(io::stderr(), "lost: {}; going on", printable(status.message()));
            }
            self.wait = if self.heard { SHORTEST } else { (self.wait * 2).min(LONGEST) };
            self.heard = false;
            sleep(self.wait).await;
        }
    }

    /// One answer of this connection, or of a new one; nothing where it has ended in good order.
    async fn answer(&mut self) -> Result<Option<R::Answer>, Status> {
        let answers = match &mut self.answers {
            Some(answers) => answers,
            none @ None => none.insert(self.request.call(self.api).await?),
        };
        let silent = |_| Err(Status::unavailable("the server is silent"));
        timeout(SILENCE, answers.message()).await.unwrap_or_else(silent)
    }
}

/// Whether it is worth while to come again.
const fn passes(code: Code) -> bool {
    match code {
        Code::Unavailable
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Internal
        | Code::Aborted => true,
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}
