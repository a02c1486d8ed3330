//! How a relying party is told who it is.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use chancery_resource_server::provider::{BadIssuer, Options, Provider};
use url::{Host, Url};

use crate::{
    relying_party::{Inner, RelyingParty},
    store::{MemoryStore, Store},
};

/// A provider that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the library sends by itself; nobody may send it otherwise.
const OURS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// Gathers what a [`RelyingParty`] is.
#[must_use = "a builder does nothing until built"]
pub struct RelyingPartyBuilder {
    issuer: String,
    client_id: String,
    redirect_uri: String,
    client_secret: Option<String>,
    scope: String,
    parameters: Vec<(String, String)>,
    post_logout_redirect_uri: Option<String>,
    session_life: Duration,
    hears_logout: bool,
    store: Option<Arc<dyn Store>>,
    client: Option<reqwest::Client>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// Why a relying party cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// That text cannot be an issuer.
    #[error(transparent)]
    Issuer(#[from] BadIssuer),
    /// Nobody can come back there.
    #[error("the redirect URI must be https (http on a loopback address), its path ending with /callback")]
    RedirectUri,
    /// Without `openid` nobody signs in.
    #[error("the scope must hold openid")]
    Scope,
    /// The library sends that parameter by itself, or its value makes no sense.
    #[error("the parameter {0} cannot be sent like this")]
    Parameter(String),
    /// No HTTP client can be built on this machine.
    #[error("no HTTP client can be built: {0}")]
    Client(String),
}

impl RelyingPartyBuilder {
    pub(crate) fn new(issuer: String, client_id: String, redirect_uri: String) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the time unless another clock is given")]
        let clock = Box::new(SystemTime::now);
        Self {
            issuer,
            client_id,
            redirect_uri,
            client_secret: None,
            scope: "openid profile email".to_owned(),
            parameters: Vec::new(),
            post_logout_redirect_uri: None,
            session_life: Duration::from_secs(8 * 3600),
            hears_logout: false,
            store: None,
            client: None,
            clock,
        }
    }

    /// The secret of a confidential client, sent as `client_secret_basic`. Without one the client is public.
    pub fn client_secret(self, secret: String) -> Self {
        Self { client_secret: Some(secret), ..self }
    }

    /// What is asked for, delimited by spaces; `openid profile email` by default.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: scope.into(), ..self }
    }

    /// One more parameter of the authorization request, such as `prompt`, `max_age`, `acr_values` or `resource`. With
    /// `max_age` the age of the sign-in is checked too.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Where the provider sends people after they signed out; registered there, byte for byte.
    pub fn post_logout_redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { post_logout_redirect_uri: Some(uri.into()), ..self }
    }

    /// How long people stay signed in here; eight hours by default.
    pub fn session_life(self, life: Duration) -> Self {
        Self { session_life: life, ..self }
    }

    /// Lets the provider end sessions here: adds `/backchannel-logout` and `/frontchannel-logout` to the routes, and holds
    /// every session that is used against what the provider said, which costs two more reads of the store.
    pub fn hear_logout(self) -> Self {
        Self { hears_logout: true, ..self }
    }

    /// Keeps sessions there instead of in the memory of this process.
    pub fn store(self, store: impl Store + 'static) -> Self {
        Self { store: Some(Arc::new(store)), ..self }
    }

    /// Calls the provider with this client. It should follow no redirects and have a timeout.
    pub fn client(self, client: reqwest::Client) -> Self {
        Self { client: Some(client), ..self }
    }

    /// Tells the time, where the system's clock does not do.
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Builds it. The provider is not called before somebody signs in.
    pub fn build(self) -> Result<RelyingParty, BuildError> {
        let redirect = Url::parse(&self.redirect_uri).map_err(|_| BuildError::RedirectUri)?;
        let secure = is_secure(&redirect).ok_or(BuildError::RedirectUri)?;
        let base_path = redirect.path().strip_suffix("/callback").ok_or(BuildError::RedirectUri)?.to_owned();
        if !self.scope.split(' ').any(|scope| scope == "openid") {
            return Err(BuildError::Scope);
        }
        let wrong = |(name, value): &&(String, String)| {
            OURS.contains(&name.as_str()) || (name == "max_age" && value.parse::<u32>().is_err())
        };
        if let Some((name, _)) = self.parameters.iter().find(wrong) {
            return Err(BuildError::Parameter(name.clone()));
        }
        let client = match self.client {
            Some(client) => client,
            None => standard_client().map_err(|error| BuildError::Client(error.to_string()))?,
        };
        let options = Options { client: Some(client.clone()), ..Options::default() };
        Ok(RelyingParty(Arc::new(Inner {
            provider: Provider::new(&self.issuer, options)?,
            client,
            client_id: self.client_id,
            client_secret: self.client_secret,
            redirect_uri: self.redirect_uri,
            base_path,
            secure,
            scope: self.scope,
            parameters: self.parameters,
            post_logout_redirect_uri: self.post_logout_redirect_uri,
            session_life: self.session_life,
            hears_logout: self.hears_logout,
            store: self.store.unwrap_or_else(|| Arc::new(MemoryStore::default())),
            clock: self.clock,
        })))
    }
}

impl fmt::Debug for RelyingPartyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingPartyBuilder")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Whether it is reached over TLS; `None` when it is neither that nor on this machine.
fn is_secure(url: &Url) -> Option<bool> {
    let loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => Some(true),
        "http" if loopback => Some(false),
        _ => None,
    }
}

fn standard_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(redirect_uri: &str) -> Result<RelyingParty, BuildError> {
        RelyingParty::builder("https://id.example", "app", redirect_uri).build()
    }

    #[test]
    fn the_routes_stand_beside_the_redirect_uri() {
        let path = |uri| build(uri).map(|rp| rp.login_path("/a b"));
        assert_eq!(path("https://app.example/callback"), Ok("/login?next=%2Fa+b".to_owned()));
        assert_eq!(path("http://127.0.0.1:3000/me/callback"), Ok("/me/login?next=%2Fa+b".to_owned()));
        for bad in ["http://app.example/callback", "https://app.example/cb", "callback", "com.example:/callback"] {
            assert_eq!(path(bad), Err(BuildError::RedirectUri), "{bad}");
        }
    }

    #[test]
    fn what_the_library_sends_cannot_be_sent_otherwise() {
        let builder = || RelyingParty::builder("https://id.example", "app", "https://app.example/callback");
        assert!(builder().parameter("prompt", "login").parameter("max_age", "60").build().is_ok());
        for (name, value) in [("state", "x"), ("code_challenge_method", "plain"), ("max_age", "long")] {
            let error = builder().parameter(name, value).build().err();
            assert_eq!(error, Some(BuildError::Parameter(name.to_owned())));
        }
        assert_eq!(builder().scope("profile").build().err(), Some(BuildError::Scope));
        assert!(!format!("{:?}", builder().client_secret("hush".into())).contains("hush"));
    }
}
