//! A key of one tenant reaches nothing of another, and cannot even tell whether it exists.

use chancery_proto::v1::{
    ActivateTokenSecretRequest, ApplyTenantDocumentRequest, CompromiseAlgorithmRequest, CompromiseKeyRequest,
    CompromiseTenantKeysRequest, CreateApiKeyRequest, CreateClaimMappingRequest, CreateClientRequest,
    CreatePasswordLinkRequest, CreateResourceRequest, CreateScopeRequest, CreateTenantRequest,
    CreateTrustedIssuerRequest, CreateUserRequest, DeleteApiKeyRequest, DeleteClaimMappingRequest, DeleteClientRequest,
    DeleteEncryptionKeyRequest, DeleteResourceRequest, DeleteTenantRequest, DeleteTokenSecretRequest,
    DeleteTrustedIssuerRequest, DriftTenantDocumentRequest, ExportTenantDocumentRequest, GenerateTokenSecretRequest,
    GetClaimMappingRequest, GetClientRequest, GetConsentRequest, GetGrantRequest, GetKeyPolicyRequest, GetKeyRequest,
    GetKeyTimelineRequest, GetResourceRequest, GetScopeRequest, GetSessionRequest, GetTenantRequest,
    GetTrustedIssuerRequest, GetUserRequest, ImportKeyRequest, ListApiKeysRequest, ListClaimMappingsRequest,
    ListClientsRequest, ListConsentsRequest, ListEncryptionKeysRequest, ListGrantsRequest, ListKeysRequest,
    ListResourcesRequest, ListScopesRequest, ListSessionsRequest, ListTenantsRequest, ListTokenSecretsRequest,
    ListTrustedIssuersRequest, ListUsersRequest, PlanTenantDocumentRequest, RevokeConsentRequest, RevokeGrantRequest,
    RevokeGrantsRequest, RevokeSessionRequest, RevokeSessionsRequest, RevokeTokenRequest, RotateEncryptionKeysRequest,
    RotateKeysRequest, SuspendTenantRequest, TaintKeyRequest, Tenant, TenantDocument, UpdateTenantRequest, User,
    tenant::Profile,
};
use tonic::Code;

use crate::world::{World, mask, refusal};

/// Calls within that tenant, and gives how each was refused.
macro_rules! refusals {
    ($caller:expr, $($service:ident.$call:ident($request:expr);)*) => {
        vec![$((stringify!($call), refusal($caller.clone().$service.$call($request).await.map(|_| ()))),)*]
    };
}

