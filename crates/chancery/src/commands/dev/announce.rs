//! Telling people, or scripts, what is running and what to try next.

use std::{io::Write, net::SocketAddr};

use chancery_cli::Output;
use chancery_domain::{id::TenantSlug, issuer::PublicUrl};
use serde::Serialize;

use super::credentials::{Credentials, DemoClient, DemoTenant, DemoUser};

#[derive(Serialize)]
struct Announcement<'a> {
    public_url: &'a str,
    admin_url: String,
    admin_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_url: Option<String>,
    tenants: Vec<AnnouncedTenant<'a>>,
}

#[derive(Serialize)]
struct AnnouncedTenant<'a> {
    tenant: &'a str,
    issuer: String,
    clients: &'a [DemoClient],
    users: &'a [DemoUser],
}

/// Prints the demo: a text for people, or one JSON object on one line.
pub(super) fn print(
    demo: &Credentials,
    public_url: &PublicUrl,
    admin: SocketAddr,
    metrics: Option<SocketAddr>,
    output: Output,
) -> anyhow::Result<()> {
    let announcement = Announcement {
        public_url: public_url.as_str(),
        admin_url: format!("http://{admin}"),
        admin_key: &demo.admin_key,
        metrics_url: metrics.map(|address| format!("http://{address}/metrics")),
        tenants: demo.tenants.iter().map(|tenant| announced(tenant, public_url)).collect::<Result<_, _>>()?,
    };
    let text = match output {
        Output::Json => serde_json::to_string(&announcement)? + "\n",
        Output::Yaml => output.document(&serde_json::to_value(&announcement)?),
        Output::Table => for_people(&announcement),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Opens the start page of the first tenant, where the machine has a way to.
pub(super) fn open_start_page(demo: &Credentials, public_url: &PublicUrl) {
    let Some(Ok(tenant)) = demo.tenants.first().map(|tenant| announced(tenant, public_url)) else { return };
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let page = format!("{}/", tenant.issuer);
    if let Err(error) = std::process::Command::new(opener).arg(&page).spawn() {
        eprintln!("cannot open a browser with {opener} ({error}); the page is {page}");
    }
}

fn announced<'a>(tenant: &'a DemoTenant, public_url: &PublicUrl) -> anyhow::Result<AnnouncedTenant<'a>> {
    let slug: TenantSlug = tenant.tenant.parse()?;
    let issuer = public_url.path_issuer(&slug).to_string();
    Ok(AnnouncedTenant { tenant: &tenant.tenant, issuer, clients: &tenant.clients, users: &tenant.users })
}

fn for_people(demo: &Announcement<'_>) -> String {
    let tenants: String = demo.tenants.iter().map(tenant_for_people).collect();
    let figures = demo.metrics_url.as_ref().map(|url| format!("  figures {url}\n")).unwrap_or_default();
    format!(
        "\nChancery is running.\n\n  front   {}\n  admin   {}  (gRPC)\n{figures}{tenants}\nAdmin API key\n  {}\n{}\n\
         Ctrl-C stops it; the data stays for the next time.\n\n",
        demo.public_url,
        demo.admin_url,
        demo.admin_key,
        next_commands(demo),
    )
}

fn tenant_for_people(tenant: &AnnouncedTenant<'_>) -> String {
    let client = |client: &DemoClient| match &client.client_secret {
        Some(secret) => format!("  client      {}  secret {secret}\n", client.client_id),
        None => format!("  client      {}  (public, no secret)\n", client.client_id),
    };
    let user = |user: &DemoUser| format!("  user        {}  password {}\n", user.username, user.password);
    let lines: String = tenant.clients.iter().map(client).chain(tenant.users.iter().map(user)).collect();
    let AnnouncedTenant { tenant, issuer, .. } = tenant;
    format!("\nTenant {tenant}\n  issuer      {issuer}\n  start page  {issuer}/\n{lines}")
}

/// Three commands that work as they stand.
fn next_commands(demo: &Announcement<'_>) -> String {
    let program = program();
    let Some(tenant) = demo.tenants.first() else { return String::new() };
    let confidential = tenant
        .clients
        .iter()
        .find_map(|client| client.client_secret.as_ref().map(|secret| format!("{}:{secret}", client.client_id)));
    format!(
        "\nTry next\n  curl -s {issuer}/.well-known/openid-configuration\n  curl -s -u '{confidential}' -d grant_type=client_credentials {issuer}/oauth2/token\n  \
         CHANCERY_ADMIN_KEY={key} {program} keys list {name} --admin-url {admin}\n",
        issuer = tenant.issuer,
        confidential = confidential.unwrap_or_default(),
        key = demo.admin_key,
        name = tenant.tenant,
        admin = demo.admin_url,
    )
}

/// How this program is called from here.
fn program() -> String {
    let Ok(path) = std::env::current_exe() else { return "chancery".to_owned() };
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(&path).display().to_string()
}
