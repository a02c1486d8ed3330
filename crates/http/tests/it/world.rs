//! A front door with the tenants `acme`, `globex`, `classic` (on the profile `oidc`), `hosted` (at
//! `login.hosted.example`), `open` (which gives every response type), `welcome` (where everybody may register clients),
//! `partners` (where that is for clients at two hosts) and `invited` (where it takes a token), each with a public client `app`, a confidential client `server`
//! and a user `ada` whose password is `correct horse`.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use axum::{Router, body::Body, extract::ConnectInfo};
use chancery_accounts::{
    password::{Cost, PasswordGate},
    throttle::{Limits, Throttle},
};
use chancery_domain::{
    claim_mapping::ClaimMappings,
    client::{Client, ClientKind, ClientLogout, ClientSecret},
    fault::Fault,
    id::{ClientId, ClientUid, SecretId, TenantId, TenantSlug},
    issuer::{IssuerHost, PublicUrl},
    key_policy::{KeyPolicy, Margins},
    ports::{directory::Directory, store::Store},
    profile::Profile,
    redirect_uri::RedirectUri,
    registration::RegistrationAccess,
    resource::Resources,
    scope::ScopeSet,
    secret::{OpaqueToken, Secret, TokenKind},
    tenant::Tenant,
    time::Clock,
    view::{Document, Freshness, TenantView},
    vocabulary::{ClientAuthMethod, GrantType, ResponseType},
};
use chancery_http::{State, TrustedProxies, router};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore, web::FakeWeb};
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

use crate::fake_keys::FakeKeys;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse";

