//! What strangers try at the endpoint.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use url::Position;

use super::{METADATA, Office, REDIRECT, app, with};
use crate::{client_calls::proofs::unfit_set, client_keys::ClientKey, databases::Site};

pub(super) async fn t238_closed_is_the_default(site: &Site) -> Result<()> {
    for tenant in [&site.first, &site.second] {
        let office = Office::of(tenant)?;
        let reply = office.register(&app()).await?;
        assert_eq!(reply.refusal(), (403, "access_denied"), "{}", reply.body);
        assert_eq!((reply.header("access-control-allow-origin"), office.discovered().await?), ("", None));
    }
    Ok(())
}

pub(super) async fn t005_t009_t012_to_t015_redirect_uris(office: &Office<'_>) -> Result<()> {
    for uri in [
        "https://*.sundial.example/cb",
        "https://*/cb",
        "https://sundial.example/cb#x",
        "https://sundial.example/cb#",
        "https://sundial.example/cb?code=1",
        "https://sundial.example/cb?state=1",
        "https://sundial.example/cb?iss=1",
        "https://sundial.example/cb?error=1",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "myapp:/cb",
        "http://sundial.example/cb",
        "http://192.0.2.1/cb",
        "https://user@sundial.example/cb",
        "/cb",
        "",
    ] {
        for kind in ["web", "native"] {
            let metadata = json!({ "redirect_uris": [uri], "application_type": kind });
            office.refuses(&metadata, REDIRECT, "redirect_uris").await?;
        }
    }
    for none in [json!({}), json!({ "redirect_uris": [] }), json!({ "redirect_uris": null })] {
        office.refuses(&none, REDIRECT, "redirect_uris").await?;
    }
    Ok(())
}

pub(super) async fn t013_links(office: &Office<'_>) -> Result<()> {
    for uri in ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"] {
        for member in ["logo_uri", "policy_uri", "tos_uri", "client_uri", "initiate_login_uri"] {
            office.refuses(&with(member, json!(uri)), METADATA, member).await?;
        }
        let member = "post_logout_redirect_uris";
        office.refuses(&with(member, json!([uri])), METADATA, member).await?;
    }
    Ok(())
}

