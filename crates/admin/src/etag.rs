//! Entity tags of resources (AIP-154), made of the version that guards the row.

use chancery_domain::{
    secret::{Digest, base64url},
    version::Version,
};

use crate::status::Refusal;

/// The tag of a resource in that version. `identity` is what tells it from one that had its name before.
pub(crate) fn of(identity: impl std::fmt::Display, version: Version) -> String {
    let digest = Digest::of("etag", format!("{identity} {}", version.number()).as_bytes());
    format!("\"{}\"", base64url(&digest.bytes()[..12]))
}

/// Refuses with ABORTED when the caller sent a tag and it is not the current one.
pub(crate) fn check(sent: &str, current: &str) -> Result<(), Refusal> {
    if sent.is_empty() || sent == current { Ok(()) } else { Err(Refusal::stale(Some(current))) }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn a_tag_changes_with_the_version_and_the_thing() {
        let tag = of("a", Version::FIRST);
        assert_eq!(tag, of("a", Version::FIRST));
        assert_ne!(tag, of("a", Version::FIRST.next()));
        assert_ne!(tag, of("b", Version::FIRST));
        assert!(tag.starts_with('"') && tag.ends_with('"'));
    }

    #[test]
    fn a_stale_tag_is_answered_with_the_current_one() {
        let current = of("a", Version::FIRST.next());
        assert!(check("", &current).is_ok());
        assert!(check(&current, &current).is_ok());
        let status = check(&of("a", Version::FIRST), &current).expect_err("stale").into_status("t");
        assert_eq!(status.code(), tonic::Code::Aborted);
        let info = status.get_details_error_info().expect("an error info");
        assert_eq!((info.reason.as_str(), &info.metadata["current_etag"]), ("ETAG_MISMATCH", &current));
    }
}
