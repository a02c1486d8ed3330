//! What of a plan somebody else has to approve: the changes whose calls the deployment lets nobody make alone, so that a
//! document is no way around that.

use std::{collections::BTreeMap, fmt::Write};

use chancery_domain::{
    admin_key::AdminReach,
    fault::{Fault, Malformed},
    permission::{Permission, PermissionSet},
};
use chancery_proto::v1::{ApplyTenantDocumentRequest, TenantDocumentChange, tenant_document_change::Kind};
use prost::Message;

use super::{planning::Plan, preview};
use crate::{
    approvals::{self, Claim, Deed},
    call::Call,
    context::Context,
    json,
    status::Refusal,
};

/// Lets an apply go on whose changes need no approval or have theirs: one for each permission, since whoever approves must
/// be able to do all of what they approve. An approval is of the very changes that it showed, so one thing more that goes
/// by the same document is another deed.
pub(super) async fn claim(
    cx: &Context,
    call: &Call,
    request: &ApplyTenantDocumentRequest,
    plan: &Plan,
) -> Result<Claim, Refusal> {
    let mut by_permission: BTreeMap<&str, Vec<&TenantDocumentChange>> = BTreeMap::new();
    for change in &plan.changes {
        by_permission.entry(&change.permission).or_default().push(change);
    }
    let deeds: Result<Vec<Deed>, Malformed> = by_permission
        .into_iter()
        .map(|(permission, changes)| Ok(deed(request, permission.parse()?, &changes)))
        .collect();
    let deeds = deeds.map_err(|malformed| Fault::broken("a change asks for what nobody has", malformed))?;
    // A tenant that is not there yet is the platform's.
    let place = plan.stored.as_ref().map_or(AdminReach::Platform, |stored| AdminReach::Tenant(stored.tenant.id));
    approvals::claim_each(cx, call, place, deeds).await
}

fn deed(request: &ApplyTenantDocumentRequest, permission: Permission, changes: &[&TenantDocumentChange]) -> Deed {
    let mut summary = String::new();
    let mut bytes = preview::bare(request).encode_length_delimited_to_vec();
    for change in changes {
        show(change, &mut summary);
        bytes.extend(change.encode_length_delimited_to_vec());
    }
    // Rights do not stand in documents.
    Deed { permission, gives: PermissionSet::EMPTY, summary, request: bytes }
}

/// A change in lines; those of fields tell what they will hold.
fn show(change: &TenantDocumentChange, summary: &mut String) {
    let done = match change.kind() {
        Kind::Create => "create",
        Kind::Update => "update",
        Kind::Delete => "delete",
        Kind::Unspecified => "touch",
    };
    // Writing to a string does not fail.
    let _ = writeln!(summary, "{done} {}", change.name);
    for field in &change.fields {
        let after = field.after.clone().unwrap_or_default();
        let after = json::read("after", after).unwrap_or_default();
        let _ = writeln!(summary, "  {}: {after}", field.path);
    }
}
