//! What to do about a refusal.

use tonic::Code;

/// One sentence, by the reason where there is more to say than the code does. Empty where the refusal says it itself.
pub(super) fn about(code: Code, reason: &str) -> &'static str {
    match reason {
        "ETAG_MISMATCH" => "look again (`get --output json`) and repeat with the etag that it tells",
        "KEY_NOT_ANNOUNCED" => {
            "wait until then; `--immediate --reason TEXT` does not wait, and verifiers may miss the key"
        }
        "LAST_KEY" => "see `chancery keys compromise --help` for the last key that verifiers know",
        "PLATFORM_OWNED" => "ask an owner, or see `chancery admin-key --help` on the server itself",
        "REQUEST_ID_REUSED" => "use another request id, or none",
        "STEP_UP_REQUIRED" => "`chancery login --again`, and repeat",
        "TENANT_DELETED" => "`chancery tenants undelete` takes the deletion back until it is purged",
        "TENANT_SUSPENDED" => "`chancery tenants resume` serves it again",
        _ => by_code(code),
    }
}

const fn by_code(code: Code) -> &'static str {
    match code {
        Code::Unauthenticated => {
            "give a credential that works there: --admin-key-file, --client-certificate, or a context (`chancery context show`)"
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

    #[test]
    fn a_reason_knows_more_than_its_code() {
        assert!(about(Code::Aborted, "ETAG_MISMATCH").contains("etag"));
        assert_eq!(about(Code::Aborted, "KEYSET_CHANGED"), "look again and repeat");
        assert_eq!(about(Code::InvalidArgument, "FIELD_INVALID"), "");
    }
}
