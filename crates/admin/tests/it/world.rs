//! A server with a clock that stands still, and callers of every reach.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chancery_admin::{Context, Danger, Seats, SystemTenant, Tls, WatchLimits, serve};
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    fault::WriteError,
    id::{AdminKeyId, RoleBindingId, TenantId},
    issuer::PublicUrl,
    key_policy::{Margins, UsualPolicy},
    outbound::Reach,
    permission::{Permission, PermissionSet},
    ports::platform::{MasterKeyCheck, PlatformStore},
    principal::Principal,
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding},
    time::{Clock, Timestamp},
};
use chancery_keys::master::MasterKeys;
use chancery_proto::v1::{
    CreateTenantRequest, Tenant, api_key_service_client::ApiKeyServiceClient,
    approval_service_client::ApprovalServiceClient, audit_service_client::AuditServiceClient,
    claim_mapping_service_client::ClaimMappingServiceClient, client_service_client::ClientServiceClient,
    consent_service_client::ConsentServiceClient, encryption_key_service_client::EncryptionKeyServiceClient,
    grant_service_client::GrantServiceClient, initial_access_token_service_client::InitialAccessTokenServiceClient,
    key_service_client::KeyServiceClient, master_key_service_client::MasterKeyServiceClient,
    preview_service_client::PreviewServiceClient, resource_service_client::ResourceServiceClient,
    role_binding_service_client::RoleBindingServiceClient, role_service_client::RoleServiceClient,
    scope_service_client::ScopeServiceClient, session_service_client::SessionServiceClient, tenant::Profile,
    tenant_document_service_client::TenantDocumentServiceClient, tenant_service_client::TenantServiceClient,
    token_secret_service_client::TokenSecretServiceClient, trusted_issuer_service_client::TrustedIssuerServiceClient,
    user_service_client::UserServiceClient, watch_service_client::WatchServiceClient,
};
use chancery_testkit::{FakeClock, SeededRandom, directory::MemoryDirectory, memory::MemoryStore, web::FakeWeb};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::{
    Code, Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tonic_types::StatusExt;

/// The master key of every server.
pub(crate) const MASTER: [u8; 32] = [b'f'; 32];

/// The audience of access tokens for every server.
pub(crate) const AUDIENCE: &str = "https://id.example/admin-api";

/// A running server.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) directory: MemoryDirectory,
    pub(crate) address: SocketAddr,
    pub(crate) keys: Arc<chancery_keys::Context>,
    pub(crate) random: Arc<SeededRandom>,
    /// What issuers outside publish.
    pub(crate) web: FakeWeb,
    channel: Channel,
    _stop: DropGuard,
}

/// A channel that shows its key.
pub(crate) type Door = InterceptedService<Channel, ShowKey>;

/// Puts the key into every call.
#[derive(Clone)]
pub(crate) struct ShowKey(Vec<String>);

impl Interceptor for ShowKey {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for entry in &self.0 {
            let value: MetadataValue<_> = entry.parse().expect("a header");
            request.metadata_mut().append("authorization", value);
        }
        Ok(request)
    }
}

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) tenants: TenantServiceClient<Door>,
    pub(crate) clients: ClientServiceClient<Door>,
    pub(crate) scopes: ScopeServiceClient<Door>,
    pub(crate) resources: ResourceServiceClient<Door>,
    pub(crate) trusted_issuers: TrustedIssuerServiceClient<Door>,
    pub(crate) claim_mappings: ClaimMappingServiceClient<Door>,
    pub(crate) users: UserServiceClient<Door>,
    pub(crate) sessions: SessionServiceClient<Door>,
    pub(crate) grants: GrantServiceClient<Door>,
    pub(crate) consents: ConsentServiceClient<Door>,
    pub(crate) keys: KeyServiceClient<Door>,
    pub(crate) master_keys: MasterKeyServiceClient<Door>,
    pub(crate) encryption_keys: EncryptionKeyServiceClient<Door>,
    pub(crate) token_secrets: TokenSecretServiceClient<Door>,
    pub(crate) initial_access_tokens: InitialAccessTokenServiceClient<Door>,
    pub(crate) documents: TenantDocumentServiceClient<Door>,
    pub(crate) api_keys: ApiKeyServiceClient<Door>,
    pub(crate) roles: RoleServiceClient<Door>,
    pub(crate) role_bindings: RoleBindingServiceClient<Door>,
    pub(crate) approvals: ApprovalServiceClient<Door>,
    pub(crate) audit: AuditServiceClient<Door>,
    pub(crate) watch: WatchServiceClient<Door>,
    pub(crate) previews: PreviewServiceClient<Door>,
}

