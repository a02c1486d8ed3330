//! A browser with a cookie jar, as far as these tests need one.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, Request};

use crate::world::{Answer, PASSWORD, World};

/// Challenge of the verifier `a` forty-three times.
pub(crate) const CHALLENGE: &str = "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA";

/// One browser.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl<'a> Browser<'a> {
    /// A new browser without cookies.
    pub(crate) fn new(world: &'a World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            headers: vec![("accept", "text/html"), ("sec-fetch-site", "same-origin")],
        }
    }

    /// Looks at a page.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        self.send(Method::POST, path, fields.collect::<Vec<_>>().join("&")).await
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", jar.join("; "));
        }
        request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.world.send(request.body(Body::from(body)).expect("a request")).await;
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("ascii");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Follows an application's link to the authorization endpoint.
    pub(crate) async fn authorize(&mut self, tenant: &str, more: &str) -> Answer {
        let path = self.world.at_tenant(tenant, &format!("/oauth2/authorize?{}{more}", request()));
        self.get(&path).await
    }

    /// Types name and password into the page.
    pub(crate) async fn sign_in(&mut self, tenant: &str, page: &Answer, name: &str, password: &str) -> Answer {
        let flow = page.field("flow");
        let path = self.world.at_tenant(tenant, "/signin");
        self.post(&path, &[("username", name), ("password", password), ("flow", &flow)]).await
    }

    /// Presses a button of the consent page.
    pub(crate) async fn decide(&mut self, tenant: &str, page: &Answer, decision: &str) -> Answer {
        let flow = page.field("flow");
        let path = self.world.at_tenant(tenant, "/consent");
        self.post(&path, &[("flow", &flow), ("decision", decision)]).await
    }

    /// All the way from the application to its redirect URI.
    pub(crate) async fn arrive(&mut self, tenant: &str) -> Answer {
        let page = self.authorize(tenant, "").await;
        let page = self.sign_in(tenant, &page, "ada", PASSWORD).await;
        self.decide(tenant, &page, "allow").await
    }
}

/// An ordinary authorization request.
pub(crate) fn request() -> String {
    format!(
        "client_id=app&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid%20email&state=s1\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
}

/// The value of a parameter in the query of a URL.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).expect("a URL");
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
