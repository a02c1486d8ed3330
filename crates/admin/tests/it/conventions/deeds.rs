//! For each call that changes something: a request that does it, and another that would be about the same.

use chancery_proto::v1::{
    ActivateTokenSecretRequest, ApiKey, ApplyTenantDocumentRequest, ClaimMapping, Client, CompromiseAlgorithmRequest,
    CompromiseKeyRequest, CompromiseTenantKeysRequest, CreateApiKeyRequest, CreateClaimMappingRequest,
    CreateClientRequest, CreateInitialAccessTokenRequest, CreatePasswordLinkRequest, CreateResourceRequest,
    CreateRoleBindingRequest, CreateRoleRequest, CreateScopeRequest, CreateTenantRequest, CreateTrustedIssuerRequest,
    CreateUserRequest, DeleteApiKeyRequest, DeleteClaimMappingRequest, DeleteClientRequest, DeleteClientSecretRequest,
    DeleteEncryptionKeyRequest, DeleteInitialAccessTokenRequest, DeleteResourceRequest, DeleteRoleBindingRequest,
    DeleteRoleRequest, DeleteScopeRequest, DeleteTenantRequest, DeleteTokenSecretRequest, DeleteTrustedIssuerRequest,
    DeleteUserRequest, DisableClientRequest, DisableUserRequest, EnableClientRequest, EnableUserRequest,
    ImportKeyRequest, InitialAccessToken, KeyPolicy, PauseRewrapRequest, Resource, ResumeRewrapRequest,
    ResumeTenantRequest, RevokeConsentRequest, RevokeGrantRequest, RevokeGrantsRequest, RevokeSessionRequest,
    RevokeSessionsRequest, RevokeTokenRequest, Role, RoleBinding, RotateEncryptionKeysRequest, RotateKeysRequest,
    Scope, StartRewrapRequest, SuspendTenantRequest, TaintKeyRequest, Tenant, TenantDocument, TrustedIssuer,
    UndeleteTenantRequest, UpdateClaimMappingRequest, UpdateClientRequest, UpdateKeyPolicyRequest,
    UpdateResourceRequest, UpdateRoleRequest, UpdateScopeRequest, UpdateTenantRequest, UpdateTrustedIssuerRequest,
    UpdateUserRequest, User,
};
use prost::Message;

use super::town::{Town, issuer, mapping};
use crate::{clients::service, world::mask};

const P256: &str = include_str!("../../../../keys/tests/fixtures/import/p256/pkcs8.pem");

/// A request on the wire, and another one of the same call.
pub(super) struct Deed {
    pub(super) request: Vec<u8>,
    pub(super) other: Vec<u8>,
}

fn deed<R: Message>(request: R, change: impl FnOnce(&mut R)) -> Deed {
    let encoded = request.encode_to_vec();
    let mut other = request;
    change(&mut other);
    Deed { request: encoded, other: other.encode_to_vec() }
}

/// The same where there is nothing that another request could say.
fn only<R: Message>(request: &R) -> Deed {
    Deed { request: request.encode_to_vec(), other: Vec::new() }
}

fn acme() -> String {
    "tenants/acme".to_owned()
}

fn named(noun: &str, id: &str) -> String {
    format!("tenants/acme/{noun}/{id}")
}

/// What is sent for the call; `None` for a call that nobody has thought of here yet.
pub(super) fn of(call: &str, town: &Town) -> Option<Deed> {
    creations(call, town)
        .or_else(|| updates(call, town))
        .or_else(|| deletions(call, town))
        .or_else(|| turns(call, town))
        .or_else(|| revocations(call, town))
        .or_else(|| keys(call, town))
}