impl World {
    /// A server that keeps the margins of key policies.
    pub(crate) async fn new() -> Self {
        Self::with_margins(Margins::STANDARD).await
    }

    /// A server with these margins.
    pub(crate) async fn with_margins(margins: Margins) -> Self {
        let asks = (margins, PermissionSet::EMPTY);
        Self::on(ground(), &["first"], asks, None, Manners::default(), |endpoint| endpoint).await
    }

    /// A server on which calls that ask for these permissions need a second caller's approval.
    pub(crate) async fn with_second_approver(permissions: &[Permission]) -> Self {
        let rules = (Margins::STANDARD, permissions.iter().copied().collect());
        Self::on(ground(), &["first"], rules, None, Manners::default(), |endpoint| endpoint).await
    }

    /// The server again, where calls that ask for these permissions need a second caller's approval from now on.
    pub(crate) async fn restarted_wanting(&self, permissions: &[Permission]) -> Self {
        let ground = (self.store.clone(), Arc::clone(&self.clock), Arc::clone(&self.random));
        let rules = (Margins::STANDARD, permissions.iter().copied().collect());
        Self::on(ground, &["first"], rules, None, Manners::default(), |endpoint| endpoint).await
    }

    /// A server that speaks TLS, and callers who trust these authorities.
    pub(crate) async fn with_tls(tls: Arc<Tls>, trust: ClientTlsConfig) -> Self {
        Self::with_tls_at(Arc::new(FakeClock::new()), tls, trust).await
    }

    /// The same, with a clock that the handshakes go by as well.
    pub(crate) async fn with_tls_at(clock: Arc<FakeClock>, tls: Arc<Tls>, trust: ClientTlsConfig) -> Self {
        let secured = |endpoint: Endpoint| endpoint.tls_config(trust).expect("a configuration");
        let ground = (MemoryStore::default(), clock, Arc::new(SeededRandom::new(1)));
        Self::on(ground, &["first"], (Margins::STANDARD, PermissionSet::EMPTY), Some(tls), Manners::default(), secured)
            .await
    }

    /// A server that wants a preview of these calls.
    pub(crate) async fn wanting_previews(of: Vec<Danger>) -> Self {
        let (asks, manners) = ((Margins::STANDARD, PermissionSet::EMPTY), (WatchLimits::default(), of));
        Self::on(ground(), &["first"], asks, None, manners, |endpoint| endpoint).await
    }

    /// A server that wants a preview of these calls, and a second caller's approval of those that ask for these permissions.
    pub(crate) async fn wanting_both(of: Vec<Danger>, permissions: &[Permission]) -> Self {
        let asks = (Margins::STANDARD, permissions.iter().copied().collect());
        Self::on(ground(), &["first"], asks, None, (WatchLimits::default(), of), |endpoint| endpoint).await
    }

    /// A server with these limits of streams, and callers who take little before they read.
    pub(crate) async fn with_watch_limits(limits: WatchLimits) -> Self {
        let (asks, manners) = ((Margins::STANDARD, PermissionSet::EMPTY), (limits, Vec::new()));
        let narrow = |endpoint: Endpoint| endpoint.initial_stream_window_size(16 * 1024);
        Self::on(ground(), &["first"], asks, None, manners, narrow).await
    }

    /// The server again, with these master keys.
    pub(crate) async fn restarted_with(&self, masters: &[&str]) -> Self {
        let ground = (self.store.clone(), Arc::clone(&self.clock), Arc::clone(&self.random));
        let asks = (Margins::STANDARD, PermissionSet::EMPTY);
        Self::on(ground, masters, asks, None, Manners::default(), |endpoint| endpoint).await
    }

