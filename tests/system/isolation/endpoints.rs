//! What every endpoint of the neighbour makes of it, wherever it is presented.

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::{Browser, Cookie, Landing},
    dev::Tenant,
    http::{Http, Reply},
    party::Party,
};
use reqwest::RequestBuilder;

use super::belongings::Belongings;

/// The members of the metadata that are rows of this matrix. A new endpoint without a row fails. Revocation comes last:
/// at home it works, and what it revoked is let in nowhere any more.
const ENDPOINTS: &[&str] = &[
    "authorization_endpoint",
    "end_session_endpoint",
    "introspection_endpoint",
    "jwks_uri",
    "pushed_authorization_request_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
];

/// The places at which something was let in, which should be none.
pub(super) async fn that_let_in(theirs: &Belongings, neighbour: &Tenant) -> Result<Vec<String>> {
    let party = Party::discover(neighbour, neighbour.confidential_client()?).await?;
    let members = party.metadata.as_object().context("metadata")?.keys();
    let unknown: Vec<_> = members
        .filter(|name| (name.ends_with("_endpoint") || *name == "jwks_uri") && !ENDPOINTS.contains(&name.as_str()))
        .collect();
    anyhow::ensure!(unknown.is_empty(), "endpoints without a row: {unknown:?}");

    let mut let_in = Vec::new();
    for (kind, text) in theirs.texts() {
        for endpoint in ENDPOINTS {
            for (slot, request) in direct(&party, theirs, endpoint, text)? {
                let reply = Reply::read(request.send().await?).await?;
                if !refuses(endpoint, &reply) {
                    let_in.push(format!("{kind} as {slot} at {endpoint}: {} {}", reply.status, reply.body));
                }
            }
        }
        for (slot, landing) in browsed(&party, theirs, neighbour, text).await? {
            if !turns_away(&landing) {
                let_in.push(format!("{kind} as {slot} in a browser: {landing:?}"));
            }
        }
    }
    if let Some(landing) = foreign_form(theirs, &party, neighbour).await? {
        let_in.push(format!("a sign-in begun elsewhere: {landing:?}"));
    }
    Ok(let_in)
}

