//! `ApplyTenantDocument`: everything slow first, then one transaction, all or nothing.
//!
//! Each thing that changes is guarded by the version that was read, and the row of the applied document, which every
//! apply writes, lets one of two appliers win.

use std::collections::BTreeSet;

use chancery_domain::{
    applied_document::AppliedDocument, audit::Action, change::Noun, ports::platform::PlatformTx, principal::Principal,
    role_binding::RoleBinding, time::Timestamp, version::Version,
};
use chancery_keys::{
    found::{self, Founding},
    policy::{self, AppliedPolicy, PreparedPolicy},
};
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, ApplyTenantDocumentResponse, TenantDocument, TenantDocumentPlan,
    tenant_document_change::Kind,
};
use prost::Message;

use super::{
    approval, frame,
    planning::{self, Order, Plan},
    preview, rights,
};
use crate::{
    approvals,
    call::Call,
    context::Context,
    encryption_keys,
    keys::policy_refused::refused,
    last_owner, name, reach,
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
    tenants::write,
    writing::Writing,
};

/// Makes the tenant what the document says.
pub(super) async fn apply(
    cx: &Context,
    call: &Call,
    request: ApplyTenantDocumentRequest,
) -> Result<ApplyTenantDocumentResponse, Refusal> {
    let named = Named::of(cx, call, &request)?;
    Box::pin(once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref(), &request))).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    request: &ApplyTenantDocumentRequest,
) -> Result<ApplyTenantDocumentResponse, Refusal> {
    let now = cx.clock.now();
    let document = request.tenant_document.clone().unwrap_or_default();
    let order = Order { document: &document, prune: request.prune, allow_missing: request.allow_missing };
    let plan = planning::plan(cx, call, order).await?;
    rights::to_change(call, plan.stored.as_ref().map(|stored| &stored.tenant), &plan.changes)?;
    plan.look(cx).await?;
    if request.validate_only {
        return Ok(ApplyTenantDocumentResponse { plan: Some(preview::show(cx, call, request, &plan).await?) });
    }
    preview::admit(cx, call, request, &plan).await?;
    let told = TenantDocumentPlan { etag: plan.after.etag.clone(), ..plan.told() };
    let answer = ApplyTenantDocumentResponse { plan: Some(told) };
    let snapshot = TenantDocument { etag: String::new(), ..plan.after.clone() }.encode_to_vec();
    let known = plan.applied.as_ref().is_some_and(|applied| applied.document == snapshot);
    if plan.changes.is_empty() && known {
        if let Some(named) = named {
            let tx = cx.platform.begin().await?;
            named.remember(tx.requests(), &answer, now).await?;
            tx.commit().await?;
        }
        return Ok(answer);
    }

    let claim = approval::claim(cx, call, request, &plan).await?;
    let done = carry_out(cx, call, named, &plan, (&answer, snapshot), now).await;
    approvals::settle(cx, call, claim, done.as_ref().err()).await;
    done.map(|()| answer)
}

/// Everything slow, and the one transaction.
async fn carry_out(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    plan: &Plan,
    (answer, snapshot): (&ApplyTenantDocumentResponse, Vec<u8>),
    now: Timestamp,
) -> Result<(), Refusal> {
    let keys = KeyWork::prepare(cx, plan).await?;
    let tx = cx.platform.begin().await?;
    let written = async {
        let applied = plan.write(cx, call, &*tx, &keys, snapshot, now).await?;
        if let Some(named) = named {
            named.remember(tx.requests(), answer, now).await?;
        }
        Ok(applied)
    };
    let written = written.await;
    match written {
        Ok(applied) => {
            tx.commit().await?;
            keys.settle(cx, call, applied.as_ref()).await;
            let before = plan.stored.as_ref().map(|stored| &stored.tenant);
            encryption_keys::settle(cx, call, before, &plan.wanted.tenant).await;
            Ok(())
        }
        Err(refusal) => {
            drop(tx);
            keys.settle(cx, call, None).await;
            Err(refusal)
        }
    }
}

/// The keys that have to be made beforehand.
enum KeyWork {
    /// None.
    Nothing,
    /// Those of a new tenant.
    Founding(Box<Founding>),
    /// Those that another policy brings.
    Policy(Box<PreparedPolicy>),
}

