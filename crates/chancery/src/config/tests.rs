//! What people get to hear about their configuration.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

mod certificates;

const GOOD: &str = r#"
public_url = "https://id.example"

[database]
url = "sqlite:///tmp/chancery.db"

[[keys.master]]
id = "first"
value = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
"#;

/// Writes a file that only its owner can read.
fn write_secret(file: &Path, text: &str) {
    std::fs::write(file, text).expect("written");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("set");
}

fn faults(text: &str, environment: &[(&str, &str)]) -> String {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    match parse("c.toml", text, environment) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn a_small_file_is_enough() {
    assert_eq!(faults(GOOD, &[]), "");
}

#[test]
fn the_environment_overrides_and_is_named_when_it_is_wrong() {
    let config = parse("c.toml", GOOD, [("CHANCERY_HTTP__LISTEN".to_owned(), "127.0.0.1:1234".to_owned())]);
    assert_eq!(config.map(|config| config.http.port()).ok(), Some(1234));
    let said = faults(GOOD, &[("CHANCERY_HTTP__LISTEN", "nowhere")]);
    assert_eq!(said, "CHANCERY_HTTP__LISTEN: http.listen: must be an address and port such as 127.0.0.1:8080");
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let text = r#"public_url = "http://id.example"
[http]
listne = "127.0.0.1:80"
[admin]
listen = "0.0.0.0:9090"
[database]
url = "mysql://x"
connections = 0
[worker]
rotate_keys = "every day"
"#;
    let said = faults(text, &[]);
    for expected in [
        "c.toml:1: public_url: must begin with https://",
        "c.toml:3: unknown name http.listne; did you mean http.listen?",
        "c.toml:5: admin.listen: must be a loopback address unless",
        "c.toml:7: database.url: must begin with sqlite: or postgres:",
        "c.toml:8: database.connections: must be a whole number from 1 to 1000",
        "c.toml:10: worker.rotate_keys:",
        "c.toml: keys.master is missing",
    ] {
        assert!(said.contains(expected), "{expected}\nnot in\n{said}");
    }
}

#[test]
fn broken_toml_names_its_line() {
    assert!(faults("public_url = \n", &[]).starts_with("c.toml:1:"), "{}", faults("public_url = \n", &[]));
}

#[test]
fn a_signer_says_what_it_lacks() {
    let dir = tempfile::tempdir().expect("a directory");
    let [module, pin] = ["module.so", "pin"].map(|name| dir.path().join(name));
    std::fs::write(&module, "").expect("written");
    write_secret(&pin, "1234\n");
    let signer = |name: &str| {
        format!(
            "[[keys.signer]]\nname = \"{name}\"\nmodule = \"{}\"\ntoken = \"chancery\"\npin_file = \"{}\"\n",
            module.display(),
            pin.display()
        )
    };
    let two = parse("c.toml", &format!("{GOOD}{}{}", signer("hsm-a"), signer("hsm-b")), []);
    let signers = two.map(|config| config.signers).expect("in order");
    assert_eq!(signers.iter().map(|signer| signer.name.as_str()).collect::<Vec<_>>(), ["hsm-a", "hsm-b"]);
    assert_eq!(signers[0].pin.expose(), "1234");

    let twice = faults(&format!("{GOOD}{}{}", signer("hsm"), signer("hsm")), &[]);
    assert!(twice.ends_with("keys.signer.1.name: two signers have this name"), "{twice}");
    let wrong = faults(&format!("{GOOD}[[keys.signer]]\nname = \"HSM\"\nmodule = \"/nowhere.so\"\nslot = 1\n"), &[]);
    for expected in [
        "c.toml:11: keys.signer.0.name: signer name must be 2 to 63 of a-z",
        "c.toml:12: keys.signer.0.module: cannot read /nowhere.so: ",
        "c.toml:13: unknown name keys.signer.0.slot",
        "keys.signer.0.token is missing: it is the label of the token",
        "keys.signer.0.pin is missing: give the PIN",
    ] {
        assert!(wrong.contains(expected), "{expected}\nnot in\n{wrong}");
    }
}

#[test]
fn a_secret_comes_as_value_or_file_and_not_as_both() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("url");
    write_secret(&file, "sqlite:///tmp/x.db\n");
    let by_file = GOOD.replace("url = \"sqlite:///tmp/chancery.db\"", &format!("url_file = \"{}\"", file.display()));
    assert_eq!(faults(&by_file, &[]), "");
    let both = faults(&by_file, &[("CHANCERY_DATABASE__URL", "sqlite:///tmp/y.db")]);
    assert!(both.contains("either the value or the file"), "{both}");
}

