//! One change of a plan, and what to think of before it is made.

use chancery_proto::v1::{
    TenantDocumentChange,
    tenant_document_change::{Field as FieldChange, Kind, Risk},
};
use prost::Message;

use super::{
    compare::{self, Difference},
    weigh::{self, Row, Weight},
};
use crate::mask::Field;

/// What may be said of the changes of one kind of thing.
pub(super) struct Words<M: 'static> {
    /// The message, such as `Client`.
    pub(super) message: &'static str,
    /// Its fields.
    pub(super) fields: &'static [Field<M>],
    /// The permission to make one.
    pub(super) create: &'static str,
    /// The permission to change one.
    pub(super) update: &'static str,
    /// The permission to remove one.
    pub(super) delete: &'static str,
    /// What to think of when one is made.
    pub(super) made: Weight,
    /// What to think of when one goes.
    pub(super) gone: Weight,
    /// What to think of when a field changes.
    pub(super) weights: &'static [Row<M>],
}

/// The change from one state of a thing to another, of which one may be its absence; none where they are alike.
pub(super) fn between<M: Message>(
    words: &Words<M>,
    name: &str,
    before: Option<&M>,
    after: Option<&M>,
) -> Option<TenantDocumentChange> {
    let (kind, permission, fields, Weight(risk, reason)) = match (before, after) {
        (None, None) => return None,
        (Some(_), None) => (Kind::Delete, words.delete, Vec::new(), words.gone),
        (None, Some(after)) => {
            let found = compare::differences(words.message, words.fields, None, after);
            (Kind::Create, words.create, told(found, |_| words.made), words.made)
        }
        (Some(before), Some(after)) => {
            let found = compare::differences(words.message, words.fields, Some(before), after);
            if found.is_empty() {
                return None;
            }
            let weigh = |one: &Difference| weigh::weigh(words.weights, one, before, after);
            let weights = found.iter().map(weigh);
            // The first of the gravest: `max_by_key` would take the last.
            let gravest = weights.rev().max_by_key(|weight| weight.0).unwrap_or(Weight(Risk::None, ""));
            (Kind::Update, words.update, told(found, weigh), gravest)
        }
    };
    Some(TenantDocumentChange {
        name: name.to_owned(),
        r#type: words.message.to_owned(),
        kind: kind.into(),
        fields,
        risk: risk.into(),
        reason: reason.to_owned(),
        permission: permission.to_owned(),
        effects: Vec::new(),
    })
}

fn told(found: Vec<Difference>, weigh: impl Fn(&Difference) -> Weight) -> Vec<FieldChange> {
    let told = |one: Difference| {
        let Weight(risk, reason) = weigh(&one);
        FieldChange {
            path: one.path.to_owned(),
            before: Some(compare::of(one.before)),
            after: Some(compare::of(one.after)),
            risk: risk.into(),
            reason: reason.to_owned(),
        }
    };
    found.into_iter().map(told).collect()
}