impl KeyWork {
    async fn prepare(cx: &Context, plan: &Plan) -> Result<Self, Refusal> {
        let (tenant, policy) = (&plan.wanted.tenant, &plan.wanted.policy);
        if plan.stored.is_none() {
            return Ok(Self::Founding(Box::new(found::prepare(&cx.keys, tenant, policy).await?)));
        }
        if !plan.touches(frame::KEY_POLICY.message) {
            return Ok(Self::Nothing);
        }
        let prepared = policy::prepare(&cx.keys, tenant.id, policy).await;
        let prepared = prepared.map_err(|error| frame::in_policy(refused(error, policy)))?;
        Ok(Self::Policy(Box::new(prepared)))
    }

    /// To be called once everything was written and committed, or thrown away.
    async fn settle(&self, cx: &Context, call: &Call, applied: Option<&AppliedPolicy>) {
        let Self::Policy(prepared) = self else { return };
        if let Some(applied) = applied {
            applied.keys.measure(&call.author().actor);
        }
        prepared.settle(&cx.keys, applied.map(|applied| &applied.keys)).await;
    }
}

impl Plan {
    async fn write(
        &self,
        cx: &Context,
        call: &Call,
        tx: &dyn PlatformTx,
        keys: &KeyWork,
        snapshot: Vec<u8>,
        now: Timestamp,
    ) -> Result<Option<AppliedPolicy>, Refusal> {
        let (tenant, policy) = (&self.wanted.tenant, &self.wanted.policy);
        if let KeyWork::Founding(founding) = keys {
            let inserted = write::insert(cx, call, tx, tenant, founding).await;
            // Somebody else has made the tenant meanwhile.
            let is_late = |refusal: &Refusal| refusal.reason() == Reason::TenantExists;
            inserted.map_err(|refusal| if is_late(&refusal) { Refusal::stale(None) } else { refusal })?;
        }
        self.keep_an_owner(cx, tx, now).await?;
        let rows = tx.of(tenant.id);
        let to = Writing { cx, call, rows: &*rows, tenant: tenant.id, now };
        self.remember(to, snapshot).await?;
        let is_updated = self.stored.is_some() && self.touches(frame::TENANT.message);
        if is_updated {
            write::update(cx, call, tx, tenant, now).await?;
        }
        let applied = match keys {
            KeyWork::Policy(prepared) => {
                let written = policy::write(&*rows, prepared, call.author(), now).await;
                Some(written.map_err(|error| frame::in_policy(refused(error, policy)))?)
            }
            KeyWork::Nothing | KeyWork::Founding(_) => None,
        };
        if is_updated {
            write::promise(cx, &*rows, tenant, now).await?;
        }
        for part in &self.parts {
            part.release(to).await?;
        }
        // What goes makes room for what comes; and what others name comes first, and goes last.
        for part in self.parts.iter().rev() {
            part.delete(to).await?;
        }
        for part in &self.parts {
            part.write(to).await?;
        }
        Ok(applied)
    }

    /// Clients of the system tenant can own the platform; with the last such owner nobody goes.
    async fn keep_an_owner(&self, cx: &Context, tx: &dyn PlatformTx, now: Timestamp) -> Result<(), Refusal> {
        let slug = &self.wanted.tenant.slug;
        if !reach::is_system(cx, slug) {
            return Ok(());
        }
        let gone = self.changes.iter().filter(|change| change.kind() == Kind::Delete);
        let gone: BTreeSet<&str> = gone.map(|change| change.name.as_str()).collect();
        let goes = |owner: &RoleBinding| match &owner.member {
            Principal::Client(id) => gone.contains(name::within(slug, "clients", id).as_str()),
            Principal::ApiKey(_) | Principal::Certificate(_) | Principal::User(_) => false,
        };
        last_owner::keep(cx, tx, &name::of_tenant(slug), goes, now).await
    }

    /// Takes the turn among those who apply documents to the tenant.
    async fn remember(&self, to: Writing<'_>, document: Vec<u8>) -> Result<(), Refusal> {
        let (kind, id) = to.call.author().actor.parts();
        let applied = AppliedDocument {
            document,
            applied_by: format!("{kind} {id}"),
            applied_at: to.now,
            version: Version::FIRST,
        };
        let read = self.applied.as_ref().map(|applied| applied.version);
        to.rows.applied_documents().put(&applied, read).await?;
        Ok(to.audit(Action::DocumentApplied, Noun::TenantDocument, &to.tenant, (None, None)).await?)
    }
}
