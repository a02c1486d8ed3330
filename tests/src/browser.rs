//! A person's browser: it keeps cookies, follows redirects while they stay at the server, and fills forms in.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use reqwest::{
    Method, RequestBuilder,
    header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use url::Url;

use crate::{
    dev::User,
    http::Http,
    page::{Form, Page},
};

/// A browser with one person before it.
pub struct Browser {
    http: Http,
    cookies: Vec<Cookie>,
}

/// A cookie as it was set.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The paths it is sent to.
    pub path: String,
    /// The whole header field.
    pub set_by: String,
}

/// Where a way through redirects and forms came to an end.
#[derive(Clone, Debug)]
pub enum Landing {
    /// On a page of the server.
    Page(Page),
    /// On its way elsewhere: back to an application.
    Away(Url),
}

/// The parameters of an authorization response.
pub type Answer = BTreeMap<String, String>;

impl Browser {
    /// A fresh one.
    pub fn new() -> Result<Self> {
        Ok(Self { http: Http::new()?, cookies: Vec::new() })
    }

    /// One whose requests take that way.
    #[must_use]
    pub fn with(http: Http) -> Self {
        Self { http, cookies: Vec::new() }
    }

    /// From now on, requests take that way.
    pub fn take_way(&mut self, http: Http) {
        self.http = http;
    }

    /// The cookies it has.
    #[must_use]
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// Takes a cookie in, as if the server had set it for that path.
    pub fn plant(&mut self, cookie: Cookie) {
        self.cookies.retain(|known| known.name != cookie.name || known.path != cookie.path);
        self.cookies.push(cookie);
    }

    /// Opens a URL.
    pub async fn open(&mut self, url: &str) -> Result<Landing> {
        self.travel(Url::parse(url)?, None).await
    }

    /// Sends a form.
    pub async fn send(&mut self, form: &Form) -> Result<Landing> {
        if form.post {
            return self.travel(form.action.clone(), Some(form)).await;
        }
        let mut url = form.action.clone();
        url.query_pairs_mut().clear().extend_pairs(&form.fields);
        self.travel(url, None).await
    }

    /// Presses the button with that id.
    pub async fn press(&mut self, page: &Page, button: &str) -> Result<Landing> {
        self.send(&page.form_of(button)?).await
    }

    /// Fills the sign-in page in and sends it.
    pub async fn log_in(&mut self, page: &Page, username: &str, password: &str) -> Result<Landing> {
        let mut form = page.form_of("login-submit")?;
        form.fill("username", username)?;
        form.fill("password", password)?;
        self.send(&form).await
    }

    /// Opens a password link, chooses a password and sends it.
    pub async fn choose_password(&mut self, link: &str, password: &str) -> Result<Page> {
        let mut form = self.open(link).await?.page()?.form_of("password-submit")?;
        form.fill("password", password)?;
        form.fill("again", password)?;
        self.send(&form).await?.page()
    }

    /// Goes all the way from an authorization request to the answer: signs in where asked, and allows what is asked.
    pub async fn authorize(&mut self, url: &str, user: &User, redirect_uri: &str) -> Result<Answer> {
        let mut landing = self.open(url).await?;
        for _ in 0..4 {
            let page = match landing {
                Landing::Away(url) => return answer_in(&url, redirect_uri),
                Landing::Page(page) => page,
            };
            if let Ok(form) = page.form_to(redirect_uri) {
                return Ok(form.fields.into_iter().collect());
            }
            landing = if page.has("login-submit") {
                self.log_in(&page, &user.username, &user.password).await?
            } else if page.has("consent-allow") {
                self.press(&page, "consent-allow").await?
            } else {
                bail!("neither a sign-in nor a consent page ({}): {}", page.status, page.html)
            };
        }
        bail!("no answer after four pages")
    }

    async fn travel(&mut self, start: Url, form: Option<&Form>) -> Result<Landing> {
        let origin = start.origin();
        let (mut url, mut form) = (start, form);
        for _ in 0..10 {
            let request = match form.take() {
                None => self.http.request(Method::GET, &url),
                Some(form) => self
                    .http
                    .request(Method::POST, &url)
                    .header(ORIGIN, origin.ascii_serialization())
                    .header("sec-fetch-site", "same-origin")
                    .form(&form.fields),
            };
            let response = self.with_cookies(request, &url).send().await?;
            self.keep_cookies(&url, response.headers());
            let (status, headers) = (response.status(), response.headers().clone());
            let html = response.text().await?;
            if !status.is_redirection() {
                return Ok(Landing::Page(Page { url, status: status.as_u16(), headers, html }));
            }
            let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).context("no Location")?;
            let next = url.join(location)?;
            if next.origin() != origin {
                return Ok(Landing::Away(next));
            }
            url = next;
        }
        bail!("more than ten redirects")
    }

    fn with_cookies(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        let covers = |cookie: &&Cookie| {
            let rest = url.path().strip_prefix(cookie.path.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let sent: Vec<_> = self.cookies.iter().filter(covers).map(|c| format!("{}={}", c.name, c.value)).collect();
        if sent.is_empty() { request } else { request.header(COOKIE, sent.join("; ")) }
    }

    fn keep_cookies(&mut self, url: &Url, headers: &reqwest::header::HeaderMap) {
        for set_by in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = set_by.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let attributes: Vec<_> = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
            let find = |wanted: &str| attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let path = find("path").map_or_else(|| url.path(), |(_, path)| path).to_owned();
            let (name, value, set_by) = (name.to_owned(), value.to_owned(), set_by.to_owned());
            let gone = find("max-age").is_some_and(|(_, age)| *age == "0");
            self.plant(Cookie { name, value, path, set_by });
            if gone {
                self.cookies.pop();
            }
        }
    }
}

impl Landing {
    /// The page, where it ended on one.
    pub fn page(self) -> Result<Page> {
        match self {
            Self::Page(page) => Ok(page),
            Self::Away(url) => bail!("sent away to {url}"),
        }
    }

    /// The place outside, where it was sent to one.
    pub fn away(self) -> Result<Url> {
        match self {
            Self::Away(url) => Ok(url),
            Self::Page(page) => bail!("a page ({}): {}", page.status, page.html),
        }
    }
}

/// The parameters of an answer that was sent to that redirect URI, in its query or in its fragment.
pub fn answer_in(url: &Url, redirect_uri: &str) -> Result<Answer> {
    anyhow::ensure!(url.as_str().starts_with(redirect_uri), "sent to {url} and not to {redirect_uri}");
    let fragment = url::form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
    Ok(url.query_pairs().into_owned().chain(fragment.into_owned()).collect())
}
