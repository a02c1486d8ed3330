//! Update masks (AIP-134, AIP-161): the only code that applies them.
//!
//! A resource lists its fields once. An update then turns the stored resource into a message, lets the mask copy what
//! was sent over it, and reads the whole back by the same rules as on creation.

use prost_types::FieldMask;

use crate::status::Refusal;

/// What an update may do with a field.
pub(crate) enum Rule<T> {
    /// It can be changed.
    Open {
        /// Whether the sender set it.
        is_set: fn(&T) -> bool,
        /// Copies it from the one sent to the one stored.
        copy: fn(&T, &mut T),
    },
    /// It can be sent but must not differ.
    Fixed {
        /// Whether the sender set it.
        is_set: fn(&T) -> bool,
        /// Whether it is the same in both.
        is_same: fn(&T, &T) -> bool,
    },
    /// Ours to tell; what callers send is not looked at (AIP-203).
    Output,
}

/// A field of a resource.
pub(crate) struct Field<T> {
    /// Its path, such as `settings.code_ttl`.
    pub(crate) path: &'static str,
    /// What an update may do with it.
    pub(crate) rule: Rule<T>,
}

/// What a mask selects.
enum Selected<'a> {
    /// The fields that the sender set.
    Set,
    /// Every field.
    All,
    /// These, and what lies in them.
    Paths(&'a [String]),
}

/// Copies the masked fields from `sent` to `stored`. `resource` is the field of the request that holds the resource.
pub(crate) fn apply<T>(
    fields: &[Field<T>],
    resource: &str,
    mask: Option<&FieldMask>,
    sent: &T,
    stored: &mut T,
) -> Result<(), Refusal> {
    let selected = match mask.map(|mask| mask.paths.as_slice()) {
        None | Some([]) => Selected::Set,
        Some([all]) if all == "*" => Selected::All,
        Some(paths) => Selected::Paths(paths),
    };
    if let Selected::Paths(paths) = selected {
        let known = |path: &String| fields.iter().any(|field| lies_in(field.path, path));
        if let Some(unknown) = paths.iter().find(|path| !known(path)) {
            let refusal = Refusal::field("update_mask", "must hold paths of fields that the resource has");
            return Err(refusal.with("path", unknown.chars().take(100).collect::<String>()));
        }
    }
    for field in fields {
        match &field.rule {
            Rule::Open { is_set, copy } => {
                if selected.takes(field.path, is_set(sent)) {
                    copy(sent, stored);
                }
            }
            Rule::Fixed { is_set, is_same } => {
                if selected.takes(field.path, is_set(sent)) && is_set(sent) && !is_same(sent, stored) {
                    return Err(Refusal::field(format!("{resource}.{}", field.path), "cannot be changed"));
                }
            }
            Rule::Output => {}
        }
    }
    Ok(())
}

impl Selected<'_> {
    fn takes(&self, path: &str, is_set: bool) -> bool {
        match self {
            Self::Set => is_set,
            Self::All => true,
            Self::Paths(paths) => paths.iter().any(|masked| lies_in(path, masked)),
        }
    }
}

/// Whether a path is the masked one or lies in it.
fn lies_in(path: &str, masked: &str) -> bool {
    path.strip_prefix(masked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a field holds something else than its default, which is all that proto3 lets one see.
pub(crate) fn is_set<V: Default + PartialEq>(value: &V) -> bool {
    *value != V::default()
}

/// Lists the fields of a message: those that can be changed, those within a message field, those that must stay, and
/// those that are ours to tell.
macro_rules! fields {
    (
        $message:ty {
            open: $($open:ident),*;
            $(within $outer:ident: $($inner:ident),*;)?
            fixed: $($fixed:ident),*;
            output: $($output:ident),*;
        }
    ) => {
        &[
            $($crate::mask::Field::<$message> {
                path: stringify!($open),
                rule: $crate::mask::Rule::Open {
                    is_set: |sent| $crate::mask::is_set(&sent.$open),
                    copy: |sent, stored| stored.$open.clone_from(&sent.$open),
                },
            },)*
            $($($crate::mask::Field::<$message> {
                path: concat!(stringify!($outer), ".", stringify!($inner)),
                rule: $crate::mask::Rule::Open {
                    is_set: |sent| sent.$outer.as_ref().is_some_and(|outer| $crate::mask::is_set(&outer.$inner)),
                    copy: |sent, stored| {
                        let inner = sent.$outer.as_ref().map(|outer| outer.$inner.clone());
                        stored.$outer.get_or_insert_default().$inner = inner.unwrap_or_default();
                    },
                },
            },)*)?
            $($crate::mask::Field::<$message> {
                path: stringify!($fixed),
                rule: $crate::mask::Rule::Fixed {
                    is_set: |sent| $crate::mask::is_set(&sent.$fixed),
                    is_same: |sent, stored| sent.$fixed == stored.$fixed,
                },
            },)*
            $($crate::mask::Field::<$message> { path: stringify!($output), rule: $crate::mask::Rule::Output },)*
        ]
    };
}

pub(crate) use fields;

#[cfg(test)]
mod tests;
