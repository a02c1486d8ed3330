//! `ImportKey`.

use chancery_domain::{id::KeyId, key::Key, vocabulary::Algorithm};
use chancery_keys::{
    adopt::{self, AdoptError, PreparedImport, Role},
    import::{self, ImportError, Imported},
};
use chancery_proto::v1::{self, ImportKeyRequest};

use super::message;
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name,
    reach::{self, Reached},
    span,
    status::{Reason, Refusal},
    text,
};

/// Takes in a key that another provider made.
pub(super) async fn import(cx: &Context, call: &Call, request: ImportKeyRequest) -> Result<v1::Key, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, request)).await
}

async fn work(errand: &Errand<'_>, request: ImportKeyRequest) -> Result<v1::Key, Refusal> {
    let reached = &errand.reached;
    let (cx, call) = (reached.cx, reached.call);
    let parent = request.parent.clone();
    let (trial, refused) = (request.validate_only, |error| refused(&parent, error));
    let prepared = prepare(cx, reached, request).await?.map_err(refused)?;
    let policy = reached.read().keys().policy().await?;
    let shown = |key: &Key| message::of(&reached.tenant.slug, key, &policy);
    if trial {
        return Ok(shown(prepared.key()));
    }
    let now = cx.keys.database_time().await?;
    let tx = reached.begin().await?;
    let applied = adopt::write(&*tx, &prepared, call.author(), now).await.map_err(refused)?;
    let written = applied.taken.last().map_or(prepared.key(), |(_, key)| key);
    let answer = shown(written);
    let answer = errand.commit(tx, answer, now).await?;
    applied.measure(&call.author().actor);
    Ok(answer)
}

/// Reads the request and the material, and seals the key.
async fn prepare(
    cx: &Context,
    reached: &Reached<'_>,
    request: ImportKeyRequest,
) -> Result<Result<PreparedImport, AdoptError>, Refusal> {
    let reason = text::description("reason", &request.reason)?;
    if request.already_known && reason.is_empty() {
        return Err(Refusal::field("reason", "must be given with already_known"));
    }
    let role = match (request.verify_until_time, request.already_known) {
        (Some(_), true) => {
            return Err(Refusal::field("already_known", "must not be given with verify_until_time"));
        }
        (Some(until), false) => Role::Verifier { until: span::read("verify_until_time", until)? },
        (None, known) => Role::Standby { known },
    };
    let wanted = text::optional("algorithm", &request.algorithm)?;
    let imported = read(request.material, request.passphrase, wanted).await?;
    let id = match (request.key_id.as_str(), imported.kid()) {
        ("", None) => None,
        ("", Some(kid)) => Some(kid.parse::<KeyId>().map_err(|_| {
            let needed = "must be given: the kid of the JWK has characters that a key id here cannot have";
            Refusal::field("key_id", needed)
        })?),
        (id, _) => Some(text::read("key_id", id)?),
    };
    let note = (!reason.is_empty()).then_some(reason);
    Ok(adopt::prepare(&cx.keys, reached.tenant.id, imported, id, role, note).await)
}

/// Reads the material where it may take its time.
async fn read(material: String, passphrase: String, wanted: Option<Algorithm>) -> Result<Imported, Refusal> {
    let reading = move || import::read(material.as_bytes(), Some(passphrase.as_bytes()), wanted);
    let read = tokio::task::spawn_blocking(reading).await;
    let read =
        read.map_err(|error| chancery_domain::fault::Fault::broken("reading key material was cut off", error))?;
    read.map_err(|error| {
        Refusal::field_because(Reason::KeyMaterialInvalid, field(&error), format!("cannot be taken: {error}"))
    })
}

/// The field that is at fault.
const fn field(error: &ImportError) -> &'static str {
    match error {
        ImportError::PassphraseMissing | ImportError::PassphraseWrong | ImportError::PassphraseNeedless => "passphrase",
        ImportError::AlgorithmMissing | ImportError::WrongKey { .. } | ImportError::OtherAlgorithm { .. } => {
            "algorithm"
        }
        ImportError::Empty
        | ImportError::TooLong { .. }
        | ImportError::Foreign { .. }
        | ImportError::Several { .. }
        | ImportError::Garbled { .. }
        | ImportError::RepeatedMember
        | ImportError::MemberMissing { .. }
        | ImportError::MemberMalformed { .. }
        | ImportError::NotForSigning { .. }
        | ImportError::Symmetric
        | ImportError::Cipher { .. }
        | ImportError::Costly { .. }
        | ImportError::Unsupported { .. }
        | ImportError::RsaSize { .. }
        | ImportError::RsaExponent { .. }
        | ImportError::RsaModulusEven
        | ImportError::RsaMultiPrime
        | ImportError::RsaInconsistent { .. }
        | ImportError::RsaWeak { .. }
        | ImportError::PointOffCurve { .. }
        | ImportError::ScalarOutOfRange { .. }
        | ImportError::PublicMismatch
        | ImportError::DoesNotSign => "material",
    }
}

fn refused(parent: &str, error: AdoptError) -> Refusal {
    match error {
        AdoptError::Twice(_) | AdoptError::IdTaken(_) => {
            Refusal::new(Reason::KeyExists, error.to_string()).with("parent", parent)
        }
        AdoptError::NoSuchAlgorithm(_) => Refusal::field("algorithm", format!("cannot be taken: {error}")),
        AdoptError::CannotSign => Refusal::field("material", format!("cannot be taken: {error}")),
        AdoptError::Until => Refusal::field("verify_until_time", format!("cannot be taken: {error}")),
        AdoptError::Changed => {
            Refusal::new(Reason::KeysetChanged, "the keys were moved by somebody else at the same time")
        }
        AdoptError::Fault(fault) => fault.into(),
    }
}
