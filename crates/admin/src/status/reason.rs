//! Every reason that a refusal can have. They are part of the contract: a snapshot holds the list.

use chancery_domain::change::Noun;
use tonic::Code;

/// Declares the reasons with the gRPC code that each always comes with.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $reason:ident = $text:literal with $code:ident,)*) => {
        /// Why a call was refused, in a form that programs can rely on (AIP-193).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Reason { $($(#[doc = $doc])* $reason,)* }

        impl Reason {
            /// Every reason.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$reason,)*];

            /// What it means, for the reference.
            #[cfg(test)]
            pub(crate) const fn meaning(self) -> &'static str {
                match self { $(Self::$reason => concat!($($doc,)*),)* }
            }

            /// The text on the wire.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$reason => $text,)* }
            }

            /// The gRPC code that it comes with.
            pub(crate) const fn code(self) -> Code {
                match self { $(Self::$reason => Code::$code,)* }
            }
        }
    };
}

reasons! {
    /// No credential, or more than one.
    ApiKeyMissing = "API_KEY_MISSING" with Unauthenticated,
    /// An API key that is unknown, deleted or expired, or used from where it may not be.
    ApiKeyInvalid = "API_KEY_INVALID" with Unauthenticated,
    /// An access token that is not the system tenant's for this API, or is over, or was taken back.
    AccessTokenInvalid = "ACCESS_TOKEN_INVALID" with Unauthenticated,
    /// A client certificate that lives too long, has no name or several, or has a name without a role.
    CertificateInvalid = "CERTIFICATE_INVALID" with Unauthenticated,
    /// A bootstrap token that is unknown, spent or expired.
    BootstrapTokenInvalid = "BOOTSTRAP_TOKEN_INVALID" with Unauthenticated,
    /// The platform has an owner: nobody can become the first any more.
    PlatformOwned = "PLATFORM_OWNED" with FailedPrecondition,
    /// The configuration names no system tenant.
    SystemTenantOff = "SYSTEM_TENANT_OFF" with FailedPrecondition,
    /// Too many tries in a short time.
    TooManyTries = "TOO_MANY_TRIES" with ResourceExhausted,
    /// The caller has no role there that allows the call.
    PermissionDenied = "PERMISSION_DENIED" with PermissionDenied,
    /// The caller would give away what they do not have there, or have for less long or from fewer places.
    GrantExceedsOwn = "GRANT_EXCEEDS_OWN" with PermissionDenied,
    /// The person who calls must have signed in a short while ago.
    StepUpRequired = "STEP_UP_REQUIRED" with Unauthenticated,
    /// There is no such call.
    MethodUnknown = "METHOD_UNKNOWN" with Unimplemented,
    /// A field that breaks its rule.
    FieldInvalid = "FIELD_INVALID" with InvalidArgument,
    /// A page token that was not given for this list.
    PageTokenInvalid = "PAGE_TOKEN_INVALID" with InvalidArgument,
    /// A resume token that was not given for this watch.
    ResumeTokenInvalid = "RESUME_TOKEN_INVALID" with InvalidArgument,
    /// A request id that another request had.
    RequestIdReused = "REQUEST_ID_REUSED" with InvalidArgument,
    /// A key policy under which verifiers could miss a key, or that cannot be carried out.
    KeyPolicyUnsafe = "KEY_POLICY_UNSAFE" with InvalidArgument,
    /// The metadata that an issuer's name leads to are not of that issuer.
    IssuerMetadataMismatch = "ISSUER_METADATA_MISMATCH" with InvalidArgument,
    /// The metadata that an issuer's name leads to are not to be had, or do not tell where its keys are.
    IssuerMetadataUnfit = "ISSUER_METADATA_UNFIT" with FailedPrecondition,
    /// A message that cannot be read.
    MessageMalformed = "MESSAGE_MALFORMED" with InvalidArgument,
    /// A message beyond the limit.
    MessageTooLarge = "MESSAGE_TOO_LARGE" with ResourceExhausted,
    /// Metadata beyond the limit.
    MetadataTooLarge = "METADATA_TOO_LARGE" with ResourceExhausted,
    /// The tenant id is taken.
    TenantExists = "TENANT_EXISTS" with AlreadyExists,
    /// The host is the issuer of another tenant.
    IssuerHostTaken = "ISSUER_HOST_TAKEN" with AlreadyExists,
    /// The client id is taken.
    ClientExists = "CLIENT_EXISTS" with AlreadyExists,
    /// The scope's id or value is taken.
    ScopeExists = "SCOPE_EXISTS" with AlreadyExists,
    /// The username or address is taken.
    UserExists = "USER_EXISTS" with AlreadyExists,
    /// The claim mapping's id is taken.
    ClaimMappingExists = "CLAIM_MAPPING_EXISTS" with AlreadyExists,
    /// The trusted issuer's id or issuer is taken.
    TrustedIssuerExists = "TRUSTED_ISSUER_EXISTS" with AlreadyExists,
    /// The role id is taken.
    RoleExists = "ROLE_EXISTS" with AlreadyExists,
    /// The resource's id or identifier is taken, or something else is there already.
    ResourceExists = "RESOURCE_EXISTS" with AlreadyExists,
    /// No such tenant, or not for this caller.
    TenantNotFound = "TENANT_NOT_FOUND" with NotFound,
    /// No such client.
    ClientNotFound = "CLIENT_NOT_FOUND" with NotFound,
    /// No such secret of the client.
    ClientSecretNotFound = "CLIENT_SECRET_NOT_FOUND" with NotFound,
    /// No such scope.
    ScopeNotFound = "SCOPE_NOT_FOUND" with NotFound,
    /// No such resource.
    ResourceNotFound = "RESOURCE_NOT_FOUND" with NotFound,
    /// No such claim mapping.
    ClaimMappingNotFound = "CLAIM_MAPPING_NOT_FOUND" with NotFound,
    /// No such trusted issuer.
    TrustedIssuerNotFound = "TRUSTED_ISSUER_NOT_FOUND" with NotFound,
    /// No such user.
    UserNotFound = "USER_NOT_FOUND" with NotFound,
    /// No such session, or not any more.
    SessionNotFound = "SESSION_NOT_FOUND" with NotFound,
    /// No such grant, or not any more.
    GrantNotFound = "GRANT_NOT_FOUND" with NotFound,
    /// The user has allowed the client nothing.
    ConsentNotFound = "CONSENT_NOT_FOUND" with NotFound,
    /// A `jti` of a token that hangs on nothing in this tenant.
    TokenNotFound = "TOKEN_NOT_FOUND" with NotFound,
    /// No such key.
    KeyNotFound = "KEY_NOT_FOUND" with NotFound,
    /// No such encryption key, or not any more.
    EncryptionKeyNotFound = "ENCRYPTION_KEY_NOT_FOUND" with NotFound,
    /// No such token secret.
    TokenSecretNotFound = "TOKEN_SECRET_NOT_FOUND" with NotFound,
    /// No such initial access token.
    InitialAccessTokenNotFound = "INITIAL_ACCESS_TOKEN_NOT_FOUND" with NotFound,
    /// No such API key, or not for this caller.
    ApiKeyNotFound = "API_KEY_NOT_FOUND" with NotFound,
    /// The platform or the tenant has as many API keys as it may have.
    TooManyApiKeys = "TOO_MANY_API_KEYS" with FailedPrecondition,
    /// There is no such audit event.
    AuditEventNotFound = "AUDIT_EVENT_NOT_FOUND" with NotFound,
    /// No such role, or not for this caller.
    RoleNotFound = "ROLE_NOT_FOUND" with NotFound,
    /// The tenant has as many roles as a tenant may have.
    TooManyRoles = "TOO_MANY_ROLES" with FailedPrecondition,
    /// Somebody has the role.
    RoleInUse = "ROLE_IN_USE" with FailedPrecondition,
    /// The member has the role there, and for as long.
    RoleBindingExists = "ROLE_BINDING_EXISTS" with AlreadyExists,
    /// The place, or the member there, has as many role bindings as it may have.
    TooManyRoleBindings = "TOO_MANY_ROLE_BINDINGS" with FailedPrecondition,
    /// No such role binding, or not for this caller.
    RoleBindingNotFound = "ROLE_BINDING_NOT_FOUND" with NotFound,
    /// Somebody else must approve the call first.
    ApprovalRequired = "APPROVAL_REQUIRED" with FailedPrecondition,
    /// No such approval, or not for this caller, or over.
    ApprovalNotFound = "APPROVAL_NOT_FOUND" with NotFound,
    /// Whoever asked cannot approve.
    ApprovalOwn = "APPROVAL_OWN" with PermissionDenied,
    /// The approval is beyond what is asked.
    ApprovalState = "APPROVAL_STATE" with FailedPrecondition,
    /// As many calls of the caller wait for approval as may.
    TooManyApprovals = "TOO_MANY_APPROVALS" with ResourceExhausted,
    /// The last owner of the platform cannot go.
    LastOwner = "LAST_OWNER" with FailedPrecondition,
    /// The resource was changed since it was read.
    EtagMismatch = "ETAG_MISMATCH" with Aborted,
    /// Somebody else moved the keys, or changed their policy, at the same time.
    KeysetChanged = "KEYSET_CHANGED" with Aborted,
    /// The tenant is active.
    TenantActive = "TENANT_ACTIVE" with FailedPrecondition,
    /// The tenant is suspended.
    TenantSuspended = "TENANT_SUSPENDED" with FailedPrecondition,
    /// The tenant is deleted.
    TenantDeleted = "TENANT_DELETED" with FailedPrecondition,
    /// The client is enabled.
    ClientEnabled = "CLIENT_ENABLED" with FailedPrecondition,
    /// The client is disabled.
    ClientDisabled = "CLIENT_DISABLED" with FailedPrecondition,
    /// A public client has no secrets.
    ClientPublic = "CLIENT_PUBLIC" with FailedPrecondition,
    /// The client has as many secrets as a client may have.
    TooManyClientSecrets = "TOO_MANY_CLIENT_SECRETS" with FailedPrecondition,
    /// The client has secrets of which only digests are kept.
    ClientSecretsDigested = "CLIENT_SECRETS_DIGESTED" with FailedPrecondition,
    /// The scope is one that every tenant has.
    ScopeBuiltIn = "SCOPE_BUILT_IN" with FailedPrecondition,
    /// The tenant has as many scopes as a tenant may have.
    TooManyScopes = "TOO_MANY_SCOPES" with FailedPrecondition,
    /// The scope belongs to a resource.
    ScopeInUse = "SCOPE_IN_USE" with FailedPrecondition,
    /// The tenant has as many resources as a tenant may have.
    TooManyResources = "TOO_MANY_RESOURCES" with FailedPrecondition,
    /// The tenant has as many claim mappings as a tenant may have.
    TooManyClaimMappings = "TOO_MANY_CLAIM_MAPPINGS" with FailedPrecondition,
    /// The tenant trusts as many issuers as a tenant may.
    TooManyTrustedIssuers = "TOO_MANY_TRUSTED_ISSUERS" with FailedPrecondition,
    /// The user is enabled.
    UserEnabled = "USER_ENABLED" with FailedPrecondition,
    /// The user is disabled.
    UserDisabled = "USER_DISABLED" with FailedPrecondition,
    /// Verifiers could still miss the standby key.
    KeyNotAnnounced = "KEY_NOT_ANNOUNCED" with FailedPrecondition,
    /// There has been no re-wrap.
    RewrapNotFound = "REWRAP_NOT_FOUND" with NotFound,
    /// Another order about the re-wrap was faster.
    RewrapChanged = "REWRAP_CHANGED" with Aborted,
    /// The re-wrap is running.
    RewrapRunning = "REWRAP_RUNNING" with FailedPrecondition,
    /// The re-wrap is paused.
    RewrapPaused = "REWRAP_PAUSED" with FailedPrecondition,
    /// The re-wrap is done.
    RewrapDone = "REWRAP_DONE" with FailedPrecondition,
    /// Everything is sealed under the first master key already.
    RewrapNotNeeded = "REWRAP_NOT_NEEDED" with FailedPrecondition,
    /// The first master key of the server has left use.
    MasterKeyReleased = "MASTER_KEY_RELEASED" with FailedPrecondition,
    /// The tenant has or had this very key, or another one of its id.
    KeyExists = "KEY_EXISTS" with AlreadyExists,
    /// Key material that is weak, damaged, locked or of the wrong kind.
    KeyMaterialInvalid = "KEY_MATERIAL_INVALID" with InvalidArgument,
    /// The key is beyond what is asked.
    KeyState = "KEY_STATE" with FailedPrecondition,
    /// No announced key is left that could take over.
    LastKey = "LAST_KEY" with FailedPrecondition,
    /// The profile of the tenant does not allow it.
    ProfileForbids = "PROFILE_FORBIDS" with FailedPrecondition,
    /// The tenant takes no encrypted request objects.
    EncryptionOff = "ENCRYPTION_OFF" with FailedPrecondition,
    /// The tenant has no active token secret.
    TokenSecretMissing = "TOKEN_SECRET_MISSING" with FailedPrecondition,
    /// The token secret is the one that signs.
    TokenSecretActive = "TOKEN_SECRET_ACTIVE" with FailedPrecondition,
    /// The tenant has as many token secrets as a tenant may have.
    TooManyTokenSecrets = "TOO_MANY_TOKEN_SECRETS" with FailedPrecondition,
    /// The tenant has as many initial access tokens as a tenant may have.
    TooManyInitialAccessTokens = "TOO_MANY_INITIAL_ACCESS_TOKENS" with FailedPrecondition,
    /// The tenant has more things than a document may hold.
    DocumentTooLarge = "DOCUMENT_TOO_LARGE" with FailedPrecondition,
    /// No document was ever applied to the tenant.
    DocumentNotApplied = "DOCUMENT_NOT_APPLIED" with FailedPrecondition,
    /// The deployment wants this call to show the hash of a preview.
    PreviewRequired = "PREVIEW_REQUIRED" with FailedPrecondition,
    /// The call would end something else than the preview told.
    PreviewChanged = "PREVIEW_CHANGED" with Aborted,
    /// A resume token that is older than what the feed keeps, or tells of what the feed or the chain does not have any more.
    WatchPositionTooOld = "WATCH_POSITION_TOO_OLD" with OutOfRange,
    /// The answers of a stream were not read.
    WatchUnread = "WATCH_UNREAD" with ResourceExhausted,
    /// The caller has as many streams as a caller may have.
    TooManyWatches = "TOO_MANY_WATCHES" with ResourceExhausted,
    /// The call took longer than any call may.
    CallTooLong = "CALL_TOO_LONG" with DeadlineExceeded,
    /// The server stops, and the stream with it.
    ServerStopping = "SERVER_STOPPING" with Unavailable,
    /// The store is away.
    StoreUnavailable = "STORE_UNAVAILABLE" with Unavailable,
    /// We failed.
    Internal = "INTERNAL" with Internal,
}

impl Reason {
    /// That a thing of this noun is there already.
    pub(crate) const fn exists(noun: Noun) -> Self {
        match noun {
            Noun::Tenant => Self::TenantExists,
            Noun::Client => Self::ClientExists,
            Noun::Scope => Self::ScopeExists,
            Noun::User => Self::UserExists,
            Noun::ClaimMapping => Self::ClaimMappingExists,
            Noun::TrustedIssuer => Self::TrustedIssuerExists,
            Noun::Role => Self::RoleExists,
            Noun::RoleBinding => Self::RoleBindingExists,
            Noun::Resource
            | Noun::Session
            | Noun::Consent
            | Noun::Grant
            | Noun::Key
            | Noun::KeyPolicy
            | Noun::TokenSecret
            | Noun::InitialAccessToken
            | Noun::EncryptionKey
            | Noun::TenantDocument
            | Noun::AdminKey
            | Noun::AuditKey
            | Noun::AuditCheckpoint
            | Noun::Approval
            | Noun::MasterKey => Self::ResourceExists,
        }
    }
}
