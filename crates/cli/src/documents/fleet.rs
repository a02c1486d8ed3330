//! Many documents at once: so many calls at a time, and one tenant's failure stops no other.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chancery_proto::v1::TenantDocumentChange;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::files::{self, Loaded};
use super::progress::Progress;

/// How often a server that is away is asked again.
const TRIES: u32 = 5;
/// How long to wait before the first time; then twice as long each time.
const PAUSE: Duration = Duration::from_millis(200);

/// What came of one tenant, or of a file that could not be read.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The name of the tenant; the file where it holds none.
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

/// Asks about the documents of every file, `parallel` files at a time. The outcomes are in the order of the files.
pub(super) async fn run<A, F>(files: &[PathBuf], parallel: usize, ask: A) -> Vec<Outcome>
where
    A: Fn(Loaded) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Answer, Status>> + Send,
{
    let mut progress = Progress::new(files.len());
    let seen: Seen = Arc::default();
    let (mut tasks, mut next) = (JoinSet::new(), files.iter().cloned().enumerate());
    let mut outcomes: Vec<(usize, Vec<Outcome>)> = Vec::with_capacity(files.len());
    loop {
        while tasks.len() < parallel.max(1)
            && let Some((at, file)) = next.next()
        {
            let (ask, seen) = (ask.clone(), Arc::clone(&seen));
            tasks.spawn(async move { (at, one_file(&file, &seen, ask).await) });
        }
        match tasks.join_next().await {
            None => break,
            Some(Ok((at, told))) => {
                progress.step(told.iter().any(|outcome| outcome.told.is_err()));
                outcomes.push((at, told));
            }
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    drop(progress);
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().flat_map(|(_, told)| told).collect()
}

/// The tenants that have been met, with their files.
type Seen = Arc<Mutex<HashMap<String, PathBuf>>>;

async fn one_file<A, F>(file: &Path, seen: &Seen, ask: A) -> Vec<Outcome>
where
    A: Fn(Loaded) -> F,
    F: Future<Output = Result<Answer, Status>>,
{
    let loaded = match files::load(file) {
        Ok(loaded) => loaded,
        Err(wrong) => {
            return vec![failed(file.display().to_string(), wrong)];
        }
    };
    let mut outcomes = Vec::with_capacity(loaded.len());
    for document in loaded {
        let name = document.document.tenant.as_ref().map(|tenant| tenant.name.clone()).unwrap_or_default();
        let node = document.node.clone();
        let before = seen.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), file.to_owned());
        let told = if let Some(other) = before {
            let what = format!("{name} has a document already, in {}", other.display());
            Err(vec![files::at(file, node.place, &what)])
        } else {
            ask(document).await.map_err(|status| refused(file, &node, &status))
        };
        outcomes.push(match told {
            Ok(Answer { etag, hash, changes }) => Outcome { name, etag, hash, told: Ok(changes) },
            Err(wrong) => failed(name, wrong),
        });
    }
    outcomes
}

fn failed(name: String, wrong: Vec<String>) -> Outcome {
    Outcome { name, etag: String::new(), hash: String::new(), told: Err(wrong) }
}

/// A refusal with the places of the fields that it names.
fn refused(file: &Path, node: &super::place::Node, status: &Status) -> Vec<String> {
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
