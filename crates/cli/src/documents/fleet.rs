//! Many documents at once: so many calls at a time, and one tenant's failure stops no other.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use chancery_proto::v1::{TenantDocument, TenantDocumentChange};
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::files::{self, Loaded, Read};
use super::place::Node;
use super::progress::Progress;

/// How often a server that is away is asked again.
const TRIES: u32 = 5;
/// How long to wait before the first time; then twice as long each time.
const PAUSE: Duration = Duration::from_millis(200);

/// What came of one document, or of a file that could not be read.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The name of the tenant; the file where it names none.
    pub(super) name: String,
    /// The etag of the tenant now.
    pub(super) etag: String,
    /// The hash of what was shown of it.
    pub(super) hash: String,
    /// The changes, or why there is no answer: lines with places.
    pub(super) told: Result<Vec<TenantDocumentChange>, Vec<String>>,
}

/// What a call tells of one tenant.
pub(super) struct Answer {
    /// The etag of the tenant now.
    pub(super) etag: String,
    /// The hash of a plan.
    pub(super) hash: String,
    /// The changes.
    pub(super) changes: Vec<TenantDocumentChange>,
}

/// Asks about every document, `parallel` at a time. The outcomes are in the order of the documents.
pub(super) async fn run<A, F>(loaded: Vec<Loaded>, parallel: usize, ask: A) -> Vec<Outcome>
where
    A: Fn(TenantDocument) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Answer, Status>> + Send,
{
    let total = loaded.len();
    let mut progress = Progress::new(total);
    let (mut tasks, mut next) = (JoinSet::new(), loaded.into_iter().enumerate());
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(total);
    loop {
        while tasks.len() < parallel.max(1)
            && let Some((at, loaded)) = next.next()
        {
            let ask = ask.clone();
            tasks.spawn(async move { (at, one(loaded, ask).await) });
        }
        match tasks.join_next().await {
            None => break,
            Some(Ok((at, outcome))) => {
                progress.step(outcome.told.is_err());
                outcomes.push((at, outcome));
            }
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    drop(progress);
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn one<A, F>(Loaded { name, file, read }: Loaded, ask: A) -> Outcome
where
    A: Fn(TenantDocument) -> F,
    F: Future<Output = Result<Answer, Status>>,
{
    let told = match read {
        Ok(Read { document, node }) => ask(document).await.map_err(|status| refused(&file, &node, &status)),
        Err(wrong) => Err(wrong),
    };
    match told {
        Ok(Answer { etag, hash, changes }) => Outcome { name, etag, hash, told: Ok(changes) },
        Err(wrong) => Outcome { name, etag: String::new(), hash: String::new(), told: Err(wrong) },
    }
}

/// A refusal with the places of the fields that it names.
fn refused(file: &Path, node: &Node, status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    let told = |field: &tonic_types::FieldViolation| {
        let path = field.field.strip_prefix("tenant_document.").unwrap_or(&field.field);
        files::at(file, node.find(path), &format!("{path} {}", field.description))
    };
    if fields.is_empty() {
        return vec![files::at(file, node.place, status.message())];
    }
    fields.iter().map(told).collect()
}

/// Asks again while the server is away or busy: every call here can be repeated.
pub(super) async fn patiently<T, F>(call: impl Fn() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match call().await {
            Err(status) if status.code() == Code::Unavailable => tokio::time::sleep(pause).await,
            answer => return answer,
        }
        pause *= 2;
    }
    call().await
}
