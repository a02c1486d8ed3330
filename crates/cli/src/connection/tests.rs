use std::path::Path;

use super::key::Key;
use super::*;

fn connection(url: &str, key: Option<&str>) -> Connection {
    Connection {
        admin_url: Some(url.to_owned()),
        key: word(key),
        // Nobody's own contexts.
        contexts_file: Some(Path::new("no-such-folder/contexts.toml").to_owned()),
        ..Connection::default()
    }
}

fn word(key: Option<&str>) -> GivenKey {
    GivenKey(key.map(|key| Key::Word(key.parse().expect("a key"))))
}

fn refusal(connection: &Connection) -> String {
    connection.open().err().expect("refused").to_string()
}

/// A file with two contexts: `prod`, in use, with a key and a tenant, and `eu`, with a certificate.
fn contexts(folder: &Path) -> PathBuf {
    let path = folder.join("contexts.toml");
    Contexts::change(&path, |contexts| {
        let mut add = |name: &str, text: &str| {
            contexts.contexts.insert(name.to_owned(), toml::from_str(text).expect("a context"));
        };
        add(
            "prod",
            "admin_url = \"https://prod.example\"\nca_file = \"prod.pem\"\nadmin_key = \"p\"\ntenant = \"acme\"",
        );
        add("eu", "admin_url = \"https://eu.example\"\nclient_certificate = \"eu.pem\"\nclient_key = \"eu.key\"");
        contexts.current = Some("prod".to_owned());
        Ok(())
    })
    .expect("written");
    path
}

fn target(connection: &Connection) -> String {
    format!("{:?}", connection.target().expect("known"))
}

#[tokio::test]
async fn a_key_is_asked_for_and_never_printed() {
    assert!(refusal(&connection("http://127.0.0.1:9090", None)).contains("CHANCERY_ADMIN_KEY"));
    assert!(!format!("{:?}", connection("http://127.0.0.1:9090", Some("hush"))).contains("hush"));
}

#[tokio::test]
async fn an_address_has_a_scheme_that_we_speak() {
    for bad in ["127.0.0.1:9090", "ftp://admin.example", "http://", ""] {
        assert!(refusal(&connection(bad, Some("k"))).contains("--admin-url"), "{bad}");
    }
}

#[test]
fn what_is_not_given_is_taken_from_the_context() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut line = Connection { contexts_file: Some(contexts(folder.path())), ..Connection::default() };
    let prod = target(&line);
    assert!(prod.contains("https://prod.example") && prod.contains("prod.pem"), "{prod}");
    assert_eq!(line.default_tenant().expect("read").as_deref(), Some("acme"));
    assert_eq!(line.target().expect("known").bearer().expect("sendable").expect("a key"), "Bearer p");

    line.context = Some("eu".to_owned());
    let eu = target(&line);
    assert!(eu.contains("https://eu.example") && eu.contains("eu.key") && eu.contains("key: None"), "{eu}");
    assert_eq!(line.default_tenant().expect("read"), None);

    line.context = Some("us".to_owned());
    assert!(line.target().expect_err("unknown").to_string().contains("eu, prod"));
}

#[test]
fn what_is_given_goes_before_the_context() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = contexts(folder.path());
    let given = Connection { contexts_file: Some(file), key: word(Some("g")), ..Connection::default() };
    let bearer = given.target().expect("known").bearer().expect("sendable").expect("a key");
    assert_eq!(bearer, "Bearer g");

    // A certificate that was given is not overruled by a key that was not.
    let certified = Connection {
        key: GivenKey::default(),
        client_certificate: Some("me.pem".into()),
        client_key: Some("me.key".into()),
        ..given
    };
    let told = target(&certified);
    assert!(told.contains("me.pem") && told.contains("key: None"), "{told}");
}

#[test]
fn who_signed_in_goes_before_the_key_of_the_context() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = contexts(folder.path());
    let login = crate::Login {
        issuer: "https://id.example/t/system".to_owned(),
        client_id: "chancery-cli".to_owned(),
        access_token: "signed-in".parse().expect("a token"),
        refresh_token: None,
        expires_at: 0,
    };
    Contexts::change(&file, |contexts| {
        contexts.contexts.get_mut("prod").expect("there").login = Some(login.clone());
        Ok(())
    })
    .expect("written");
    let mut line = Connection { contexts_file: Some(file), ..Connection::default() };
    let bearer = |line: &Connection| line.target().expect("known").bearer().expect("sendable").expect("a key");
    assert_eq!(bearer(&line), "Bearer signed-in");
    let shown = line.shown_login().expect("known").map(|(name, shown, _)| (name, shown));
    assert_eq!(shown, Some(("prod".to_owned(), login)), "renewed before it is shown");
    line.key = word(Some("g"));
    assert_eq!(bearer(&line), "Bearer g");
    assert_eq!(line.shown_login().expect("known"), None);
}

#[test]
fn a_credential_goes_to_the_address_of_its_context_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut line = Connection { contexts_file: Some(contexts(folder.path())), ..Connection::default() };
    line.admin_url = Some("https://elsewhere.example".to_owned());
    let refusal = line.target().expect_err("nothing to show").to_string();
    assert!(refusal.contains("its own address"), "{refusal}");
    line.admin_url = Some("https://prod.example".to_owned());
    assert!(line.target().is_ok());
}

#[test]
fn certificates_come_in_pairs_and_over_tls() {
    let mut line = connection("http://127.0.0.1:9090", None);
    line.client_certificate = Some("me.pem".into());
    assert!(refusal(&line).contains("--client-key"));
    line.client_key = Some("me.key".into());
    assert!(refusal(&line).contains("https://"));
}

#[tokio::test]
async fn files_that_do_not_do_for_tls_are_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let key = file("me.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let certificate = file("me.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let line = connection("https://127.0.0.1:9090", Some("k"));
    let trusting = |file| refusal(&Connection { ca_file: Some(file), ..line.clone() });
    assert!(trusting(key.clone()).ends_with("me.key holds no certificate in PEM form"));
    assert!(trusting("no-such-file".into()).contains("no-such-file"));
    let showing = |certificate, key| {
        refusal(&Connection { client_certificate: Some(certificate), client_key: Some(key), ..line.clone() })
    };
    assert!(showing(certificate.clone(), certificate.clone()).contains("holds no private key"));
    let unfit = showing(certificate, key);
    assert!(unfit.contains("me.pem") && unfit.contains("me.key") && !unfit.contains("transport error"), "{unfit}");

    let plain = Connection { ca_file: Some("ca.pem".into()), ..connection("http://127.0.0.1:9090", Some("k")) };
    assert!(refusal(&plain).contains("https://"));
}

#[test]
fn a_connection_is_kept_as_a_context() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, "k").expect("written");
    let key = GivenKey(Some(Key::File(file.clone())));
    let line = Connection { key, ..connection("https://admin.example", None) };
    let kept = line.as_context(Some("acme".to_owned())).expect("whole");
    assert_eq!((kept.admin_key, kept.admin_key_file), (None, Some(std::fs::canonicalize(file).expect("there"))));
    assert!(Connection::default().as_context(None).is_err());
    assert!(connection("admin.example", Some("k")).as_context(None).is_err());
}