fn creations(call: &str, town: &Town) -> Option<Deed> {
    let (parent, id) = (acme(), "new".to_owned());
    Some(match call {
        "CreateTenant" => {
            deed(CreateTenantRequest { tenant_id: id, ..Default::default() }, |it| it.tenant_id.push('s'))
        }
        "CreateClient" => {
            let client = Some(service());
            deed(CreateClientRequest { parent, client_id: id, client, ..Default::default() }, |it| {
                it.client_id.push('s');
            })
        }
        "CreateScope" => {
            let scope = Some(Scope { value: "new".into(), ..Default::default() });
            deed(CreateScopeRequest { parent, scope_id: id, scope, ..Default::default() }, |it| it.scope_id.push('s'))
        }
        "CreateResource" => {
            let resource = Some(Resource { identifier: "https://new.example".into(), ..Default::default() });
            let request = CreateResourceRequest { parent, resource_id: id, resource, ..Default::default() };
            deed(request, |it| it.resource_id.push('s'))
        }
        "CreateClaimMapping" => {
            let claim_mapping = Some(mapping("new"));
            let request =
                CreateClaimMappingRequest { parent, claim_mapping_id: id, claim_mapping, ..Default::default() };
            deed(request, |it| it.claim_mapping_id.push('s'))
        }
        "CreateTrustedIssuer" => {
            let trusted_issuer = Some(issuer("https://new.example"));
            let request =
                CreateTrustedIssuerRequest { parent, trusted_issuer_id: id, trusted_issuer, ..Default::default() };
            deed(request, |it| it.trusted_issuer_id.push('s'))
        }
        "CreateRole" => {
            let role = Some(Role { permissions: vec!["users.list".into()], ..Default::default() });
            deed(CreateRoleRequest { parent, role_id: id, role, ..Default::default() }, |it| it.role_id.push('s'))
        }
        "CreateRoleBinding" => {
            let (role, member) = ("roles/tenant.reader".to_owned(), "certificates/cd.example".to_owned());
            let role_binding = Some(RoleBinding { role, member, ..Default::default() });
            let request = CreateRoleBindingRequest { parent, role_binding, ..Default::default() };
            deed(request, |it| it.role_binding.get_or_insert_default().role = "roles/tenant.auditor".into())
        }
        "CreateUser" => {
            let user = Some(User { username: "cy".into(), ..Default::default() });
            deed(CreateUserRequest { parent, user, ..Default::default() }, |it| {
                it.user.get_or_insert_default().username.push('s');
            })
        }
        "CreateApiKey" => {
            let api_key = Some(ApiKey { display_name: "other".into(), ..Default::default() });
            only(&CreateApiKeyRequest { parent, api_key, ..Default::default() })
        }
        "CreateInitialAccessToken" => {
            let initial_access_token = Some(InitialAccessToken { display_name: "other".into(), ..Default::default() });
            only(&CreateInitialAccessTokenRequest { parent, initial_access_token, ..Default::default() })
        }
        "CreatePasswordLink" => {
            only(&CreatePasswordLinkRequest { name: town.people.ada.name.clone(), ..Default::default() })
        }
        "ApplyTenantDocument" => {
            let tenant = Some(Tenant { name: acme(), display_name: "Acme".into(), ..Default::default() });
            let tenant_document = Some(TenantDocument { tenant, ..Default::default() });
            let request = ApplyTenantDocumentRequest { tenant_document, allow_missing: true, ..Default::default() };
            deed(request, |it| it.allow_missing = false)
        }
        _ => return None,
    })
}

