//! Places in the feed, and the tokens that they travel in.
//!
//! A token is sealed and bound to the caller, the call and the tenant: it goes on with the same watch only, tells
//! nothing, and gives no rights.

use std::time::Duration;

use chancery_domain::{
    change::FEED_KEPT,
    fault::Fault,
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

/// A place in the feed: everything up to it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The place of the last change.
    pub(super) sequence: i64,
    /// When nothing lay behind it.
    pub(super) as_of: Timestamp,
}

impl Position {
    fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[8..].copy_from_slice(&self.as_of.millis().to_be_bytes());
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (sequence, as_of) = bytes.split_first_chunk()?;
        let as_of = as_of.try_into().ok()?;
        Some(Self { sequence: i64::from_be_bytes(*sequence), as_of: Timestamp::from_millis(i64::from_be_bytes(as_of)) })
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
    /// The token of a place.
    pub(super) fn write(&self, position: Position) -> Result<String, Fault> {
        Ok(base64url(&self.sealer.seal(Purpose::ResumeToken, self.context.bytes(), &position.bytes())?))
    }

    /// The place of a token, if everything behind it is still there.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Result<Position, Refusal> {
        let plain = |token| self.sealer.open(Purpose::ResumeToken, self.context.bytes(), &from_base64url(token)?);
        let position = plain(token).and_then(|plain| Position::of_bytes(&plain)).ok_or_else(|| {
            let rule = "must be the resume_token of an answer that the same caller had for the same parent";
            Refusal::field_because(Reason::ResumeTokenInvalid, "resume_token", rule)
        })?;
        if now.since(position.as_of) > FEED_KEPT.saturating_sub(MARGIN) {
            let message = "this position is older than what is kept: list again, then watch without a token";
            return Err(Refusal::new(Reason::WatchPositionTooOld, message));
        }
        Ok(position)
    }
}
