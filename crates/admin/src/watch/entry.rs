//! An entry of the feed as message.

use chancery_domain::{
    change::{Change, ChangeKind, Noun},
    id::{TenantId, TenantSlug},
};
use chancery_proto::v1::{self, change::Kind};

use crate::{name, span, status::DOMAIN};

use super::position::Position;

/// A change, ready to be told.
pub(super) struct Entry {
    /// The position behind it.
    pub(super) position: Position,
    /// Where it was.
    pub(super) tenant: Option<TenantId>,
    /// What it is about, and how it is told. Nothing of a kind of thing that only a newer version knows: who watches hears
    /// of it from a process of that version.
    pub(super) told: Option<(Noun, v1::Change)>,
}

impl Entry {
    /// An entry; `slug` is what its tenant is called, where it is in one that is still there.
    pub(super) fn of(change: &Change, slug: Option<&TenantSlug>) -> Self {
        let position = Position { place: change.place, as_of: change.place.at };
        let told = change.noun.map(|noun| (noun, message(change, noun, slug)));
        Self { position, tenant: change.tenant, told }
    }
}

fn message(change: &Change, noun: Noun, slug: Option<&TenantSlug>) -> v1::Change {
    let kind = match change.kind {
        None => Kind::Unspecified,
        Some(ChangeKind::Created) => Kind::Created,
        Some(ChangeKind::Updated) => Kind::Updated,
        Some(ChangeKind::Deleted) => Kind::Deleted,
    };
    v1::Change {
        name: name_of(change, noun, slug).unwrap_or_default(),
        resource_type: format!("{DOMAIN}/{}", type_of(noun)),
        kind: kind.into(),
        uid: uid_of(change, noun),
        tenant_uid: change.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
        change_time: Some(span::moment(change.place.at)),
    }
}

/// The name of what changed, where it has one and the tenant is known.
fn name_of(change: &Change, noun: Noun, slug: Option<&TenantSlug>) -> Option<String> {
    let id = &change.id;
    let within = |collection| slug.map(|slug| name::within(slug, collection, id));
    match noun {
        // A tenant that is gone is named by the change alone; versions before this one gave its uid there.
        Noun::Tenant => slug.cloned().or_else(|| id.parse().ok()).as_ref().map(name::of_tenant),
        Noun::Client => within("clients"),
        Noun::Scope => within("scopes"),
        Noun::User => within("users"),
        Noun::Resource => within("resources"),
        Noun::ClaimMapping => within("claimMappings"),
        Noun::TrustedIssuer => within("trustedIssuers"),
        Noun::Session => within("sessions"),
        Noun::Grant => within("grants"),
        Noun::RoleBinding if change.tenant.is_none() => Some(format!("roleBindings/{id}")),
        Noun::RoleBinding => within("roleBindings"),
        Noun::Approval => Some(format!("approvals/{id}")),
        Noun::Key => within("keys"),
        Noun::KeyPolicy => slug.map(|slug| format!("{}/keyPolicy", name::of_tenant(slug))),
        Noun::TokenSecret => within("tokenSecrets"),
        Noun::InitialAccessToken => within("initialAccessTokens"),
        Noun::EncryptionKey => within("encryptionKeys"),
        // A document has the name of its tenant.
        Noun::TenantDocument => slug.map(name::of_tenant),
        Noun::AdminKey if change.tenant.is_none() => Some(format!("apiKeys/{id}")),
        Noun::AdminKey => within("apiKeys"),
        // Their ids are no part of their names.
        Noun::Role | Noun::Consent | Noun::AuditCheckpoint | Noun::AuditKey | Noun::MasterKey => None,
    }
}

/// The id for good of what changed, where the feed has it.
fn uid_of(change: &Change, noun: Noun) -> String {
    match noun {
        Noun::Tenant => change.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
        Noun::Approval
        | Noun::Role
        | Noun::RoleBinding
        | Noun::User
        | Noun::Session
        | Noun::Consent
        | Noun::Grant
        | Noun::TokenSecret
        | Noun::InitialAccessToken
        | Noun::AdminKey => change.id.clone(),
        Noun::Client
        | Noun::Scope
        | Noun::Resource
        | Noun::ClaimMapping
        | Noun::TrustedIssuer
        | Noun::Key
        | Noun::EncryptionKey
        | Noun::KeyPolicy
        | Noun::TenantDocument
        | Noun::AuditCheckpoint
        | Noun::AuditKey
        | Noun::MasterKey => String::new(),
    }
}

/// The last part of its type, as the contract calls it.
const fn type_of(noun: Noun) -> &'static str {
    match noun {
        Noun::Tenant => "Tenant",
        Noun::Client => "Client",
        Noun::Scope => "Scope",
        Noun::Resource => "Resource",
        Noun::ClaimMapping => "ClaimMapping",
        Noun::TrustedIssuer => "TrustedIssuer",
        Noun::User => "User",
        Noun::Session => "Session",
        Noun::Consent => "Consent",
        Noun::Grant => "Grant",
        Noun::Key => "Key",
        Noun::KeyPolicy => "KeyPolicy",
        Noun::TokenSecret => "TokenSecret",
        Noun::InitialAccessToken => "InitialAccessToken",
        Noun::EncryptionKey => "EncryptionKey",
        Noun::TenantDocument => "TenantDocument",
        Noun::AdminKey => "ApiKey",
        Noun::Approval => "Approval",
        Noun::Role => "Role",
        Noun::RoleBinding => "RoleBinding",
        Noun::AuditCheckpoint => "AuditCheckpoint",
        Noun::AuditKey => "AuditKey",
        Noun::MasterKey => "MasterKey",
    }
}
