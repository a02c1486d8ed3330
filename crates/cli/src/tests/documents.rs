//! Documents in files, with a server that stands in: what is asked of it, and what then stands in the files.

use std::path::Path;
use std::sync::{Arc, Mutex};

use chancery_proto::v1::tenant_document_service_server::{TenantDocumentService, TenantDocumentServiceServer};
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, ApplyTenantDocumentResponse, DriftTenantDocumentRequest, ExportTenantDocumentRequest,
    PlanTenantDocumentRequest, Tenant, TenantDocument, TenantDocumentDrift, TenantDocumentPlan,
};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use super::stand_in::{ask, serve};
use crate::CliError;

/// Knows the tenant that it is asked for, and keeps what it is to apply. The first such call goes unanswered.
#[derive(Clone, Default)]
struct StandIn(Arc<Mutex<Vec<ApplyTenantDocumentRequest>>>);

impl StandIn {
    fn applied(&self) -> Vec<ApplyTenantDocumentRequest> {
        self.0.lock().expect("nobody panicked").clone()
    }
}

#[tonic::async_trait]
impl TenantDocumentService for StandIn {
    async fn export_tenant_document(
        &self,
        call: Request<ExportTenantDocumentRequest>,
    ) -> Result<Response<TenantDocument>, Status> {
        let tenant = Tenant { name: call.into_inner().name, display_name: "New".to_owned(), ..Tenant::default() };
        Ok(Response::new(TenantDocument { tenant: Some(tenant), ..TenantDocument::default() }))
    }

    async fn plan_tenant_document(
        &self,
        _: Request<PlanTenantDocumentRequest>,
    ) -> Result<Response<TenantDocumentPlan>, Status> {
        Ok(Response::new(TenantDocumentPlan::default()))
    }

    async fn apply_tenant_document(
        &self,
        call: Request<ApplyTenantDocumentRequest>,
    ) -> Result<Response<ApplyTenantDocumentResponse>, Status> {
        let mut applied = self.0.lock().expect("nobody panicked");
        applied.push(call.into_inner());
        if applied.len() == 1 {
            Err(Status::unavailable("the answer was lost"))
        } else {
            Ok(Response::new(ApplyTenantDocumentResponse::default()))
        }
    }

    async fn drift_tenant_document(
        &self,
        _: Request<DriftTenantDocumentRequest>,
    ) -> Result<Response<TenantDocumentDrift>, Status> {
        Ok(Response::new(TenantDocumentDrift::default()))
    }
}

async fn answer(server: &StandIn, arguments: &str) -> Result<String, CliError> {
    let url = serve(Server::builder().add_service(TenantDocumentServiceServer::new(server.clone()))).await;
    ask(&url, "right", arguments).await
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
}

#[tokio::test]
async fn an_apply_whose_answer_is_lost_is_made_again_as_the_same() {
    let (server, folder) = (StandIn::default(), tempfile::tempdir().expect("a folder"));
    write(folder.path(), &[("acme.yaml", "tenant: {name: acme}"), ("blue.yaml", "tenant: {name: blue}")]);
    let arguments = format!("apply --yes --parallel 1 -f {}", folder.path().display());
    answer(&server, &arguments).await.expect("applied");
    let applied = server.applied();
    let [first, again, other] = applied.as_slice() else { panic!("{applied:?}") };
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test]
async fn where_two_files_are_about_one_tenant_neither_is_applied() {
    let (server, folder) = (StandIn::default(), tempfile::tempdir().expect("a folder"));
    write(folder.path(), &[("a.yaml", "tenant: {name: acme}"), ("b.yaml", "tenant: {name: acme}")]);
    let arguments = format!("apply --yes --prune -f {}", folder.path().display());
    let Err(CliError::Told { text, .. }) = answer(&server, &arguments).await else { panic!("one is taken") };
    assert_eq!(server.applied(), []);
    for file in ["a.yaml:1:1: tenants/acme has 2 documents: ", "b.yaml:1:1: "] {
        assert!(text.contains(file), "{text}");
    }
}

#[tokio::test]
async fn only_a_file_about_the_tenant_is_brought_up_to_date() {
    let (server, folder) = (StandIn::default(), tempfile::tempdir().expect("a folder"));
    let text = "tenant:\n  name: acme # ours\n";
    write(folder.path(), &[("acme.yaml", text)]);
    let file = folder.path().join("acme.yaml");
    let refused = answer(&server, &format!("export globex --update {}", file.display())).await;
    assert!(matches!(refused, Err(CliError::Usage(told)) if told.contains("acme.yaml:2:3: ")));
    assert_eq!(std::fs::read_to_string(&file).expect("there"), text);
    answer(&server, &format!("export acme --update {}", file.display())).await.expect("brought up to date");
    let updated = std::fs::read_to_string(&file).expect("there");
    assert_eq!(updated, format!("{text}  display_name: New\n"));
}
