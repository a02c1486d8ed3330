//! Master keys and the re-wrap as messages.

use chancery_domain::{
    id::MasterKeyId,
    ports::rewrap::SealedCount,
    rewrap::{Rewrap, RewrapState},
};
use chancery_keys::rewrap::Progress;
use chancery_proto::v1::{self, rewrap::State};

use crate::{span, status::Reason};

/// The name of the one re-wrap.
pub(super) const NAME: &str = "rewrap";

/// The name of a master key.
pub(super) fn key(id: &MasterKeyId) -> String {
    format!("masterKeys/{id}")
}

/// The re-wrap as callers see it.
pub(super) fn of(rewrap: &Rewrap, counts: &[SealedCount]) -> v1::Rewrap {
    let Progress { total, done, failed } = Progress::towards(&rewrap.target, counts);
    v1::Rewrap {
        name: NAME.to_owned(),
        state: state(rewrap.state()).into(),
        target: key(&rewrap.target),
        total_count: count(total),
        done_count: count(done),
        failed_count: count(failed),
        starter: rewrap.started_by.to_string(),
        start_time: Some(span::moment(rewrap.started_at)),
        update_time: Some(span::moment(rewrap.updated_at)),
    }
}

/// A master key as callers see it.
pub(super) fn master(id: &MasterKeyId, place: Option<usize>, in_use: bool, tenants: u64) -> v1::MasterKey {
    v1::MasterKey {
        name: key(id),
        configured: place.is_some(),
        seals: place == Some(0),
        in_use: in_use || tenants > 0,
        tenant_count: count(tenants),
    }
}

/// That it is in a state which does not allow what was asked.
pub(super) const fn reason(state: RewrapState) -> Reason {
    match state {
        RewrapState::Running => Reason::RewrapRunning,
        RewrapState::Paused => Reason::RewrapPaused,
        RewrapState::Done => Reason::RewrapDone,
    }
}

const fn state(state: RewrapState) -> State {
    match state {
        RewrapState::Running => State::Running,
        RewrapState::Paused => State::Paused,
        RewrapState::Done => State::Done,
    }
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
