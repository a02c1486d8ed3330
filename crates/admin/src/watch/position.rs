//! Places in the feed, and the tokens that they travel in.
//!
//! A token is sealed and bound to the caller, the call and the tenant: it goes on with the same watch only, tells
//! nothing, and gives no rights.

use std::time::Duration;

use chancery_domain::{
    change::{FEED_KEPT, Place},
    fault::{Fault, FeedError},
    id::TenantId,
    ports::jose::{Purpose, Sealer},
    secret::{Digest, base64url, from_base64url},
    time::Timestamp,
};

use crate::{
    call::Call,
    context::Context,
    status::{Reason, Refusal},
};

/// A change is removed [`FEED_KEPT`] after it was written, which is a little before it can be read. No transaction
/// takes longer than this, and no clock is off by more.
const MARGIN: Duration = Duration::from_secs(3600);

/// A position in the feed: everything up to it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The place of the last change.
    pub(super) place: Place,
    /// When nothing lay behind it.
    pub(super) as_of: Timestamp,
}

impl Position {
    fn bytes(self) -> Vec<u8> {
        let Self { place: Place { sequence, at }, as_of } = self;
        [sequence, at.millis(), as_of.millis()].into_iter().flat_map(i64::to_be_bytes).collect()
    }

    /// What a token holds. Those of earlier versions hold no witness: they are as good as too old.
    fn of_bytes(bytes: &[u8]) -> Result<Self, FeedError> {
        let (numbers, []) = bytes.as_chunks() else { return Err(FeedError::Lost) };
        let [sequence, at, as_of] = numbers else { return Err(FeedError::Lost) };
        let [at, as_of] = [at, as_of].map(|time| Timestamp::from_millis(i64::from_be_bytes(*time)));
        Ok(Self { place: Place { sequence: i64::from_be_bytes(*sequence), at }, as_of })
    }
}

impl From<FeedError> for Refusal {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Lost => {
                let message = "what lies behind this position is not known: list again, then watch without a token";
                Self::new(Reason::WatchPositionTooOld, message)
            }
            FeedError::Fault(fault) => fault.into(),
        }
    }
}

/// Makes and reads the tokens of one watch.
pub(super) struct Tokens<S> {
    sealer: S,
    context: Digest,
}

/// The tokens of that caller for that tenant, or for the platform.
pub(super) fn tokens(
    cx: &Context,
    call: &Call,
    tenant: Option<TenantId>,
) -> Result<Tokens<impl Sealer + 'static>, Refusal> {
    let parent = tenant.map_or_else(|| "platform".to_owned(), |tenant| tenant.to_string());
    let binding = format!("{} {} {parent}", call.caller.principal(), call.method);
    Ok(Tokens { sealer: cx.keys.masters.platform_sealer()?, context: Digest::of("watch", binding.as_bytes()) })
}

impl<S: Sealer> Tokens<S> {
    /// The token of a position.
    pub(super) fn write(&self, position: Position) -> Result<String, Fault> {
        Ok(base64url(&self.sealer.seal(Purpose::ResumeToken, self.context.bytes(), &position.bytes())?))
    }

    /// The position of a token that is young enough for everything behind it to be there.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Result<Position, Refusal> {
        let plain = |token| self.sealer.open(Purpose::ResumeToken, self.context.bytes(), &from_base64url(token)?);
        let plain = plain(token).ok_or_else(|| {
            let rule = "must be the resume_token of an answer that the same caller had for the same parent";
            Refusal::field_because(Reason::ResumeTokenInvalid, "resume_token", rule)
        })?;
        let position = Position::of_bytes(&plain)?;
        if now.since(position.as_of) > FEED_KEPT.saturating_sub(MARGIN) {
            return Err(FeedError::Lost.into());
        }
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_brings_its_witness_and_is_as_good_as_too_old_without() {
        let [at, as_of] = [5, 9].map(Timestamp::from_seconds);
        let position = Position { place: Place { sequence: 1 << 40, at }, as_of };
        let bytes = position.bytes();
        assert_eq!(Position::of_bytes(&bytes).expect("a position"), position);
        for other in [&bytes[..16], &bytes[..23], &[]] {
            assert!(matches!(Position::of_bytes(other), Err(FeedError::Lost)));
        }
    }
}
