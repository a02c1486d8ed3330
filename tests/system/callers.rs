//! Who may call the admin API: the first owner, holders of certificates, and people who sign in. And certificates that
//! change while the server serves.

mod certificates;
mod first_owner;
mod reload;
mod sign_in;

use std::{sync::Arc, time::SystemTime};

use anyhow::{Context as _, Result};
use chancery_domain::{
    admin_key::AdminReach,
    id::RoleBindingId,
    ports::platform::PlatformStore,
    principal::Principal,
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding},
    time::{Clock, Timestamp},
};
use chancery_storage::{Options, Storage};
use chancery_tests::{installation::Installation, program::Program};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};

/// A server's certificate for this machine.
fn server_certificate() -> Result<CertifiedKey<KeyPair>> {
    Ok(generate_simple_self_signed(vec!["localhost".to_owned()])?)
}

/// Where a certificate and its key are kept in the folder of an installation.
struct Pair {
    certificate: String,
    key: String,
}

impl Pair {
    fn in_folder(installation: &Installation, name: &str) -> Self {
        let file = |kind: &str| installation.folder().join(format!("{name}-{kind}.pem")).display().to_string();
        Self { certificate: file("certificate"), key: file("key") }
    }

    fn write(&self, made: &CertifiedKey<KeyPair>) -> Result<()> {
        std::fs::write(&self.certificate, made.cert.pem())?;
        Ok(std::fs::write(&self.key, made.signing_key.serialize_pem())?)
    }
}

/// Starts the first replica with TLS on both listeners and waits until the admin API answers with that certificate.
async fn serve_with_tls(installation: &Installation, pair: &Pair, more: &[(&str, &str)]) -> Result<Program> {
    let public_url = public_url(installation);
    let environment = [
        &[
            ("CHANCERY_PUBLIC_URL", &*public_url),
            ("CHANCERY_HTTP__TLS_CERTIFICATE", &pair.certificate),
            ("CHANCERY_HTTP__TLS_KEY", &pair.key),
            ("CHANCERY_ADMIN__TLS_CERTIFICATE", &pair.certificate),
            ("CHANCERY_ADMIN__TLS_KEY", &pair.key),
        ],
        more,
    ]
    .concat();
    let config = installation.first.config.display().to_string();
    let arguments = ["serve", "--config", &config];
    let mut program = Program::start_with(installation.folder(), "first", &arguments, &environment)?;
    let listens = async |program: &Program| program.logged().contains("the admin API listens").then_some(());
    program.until("listening admin API", listens).await?;
    Ok(program)
}

fn public_url(installation: &Installation) -> String {
    installation.public_url().replace("http://127.0.0.1", "https://localhost")
}

fn admin_url(installation: &Installation) -> String {
    installation.first.admin_url.replace("http://127.0.0.1", "https://localhost")
}

/// Runs a command to its end and gives what it printed as JSON.
async fn told(arguments: &[&str]) -> Result<serde_json::Value> {
    let done = Program::run(&[arguments, &["--output", "json"]].concat()).await?;
    anyhow::ensure!(done.success, "{}: {}", arguments.join(" "), done.stderr);
    serde_json::from_str(&done.stdout).with_context(|| done.stdout)
}

/// This machine's clock.
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "a test of programs that go by the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Gives a role, while no server runs.
async fn bind(installation: &Installation, role: BuiltInRole, member: Principal) -> Result<()> {
    let storage = Storage::open(Options::new(installation.database_url(), Arc::new(Now))).await?;
    let (now, random) = (Now.now(), chancery_testkit::SeededRandom::new(7));
    let binding = RoleBinding {
        id: RoleBindingId::generate(&random, now),
        place: AdminReach::Platform,
        role: BoundRole::BuiltIn(role),
        member,
        created_at: now,
        expires_at: None,
    };
    let tx = PlatformStore::begin(&storage).await?;
    tx.role_bindings().insert(&binding).await?;
    tx.commit().await?;
    Ok(storage.close().await?)
}
