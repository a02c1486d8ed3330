//! A scope as message, and a message as scope.

use chancery_domain::{
    id::TenantSlug,
    scope::{BuiltInScope, Scope},
};
use chancery_proto::v1;

use crate::{etag, name, span, status::Refusal, text};

/// At most this many claims stand behind a scope.
const MOST_CLAIMS: usize = 100;

/// A tenant's own scope as callers see it.
pub(crate) fn of(tenant: &TenantSlug, scope: &Scope) -> v1::Scope {
    v1::Scope {
        name: name::within(tenant, "scopes", &scope.slug),
        value: scope.value.to_string(),
        description: scope.description.clone(),
        claims: scope.claims.clone(),
        built_in: false,
        create_time: Some(span::moment(scope.created_at)),
        update_time: Some(span::moment(scope.updated_at)),
        etag: etag(scope),
    }
}

/// A scope that every tenant has.
pub(super) fn of_built_in(tenant: &TenantSlug, scope: &BuiltInScope) -> v1::Scope {
    v1::Scope {
        name: name::within(tenant, "scopes", scope.value),
        value: scope.value.to_owned(),
        description: scope.description.to_owned(),
        claims: scope.claims.iter().map(|claim| (*claim).to_owned()).collect(),
        built_in: true,
        ..v1::Scope::default()
    }
}

/// The tag of a scope as it stands. Scopes have no uid: the moment of creation tells one from its predecessor.
pub(super) fn etag(scope: &Scope) -> String {
    etag::of(format_args!("{} {}", scope.slug, scope.created_at.millis()), scope.version)
}

/// The scope with what was sent; id and value stay.
pub(crate) fn read(sent: v1::Scope, scope: Scope) -> Result<Scope, Refusal> {
    let description = text::description("scope.description", &sent.description)?;
    if sent.claims.len() > MOST_CLAIMS {
        return Err(Refusal::field("scope.claims", format!("must hold at most {MOST_CLAIMS} names")));
    }
    let is_name = |claim: &str| (1..=128).contains(&claim.len()) && claim.bytes().all(|b| b.is_ascii_graphic());
    let rule = "must be 1 to 128 printable ASCII characters without spaces";
    let wrong = sent.claims.iter().enumerate().filter(|(_, claim)| !is_name(claim));
    let wrong: Vec<_> = wrong.map(|(at, _)| (format!("scope.claims[{at}]"), rule)).collect();
    if wrong.is_empty() { Ok(Scope { description, claims: sent.claims, ..scope }) } else { Err(Refusal::fields(wrong)) }
}
