//! Weighing changes: what to think of when a field comes to hold something else.

use chancery_proto::v1::tenant_document_change::Risk;
use prost_types::{Value, value::Kind as Json};

use super::compare::Difference;

/// What to think of before something is done: how grave it is, and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight(pub(super) Risk, pub(super) &'static str);

/// Nobody can be hurt by it.
pub(super) const fn hurts_nobody(reason: &'static str) -> Weight {
    Weight(Risk::None, reason)
}

/// Something lives shorter.
pub(super) const fn shortens(reason: &'static str) -> Weight {
    Weight(Risk::ShortensLife, reason)
}

/// An application that works today may be refused.
pub(super) const fn breaks(reason: &'static str) -> Weight {
    Weight(Risk::BreaksClients, reason)
}

/// Something is allowed that was not, or less is asked for it.
pub(super) const fn weakens(reason: &'static str) -> Weight {
    Weight(Risk::WeakensSecurity, reason)
}

/// Something goes that cannot be brought back by applying another document.
pub(super) const fn destroys(reason: &'static str) -> Weight {
    Weight(Risk::Destroys, reason)
}

/// Nothing to think of.
pub(super) const HARMLESS: Weight = hurts_nobody("Changes what people see or how it is kept, and nothing else.");

/// Fields of a message, by their paths, and how a change of one is weighed.
pub(super) struct Row<M>(pub(super) &'static [&'static str], pub(super) Weigh<M>);

/// How a change of a field is weighed.
pub(super) enum Weigh<M> {
    /// The same, whatever the field held and will hold.
    Always(Weight),
    /// A switch: by whether it is on afterwards.
    Switch {
        /// It is.
        on: Weight,
        /// It is not.
        off: Weight,
    },
    /// A list of what is allowed. Where one takes the place of another, the graver of the two counts.
    List {
        /// Something is taken out, and may be missed.
        less: Weight,
        /// Something is put in, and allows more.
        more: Weight,
    },
    /// A span of time.
    Span {
        /// It becomes longer.
        longer: Weight,
        /// It becomes shorter.
        shorter: Weight,
    },
    /// By the two states of the thing.
    By(fn(before: &M, after: &M) -> Weight),
}

/// Weighs a change of a field between two states of a thing.
pub(super) fn weigh<M>(rows: &[Row<M>], change: &Difference, before: &M, after: &M) -> Weight {
    let row = rows.iter().find(|Row(paths, _)| paths.contains(&change.path));
    let Row(_, weigh) = row.expect("each field that can be set has its row");
    match *weigh {
        Weigh::Always(weight) => weight,
        Weigh::Switch { on, off } => either(change.after == Json::BoolValue(true), on, off),
        Weigh::List { less, more } => allowed(listed(&change.before), listed(&change.after), less, more),
        Weigh::Span { longer, shorter } => either(seconds(&change.after) > seconds(&change.before), longer, shorter),
        Weigh::By(weigh) => weigh(before, after),
    }
}

/// One of two, by an answer.
pub(super) const fn either(is_so: bool, yes: Weight, no: Weight) -> Weight {
    if is_so { yes } else { no }
}

/// Weighs a list of what is allowed, as [`Weigh::List`] does.
pub(super) fn allowed<T: PartialEq>(before: &[T], after: &[T], less: Weight, more: Weight) -> Weight {
    let goes = before.iter().any(|one| !after.contains(one));
    let comes = after.iter().any(|one| !before.contains(one));
    match (goes, comes) {
        (true, true) if more.0 > less.0 => more,
        (true, _) => less,
        (false, _) => more,
    }
}

fn listed(json: &Json) -> &[Value] {
    if let Json::ListValue(list) = json { &list.values } else { &[] }
}

/// A span in the JSON form of protocol buffers; none is as long as nothing.
fn seconds(json: &Json) -> i64 {
    let Json::StringValue(span) = json else { return 0 };
    span.strip_suffix('s').and_then(|seconds| seconds.parse().ok()).unwrap_or_default()
}
