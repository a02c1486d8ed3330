//! What to do about a refusal.

use std::collections::BTreeMap;

use tonic::Code;

use crate::name;

/// Where something else answers than the admin API.
pub(super) const FOREIGN: &str =
    "see whether --admin-url names the admin port and is to begin with http:// or https://; if so, whether it was done";

/// One sentence, by the reason where there is more to say than the code does, with what `ErrorInfo` tells beside it. Empty
/// where the refusal says it itself.
pub(super) fn about(code: Code, reason: &str, metadata: &BTreeMap<String, String>) -> String {
    let told = match reason {
        "APPROVAL_REQUIRED" => return approval(metadata.get("approvals").map(String::as_str).unwrap_or_default()),
        "APPROVAL_OWN" => "have somebody else approve it",
        "BOOTSTRAP_TOKEN_INVALID" => {
            "look for a newer token: a server that is started while nobody owns the platform leaves one, for an hour"
        }
        "CLIENT_DISABLED" => "`chancery clients enable` serves it again",
        "CLIENT_ENABLED" | "TENANT_ACTIVE" | "USER_ENABLED" => "",
        "DOCUMENT_NOT_APPLIED" => "`chancery apply` a document first; `chancery export` writes one",
        "ETAG_MISMATCH" => "look again (`get --output json`) and repeat with the etag that it tells",
        "ISSUER_HOST_TAKEN" => "take another host",
        "KEY_EXISTS" => "see `chancery keys list`",
        "KEY_NOT_ANNOUNCED" => {
            "wait until then; `--immediate --reason TEXT` does not wait, and verifiers may miss the key"
        }
        "LAST_KEY" => "see `chancery keys compromise --help` for the last key that verifiers know",
        "PLATFORM_OWNED" => "ask an owner, or see `chancery admin-key --help` on the server itself",
        "PREVIEW_REQUIRED" => "repeat it on a terminal, which shows what it ends and asks, or with --yes",
        "REQUEST_ID_REUSED" => "use another request id, or none",
        "RESOURCE_EXISTS" => "take another id and another identifier, or change what is there with `update`",
        "REWRAP_NOT_FOUND" => "`chancery master-keys rewrap` starts one",
        "ROLE_BINDING_EXISTS" => "see `chancery role-bindings list`",
        "SCOPE_EXISTS" => "take another id and another value, or change what is there with `update`",
        "STEP_UP_REQUIRED" => "`chancery login --again`, and repeat",
        "TENANT_DELETED" => "`chancery tenants undelete` takes the deletion back until it is purged",
        "TENANT_SUSPENDED" => "`chancery tenants resume` serves it again",
        "TRUSTED_ISSUER_EXISTS" => "take another id and another issuer, or change what is there with `update`",
        "USER_DISABLED" => "`chancery users enable` lets them sign in again",
        "USER_EXISTS" => "take another username or address; `chancery users get` shows who has this one",
        _ => by_code(code),
    };
    told.to_owned()
}

/// What somebody else has to type, for each approval that is needed.
fn approval(names: &str) -> String {
    let ids: Vec<_> = names.split_whitespace().map(name::id).collect();
    let commands: Vec<_> = ids.iter().map(|id| format!("`chancery approvals approve {id}`")).collect();
    format!("have somebody else type {}, then repeat the very same command", commands.join(" and "))
}

const fn by_code(code: Code) -> &'static str {
    match code {
        Code::Unauthenticated => {
            "give a credential that works there: --admin-key-file, --client-certificate, `chancery login`, or a context \
             (`chancery context show`)"
        }
        Code::PermissionDenied => {
            "ask whoever manages roles for a role with this permission, or use another credential"
        }
        Code::NotFound => "see with `list` what is there, and whether it is the right server and tenant",
        Code::AlreadyExists => "take another id, or change what is there with `update`",
        Code::Aborted => "look again and repeat",
        Code::Unavailable => "see whether the server runs and --admin-url and --ca-file are right, then repeat",
        Code::DeadlineExceeded | Code::Cancelled => {
            "see whether it was done; a repetition with the same --request-id is carried out once"
        }
        Code::ResourceExhausted => "ask for less at once, or repeat later",
        Code::Unimplemented => "the server does not know this call: use a `chancery` of the server's version",
        Code::Internal | Code::Unknown | Code::DataLoss => {
            "tell those who run the server, with the time and the trace id"
        }
        // What is wrong with which field or state stands in the refusal.
        Code::Ok | Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(code: Code, reason: &str) -> String {
        about(code, reason, &BTreeMap::new())
    }

    #[test]
    fn a_reason_knows_more_than_its_code() {
        assert!(advice(Code::Aborted, "ETAG_MISMATCH").contains("etag"));
        assert_eq!(advice(Code::Aborted, "KEYSET_CHANGED"), "look again and repeat");
        assert_eq!(advice(Code::InvalidArgument, "FIELD_INVALID"), "");
        assert!(!advice(Code::AlreadyExists, "USER_EXISTS").contains("another id"), "users have no id of their own");
        assert!(!advice(Code::PermissionDenied, "APPROVAL_OWN").contains("role"));
    }

    #[test]
    fn what_somebody_else_has_to_approve_is_told_as_they_type_it() {
        let approvals = BTreeMap::from([("approvals".to_owned(), "approvals/1 approvals/2".to_owned())]);
        let told = about(Code::FailedPrecondition, "APPROVAL_REQUIRED", &approvals);
        assert!(told.contains("`chancery approvals approve 1` and `chancery approvals approve 2`"), "{told}");
    }
}