    async fn on(
        (store, clock, random): Ground,
        masters: &[&str],
        (margins, second_approver): (Margins, PermissionSet),
        tls: Option<Arc<Tls>>,
        (watch, preview_required): Manners,
        secured: impl FnOnce(Endpoint) -> Endpoint,
    ) -> Self {
        let masters = master_keys(masters);
        write_down(&store, &masters.check(&*random).expect("a check")).await;
        store.keep_time(clock.clone());
        let keys = chancery_keys::Context::over(&store, clock.clone(), random.clone(), masters);
        let keys = Arc::new(chancery_keys::Context { margins, ..keys });
        let (directory, web) = (MemoryDirectory::new(store.clone()), FakeWeb::default());
        let stop = CancellationToken::new();
        let context = Context {
            store: Arc::new(store.clone()),
            platform: Arc::new(store.clone()),
            directory: Arc::new(directory.clone()),
            keys: Arc::clone(&keys),
            public_url: PublicUrl::parse("https://id.example").expect("a URL"),
            clock: clock.clone(),
            random: random.clone(),
            uris: Arc::new(Reach::public()),
            fetch: Arc::new(web.clone()),
            preview_required,
            watch,
            seats: Seats::default(),
            usual_policy: UsualPolicy::default(),
            second_approver,
            system_tenant: Some(SystemTenant {
                slug: "system".parse().expect("a slug"),
                audience: AUDIENCE.parse().expect("a URI"),
            }),
            bootstrap_tries: Arc::default(),
            stop: stop.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        tokio::spawn(serve(context, listener, tls));
        let endpoint = Endpoint::from_shared(format!("{scheme}://{address}")).expect("a URL");
        let channel = secured(endpoint.timeout(Duration::from_secs(20))).connect_lazy();
        Self { store, clock, directory, address, keys, random, web, channel, _stop: stop.drop_guard() }
    }

    /// A caller with a key of the platform.
    pub(crate) async fn operator(&self) -> Caller {
        let (_, text) = self.insert_key(AdminReach::Platform).await;
        self.caller(&text)
    }

    /// A caller with a key of that tenant.
    pub(crate) async fn within(&self, tenant: &Tenant) -> Caller {
        let id: TenantId = tenant.uid.parse().expect("a uid");
        let (_, text) = self.insert_key(AdminReach::Tenant(id)).await;
        self.caller(&text)
    }

    /// A caller with a key that has that role there.
    pub(crate) async fn with_role(&self, reach: AdminReach, role: BuiltInRole) -> Caller {
        let (_, text) = self.insert_key_of(reach, role).await;
        self.caller(&text)
    }

    /// A caller who shows that key.
    pub(crate) fn caller(&self, key: &str) -> Caller {
        self.caller_with(&[&format!("Bearer {key}")])
    }

    /// A caller who sends these entries.
    pub(crate) fn caller_with(&self, entries: &[&str]) -> Caller {
        let shown = ShowKey(entries.iter().map(|entry| (*entry).to_owned()).collect());
        let door = InterceptedService::new(self.channel.clone(), shown);
        Caller {
            tenants: TenantServiceClient::new(door.clone()),
            clients: ClientServiceClient::new(door.clone()),
            scopes: ScopeServiceClient::new(door.clone()),
            resources: ResourceServiceClient::new(door.clone()),
            trusted_issuers: TrustedIssuerServiceClient::new(door.clone()),
            claim_mappings: ClaimMappingServiceClient::new(door.clone()),
            users: UserServiceClient::new(door.clone()),
            sessions: SessionServiceClient::new(door.clone()),
            grants: GrantServiceClient::new(door.clone()),
            consents: ConsentServiceClient::new(door.clone()),
            keys: KeyServiceClient::new(door.clone()),
            master_keys: MasterKeyServiceClient::new(door.clone()),
            encryption_keys: EncryptionKeyServiceClient::new(door.clone()),
            token_secrets: TokenSecretServiceClient::new(door.clone()),
            initial_access_tokens: InitialAccessTokenServiceClient::new(door.clone()),
            documents: TenantDocumentServiceClient::new(door.clone()),

            api_keys: ApiKeyServiceClient::new(door.clone()),
            roles: RoleServiceClient::new(door.clone()),
            role_bindings: RoleBindingServiceClient::new(door.clone()),
            approvals: ApprovalServiceClient::new(door.clone()),
            audit: AuditServiceClient::new(door.clone()),
            watch: WatchServiceClient::new(door.clone()),
            previews: PreviewServiceClient::new(door.clone()),
        }
    }

    /// The channel with that key, for services that have no client of ours.
    pub(crate) fn door(&self, key: Option<&str>) -> Door {
        InterceptedService::new(self.channel.clone(), ShowKey(key.iter().map(|key| format!("Bearer {key}")).collect()))
    }

    /// Stores a key of an hour that may do everything there, and tells its text.
    pub(crate) async fn insert_key(&self, reach: AdminReach) -> (AdminKeyId, String) {
        let role = match reach {
            AdminReach::Platform => BuiltInRole::PlatformOwner,
            AdminReach::Tenant(_) => BuiltInRole::TenantAdmin,
        };
        self.insert_key_of(reach, role).await
    }

    /// Stores a key of an hour with that role, and tells its text.
    pub(crate) async fn insert_key_of(&self, reach: AdminReach, role: BuiltInRole) -> (AdminKeyId, String) {
        self.insert_key_for(reach, role, Duration::from_secs(3600)).await
    }

    /// Stores a key with that role that lives so long, and tells its text. The role is given until it is taken.
    pub(crate) async fn insert_key_for(
        &self,
        reach: AdminReach,
        role: BuiltInRole,
        life: Duration,
    ) -> (AdminKeyId, String) {
        let (key, token) = AdminKey::generate("test", reach, life, &*self.random, self.clock.now());
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        tx.admin_keys().insert(&key).await.expect("inserts");
        tx.commit().await.expect("commits");
        self.bind(reach, role, Principal::ApiKey(key.id)).await;
        (key.id, token.expose().to_owned())
    }

    /// Gives a role to a member.
    pub(crate) async fn bind(&self, place: AdminReach, role: BuiltInRole, member: Principal) -> RoleBinding {
        let now = self.clock.now();
        let id = RoleBindingId::generate(&*self.random, now);
        let role = BoundRole::BuiltIn(role);
        let binding = RoleBinding { id, place, role, member, created_at: now, expires_at: None };
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        tx.role_bindings().insert(&binding).await.expect("binds");
        tx.commit().await.expect("commits");
        binding
    }

    /// Takes a role away.
    pub(crate) async fn unbind(&self, binding: &RoleBinding) {
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        assert!(tx.role_bindings().delete(binding).await.expect("deletes"));
        tx.commit().await.expect("commits");
    }

    /// The same server, reached by another channel: with another certificate for instance.
    pub(crate) fn reached_by(&mut self, secured: impl FnOnce(Endpoint) -> Endpoint) {
        let endpoint = Endpoint::from_shared(format!("https://{}", self.address)).expect("a URL");
        self.channel = secured(endpoint.timeout(Duration::from_secs(20))).connect_lazy();
    }

    /// What time it is on the server.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Creates a tenant with a key of the platform.
    pub(crate) async fn tenant(&self, id: &str) -> Tenant {
        self.tenant_of(id, Profile::Oauth21).await
    }

    /// The same, of the profile for older relying parties.
    pub(crate) async fn oidc_tenant(&self, id: &str) -> Tenant {
        self.tenant_of(id, Profile::Oidc).await
    }

    async fn tenant_of(&self, id: &str, profile: Profile) -> Tenant {
        let tenant = Tenant { profile: profile.into(), ..Default::default() };
        let request = CreateTenantRequest { tenant_id: id.into(), tenant: Some(tenant), ..Default::default() };
        self.operator().await.tenants.create_tenant(request).await.expect("created").into_inner()
    }
}

/// What streams may cost, and which calls need a preview.
type Manners = (WatchLimits, Vec<Danger>);

/// What a server stands on.
type Ground = (MemoryStore, Arc<FakeClock>, Arc<SeededRandom>);

fn ground() -> Ground {
    (MemoryStore::default(), Arc::new(FakeClock::new()), Arc::new(SeededRandom::new(1)))
}

/// Master keys of these names; the name gives the value.
pub(crate) fn master_keys(names: &[&str]) -> MasterKeys {
    let key = |name: &&str| (name.parse().expect("a name"), [name.as_bytes()[0]; 32]);
    MasterKeys::new(names.iter().map(key).collect()).expect("masters")
}

/// Writes a check value down, as every process does with that of its first master key.
async fn write_down(store: &MemoryStore, check: &MasterKeyCheck) {
    let tx = PlatformStore::begin(store).await.expect("begins");
    match tx.insert_master_key(check).await {
        Ok(()) => tx.commit().await.expect("commits"),
        Err(WriteError::Taken(_)) => {}
        Err(error) => panic!("{error}"),
    }
}

/// The code and reason of a refusal. Every refusal of ours has exactly one `ErrorInfo`, under our own domain.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("refused");
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_eq!(info.domain, "chancery.admin");
    (status.code(), info.reason)
}

/// The metadata of a refusal.
pub(crate) fn metadata<T: std::fmt::Debug>(answer: &Result<T, Status>, key: &str) -> String {
    let status = answer.as_ref().expect_err("refused");
    status.get_details_error_info().and_then(|info| info.metadata.get(key).cloned()).unwrap_or_default()
}

/// A duration of whole seconds, as a field has it.
#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
pub(crate) fn seconds(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

/// A mask of these paths, as a field has it.
#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
pub(crate) fn mask(paths: &[&str]) -> Option<prost_types::FieldMask> {
    Some(prost_types::FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() })
}