fn updates(call: &str, town: &Town) -> Option<Deed> {
    let display_name = || "Another name".to_owned();
    Some(match call {
        "UpdateUser" => {
            let user = Some(User { name: town.bob.clone(), username: "robert".into(), ..Default::default() });
            only(&UpdateUserRequest { user, update_mask: mask(&["username"]), ..Default::default() })
        }
        "UpdateTenant" => {
            let tenant = Some(Tenant { name: acme(), display_name: display_name(), ..Default::default() });
            only(&UpdateTenantRequest { tenant, update_mask: mask(&["display_name"]), ..Default::default() })
        }
        "UpdateClient" => {
            let client =
                Some(Client { name: named("clients", "web"), display_name: display_name(), ..Default::default() });
            only(&UpdateClientRequest { client, update_mask: mask(&["display_name"]), ..Default::default() })
        }
        "UpdateScope" => {
            let scope = Some(Scope { name: named("scopes", "old"), description: display_name(), ..Default::default() });
            only(&UpdateScopeRequest { scope, update_mask: mask(&["description"]), ..Default::default() })
        }
        "UpdateResource" => {
            let name = named("resources", "old");
            let resource = Some(Resource { name, display_name: display_name(), ..Default::default() });
            only(&UpdateResourceRequest { resource, update_mask: mask(&["display_name"]), ..Default::default() })
        }
        "UpdateClaimMapping" => {
            let claim_mapping = Some(ClaimMapping { name: named("claimMappings", "old"), ..mapping("unit") });
            only(&UpdateClaimMappingRequest { claim_mapping, update_mask: mask(&["claim"]), ..Default::default() })
        }
        "UpdateTrustedIssuer" => {
            let name = named("trustedIssuers", "old");
            let trusted_issuer = Some(TrustedIssuer { name, disabled: true, ..Default::default() });
            let update_mask = mask(&["disabled"]);
            only(&UpdateTrustedIssuerRequest { trusted_issuer, update_mask, ..Default::default() })
        }
        "UpdateRole" => {
            let role = Some(Role { name: named("roles", "old"), display_name: display_name(), ..Default::default() });
            only(&UpdateRoleRequest { role, update_mask: mask(&["display_name"]), ..Default::default() })
        }
        "UpdateKeyPolicy" => {
            let algorithms = vec!["ES256".to_owned(), "ES384".to_owned()];
            let key_policy =
                Some(KeyPolicy { name: "tenants/acme/keyPolicy".into(), algorithms, ..Default::default() });
            only(&UpdateKeyPolicyRequest { key_policy, update_mask: mask(&["algorithms"]), ..Default::default() })
        }
        _ => return None,
    })
}

fn deletions(call: &str, town: &Town) -> Option<Deed> {
    Some(match call {
        "DeleteTenant" => only(&DeleteTenantRequest { name: acme(), ..Default::default() }),
        "DeleteClient" => only(&DeleteClientRequest { name: named("clients", "web"), ..Default::default() }),
        "DeleteClientSecret" => {
            only(&DeleteClientSecretRequest { name: town.client_secret.clone(), ..Default::default() })
        }
        "DeleteScope" => only(&DeleteScopeRequest { name: named("scopes", "old"), ..Default::default() }),
        "DeleteResource" => only(&DeleteResourceRequest { name: named("resources", "old"), ..Default::default() }),
        "DeleteClaimMapping" => {
            only(&DeleteClaimMappingRequest { name: named("claimMappings", "old"), ..Default::default() })
        }
        "DeleteTrustedIssuer" => {
            only(&DeleteTrustedIssuerRequest { name: named("trustedIssuers", "old"), ..Default::default() })
        }
        "DeleteRole" => only(&DeleteRoleRequest { name: named("roles", "old"), ..Default::default() }),
        "DeleteRoleBinding" => {
            only(&DeleteRoleBindingRequest { name: town.role_binding.clone(), ..Default::default() })
        }
        "DeleteApiKey" => only(&DeleteApiKeyRequest { name: town.api_key.clone(), ..Default::default() }),
        "DeleteEncryptionKey" => {
            only(&DeleteEncryptionKeyRequest { name: town.encryption_key.clone(), ..Default::default() })
        }
        "DeleteInitialAccessToken" => {
            let name = town.initial_access_token.clone();
            only(&DeleteInitialAccessTokenRequest { name, ..Default::default() })
        }
        "DeleteTokenSecret" => {
            only(&DeleteTokenSecretRequest { name: town.token_secret.clone(), ..Default::default() })
        }
        "DeleteUser" => only(&DeleteUserRequest { name: town.people.ada.name.clone(), ..Default::default() }),
        _ => return None,
    })
}

