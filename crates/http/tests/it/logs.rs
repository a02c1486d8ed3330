//! The log: one line for each request, and nothing in it that must not leave.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::Engine;

use crate::{
    browser::{Browser, parameter},
    world::{PASSWORD, World},
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn lines(&self) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("json")).collect()
    }
}

/// The lines that are written from now on, on this thread.
fn listening() -> (Written, tracing::subscriber::DefaultGuard) {
    // While nobody listened, tests on other threads would settle it for all that nothing here is worth telling.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    (written, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_sign_in_leaves_lines_without_secrets() {
    let world = World::new().await;
    let (written, _guard) = listening();

    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "&nonce=n0nce&login_hint=ada@example.com").await;
    browser.sign_in("acme", &page, "ada@example.com", "wrong secret").await;
    let consent = browser.sign_in("acme", &page, "ada@example.com", PASSWORD).await;
    let answer = browser.decide("acme", &consent, "allow").await;
    let code = parameter(answer.header("location"), "code").expect("a code");
    let verifier = "a".repeat(43);
    let form = format!(
        "grant_type=authorization_code&client_id=app&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier={verifier}"
    );
    let tokens = world.post("/t/acme/oauth2/token", &form).await.json();
    world.get("/nothing/at/all?code=hidden").await;

    let lines = written.lines();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    let told = &lines[4];
    assert_eq!(told["fields"]["tenant.id"], "acme");
    assert_eq!(told["fields"]["client.id"], "app");
    assert_eq!(told["fields"]["http.status"], 200);
    assert_eq!(told["span"]["http.route"], "/t/{tenant}/oauth2/token");
    assert_eq!(told["span"]["http.method"], "POST");
    assert_eq!(lines[5]["span"]["http.route"], "none");

    let all = serde_json::to_string(&lines).expect("json");
    let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let cookies = browser.cookies.values().cloned();
    let secrets = [code, verifier, token("access_token"), token("id_token"), PASSWORD.to_owned(), page.field("flow")];
    for secret in secrets.into_iter().chain(cookies) {
        assert!(!all.contains(&secret), "{secret}");
    }
    for private in ["ada@", "wrong secret", "n0nce", "hidden", "state=", "chs_", "chb_"] {
        assert!(!all.contains(private), "{private}");
    }
}

/// A link is as good as a password until it is used.
#[tokio::test]
async fn a_password_link_is_not_written() {
    let world = World::new().await;
    let (written, _guard) = listening();
    let link = format!("chp_{}", "A".repeat(43));
    Browser::new(&world).get(&format!("/t/acme/password?link={link}")).await;
    let lines = written.lines();
    assert_eq!(lines[0]["span"]["http.route"], "/t/{tenant}/password", "{lines:#?}");
    assert!(!serde_json::to_string(&lines).expect("json").contains("chp_"));
}

/// People put a secret where the name belongs.
#[tokio::test]
async fn only_the_name_of_a_client_is_written() {
    let world = World::new().await;
    let (written, _guard) = listening();
    let swapped = "grant_type=client_credentials&client_id=misplaced-secret&client_secret=server";
    for path in ["token", "revoke", "introspect"] {
        world.post(&format!("/t/acme/oauth2/{path}"), swapped).await;
    }
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"client_id":"misplaced-secret"}"#);
    let bearer = format!("Bearer e30.{claims}.e30");
    world.post_with("/t/acme/oauth2/userinfo", "", &[("authorization", &bearer)]).await;
    let wrong = "grant_type=client_credentials&client_id=server&client_secret=wrong";
    world.post("/t/acme/oauth2/token", wrong).await;

    let lines = written.lines();
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[..4].iter().all(|line| line["fields"]["client.id"].is_null()), "{lines:#?}");
    assert_eq!(lines[4]["fields"]["client.id"], "server");
}
