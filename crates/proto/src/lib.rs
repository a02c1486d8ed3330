//! The admin contract in Rust, generated from `/proto`.
//!
//! The source of truth is `/proto/chancery/admin/v1`. The feature `client` adds the callers' side of each service,
//! `server` the answering side, `descriptors` the contract as data; messages are always there. Fields that are
//! `debug_redact` are left out of `Debug`.
//!
//! This crate must never know what a call does: it holds words, not behaviour. To extend it, edit the `.proto` files.

pub mod authorization;
#[cfg(feature = "descriptors")]
pub mod descriptors;

/// Package `chancery.admin.v1`.
#[expect(clippy::pedantic, reason = "generated code")]
#[cfg_attr(
    any(feature = "client", feature = "server"),
    expect(clippy::allow_attributes_without_reason, reason = "generated code")
)]
#[cfg_attr(feature = "server", expect(clippy::allow_attributes, reason = "generated code"))]
pub mod v1 {
    tonic::include_proto!("chancery.admin.v1");
    include!(concat!(env!("OUT_DIR"), "/redacted.rs"));
}

/// Every descriptor of the contract as an encoded `google.protobuf.FileDescriptorSet`, with comments and imports.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/chancery.bin"));

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::{FILE_DESCRIPTOR_SET, v1};

    #[test]
    fn the_descriptors_hold_every_service_with_its_comments() {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script");
        let ours = || set.file.iter().filter(|file| file.package() == "chancery.admin.v1");
        let mut services: Vec<_> =
            ours().flat_map(|file| &file.service).map(prost_types::ServiceDescriptorProto::name).collect();
        services.sort_unstable();
        assert_eq!(
            services,
            [
                "ApiKeyService",
                "ApprovalService",
                "AuditService",
                "BootstrapService",
                "ClaimMappingService",
                "ClientService",
                "ConsentService",
                "EncryptionKeyService",
                "GrantService",
                "InitialAccessTokenService",
                "KeyService",
                "MasterKeyService",
                "PreviewService",
                "ResourceService",
                "RoleBindingService",
                "RoleService",
                "ScopeService",
                "SessionService",
                "TenantDocumentService",
                "TenantService",
                "TokenSecretService",
                "TrustedIssuerService",
                "UserService",
                "WatchService"
            ]
        );
        let is_commented = |file: &prost_types::FileDescriptorProto| {
            file.source_code_info.iter().flat_map(|info| &info.location).any(|at| at.leading_comments.is_some())
        };
        assert!(ours().all(is_commented));
    }

    #[test]
    fn every_field_of_a_request_says_how_it_behaves() {
        let pool = prost_reflect::DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script");
        let behaviour = pool.get_extension_by_name("google.api.field_behavior").expect("imported");
        let silent: Vec<_> = pool
            .all_messages()
            .filter(|message| message.package_name() == "chancery.admin.v1" && !message.name().ends_with("Response"))
            // An annotation is no request.
            .filter(|message| message.name() != "Authorization")
            .flat_map(|message| message.fields().collect::<Vec<_>>())
            .filter(|field| !field.options().has_extension(&behaviour))
            .map(|field| field.full_name().to_owned())
            .collect();
        assert!(silent.is_empty(), "without field_behavior: {silent:?}");
    }

    #[test]
    fn secrets_are_not_in_debug() {
        let answer = v1::CreatePasswordLinkResponse { uri: "https://swordfish".to_owned(), ..Default::default() };
        assert_eq!(format!("{answer:?}"), "CreatePasswordLinkResponse { expire_time: None, .. }");
        let request = v1::ImportKeyRequest {
            material: "-----BEGIN PRIVATE KEY-----".to_owned(),
            passphrase: "swordfish".to_owned(),
            ..Default::default()
        };
        let shown = format!("{request:?}");
        assert!(shown.contains("parent") && !shown.contains("BEGIN") && !shown.contains("swordfish"), "{shown}");
    }
}