/// Everything behind the door, and the door.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: MemoryStore,
    pub(crate) secret: OpaqueToken,
    pub(crate) ready: Arc<AtomicBool>,
    peer: Mutex<IpAddr>,
    pub(crate) tenants: BTreeMap<&'static str, TenantId>,
    pub(crate) base: &'static str,
    pub(crate) web: FakeWeb,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    /// At `https://id.example`.
    pub(crate) async fn new() -> Self {
        Self::at("https://id.example", "").await
    }

    /// At that public URL, whose path is `base`.
    pub(crate) async fn at(public_url: &str, base: &'static str) -> Self {
        let clock = Arc::new(FakeClock::new());
        let random = Arc::new(SeededRandom::new(7));
        let (store, web) = (MemoryStore::default(), FakeWeb::default());
        let public_url = PublicUrl::parse(public_url).expect("a public URL");
        let gate = Arc::new(PasswordGate::new(2, 8, Cost::LEAST));
        let secret = OpaqueToken::generate(TokenKind::ClientSecret, &*random);
        let ready = Arc::new(AtomicBool::new(true));
        let (mut views, mut tenants) = (BTreeMap::new(), BTreeMap::new());
        for name in
            ["acme", "globex", "asleep", "hosted", "classic", "open", "devices", "welcome", "invited", "partners"]
        {
            let mut tenant = builders::tenant(name, &*random, clock.now());
            match name {
                "asleep" => tenant = tenant.suspend().expect("active"),
                "classic" => tenant.profile = Profile::Oidc,
                "devices" => tenant.settings.device_authorization = true,
                "open" => {
                    tenant.profile = Profile::Oidc;
                    tenant.settings.response_types = ResponseType::ALL.iter().copied().collect();
                    tenant.settings.sign_up_uri = Some("https://open.example/join?from=here".to_owned());
                }
                "welcome" => {
                    tenant.profile = Profile::Oidc;
                    tenant.settings.response_types = ResponseType::ALL.iter().copied().collect();
                    tenant.settings.registration.access = RegistrationAccess::Open;
                    (tenant.settings.registration.most_clients, tenant.settings.registration.most_per_source) =
                        (12, 60);
                }
                "partners" => {
                    let policy = &mut tenant.settings.registration;
                    policy.access = RegistrationAccess::Open;
                    policy.hosts =
                        ["app.example", ".partner.example"].map(|host| host.parse().expect("a host")).to_vec();
                }
                "invited" => tenant.settings.registration.access = RegistrationAccess::InitialAccessToken,
                "hosted" => tenant.issuer_host = Some("login.hosted.example".parse().expect("a host")),
                _ => {}
            }
            tenants.insert(name, tenant.id);
            people_and_applications(&store, &tenant, &gate, &random, &clock, &secret).await;
            views.insert(tenant.slug.clone(), Arc::new(view(tenant, &public_url, clock.now())));
        }
        let known = Known { views, store: store.clone() };
        let is_ready = Arc::clone(&ready);
        let state = State {
            oauth: chancery_oauth::Context {
                store: Arc::new(store.clone()),
                directory: Arc::new(known),
                client_key_sets: Arc::new(web.clone()),
                fetch: Arc::new(web.clone()),
                clock: Arc::clone(&clock) as _,
                random: Arc::clone(&random) as _,
            },
            accounts: chancery_accounts::Context {
                store: Arc::new(store.clone()),
                clock: Arc::clone(&clock) as _,
                random: Arc::clone(&random) as _,
                gate,
                throttle: Arc::new(Throttle::new(Limits::strict())),
            },
            public_url,
            ready: Arc::new(move || is_ready.load(Ordering::SeqCst)),
            trusted_proxies: TrustedProxies::None,
            certificate_header: None,
            hosts: vec!["inside.local".to_owned()],
        };
        let peer = Mutex::new(IpAddr::from([192, 0, 2, 1]));
        Self { router: router(state), clock, store, secret, ready, peer, tenants, base, web }
    }

    /// What is sent from now on comes from that address.
    pub(crate) fn move_to(&self, address: IpAddr) {
        *self.peer.lock().expect("no panic") = address;
    }

    /// What `app` registers about signing out at a tenant.
    pub(crate) async fn register_logout(&self, tenant: &str, logout: ClientLogout) {
        let tx = self.store.begin(self.tenants[tenant]).await.expect("begun");
        let app = tx.clients().find(&"app".parse().expect("an id")).await.expect("read");
        let mut app = app.expect("there");
        app.metadata.logout = logout;
        tx.clients().update(&app.checked().expect("fits"), self.clock.now()).await.expect("written");
        tx.commit().await.expect("durable");
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let address = *self.peer.lock().expect("no panic");
        self.send_from(address, request).await
    }

    /// The same from another address.
    async fn send_from(&self, address: IpAddr, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::new(address, 4711);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let body = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a GET as a program does.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Sends a GET as a browser does.
    pub(crate) async fn look(&self, path: &str) -> Answer {
        let request = Request::get(path).header("accept", "text/html,*/*;q=0.8").body(Body::empty());
        self.send(request.expect("a request")).await
    }

    /// Posts a form as a program does.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_with(path, form, &[]).await
    }

    /// The same from another address.
    pub(crate) async fn post_from(&self, address: [u8; 4], path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send_from(address.into(), request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    /// Posts a form with headers.
    pub(crate) async fn post_with(&self, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    /// The path of a tenant's page or endpoint.
    pub(crate) fn at_tenant(&self, tenant: &str, path: &str) -> String {
        format!("{}/t/{tenant}{path}", self.base)
    }
}

impl Answer {
    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ascii"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("json")
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&marker).unwrap_or_else(|| panic!("no field {name} in {}", self.body)) + marker.len();
        self.body[at..].split('"').next().expect("a value").to_owned()
    }

    /// The text of the element that carries the error code.
    pub(crate) fn error_code(&self) -> &str {
        let marker = "id=\"oauth-error\">";
        let at = self.body.find(marker).map_or(0, |at| at + marker.len());
        self.body[at..].split('<').next().expect("a text")
    }
}