pub(super) async fn t240_no_more_than_the_policy_gives(office: &Office<'_>) -> Result<()> {
    for (member, value, named) in [
        ("scope", json!("openid chancery.admin"), "scope"),
        ("scope", json!("openid orders"), "scope"),
        ("grant_types", json!(["client_credentials"]), "grant_types"),
        ("grant_types", json!(["urn:ietf:params:oauth:grant-type:token-exchange"]), "grant_types"),
        ("grant_types", json!(["password"]), "grant_types"),
        ("grant_types", json!(["refresh_token"]), "grant_types"),
        ("response_types", json!(["code", "token"]), "response_types"),
        ("response_types", json!(["code token"]), "response_types"),
        ("response_types", json!(["id_token"]), "response_types"),
        ("token_endpoint_auth_method", json!("tls_client_auth"), "token_endpoint_auth_method"),
        ("token_endpoint_auth_method", json!("private_key_jwt"), "jwks"),
        ("token_endpoint_auth_signing_alg", json!("HS256"), "token_endpoint_auth_signing_alg"),
        ("id_token_signed_response_alg", json!("none"), "id_token_signed_response_alg"),
        ("userinfo_signed_response_alg", json!("none"), "userinfo_signed_response_alg"),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP-256"), "id_token_encrypted_response_alg"),
        ("id_token_encrypted_response_enc", json!("A128GCM"), "id_token_encrypted_response_enc"),
        ("subject_type", json!("secret"), "subject_type"),
        ("request_object_signing_alg", json!("none"), "request_object_signing_alg"),
        ("application_type", json!("service"), "application_type"),
        ("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }), "jwks"),
    ] {
        let metadata = if member == "response_types" && value == json!(["id_token"]) {
            json!({ "redirect_uris": app()["redirect_uris"], "response_types": value, "grant_types": ["authorization_code"] })
        } else {
            with(member, value)
        };
        office.refuses(&metadata, METADATA, named).await?;
    }
    let mut public = with("token_endpoint_auth_method", json!("none"));
    public["id_token_signed_response_alg"] = json!("HS256");
    office.refuses(&public, METADATA, "id_token_signed_response_alg").await
}

pub(super) async fn t079_t120_t121_unfit_keys(office: &Office<'_>) -> Result<()> {
    let with_key = |key: &Value| {
        let mut metadata = with("token_endpoint_auth_method", json!("private_key_jwt"));
        metadata["jwks"] = json!({ "keys": [key] });
        metadata
    };
    office.registered(&with_key(&ClientKey::generate("ES256")?.jwk()?)).await.context("a good key")?;
    for (what, key) in unfit_set()? {
        office.refuses(&with_key(&key), METADATA, "jwks").await.context(what)?;
    }
    Ok(())
}

pub(super) async fn t241_each_token_manages_its_own(site: &Site, office: &Office<'_>) -> Result<()> {
    let (a, b) = (office.registered(&app()).await?, office.registered(&app()).await?);
    let mut change = app();
    change["client_id"] = json!(a.id);
    let calls = || [(Method::GET, None), (Method::PUT, Some(&change)), (Method::DELETE, None)];
    let own = &office.tenant.confidential_client()?.client_id;
    let mut elsewhere = a.place.clone();
    elsewhere.set_path(&a.place.path().replace(&office.tenant.tenant, &site.first.tenant));
    let nobodys = [office.endpoint.as_str(), "/nobody"].concat().parse()?;
    let operators = [office.endpoint.as_str(), "/", own].concat().parse()?;
    for (method, body) in calls() {
        for place in [&b.place, &elsewhere, &nobodys, &operators] {
            let reply = office.ask(method.clone(), place, Some(&a.token), body).await?;
            assert_eq!(reply.refusal(), (401, "invalid_token"), "{method} {place}");
            ensure!(reply.header("www-authenticate").contains("invalid_token"), "{:?}", reply.headers);
        }
        let reply = office.ask(method.clone(), &a.place, None, body).await?;
        ensure!(reply.status == 401 && reply.header("www-authenticate").starts_with("Bearer "), "{method}: {reply:?}");
    }
    change["client_id"] = json!(b.id);
    let reply = office.ask(Method::PUT, &a.place, Some(&a.token), Some(&change)).await?;
    assert_eq!(reply.refusal(), (400, METADATA));

    let name = format!("tenants/{}/clients/{}", office.tenant.tenant, a.id);
    site.admin.call("ClientService/DisableClient", json!({ "name": name })).await?;
    change["client_id"] = json!(a.id);
    for (method, body) in [(Method::GET, None), (Method::PUT, Some(&change)), (Method::DELETE, None)] {
        let reply = office.ask(method.clone(), &a.place, Some(&a.token), body).await?;
        assert_eq!(reply.refusal(), (403, "access_denied"), "{method}");
    }
    let seen = site.admin.call("ClientService/GetClient", json!({ "name": name })).await?;
    assert_eq!(seen["state"], "STATE_DISABLED");
    Ok(())
}

pub(super) async fn t242_what_is_not_theirs_to_say(site: &Site, office: &Office<'_>) -> Result<()> {
    let own = office.tenant.confidential_client()?;
    let name = |id: &str| json!({ "name": format!("tenants/{}/clients/{id}", office.tenant.tenant) });
    let before = site.admin.call("ClientService/GetClient", name(&own.client_id)).await?;
    let mut metadata = app();
    for (member, value) in [
        ("client_id", json!(own.client_id)),
        ("client_secret", json!("swordfish")),
        ("tenant", json!(site.first.tenant)),
        ("skip_consent", json!(true)),
        ("trusted", json!(true)),
        ("state", json!("enabled")),
        ("registration_access_token", json!("chg_mine")),
        ("allowed_origins", json!(["https://evil.example"])),
        ("exchange_resources", json!(["https://api.example"])),
    ] {
        metadata[member] = value;
    }
    let made = office.registered(&metadata).await?;
    ensure!(made.id != own.client_id && made.told["client_secret"] != "swordfish" && made.token != "chg_mine");
    for member in ["tenant", "skip_consent", "trusted", "state", "allowed_origins", "exchange_resources"] {
        ensure!(made.told.get(member).is_none(), "{member}: {}", made.told);
    }
    let seen = site.admin.call("ClientService/GetClient", name(&made.id)).await?;
    assert_eq!(seen["allowedOrigins"], json!(["https://sundial.example"]));
    ensure!(
        seen["skipConsent"] != json!(true) && seen.get("exchangeResources").is_none_or(|it| *it == json!([])),
        "{seen}"
    );
    assert_eq!(
        before,
        site.admin.call("ClientService/GetClient", name(&own.client_id)).await?,
        "the other is as it was"
    );
    Ok(())
}

pub(super) async fn t244_what_is_sent_is_bounded(office: &Office<'_>) -> Result<()> {
    let many: Vec<_> = (0..1000).map(|n| format!("https://sundial.example/{n}")).collect();
    office.refuses(&json!({ "redirect_uris": many }), REDIRECT, "redirect_uris").await?;
    office.refuses(&with("contacts", json!(vec!["x"; 11])), METADATA, "contacts").await?;
    let huge = with("padding", json!("x".repeat(1024 * 1024)));
    let status = status_of_long(office, &huge.to_string()).await?;
    ensure!(status.starts_with("HTTP/1.1 413 "), "{status}");
    let deep = "[".repeat(60_000);
    for text in ["", "[]", "{", r#"{"redirect_uris":["https://a.example/"],"redirect_uris":[]}"#, &deep] {
        let request = office.http.request(Method::POST, &office.endpoint).header("content-type", "application/json");
        let reply = chancery_tests::http::Reply::read(request.body(text.to_owned()).send().await?).await?;
        assert_eq!(reply.refusal(), (400, METADATA), "{}", reply.body);
    }
    let form = office.http.request(Method::POST, &office.endpoint).form(&[("redirect_uris", "https://a.example/")]);
    ensure!(form.send().await?.status() == 415, "a form");
    Ok(())
}

/// The status line that long metadata get. The server says it before it has read all of them, and closes; so it is read while
/// they are still being sent.
async fn status_of_long(office: &Office<'_>, metadata: &str) -> Result<String> {
    let url = &office.endpoint;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let (answer, mut request) = TcpStream::connect(host).await?.into_split();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        url.path(),
        metadata.len(),
    );
    let mut status = String::new();
    let mut answer = BufReader::new(answer);
    let sending = async {
        if request.write_all(head.as_bytes()).await.is_ok() {
            let _broken_off = request.write_all(metadata.as_bytes()).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        read = answer.read_line(&mut status) => drop(read?),
        () = sending => {}
    }
    Ok(status)
}

pub(super) async fn t246_no_statement_is_believed(office: &Office<'_>) -> Result<()> {
    for statement in [Value::from("eyJhbGciOiJub25lIn0.e30."), "eyJhbGciOiJSUzI1NiJ9.e30.AAAA".into(), "".into()] {
        let metadata = with("software_statement", statement);
        office.refuses(&metadata, "invalid_software_statement", "software_statement").await.context("statement")?;
    }
    Ok(())
}
