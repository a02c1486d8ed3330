//! A tenant with a user who is signed in, and clients of each kind.

use std::{fmt::Write as _, sync::Arc};

use chancery_domain::{
    client::Client,
    consent::Consent,
    ports::store::Store,
    profile::Profile,
    scope::{Scope, ScopeSet},
    secret::{OpaqueToken, base64url},
    session::Session,
    tenant::Tenant,
    time::{Clock, Timestamp},
    user::User,
    version::Version,
    view::TenantView,
    vocabulary::{GrantType, ResponseType},
};
use chancery_oauth::{
    Context,
    authorize::{self, Answer, Carried, Checked, Done, Refusal},
    client_auth::Credentials,
    error::OAuthError,
    parameters::Parameters,
    token,
};
use chancery_testkit::{
    FakeClock, SeededRandom, builders, directory::MemoryDirectory, memory::MemoryStore, web::FakeWeb,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A verifier, and the challenge that it meets.
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(crate) const CALLBACK: &str = "https://app.example/cb";

pub(crate) struct Front {
    pub(crate) cx: Context,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: MemoryStore,
    pub(crate) directory: MemoryDirectory,
    pub(crate) web: FakeWeb,
    pub(crate) random: Arc<SeededRandom>,
    pub(crate) view: Arc<TenantView>,
    pub(crate) user: User,
    pub(crate) session: Session,
    /// A public client.
    pub(crate) app: Client,
    /// A confidential client that may use every grant.
    pub(crate) site: Client,
    pub(crate) secret: OpaqueToken,
}

impl Front {
    pub(crate) async fn new() -> Self {
        Self::of(Profile::Oauth21).await
    }

    pub(crate) async fn of(profile: Profile) -> Self {
        let (clock, random) = (Arc::new(FakeClock::new()), Arc::new(SeededRandom::new(1)));
        let now = clock.now();
        let store = MemoryStore::default();
        let directory = MemoryDirectory::new(store.clone());
        let web = FakeWeb::default();
        let mut tenant = builders::tenant("acme", &*random, now);
        tenant.profile = profile;
        let view = directory.show(view_of(tenant, now));
        let mut user = builders::user("ada", &*random, now);
        user.claims = serde_json::from_str(r#"{"name":"Ada","birthdate":"1815-12-10","tier":"gold"}"#).expect("claims");
        let (session, _) = builders::session(&user, &view.tenant, &*random, now);
        let mut app = builders::public_client("app", &*random, now);
        app.scopes = ScopeSet::parse("openid profile email offline_access crm").expect("scopes");
        let (mut site, secret) = builders::confidential_client("site", &*random, now);
        site.scopes = app.scopes.clone();
        site.grant_types.insert(GrantType::ClientCredentials);
        let cx = Context {
            store: Arc::new(store.clone()),
            directory: Arc::new(directory.clone()),
            client_key_sets: Arc::new(web.clone()),
            fetch: Arc::new(web.clone()),
            clock: Arc::clone(&clock) as _,
            random: Arc::clone(&random) as _,
        };
        let front = Self { cx, clock, store, directory, web, random, view, user, session, app, site, secret };
        front.fill().await;
        front
    }

    async fn fill(&self) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("a transaction");
        tx.users().insert(&self.user).await.expect("inserted");
        tx.sessions().insert(&self.session).await.expect("inserted");
        for client in [&self.app, &self.site] {
            tx.clients().insert(client).await.expect("inserted");
        }
        tx.commit().await.expect("committed");
    }

    /// Stores a client as it now is, whatever it was before.
    pub(crate) async fn update(&self, client: &Client) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("a transaction");
        let stored = tx.clients().find(&client.id).await.expect("read").expect("there");
        let mut client = client.clone();
        client.version = stored.version;
        tx.clients().update(&client, self.clock.now()).await.expect("updated");
        tx.commit().await.expect("committed");
    }

    /// A client as it now is.
    pub(crate) async fn client(&self, id: &str) -> Client {
        let found = self.store.read(self.view.tenant.id).clients().find(&id.parse().expect("an id")).await;
        found.expect("read").expect("there")
    }

    /// Stores the user as they now are.
    pub(crate) async fn update_user(&self, user: &User) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("a transaction");
        tx.users().update(user, self.clock.now()).await.expect("updated");
        tx.commit().await.expect("committed");
    }

    /// The user signs out, as the accounts room does it.
    pub(crate) async fn sign_out(&self) {
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("a transaction");
        tx.sessions().end(self.session.id, self.clock.now()).await.expect("ended");
        tx.grants().revoke_of_session(self.session.id, None, self.clock.now()).await.expect("revoked");
        tx.commit().await.expect("committed");
    }

    /// The user allows a client some scopes.
    pub(crate) async fn allow(&self, client: &Client, scopes: &str) {
        let consent = Consent {
            user: self.user.id,
            client: client.uid,
            scopes: ScopeSet::parse(scopes).expect("scopes"),
            granted_at: self.clock.now(),
        };
        let tx = Store::begin(&self.store, self.view.tenant.id).await.expect("a transaction");
        tx.consents().put(&consent).await.expect("put");
        tx.commit().await.expect("committed");
    }

    pub(crate) async fn check(&self, parameters: &[(&str, &str)]) -> Result<Checked, Refusal> {
        authorize::check(&self.cx, &self.view, &form(parameters)).await
    }

    /// The answer to a request of a client that the user has allowed everything.
    pub(crate) async fn answer(&self, client: &Client, parameters: &[(&str, &str)]) -> Answer {
        let scope = parameters.iter().find(|(name, _)| *name == "scope").map_or("", |(_, scope)| scope);
        self.allow(client, scope).await;
        let checked = self.check(parameters).await.unwrap_or_else(|refusal| panic!("{}", told(&refusal)));
        let issued = authorize::issue(&self.cx, &self.view, &checked, &self.session, Done::default()).await;
        issued.unwrap_or_else(|refusal| panic!("{}", told(&refusal)))
    }

    /// The URL to which the browser is sent with an answer.
    pub(crate) async fn location(&self, answer: Answer) -> String {
        match authorize::carry(&self.cx, &self.view, answer).await.expect("carried") {
            Carried::Redirect(url) => url,
            form @ Carried::Form { .. } => panic!("{form:?}"),
        }
    }

    /// The same at a tenant that gives whatever there is, to clients that may ask for it.
    pub(crate) async fn open() -> Self {
        let mut front = Self::of(Profile::Oidc).await;
        let mut tenant = front.view.tenant.clone();
        tenant.settings.response_types = ResponseType::ALL.iter().copied().collect();
        front.view = front.directory.show(view_of(tenant, front.clock.now()));
        let mut clients = [front.app.clone(), front.site.clone()];
        for client in &mut clients {
            client.grant_types.insert(GrantType::Implicit);
            client.metadata.response_types = ResponseType::ALL.iter().copied().collect();
            front.update(client).await;
        }
        [front.app, front.site] = clients;
        front
    }

    /// A code for a client that the user has allowed everything.
    pub(crate) async fn code(&self, client: &Client, scope: &str) -> String {
        self.allow(client, scope).await;
        let challenge = challenge();
        let parameters = request(client.id.as_str(), scope, &challenge);
        let checked = self.check(&parameters).await.expect("a good request");
        let answer =
            authorize::issue(&self.cx, &self.view, &checked, &self.session, Done::default()).await.expect("a code");
        answer.parameter("code").expect("a code").to_owned()
    }

    /// What the token endpoint says to these parameters of that client.
    pub(crate) async fn token(&self, client: &Client, parameters: &[(&str, &str)]) -> Result<Tokens, OAuthError> {
        let form = form(parameters);
        let credentials = self.credentials(client);
        let response = token::exchange(&self.cx, &self.view, &credentials, &form).await?;
        let members = serde_json::to_value(&response).and_then(serde_json::from_value);
        Ok(Tokens(members.expect("an object")))
    }

    pub(crate) async fn redeem(&self, client: &Client, code: &str) -> Result<Tokens, OAuthError> {
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(client, &parameters).await
    }

    pub(crate) async fn refresh(&self, client: &Client, token: &str) -> Result<Tokens, OAuthError> {
        self.token(client, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Tokens of a fresh grant.
    pub(crate) async fn sign_in(&self, client: &Client, scope: &str) -> Tokens {
        let code = self.code(client, scope).await;
        self.redeem(client, &code).await.expect("tokens")
    }

    /// The credentials of one of our clients.
    pub(crate) fn credentials(&self, client: &Client) -> Credentials {
        let id = client.id.as_str();
        let named = form(&[("client_id", id)]);
        let proven = form(&[("client_id", id), ("client_secret", self.secret.expose())]);
        let form = if client.is_public() { named } else { proven };
        Credentials::read(&self.view, None, &form).expect("credentials")
    }

    /// The claims of one of our tokens.
    pub(crate) fn claims(token: &str) -> Map<String, Value> {
        let claims = token.split('.').nth(1).expect("three parts");
        let claims = chancery_domain::secret::from_base64url(claims).expect("base64url");
        serde_json::from_slice(&claims).expect("JSON")
    }
}

/// A token response.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(pub(crate) Map<String, Value>);

impl Tokens {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name}"))
    }

    pub(crate) fn access(&self) -> &str {
        self.text("access_token")
    }

    pub(crate) fn refresh(&self) -> &str {
        self.text("refresh_token")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The view of a tenant with a scope of its own.
pub(crate) fn view_of(tenant: Tenant, now: Timestamp) -> TenantView {
    let mut view = builders::view(tenant, now);
    view.scopes.push(Scope {
        slug: "crm".parse().expect("a slug"),
        value: "crm".parse().expect("a scope"),
        description: "See your customer record".to_owned(),
        claims: vec!["tier".to_owned()],
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    });
    view
}

pub(crate) fn challenge() -> String {
    base64url(&Sha256::digest(VERIFIER))
}

/// A good authorization request.
pub(crate) fn request<'a>(client: &'a str, scope: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", scope),
        ("state", "a state"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

/// Parameters as a browser sends them.
pub(crate) fn form(parameters: &[(&str, &str)]) -> Parameters {
    let mut text = String::new();
    for (name, value) in parameters {
        let _ = write!(text, "&{name}=");
        for byte in value.bytes() {
            let _ = if byte.is_ascii_alphanumeric() {
                write!(text, "{}", char::from(byte))
            } else {
                write!(text, "%{byte:02X}")
            };
        }
    }
    Parameters::parse(text.as_bytes()).expect("a form")
}

/// How a refusal looks from outside.
pub(crate) fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Page(error) => format!("page      {error}"),
        Refusal::Answer(answer) => told_answer(answer),
    }
}

pub(crate) fn told_answer(answer: &Answer) -> String {
    let parameters: Vec<String> = answer.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{:<9} {}", answer.mode.as_str(), parameters.join(" & "))
}