#[test]
fn what_needs_a_second_approver_is_named_by_permissions() {
    let with = |list: &str| GOOD.replace("[database]", &format!("[admin]\nsecond_approver = {list}\n\n[database]"));
    let config = parse("c.toml", &with(r#"["tenants.delete", "keys.compromise"]"#), []).expect("in order");
    let codes: Vec<_> = config.second_approver.iter().map(chancery_domain::permission::Permission::code).collect();
    assert_eq!(codes, ["keys.compromise", "tenants.delete"]);
    let wrong = faults(&with(r#"["tenants.delete", "tenants.*"]"#), &[]);
    assert!(wrong.contains("c.toml:5: admin.second_approver.1: tenants.* is no permission"), "{wrong}");
    let by_variable = faults(GOOD, &[("CHANCERY_ADMIN__SECOND_APPROVER", "tenants.delete, nothing")]);
    assert!(by_variable.contains("nothing is no permission"), "{by_variable}");
    let none = parse("c.toml", GOOD, []).expect("in order");
    assert!(none.second_approver.is_empty());
}

#[test]
fn figures_are_given_to_the_own_network_alone() {
    let at = |address| faults(GOOD, &[("CHANCERY_METRICS__LISTEN", address)]);
    for private in ["127.0.0.1:9464", "10.1.2.3:9464", "[::1]:9464", "[fd00::1]:9464"] {
        assert_eq!(at(private), "");
    }
    for open in ["0.0.0.0:9464", "[::]:9464", "203.0.113.7:9464", "[2001:db8::1]:9464", "[::ffff:203.0.113.7]:9464"] {
        assert!(at(open).contains("metrics.listen: must be a loopback or private address"), "{open}: {}", at(open));
    }
    assert!(at("9464").contains("such as 127.0.0.1:9464"));
    let config = parse("c.toml", GOOD, []);
    assert!(config.is_ok_and(|config| config.metrics.is_none()), "and to nobody unless asked for");
}

#[test]
fn t158_what_may_be_called_beyond_the_internet_is_named_host_by_host() {
    let dir = tempfile::tempdir().expect("a directory");
    let roots = dir.path().join("roots.pem");
    let certified = rcgen::generate_simple_self_signed(vec!["corp.example".to_owned()]).expect("a certificate");
    std::fs::write(&roots, certified.cert.pem()).expect("written");
    let hosts = r#"["keys.corp.internal", "http://127.0.0.1:9000"]"#;
    let text = format!("{GOOD}[outbound]\nallowed_hosts = {hosts}\nextra_roots = [\"{}\"]\n", roots.display());
    let outbound = parse("c.toml", &text, []).expect("in order").outbound;
    assert_eq!(outbound.roots.len(), 1);
    assert!(outbound.reach.check("https://keys.corp.internal/jwks").is_ok());
    assert!(outbound.reach.check("http://127.0.0.1:9000/").is_ok());
    assert!(outbound.reach.check("http://keys.corp.internal/jwks").is_err());
    let usual = parse("c.toml", GOOD, []).expect("in order").outbound;
    assert!(usual.roots.is_empty() && usual.reach.check("https://127.0.0.1/").is_err());

    let wrong = faults(
        &format!(
            "{GOOD}[outbound]\nallowed_hosts = [\"*.corp\", \"169.254.169.254\"]\nextra_roots = [\"/no\"]\nproxy = \"x\"\n"
        ),
        &[],
    );
    for expected in [
        "c.toml:11: outbound.allowed_hosts.0: allowed host must be host, host:port or http://host:port",
        "c.toml:11: outbound.allowed_hosts.1: allowed host must not be a link-local",
        "c.toml:12: outbound.extra_roots.0: /no: ",
        "c.toml:13: unknown name outbound.proxy",
    ] {
        assert!(wrong.contains(expected), "{expected}\nnot in\n{wrong}");
    }
    let by_variable = parse("c.toml", GOOD, [("CHANCERY_OUTBOUND__ALLOWED_HOSTS".to_owned(), "a.b, c".to_owned())]);
    let reach = by_variable.expect("in order").outbound.reach;
    assert!(reach.check("https://c/").is_ok() && reach.check("https://d/").is_err());
}
