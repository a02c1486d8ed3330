//! `GetKeyTimeline`: what was, from the times that keys keep, and what will be, from the forecast.

use std::time::Duration;

use chancery_domain::{
    id::TenantSlug,
    key::{Key, KeyState},
    time::Timestamp,
};
use chancery_keys::plan::{self, Forecast, Rules};
use chancery_proto::v1::{
    GetKeyTimelineRequest, KeyTimeline,
    key::State,
    key_timeline::{Entry, Span},
};

use super::message;
use crate::{call::Call, context::Context, name, reach, span, status::Refusal};

/// How far is looked back and ahead when nobody says otherwise.
const USUAL: Duration = Duration::from_secs(90 * 86_400);
/// How many rotations are shown at the least, and at the most when nobody says otherwise.
const ROTATIONS: (usize, usize) = (2, 12);
/// What is shown behind a rotation that ends the drawing, in percent of the time until then.
const BEHIND: u32 = 10;

/// The life of a tenant's keys.
pub(super) async fn get_timeline(
    cx: &Context,
    call: &Call,
    request: GetKeyTimelineRequest,
) -> Result<KeyTimeline, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let rows = reached.read();
    let (policy, keys) = (rows.keys().policy().await?, rows.keys().all().await?);
    let now = cx.clock.now();
    let rules = Rules::of(policy, cx.keys.margins, reached.tenant.id, now)?;

    let usual = usual_end(&keys, &rules, now);
    let end = request.end_time.map_or(Ok(usual), |sent| span::read("end_time", sent))?;
    // As far back as ahead, where keys change so often that this is less than usual.
    let back = USUAL.min(usual.since(now));
    let start = request.start_time.map_or(Ok(now - back), |sent| span::read("start_time", sent))?;
    if end <= start {
        return Err(Refusal::field("end_time", "must lie behind start_time"));
    }
    if end > now + plan::FAR {
        return Err(Refusal::field("end_time", "must lie at most ten years ahead"));
    }
    let told = plan::forecast(&keys, &rules, now, end.max(now));
    let end = end.min(told.until);
    let mut known: Vec<_> = told.keys.iter().map(|key| before_purge(key, &told, &keys)).collect();
    known.sort_by_key(|key| (key.algorithm, key.created_at, key.announced_at(), key.activated_at()));
    let entry = |key: &&Key| {
        let stored = keys.iter().find(|stored| stored.id == key.id);
        let spans = spans(key, stored.is_some_and(|key| matches!(key.state(), KeyState::Tainted { .. })));
        let touches = |one: &Stretch| one.end.is_none_or(|until| until > start) && one.start < end;
        spans.iter().any(touches).then(|| entry(&reached.tenant.slug, key, stored, spans, now))
    };
    Ok(KeyTimeline {
        now_time: Some(span::moment(now)),
        start_time: Some(span::moment(start)),
        end_time: Some(span::moment(end)),
        entries: known.iter().filter_map(entry).collect(),
    })
}

/// 90 days ahead; a little behind the second rotation where that is later, and behind the twelfth where that is earlier.
fn usual_end(keys: &[Key], rules: &Rules, now: Timestamp) -> Timestamp {
    let rotations = plan::next_rotations(keys, rules, now, ROTATIONS.1);
    let behind = |count: usize| rotations.get(count - 1).map(|at| *at + at.since(now) * BEHIND / 100);
    let least = behind(ROTATIONS.0).unwrap_or(now);
    let most = behind(ROTATIONS.1).unwrap_or(now + plan::FAR);
    (now + USUAL).max(least).min(most).min(now + plan::FAR)
}

/// The key as it was when it still had its times: one that will be purged loses them.
fn before_purge<'a>(key: &'a Key, told: &'a Forecast, keys: &'a [Key]) -> &'a Key {
    if key.state() != KeyState::Purged {
        return key;
    }
    let moves = told.moves.iter().rev().filter(|one| one.key.id == key.id && one.key.state() != KeyState::Purged);
    moves.map(|one| &one.key).next().or_else(|| keys.iter().find(|stored| stored.id == key.id)).unwrap_or(key)
}

/// A stretch of a key's life.
struct Stretch {
    state: State,
    start: Timestamp,
    end: Option<Timestamp>,
}

/// The life of a key as far as it concerns verifiers, from the times that it keeps. `suspected` is what the forecast of
/// a tainted key does not tell.
fn spans(key: &Key, suspected: bool) -> Vec<Stretch> {
    let state = key.state();
    let left = key.retired_at().or(state.retire_at());
    // Of a compromised key it is not known any more when it stopped signing before.
    let stopped = state.deactivated_at().map(|at| left.map_or(at, |left| left.min(at))).or(left);
    let mut spans = Vec::new();
    let mut span = |state, start: Option<Timestamp>, end: Option<Timestamp>| {
        if let Some(start) = start.filter(|start| end.is_none_or(|end| end > *start)) {
            spans.push(Stretch { state, start, end });
        }
    };
    span(State::Standby, key.announced_at(), key.activated_at().or(stopped));
    span(State::Active, key.activated_at(), stopped);
    match state {
        KeyState::Compromised { at } => span(State::Compromised, Some(at), None),
        KeyState::Retiring { .. } | KeyState::Retired { .. } | KeyState::Tainted { .. } => {
            span(if suspected { State::Tainted } else { State::Retiring }, stopped, left);
        }
        KeyState::Generated | KeyState::Standby { .. } | KeyState::Active { .. } | KeyState::Purged => {}
    }
    spans
}

fn entry(tenant: &TenantSlug, key: &Key, stored: Option<&Key>, spans: Vec<Stretch>, now: Timestamp) -> Entry {
    let span = |one: Stretch| Span {
        state: one.state.into(),
        start_time: Some(span::moment(one.start)),
        end_time: one.end.map(span::moment),
        planned: one.start > now,
    };
    Entry {
        key: stored.map(|key| name::within(tenant, "keys", &key.id)).unwrap_or_default(),
        algorithm: key.algorithm.to_string(),
        state: stored.map_or(State::Unspecified, |key| message::state(key.state())).into(),
        spans: spans.into_iter().map(span).collect(),
    }
}
