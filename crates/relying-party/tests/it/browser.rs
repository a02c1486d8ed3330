//! A browser before an application, with its cookies.

use std::collections::HashMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    routing::get,
};
use chancery_relying_party::{RelyingParty, User};
use tower::ServiceExt;
use url::Url;

use crate::provider::{Provider, SECRET};

pub(crate) struct Browser {
    app: Router,
    pub(crate) provider: Provider,
    pub(crate) cookies: HashMap<String, String>,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// An application with a page for users and one for everybody.
pub(crate) fn app(rp: &RelyingParty) -> Router {
    let hello = async |user: Option<User>| user.map_or("nobody".to_owned(), |user| user.subject);
    let orders = async |user: User| format!("{} of {}", user.text("name").unwrap_or("?"), user.issuer);
    let nested = Router::new().route("/list", get(orders));
    Router::new().route("/", get(hello)).nest("/orders", nested).merge(rp.routes()).with_state(rp.clone())
}

pub(crate) fn relying_party(provider: &Provider) -> chancery_relying_party::RelyingPartyBuilder {
    RelyingParty::builder(&provider.url, "my-app", "https://app.example/callback")
        .client_secret(SECRET.to_owned())
        .post_logout_redirect_uri("https://app.example/")
}

impl Browser {
    pub(crate) async fn new() -> Self {
        let provider = Provider::start().await;
        let rp = relying_party(&provider).build().expect("built");
        Self::before(app(&rp), provider)
    }

    pub(crate) fn before(app: Router, provider: Provider) -> Self {
        Self { app, provider, cookies: HashMap::new() }
    }

    /// Another browser before the same application.
    pub(crate) fn other(&self) -> Self {
        Self::before(self.app.clone(), self.provider.clone())
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.call(Method::GET, path, "text/html").await
    }

    pub(crate) async fn call(&mut self, method: Method, path: &str, accept: &str) -> Seen {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, accept);
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::empty()).expect("a request");
        let answer = self.app.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        Seen { status, headers, body: String::from_utf8(body.to_vec()).expect("text") }
    }

    /// Begins to sign in: what the provider is asked.
    pub(crate) async fn begin(&mut self, path: &str) -> HashMap<String, String> {
        let seen = self.get(path).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        let url = Url::parse(seen.location()).expect("a URL");
        assert!(url.as_str().starts_with(&format!("{}/authorize?own=1&", self.provider.url)), "{url}");
        url.query_pairs().into_owned().collect()
    }

    /// Comes back from the provider with these parameters.
    pub(crate) async fn come_back(&mut self, answer: &[(&str, &str)]) -> Seen {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        self.get(&format!("/callback?{query}")).await
    }

    /// Signs in from beginning to end.
    pub(crate) async fn sign_in(&mut self, path: &str) -> Seen {
        let request = self.begin(path).await;
        let (state, iss) = (request["state"].clone(), self.provider.url.clone());
        let code = self.provider.authorize(request);
        self.come_back(&[("code", &code), ("state", &state), ("iss", &iss)]).await
    }
}

impl Seen {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().expect("text"))
    }
}