#[tokio::test]
async fn what_is_foreign_looks_absent() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let user = User { username: "ada".into(), ..Default::default() };
    let request = CreateUserRequest { parent: bolt.name.clone(), user: Some(user), ..Default::default() };
    let ada = operator.users.create_user(request).await.expect("created").into_inner();
    let keys = operator.keys.list_keys(ListKeysRequest { parent: bolt.name.clone(), ..Default::default() });
    let key = keys.await.expect("listed").into_inner().keys.remove(0);
    let insider = world.within(&acme).await;

    for (tenant, user, key) in [
        ("tenants/bolt", ada.name.clone(), key.name.clone()),
        ("tenants/none", ada.name.replace("bolt", "none"), key.name.replace("bolt", "none")),
    ] {
        let parent = || tenant.to_owned();
        let named = |rest: &str| format!("{tenant}/{rest}");
        let uuid = "018f0000-0000-7000-8000-000000000000";
        let update = Tenant { name: parent(), display_name: "x".into(), ..Default::default() };
        let document = TenantDocument { tenant: Some(update.clone()), ..Default::default() };
        let answers = refusals!(insider,
            tenants.get_tenant(GetTenantRequest { name: parent() });
            tenants.update_tenant(UpdateTenantRequest { tenant: Some(update.clone()), ..Default::default() });
            clients.list_clients(ListClientsRequest { parent: parent(), ..Default::default() });
            clients.get_client(GetClientRequest { name: named("clients/web") });
            clients.create_client(CreateClientRequest { parent: parent(), ..Default::default() });
            clients.delete_client(DeleteClientRequest { name: named("clients/web"), ..Default::default() });
            scopes.list_scopes(ListScopesRequest { parent: parent(), ..Default::default() });
            scopes.get_scope(GetScopeRequest { name: named("scopes/openid") });
            scopes.create_scope(CreateScopeRequest { parent: parent(), ..Default::default() });
            resources.list_resources(ListResourcesRequest { parent: parent(), ..Default::default() });
            resources.get_resource(GetResourceRequest { name: named("resources/api") });
            resources.create_resource(CreateResourceRequest { parent: parent(), ..Default::default() });
            resources.delete_resource(DeleteResourceRequest { name: named("resources/api"), ..Default::default() });
            claim_mappings.list_claim_mappings(ListClaimMappingsRequest { parent: parent(), ..Default::default() });
            claim_mappings.get_claim_mapping(GetClaimMappingRequest { name: named("claimMappings/unit") });
            claim_mappings.create_claim_mapping(CreateClaimMappingRequest { parent: parent(), ..Default::default() });
            claim_mappings.delete_claim_mapping(DeleteClaimMappingRequest { name: named("claimMappings/unit"), ..Default::default() });
            trusted_issuers.list_trusted_issuers(ListTrustedIssuersRequest { parent: parent(), ..Default::default() });
            trusted_issuers.get_trusted_issuer(GetTrustedIssuerRequest { name: named("trustedIssuers/idp") });
            trusted_issuers.create_trusted_issuer(CreateTrustedIssuerRequest { parent: parent(), ..Default::default() });
            trusted_issuers.delete_trusted_issuer(DeleteTrustedIssuerRequest { name: named("trustedIssuers/idp"), ..Default::default() });
            users.list_users(ListUsersRequest { parent: parent(), ..Default::default() });
            users.get_user(GetUserRequest { name: user.clone() });
            users.create_user(CreateUserRequest { parent: parent(), ..Default::default() });
            users.create_password_link(CreatePasswordLinkRequest { name: user.clone(), ..Default::default() });
            sessions.list_sessions(ListSessionsRequest { parent: parent(), ..Default::default() });
            sessions.get_session(GetSessionRequest { name: named(&format!("sessions/{uuid}")) });
            sessions.revoke_session(RevokeSessionRequest {
                name: named(&format!("sessions/{uuid}")),
                ..Default::default()
            });
            sessions.revoke_sessions(RevokeSessionsRequest {
                parent: parent(),
                user: user.clone(),
                ..Default::default()
            });
            grants.list_grants(ListGrantsRequest { parent: parent(), ..Default::default() });
            grants.get_grant(GetGrantRequest { name: named(&format!("grants/{uuid}")) });
            grants.revoke_grant(RevokeGrantRequest { name: named(&format!("grants/{uuid}")), ..Default::default() });
            grants.revoke_grants(RevokeGrantsRequest { parent: parent(), user: user.clone(), ..Default::default() });
            grants.revoke_token(RevokeTokenRequest { parent: parent(), ..Default::default() });
            consents.list_consents(ListConsentsRequest { parent: user.clone(), ..Default::default() });
            consents.list_consents(ListConsentsRequest { parent: named("users/-"), ..Default::default() });
            consents.get_consent(GetConsentRequest { name: format!("{user}/consents/web") });
            consents.revoke_consent(RevokeConsentRequest { name: format!("{user}/consents/web"), ..Default::default() });
            keys.list_keys(ListKeysRequest { parent: parent(), ..Default::default() });
            keys.get_key(GetKeyRequest { name: key.clone() });
            keys.get_key_policy(GetKeyPolicyRequest { name: named("keyPolicy") });
            keys.rotate_keys(RotateKeysRequest { parent: parent(), ..Default::default() });
            keys.get_key_timeline(GetKeyTimelineRequest { parent: parent(), ..Default::default() });
            keys.taint_key(TaintKeyRequest { name: key.clone(), ..Default::default() });
            keys.compromise_key(CompromiseKeyRequest { name: key.clone(), ..Default::default() });
            keys.compromise_tenant_keys(CompromiseTenantKeysRequest { parent: parent(), ..Default::default() });
            keys.import_key(ImportKeyRequest { parent: parent(), ..Default::default() });
            encryption_keys.list_encryption_keys(ListEncryptionKeysRequest { parent: parent(), ..Default::default() });
            encryption_keys.rotate_encryption_keys(RotateEncryptionKeysRequest { parent: parent(), ..Default::default() });
            encryption_keys.delete_encryption_key(DeleteEncryptionKeyRequest { name: named("encryptionKeys/k1"), ..Default::default() });
            token_secrets.list_token_secrets(ListTokenSecretsRequest { parent: parent(), ..Default::default() });
            token_secrets.generate_token_secret(GenerateTokenSecretRequest { parent: parent() });
            token_secrets.activate_token_secret(ActivateTokenSecretRequest { name: named(&format!("tokenSecrets/{uuid}")), ..Default::default() });
            token_secrets.delete_token_secret(DeleteTokenSecretRequest { name: named(&format!("tokenSecrets/{uuid}")), ..Default::default() });
            documents.export_tenant_document(ExportTenantDocumentRequest { name: parent() });
            documents.plan_tenant_document(PlanTenantDocumentRequest { tenant_document: Some(document.clone()), ..Default::default() });
            documents.apply_tenant_document(ApplyTenantDocumentRequest { tenant_document: Some(document.clone()), allow_missing: true, ..Default::default() });
            documents.drift_tenant_document(DriftTenantDocumentRequest { name: parent() });
            api_keys.list_api_keys(ListApiKeysRequest { parent: parent(), ..Default::default() });
            api_keys.create_api_key(CreateApiKeyRequest { parent: parent(), ..Default::default() });
            api_keys.delete_api_key(DeleteApiKeyRequest { name: named(&format!("apiKeys/{uuid}")), ..Default::default() });
        );
        for (call, answer) in answers {
            assert_eq!(answer, (Code::NotFound, "TENANT_NOT_FOUND".to_owned()), "{call} in {tenant}");
        }
    }
}

