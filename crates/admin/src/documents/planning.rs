//! Planning: from a document to what has to be written. Everything that can be refused is refused here, before anything
//! slow is done.

use chancery_domain::{applied_document::AppliedDocument, ports::store::TenantReader, time::Timestamp};
use chancery_proto::v1::{TenantDocument, TenantDocumentChange, TenantDocumentPlan};

use super::{
    PARTS, change,
    frame::{self, Frame},
    noun::{Asked, Planned},
    rights, standing,
};
use crate::{
    call::Call,
    context::Context,
    etag, name,
    reach::{self, Reached},
    status::{Reason, Refusal},
};

/// What a caller asks for.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    /// The document.
    pub(super) document: &'a TenantDocument,
    /// Whether what it does not have goes.
    pub(super) prune: bool,
    /// Whether the tenant is made where there is none.
    pub(super) allow_missing: bool,
}

/// A plan, ready to be written.
pub(super) struct Plan {
    /// The tenant as stored; none where there is none yet.
    pub(super) stored: Option<Frame>,
    /// The tenant as it is to be.
    pub(super) wanted: Frame,
    /// The lists.
    pub(super) parts: Vec<Box<dyn Planned>>,
    /// The document that was applied before.
    pub(super) applied: Option<AppliedDocument>,
    /// Everything as it is to be.
    pub(super) after: TenantDocument,
    /// What changes.
    pub(super) changes: Vec<TenantDocumentChange>,
    etag: String,
}

impl Plan {
    /// The plan as callers see it.
    pub(super) fn told(&self) -> TenantDocumentPlan {
        let name = name::of_tenant(&self.wanted.tenant.slug);
        let (etag, changes) = (self.etag.clone(), self.changes.clone());
        TenantDocumentPlan { name, etag, changes, ..TenantDocumentPlan::default() }
    }

    /// Looks outside for what new and changed things lean on there.
    pub(super) async fn look(&self, cx: &Context) -> Result<(), Refusal> {
        for part in &self.parts {
            part.look(cx, self.wanted.tenant.id).await?;
        }
        Ok(())
    }

    /// Whether a thing of that kind changes.
    pub(super) fn touches(&self, message: &str) -> bool {
        self.changes.iter().any(|change| change.r#type == message)
    }
}

/// Compares what the tenant has with the document.
pub(super) async fn plan(cx: &Context, call: &Call, order: Order<'_>) -> Result<Plan, Refusal> {
    let now = cx.clock.now();
    let document = order.document;
    let path = "tenant_document.tenant.name";
    let slug = name::tenant(path, document.tenant.as_ref().map(|tenant| tenant.name.as_str()).unwrap_or_default())?;
    let found = match reach::writable(cx, call, &slug).await {
        Err(refusal) if is_missing(&refusal) && order.allow_missing && reach::platform(call).is_ok() => {
            reach::keeps_system(cx, call, &slug)?;
            None
        }
        found => Some(found?),
    };
    let rows = found.as_ref().map(Reached::read);
    let (stored, wanted, applied) = match (&found, &rows) {
        (Some(reached), Some(rows)) => {
            rights::to_read(call, &reached.tenant)?;
            let stored = Frame { tenant: reached.tenant.clone(), policy: rows.keys().policy().await? };
            let secrets = rows.token_secrets().all().await?;
            let wanted = frame::changed(cx, call, &stored, &secrets, document, now)?;
            (Some(stored), wanted, rows.applied_documents().last().await?)
        }
        _ => (None, frame::fresh(cx, &slug, document, now)?, None),
    };
    let parts = parts(cx, order, &wanted, rows.as_deref(), now).await?;

    let mut before = stored.as_ref().map(|stored| standing::frame(cx, &stored.tenant, &stored.policy));
    let mut after = standing::frame(cx, &wanted.tenant, &wanted.policy);
    for part in &parts {
        part.tell(before.get_or_insert_default(), &mut after);
    }
    let before = before.filter(|_| stored.is_some());
    standing::bounded(&slug, &after)?;
    after.etag = standing::etag(wanted.tenant.id, &after);
    let etag = before.as_ref().map(|before| standing::etag(wanted.tenant.id, before)).unwrap_or_default();
    etag::check(&document.etag, &etag)?;
    let mut changes = differences(before.as_ref(), &after);
    if before.is_none() && document.key_policy.is_none() {
        // The deployment's usual policy comes with the tenant.
        changes.retain(|change| change.r#type != frame::KEY_POLICY.message);
    }
    Ok(Plan { stored, wanted, parts, applied, after, changes, etag })
}

/// What is different between two documents about one tenant; without a first one, everything is new.
pub(super) fn differences(before: Option<&TenantDocument>, after: &TenantDocument) -> Vec<TenantDocumentChange> {
    let (tenant, policy) = (after.tenant.as_ref(), after.key_policy.as_ref());
    let name = tenant.map(|tenant| tenant.name.as_str()).unwrap_or_default();
    let was = before.and_then(|before| before.tenant.as_ref());
    let mut changes: Vec<_> = change::between(&frame::TENANT, name, was, tenant).into_iter().collect();
    let was = before.and_then(|before| before.key_policy.as_ref());
    changes.extend(change::between(&frame::KEY_POLICY, &format!("{name}/keyPolicy"), was, policy));
    let nothing = TenantDocument::default();
    changes.extend(PARTS.iter().flat_map(|part| part.differences(before.unwrap_or(&nothing), after)));
    changes
}

async fn parts(
    cx: &Context,
    order: Order<'_>,
    wanted: &Frame,
    rows: Option<&dyn TenantReader>,
    now: Timestamp,
) -> Result<Vec<Box<dyn Planned>>, Refusal> {
    let Order { document, prune, .. } = order;
    let (tenant, policy, beside) = (&wanted.tenant, &wanted.policy, TenantDocument::default());
    let mut asked = Asked { cx, tenant, policy, beside, rows, document, prune, now };
    let mut parts = Vec::with_capacity(PARTS.len());
    for part in PARTS {
        let planned = part.plan(&asked).await?;
        planned.stand(&mut asked.beside);
        parts.push(planned);
    }
    Ok(parts)
}

fn is_missing(refusal: &Refusal) -> bool {
    refusal.reason() == Reason::TenantNotFound
}