/// The requests that applications make, with the text in each place where it fits.
fn direct<'a>(
    party: &Party,
    theirs: &Belongings,
    endpoint: &str,
    text: &'a str,
) -> Result<Vec<(&'static str, RequestBuilder)>> {
    let (url, http) = (party.endpoint(endpoint)?, Http::new()?);
    let (id, secret) = (party.client.client_id.as_str(), party.client.client_secret.as_deref().unwrap_or_default());
    let (their_id, their_secret) =
        (&theirs.client.client_id, theirs.client.client_secret.as_deref().unwrap_or_default());
    let code = [
        ("grant_type", "authorization_code"),
        ("code", text),
        ("redirect_uri", theirs.client.redirect_uris[0].as_str()),
        ("code_verifier", &theirs.attempt.verifier),
    ];
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text)];
    let machine: [(&str, &'a str); 1] = [("grant_type", "client_credentials")];
    let token = [("token", text)];
    let post = || http.post(url);
    let own = || Ok::<_, anyhow::Error>(post()?.basic_auth(id, Some(secret)));
    let as_them = || Ok::<_, anyhow::Error>(post()?.basic_auth(their_id, Some(their_secret)));
    Ok(match endpoint {
        "token_endpoint" => vec![
            ("code", own()?.form(&code)),
            ("refresh token", own()?.form(&refresh)),
            ("code of its own client", as_them()?.form(&code)),
            ("refresh token of its own client", as_them()?.form(&refresh)),
            ("its own client", as_them()?.form(&machine)),
            ("client", post()?.basic_auth(text, Some(secret)).form(&machine)),
            ("secret", post()?.basic_auth(id, Some(text)).form(&machine)),
            ("bearer", post()?.bearer_auth(text).form(&machine)),
        ],
        "userinfo_endpoint" => {
            vec![("bearer", http.get(url)?.bearer_auth(text)), ("form token", post()?.form(&[("access_token", text)]))]
        }
        "introspection_endpoint" | "revocation_endpoint" => vec![
            ("token", own()?.form(&token)),
            ("token of its own client", as_them()?.form(&token)),
            ("secret", post()?.basic_auth(id, Some(text)).form(&token)),
            ("bearer", post()?.bearer_auth(text).form(&token)),
        ],
        "pushed_authorization_request_endpoint" => vec![
            ("its own client", as_them()?.form(&code)),
            ("client", post()?.basic_auth(text, Some(secret)).form(&code)),
            ("secret", post()?.basic_auth(id, Some(text)).form(&code)),
            ("bearer", post()?.bearer_auth(text).form(&code)),
            ("reference", own()?.form(&[("request_uri", text)])),
        ],
        "jwks_uri" => vec![("bearer", http.get(url)?.bearer_auth(text))],
        _ => Vec::new(),
    })
}

/// Whether nothing was given away. That a revocation had no effect shows at home.
fn refuses(endpoint: &str, reply: &Reply) -> bool {
    match endpoint {
        // So much that is wrong looks like guessing, and waits.
        _ if reply.status == 429 => true,
        "pushed_authorization_request_endpoint" => {
            matches!(reply.status, 400 | 401) && reply.body.get("request_uri").is_none()
        }
        "token_endpoint" => matches!(reply.status, 400 | 401) && reply.body.get("access_token").is_none(),
        "userinfo_endpoint" => reply.status == 401 && reply.body.get("sub").is_none(),
        "introspection_endpoint" => {
            reply.status == 401 || (reply.status == 200 && reply.body == serde_json::json!({ "active": false }))
        }
        "revocation_endpoint" => matches!(reply.status, 200 | 400 | 401),
        "jwks_uri" => reply.status == 200,
        _ => false,
    }
}

/// The requests that browsers make.
async fn browsed(
    party: &Party,
    theirs: &Belongings,
    neighbour: &Tenant,
    text: &str,
) -> Result<Vec<(&'static str, Landing)>> {
    let mut landings = Vec::new();
    let hinted = party.begin("openid", &[("prompt", "none"), ("id_token_hint", text)])?.url;
    landings.push(("hint without a session", Browser::new()?.open(hinted.as_str()).await?));

    let mut inside = Browser::new()?;
    party.sign_in(&mut inside, neighbour.user()?, "openid").await?;
    landings.push(("hint with a session", inside.open(hinted.as_str()).await?));

    let silent = party.begin("openid", &[("prompt", "none")])?;
    let mut planted = Browser::new()?;
    for name in theirs.cookies.iter().map(|cookie| &cookie.name) {
        let path = url::Url::parse(&neighbour.issuer)?.path().to_owned();
        planted.plant(Cookie { name: name.clone(), value: text.to_owned(), path, set_by: String::new() });
    }
    landings.push(("cookie", planted.open(silent.url.as_str()).await?));

    let link = format!(
        "{}/password?link={}",
        neighbour.issuer,
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
    );
    landings.push(("password link", Browser::new()?.open(&link).await?));

    let as_them = silent.with("client_id", text);
    landings.push(("client", inside.open(as_them.as_str()).await?));
    let to_them = silent.with("redirect_uri", &theirs.client.redirect_uris[0]);
    landings.push(("redirect URI of its own", inside.open(to_them.as_str()).await?));

    for after in [&theirs.client.post_logout_redirect_uris[0], &party.client.post_logout_redirect_uris[0]] {
        let mut leave = url::Url::parse(party.endpoint("end_session_endpoint")?)?;
        leave.query_pairs_mut().append_pair("id_token_hint", text).append_pair("post_logout_redirect_uri", after);
        landings.push(("hint at logout", inside.open(leave.as_str()).await?));
    }
    // Whatever was tried, the person is still signed in here; but for a hint of here, which may sign out.
    if theirs.client.client_id != party.client.client_id {
        let attempt = party.begin("openid", &[("prompt", "none")])?;
        party.obtain_code(&mut inside, neighbour.user()?, &attempt).await.context("the neighbour's own session")?;
    }
    Ok(landings)
}

/// Whether the browser ended on a page, or went back with an error and without a code.
fn turns_away(landing: &Landing) -> bool {
    match landing {
        Landing::Page(page) => page.status >= 400 || page.has("logout-confirm") || page.has("oauth-error"),
        Landing::Away(url) => {
            let has = |name: &str| url.query_pairs().any(|(known, _)| known == name);
            has("error") && !has("code")
        }
    }
}

/// A sign-in that was begun at the one tenant and is sent to the other, with the right password of the other.
async fn foreign_form(theirs: &Belongings, party: &Party, neighbour: &Tenant) -> Result<Option<Landing>> {
    let mut browser = Browser::new()?;
    let page = browser.open(party.begin("openid", &[])?.url.as_str()).await?.page()?;
    let path = url::Url::parse(&neighbour.issuer)?.path().to_owned();
    for cookie in &theirs.sign_in_cookies {
        browser.plant(Cookie { path: path.clone(), ..cookie.clone() });
    }
    let mut form = page.form_of("login-submit")?;
    let flow = theirs.sign_in_form.value("flow").context("no flow")?;
    form.fill("flow", flow)?;
    form.fill("username", &neighbour.user()?.username)?;
    form.fill("password", &neighbour.user()?.password)?;
    let landing = browser.send(&form).await?;
    Ok((!turns_away(&landing)).then_some(landing))
}