#[tokio::test]
async fn calls_of_the_platform_are_denied_before_anything_is_looked_at() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let insider = world.within(&acme).await;
    let name = || "tenants/none".to_owned();
    let uuid = "018f0000-0000-7000-8000-000000000000";
    let mut profile = acme.clone();
    profile.profile = Profile::Oidc.into();
    let answers = refusals!(insider,
        tenants.list_tenants(ListTenantsRequest { page_size: -1, ..Default::default() });
        tenants.create_tenant(CreateTenantRequest::default());
        tenants.delete_tenant(DeleteTenantRequest { name: name(), ..Default::default() });
        tenants.suspend_tenant(SuspendTenantRequest { name: acme.name.clone(), ..Default::default() });
        tenants.update_tenant(UpdateTenantRequest { tenant: Some(profile.clone()), update_mask: mask(&["profile"]), ..Default::default() });
        keys.compromise_algorithm(CompromiseAlgorithmRequest::default());
        api_keys.list_api_keys(ListApiKeysRequest::default());
        api_keys.create_api_key(CreateApiKeyRequest::default());
        api_keys.delete_api_key(DeleteApiKeyRequest { name: format!("apiKeys/{uuid}"), ..Default::default() });
    );
    for (call, answer) in answers {
        assert_eq!(answer, (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()), "{call}");
    }
}

#[tokio::test]
async fn within_its_own_tenant_a_key_reaches_everything() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut insider = world.within(&acme).await;
    let got = insider.tenants.get_tenant(GetTenantRequest { name: acme.name.clone() }).await.expect("got").into_inner();
    assert_eq!(got, acme);
    let user = User { username: "ada".into(), ..Default::default() };
    let request = CreateUserRequest { parent: acme.name.clone(), user: Some(user), ..Default::default() };
    assert!(insider.users.create_user(request).await.is_ok());
    let request = UpdateTenantRequest {
        tenant: Some(Tenant { name: acme.name.clone(), display_name: "Acme".into(), ..Default::default() }),
        update_mask: None,
        ..Default::default()
    };
    assert_eq!(insider.tenants.update_tenant(request).await.expect("updated").into_inner().display_name, "Acme");
}
