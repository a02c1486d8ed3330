//! Tenants as documents: export, plan, apply, drift.
//!
//! A document holds a tenant and its key policy (`frame`) and the things in it, a list for each noun. To add a noun:
//! its list in `tenant_document.proto`, a file in `nouns` that implements [`noun::Noun`], one in `weights` with what is said
//! of its changes, and a line in [`PARTS`].
//! What a noun's fields must be like, and how they are written with their audit, its own room says (`clients/draft`,
//! `clients/write`); nothing of it is said here again.

mod apply;
mod approval;
mod change;
mod compare;
mod drift;
mod export;
mod frame;
mod noun;
mod nouns;
mod plan;
mod planning;
mod preview;
mod rights;
mod standing;
mod weigh;
mod weights;

use chancery_proto::v1::{
    ApplyTenantDocumentRequest, ApplyTenantDocumentResponse, DriftTenantDocumentRequest, ExportTenantDocumentRequest,
    PlanTenantDocumentRequest, TenantDocument, TenantDocumentDrift, TenantDocumentPlan,
};

use self::{
    noun::{Of, Part},
    nouns::{
        claim_mapping::ClaimMappingNoun, client::ClientNoun, resource::ResourceNoun, scope::ScopeNoun,
        trusted_issuer::TrustedIssuerNoun,
    },
};
use crate::service::service;

service! {
    /// Answers the calls about documents.
    TenantDocuments serves tenant_document_service_server::TenantDocumentService {
        export_tenant_document(ExportTenantDocumentRequest) -> TenantDocument = export::export;
        plan_tenant_document(PlanTenantDocumentRequest) -> TenantDocumentPlan = plan::plan;
        apply_tenant_document(ApplyTenantDocumentRequest) -> ApplyTenantDocumentResponse = apply::apply;
        drift_tenant_document(DriftTenantDocumentRequest) -> TenantDocumentDrift = drift::drift;
    }
}

/// The largest document, encoded, in bytes. It may hold a thousand clients, and those have 8 KiB each then; what would be
/// larger is neither exported nor made, so that what was exported can be sent back.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;

/// The lists of things that a document holds, in the order in which they are written: what others name comes first.
const PARTS: &[&dyn Part] = &[
    &Of::<ScopeNoun>::NEW,
    &Of::<ResourceNoun>::NEW,
    &Of::<ClientNoun>::NEW,
    &Of::<ClaimMappingNoun>::NEW,
    &Of::<TrustedIssuerNoun>::NEW,
];
