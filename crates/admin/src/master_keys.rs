//! Master keys and re-wrapping: one file for each call.

mod get_rewrap;
mod list;
mod message;
mod pause_rewrap;
mod resume_rewrap;
mod start_rewrap;

use chancery_domain::id::MasterKeyId;
use chancery_keys::rewrap::RewrapError;
use chancery_proto::v1::{
    GetRewrapRequest, ListMasterKeysRequest, ListMasterKeysResponse, PauseRewrapRequest, ResumeRewrapRequest, Rewrap,
    StartRewrapRequest,
};

use crate::{
    service::service,
    status::{Reason, Refusal},
};

service! {
    /// Answers the calls about master keys.
    MasterKeys serves master_key_service_server::MasterKeyService {
        list_master_keys(ListMasterKeysRequest) -> ListMasterKeysResponse = list::list;
        start_rewrap(StartRewrapRequest) -> Rewrap = start_rewrap::start;
        pause_rewrap(PauseRewrapRequest) -> Rewrap = pause_rewrap::pause;
        resume_rewrap(ResumeRewrapRequest) -> Rewrap = resume_rewrap::resume;
        get_rewrap(GetRewrapRequest) -> Rewrap = get_rewrap::get;
    }
}

fn refused(error: RewrapError) -> Refusal {
    match error {
        RewrapError::Unfinished(other) => {
            let target = message::key(&other.target);
            let description = format!("to {target} is {}", other.state.label());
            Refusal::precondition(message::reason(other.state), message::NAME, &description).with("target", target)
        }
        RewrapError::State(state) => {
            let description = format!("is {}", state.label());
            Refusal::precondition(message::reason(state), message::NAME, &description)
        }
        RewrapError::NothingToDo { target } => {
            let name = message::key(&target);
            Refusal::precondition(Reason::RewrapNotNeeded, &name, "seals every tenant's key, and no other is in use")
        }
        RewrapError::Released { target } => released(&target),
        RewrapError::Absent => Refusal::not_found(Reason::RewrapNotFound, "Rewrap", message::NAME),
        RewrapError::Changed => Refusal::new(Reason::RewrapChanged, "another order was faster"),
        RewrapError::Fault(fault) => fault.into(),
    }
}

/// The refusal to seal anything under a master key that was released.
pub(crate) fn released(id: &MasterKeyId) -> Refusal {
    let state = "has left use, and is still the first master key of this server: bring its configuration up to date";
    Refusal::precondition(Reason::MasterKeyReleased, &message::key(id), state)
}