async fn people_and_applications(
    store: &MemoryStore,
    tenant: &Tenant,
    gate: &PasswordGate,
    random: &SeededRandom,
    clock: &FakeClock,
    secret: &OpaqueToken,
) {
    let now = clock.now();
    let mut app = builders::public_client("app", random, now);
    "Sundial <Photos>".clone_into(&mut app.display_name);
    app.logo_uri = Some("https://app.example/logo.png".to_owned());
    app.policy_uri = Some("https://app.example/privacy".to_owned());
    app.tos_uri = Some("https://app.example/terms".to_owned());
    if tenant.slug.as_str() == "open" {
        app.grant_types.insert(GrantType::Implicit);
        app.metadata.response_types = ResponseType::ALL.iter().copied().collect();
    }
    app.allowed_origins = vec!["https://app.example".to_owned()];
    let web = |uri| RedirectUri::register(uri, ClientKind::Web).expect("a URI");
    app.post_logout_redirect_uris.push(web("https://app.example/bye"));
    let mut server =
        Client::new(ClientUid::generate(random, now), "server".parse().expect("id"), ClientKind::Service, now);
    server.auth_methods.extend([ClientAuthMethod::Basic, ClientAuthMethod::Post]);
    server.grant_types.insert(GrantType::ClientCredentials);
    let own = ClientSecret {
        id: SecretId::generate(random, now),
        digest: secret.digest(),
        sealed: None,
        hint: secret.hint(),
        created_at: now,
        expires_at: None,
        last_used_at: None,
    };
    server.secrets.push(own);
    let mut tv = Client::new(ClientUid::generate(random, now), "tv".parse().expect("id"), ClientKind::Native, now);
    "Television".clone_into(&mut tv.display_name);
    tv.auth_methods.insert(ClientAuthMethod::None);
    tv.grant_types.insert(GrantType::DeviceCode);
    tv.scopes = ScopeSet::parse("openid email").expect("scopes");
    let mut ada = builders::user("ada", random, now);
    ada.password = Some(gate.hash(&Secret::new(PASSWORD.to_owned()), random).await.expect("hashed"));
    let tx = store.begin(tenant.id).await.expect("begun");
    tx.clients().insert(&app).await.expect("written");
    tx.clients().insert(&server).await.expect("written");
    tx.clients().insert(&tv).await.expect("written");
    tx.users().insert(&ada).await.expect("written");
    tx.commit().await.expect("durable");
}

fn view(tenant: Tenant, public_url: &PublicUrl, now: chancery_domain::time::Timestamp) -> TenantView {
    let issuer = public_url.issuer_of(&tenant);
    let policy = KeyPolicy::of(tenant.profile);
    let keys = Arc::new(FakeKeys(tenant.slug.to_string()));
    let discovery =
        chancery_oauth::discovery::document(&tenant, &issuer, &policy.algorithms, &[], &ClaimMappings::default());
    TenantView {
        discovery: Document::new(serde_json::to_vec(&discovery).expect("json")),
        jwk_set: Document::new(format!(r#"{{"keys":[],"of":"{}"}}"#, tenant.slug).into_bytes()),
        signing_algorithms: policy.algorithms.clone(),
        key_policy: policy,
        margins: Margins::STANDARD,
        alarm_until: None,
        overdue_at: None,
        issuer,
        scopes: Vec::new(),
        resources: Resources::default(),
        claim_mappings: ClaimMappings::default(),
        signer: Arc::clone(&keys) as _,
        verifier: Arc::clone(&keys) as _,
        macs: Arc::new(chancery_testkit::jose::FakeKeys::new(tenant.slug.as_str())),
        client_keys: Arc::new(chancery_testkit::client_jose::FakeClientJose),
        certificates_at: None,
        client_certificates: None,
        client_macs: Arc::new(chancery_testkit::jose::FakeKeys::new(tenant.slug.as_str())),
        opener: None,
        sealer: keys,
        freshness: Arc::new(Freshness::new(now)),
        tenant,
    }
}

/// A directory that knows what the world was made with.
struct Known {
    views: BTreeMap<TenantSlug, Arc<TenantView>>,
    store: MemoryStore,
}

#[async_trait]
impl Directory for Known {
    async fn tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault> {
        assert_ne!(slug.as_str(), "trouble", "a tenant at which handlers panic");
        Ok(self.views.get(slug).cloned())
    }

    async fn tenant_at(&self, host: &IssuerHost) -> Result<Option<TenantSlug>, Fault> {
        let has = |view: &&Arc<TenantView>| view.tenant.issuer_host.as_ref() == Some(host);
        Ok(self.views.values().find(has).map(|view| view.tenant.slug.clone()))
    }

    async fn client(&self, tenant: TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, Fault> {
        Ok(self.store.read(tenant).clients().find(id).await?.map(Arc::new))
    }

    async fn origins(&self, tenant: TenantId) -> Result<Arc<BTreeSet<String>>, Fault> {
        Ok(Arc::new(self.store.read(tenant).clients().origins().await?))
    }

    async fn client_by_uid(&self, tenant: TenantId, uid: ClientUid) -> Result<Option<Arc<Client>>, Fault> {
        Ok(self.store.read(tenant).clients().find_by_uid(uid).await?.map(Arc::new))
    }
}