fn turns(call: &str, town: &Town) -> Option<Deed> {
    let etag = || "\"another\"".to_owned();
    Some(match call {
        "DisableClient" => {
            let request = DisableClientRequest { name: named("clients", "web"), ..Default::default() };
            deed(request, |it| it.etag = etag())
        }
        "EnableClient" => {
            let request = EnableClientRequest { name: named("clients", "off"), ..Default::default() };
            deed(request, |it| it.etag = etag())
        }
        "DisableUser" => {
            let request = DisableUserRequest { name: town.people.ada.name.clone(), ..Default::default() };
            deed(request, |it| it.etag = etag())
        }
        "EnableUser" => deed(EnableUserRequest { name: town.bob.clone(), ..Default::default() }, |it| it.etag = etag()),
        "SuspendTenant" => deed(SuspendTenantRequest { name: acme(), ..Default::default() }, |it| it.etag = etag()),
        "ResumeTenant" => {
            let request = ResumeTenantRequest { name: "tenants/still".into(), ..Default::default() };
            deed(request, |it| it.etag = etag())
        }
        "UndeleteTenant" => {
            let request = UndeleteTenantRequest { name: "tenants/gone".into(), ..Default::default() };
            deed(request, |it| it.etag = etag())
        }
        "PauseRewrap" => only(&PauseRewrapRequest::default()),
        "ResumeRewrap" => only(&ResumeRewrapRequest::default()),
        "StartRewrap" => {
            let request = StartRewrapRequest { reason: "yearly".into(), ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        _ => return None,
    })
}

fn revocations(call: &str, town: &Town) -> Option<Deed> {
    let (parent, user) = (acme(), town.people.ada.name.clone());
    Some(match call {
        "RevokeSession" => {
            let request = RevokeSessionRequest { name: town.session.clone(), ..Default::default() };
            deed(request, |it| it.name = named("sessions", "a18f0000-0000-7000-8000-00000000000a"))
        }
        "RevokeSessions" => {
            deed(RevokeSessionsRequest { parent, user, ..Default::default() }, |it| it.user.clone_from(&town.bob))
        }
        "RevokeGrant" => {
            let request =
                RevokeGrantRequest { name: named("grants", &town.grant.id.to_string()), ..Default::default() };
            deed(request, |it| it.name = named("grants", "a18f0000-0000-7000-8000-00000000000a"))
        }
        "RevokeGrants" => {
            deed(RevokeGrantsRequest { parent, user, ..Default::default() }, |it| it.user.clone_from(&town.bob))
        }
        "RevokeToken" => {
            let request = RevokeTokenRequest { parent, token_id: town.tokens[0].clone(), ..Default::default() };
            deed(request, |it| it.token_id.clone_from(&town.tokens[1]))
        }
        "RevokeConsent" => {
            let request = RevokeConsentRequest { name: format!("{user}/consents/app"), ..Default::default() };
            deed(request, |it| it.name = format!("{user}/consents/web"))
        }
        _ => return None,
    })
}

fn keys(call: &str, town: &Town) -> Option<Deed> {
    let (parent, reason, allow_unannounced) = (acme(), "drill".to_owned(), true);
    let name = town.active_key.clone();
    Some(match call {
        "RotateKeys" => {
            let request = RotateKeysRequest { parent, immediate: true, reason, ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        "TaintKey" => {
            let request = TaintKeyRequest { name, reason, allow_unannounced, ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        "CompromiseKey" => {
            let request = CompromiseKeyRequest { name, reason, allow_unannounced, ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        "CompromiseTenantKeys" => {
            let request = CompromiseTenantKeysRequest { parent, reason, allow_unannounced, ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        "CompromiseAlgorithm" => {
            let algorithm = "ES256".to_owned();
            only(&CompromiseAlgorithmRequest { algorithm, reason, allow_unannounced, ..Default::default() })
        }
        "ImportKey" => {
            let request = ImportKeyRequest { parent, material: P256.into(), ..Default::default() };
            deed(request, |it| it.key_id = "theirs".into())
        }
        "RotateEncryptionKeys" => {
            let (tenant, _) = town.encryption_key.split_once("/encryptionKeys").expect("a name");
            let request = RotateEncryptionKeysRequest { parent: tenant.to_owned(), reason, ..Default::default() };
            deed(request, |it| it.reason.push('!'))
        }
        "ActivateTokenSecret" => {
            let request = ActivateTokenSecretRequest { name: town.token_secret.clone(), ..Default::default() };
            let (tenant, _) = town.token_secret.rsplit_once('/').expect("a name");
            deed(request, |it| it.name = format!("{tenant}/a18f0000-0000-7000-8000-00000000000a"))
        }
        _ => return None,
    })
}
