//! The sections of the file, built into typed parts.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use chancery_admin::SystemTenant;
use chancery_domain::{
    issuer::PublicUrl,
    key_policy::{Margins, UsualPolicy},
    permission::PermissionSet,
    secret::Secret,
};
use chancery_http::TrustedProxies;
use chancery_keys::master::MasterKeys;
use chancery_pkcs11::Settings;

use super::{
    admin as admin_section, keys,
    leaves::Leaves,
    master,
    mtls::{self, MtlsSection},
    outbound, proxies, second_approver, signers,
};

/// A configuration in which everything is known to be of the right form.
pub(crate) struct Config {
    /// Where browsers and clients reach the front: the beginning of every issuer.
    pub public_url: PublicUrl,
    /// `[http]`: the public listener.
    pub http: SocketAddr,
    /// Its certificate and key, unless a proxy in front does TLS.
    pub http_tls: Option<TlsFiles>,
    /// Of which peers `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// `[http.mtls]`: how the certificates of clients reach us, if they do.
    pub mtls: Option<MtlsSection>,
    /// What the host of the public URL is called besides.
    pub hosts: Vec<String>,
    /// `[admin]`: the listener of the admin API.
    pub admin: SocketAddr,
    /// Its certificate and key.
    pub admin_tls: Option<TlsFiles>,
    /// Permissions whose calls a second caller has to approve.
    pub second_approver: PermissionSet,
    /// Admin calls that are refused without the hash of a preview.
    pub preview_required: Vec<chancery_admin::Danger>,
    /// The tenant whose access tokens callers of the admin API may show.
    pub system_tenant: Option<SystemTenant>,
    /// Where the token for the first owner is left.
    pub bootstrap_token_file: Option<PathBuf>,
    /// `[metrics]`: where the figures are given, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// `[database]`: where the rows are.
    pub database_url: Secret,
    /// How many connections to PostgreSQL.
    pub database_connections: u32,
    /// `[keys]`: what seals the tenants' keys.
    pub master_keys: MasterKeys,
    /// `[[keys.signer]]`: the hardware security modules that hold private keys.
    pub signers: Vec<Settings>,
    /// `[keys.timing]`: what is allowed for replicas that lag and clocks that disagree.
    pub margins: Margins,
    /// `[keys.policy]`: what key policies begin with.
    pub usual_policy: UsualPolicy,
    /// `[outbound]`: whom the server may call at a client's wish.
    pub outbound: chancery_outbound::Settings,
    /// `[worker]`: when the tasks are woken.
    pub worker: WorkerSection,
    /// `[sign_in]`: how much work and how many tries.
    pub sign_in: SignInSection,
    /// `[log]`: how the log looks.
    pub log: LogSection,
}

/// PEM files of a certificate chain and its private key.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    /// The certificate chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// Whether clients are asked for certificates of their own.
    pub clients: ClientCertificates,
}

/// Which certificates clients may show in the handshake. Nobody has to.
#[derive(Clone, Debug)]
pub(crate) enum ClientCertificates {
    /// None: they are not asked.
    NotAsked,
    /// Those of the authorities in this file; whoever shows another gets no connection.
    Of(PathBuf),
    /// Any whose holder has its key. Whether it proves anything is decided where it is used.
    JudgedLater,
}

/// When the worker's tasks are woken: cron expressions with seconds, in UTC.
#[derive(Clone, Debug)]
pub(crate) struct WorkerSection {
    /// Of `rotate_keys`.
    pub rotate_keys: String,
    /// Of `purge_expired`.
    pub purge_expired: String,
    /// Of `measure_keys`, where figures are given.
    pub measure_keys: Option<String>,
}

/// Bounds on signing in.
#[derive(Clone, Debug)]
pub(crate) struct SignInSection {
    /// How many passwords are hashed at a time.
    pub concurrent_hashes: usize,
    /// How many may wait for their turn.
    pub queue: usize,
}

/// How the log looks.
#[derive(Clone, Debug)]
pub(crate) struct LogSection {
    /// JSON for machines, text for people.
    pub format: LogFormat,
    /// What is logged, as `tracing`'s filter directives.
    pub filter: String,
}

impl LogSection {
    /// What is logged where nothing else is said: crates that tell of each step speak up about troubles alone.
    pub(crate) const USUAL_FILTER: &str = "info,tokio_cron_scheduler=warn,sea_orm_migration=warn";
}

/// The two looks of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object a line.
    Json,
    /// One readable line.
    Text,
}

impl std::str::FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("must be json or text"),
        }
    }
}

impl Config {
    /// Builds all sections, noting everything that is wrong on the way; `None` when a part is missing.
    pub(super) fn build(leaves: &mut Leaves) -> Option<Self> {
        let public_url = leaves.required_by("public_url", "it is the beginning of every issuer", |text| {
            PublicUrl::parse(text).map_err(|fault| fault.rule.to_owned())
        });
        let http = listen(leaves, "http.listen", "127.0.0.1:8080");
        let http_tls = tls(leaves, "http");
        let trusted_proxies = proxies::read(leaves);
        let mtls = mtls::read(leaves, (public_url.as_ref(), http_tls.as_ref()), &trusted_proxies);
        let hosts = leaves.optional_by("http.hosts", hosts).unwrap_or_default();
        let admin = listen(leaves, "admin.listen", "127.0.0.1:9090");
        let admin_tls = tls(leaves, "admin");
        let preview_required = dangers(leaves);
        let admin_tls = admin_section::client_ca(leaves, admin_tls);
        if admin.is_some_and(|address| !address.ip().is_loopback()) && admin_tls.is_none() {
            leaves.fault_at(
                "admin.listen",
                "must be a loopback address unless admin.tls_certificate and admin.tls_key are set",
            );
        }
        let second_approver = second_approver::read(leaves);
        let system_tenant = admin_section::system_tenant(leaves, public_url.as_ref());
        let metrics = metrics(leaves);
        let example = "such as sqlite:///var/lib/chancery/chancery.db or postgres://user@host/chancery";
        let database_url = leaves.required_secret("database.url", example).and_then(|text| database(leaves, text));
        let bootstrap_token_file = admin_section::bootstrap_token_file(leaves, database_url.as_ref());
        let database_connections = whole(leaves, "database.connections", 16, 1..=1000);
        let master_keys = master::read(leaves);
        let signers = signers::read(leaves);
        let margins = keys::margins(leaves);
        let usual_policy = keys::usual_policy(leaves, &margins);
        let outbound = outbound::read(leaves);
        let worker = WorkerSection {
            rotate_keys: cron(leaves, "worker.rotate_keys", "0/15 * * * * *"),
            purge_expired: cron(leaves, "worker.purge_expired", "0 0/5 * * * *"),
            measure_keys: metrics.map(|_| chancery_worker::MEASURE_CRON.to_owned()),
        };
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let sign_in = SignInSection {
            concurrent_hashes: whole(leaves, "sign_in.concurrent_hashes", cores, 1..=256),
            queue: whole(leaves, "sign_in.queue", 64, 0..=10_000),
        };
        let log = LogSection {
            format: leaves.optional("log.format").unwrap_or(LogFormat::Json),
            filter: leaves.optional_by("log.filter", log_filter).unwrap_or_else(|| LogSection::USUAL_FILTER.to_owned()),
        };
        Some(Self {
            public_url: public_url?,
            http: http?,
            http_tls,
            trusted_proxies,
            mtls,
            hosts,
            admin: admin?,
            admin_tls,
            second_approver,
            preview_required,
            system_tenant,
            bootstrap_token_file,
            metrics,
            database_url: database_url?,
            database_connections,
            master_keys: master_keys?,
            signers: signers?,
            margins,
            usual_policy,
            outbound,
            worker,
            sign_in,
            log,
        })
    }

    /// How long a stopping process waits for what it has begun.
    pub(crate) const STOP_WITHIN: Duration = Duration::from_secs(20);
}

fn listen(leaves: &mut Leaves, path: &str, default: &str) -> Option<SocketAddr> {
    let given = listen_at(leaves, path);
    if leaves.has(path) { given } else { default.parse().ok() }
}

/// An address to listen at, where one is given.
pub(super) fn listen_at(leaves: &mut Leaves, path: &str) -> Option<SocketAddr> {
    leaves.optional_by(path, |text| {
        text.parse().map_err(|_| "must be an address and port such as 127.0.0.1:8080".to_owned())
    })
}

/// Names of hosts, separated by commas.
fn hosts(text: &str) -> Result<Vec<String>, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
    names
        .map(|name| {
            let good = !name.is_empty() && name.bytes().all(legal);
            if good { Ok(name) } else { Err("must be names of hosts, separated by commas".to_owned()) }
        })
        .collect()
}

/// Whoever reaches this listener can read: so it is one that only the machine or its own network reaches.
fn metrics(leaves: &mut Leaves) -> Option<SocketAddr> {
    leaves.optional_by("metrics.listen", |text| {
        let address = text.parse().map_err(|_| "must be an address and port such as 127.0.0.1:9464".to_owned())?;
        if is_private(address) {
            Ok(address)
        } else {
            Err("must be a loopback or private address: everybody who reaches it can read the figures".to_owned())
        }
    })
}

/// Whether an address is of this machine, of a private network (RFC 1918, RFC 4193) or of one link (RFC 3927, RFC 4291
/// section 2.5.6).
pub(crate) fn is_private(address: SocketAddr) -> bool {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

pub(super) fn tls(leaves: &mut Leaves, section: &str) -> Option<TlsFiles> {
    let names = [format!("{section}.tls_certificate"), format!("{section}.tls_key")];
    let given = names.each_ref().map(|name| leaves.has(name));
    let [certificate, key] = names.each_ref().map(|name| leaves.optional_by(name, readable));
    match given {
        [true, false] => leaves.missing(&names[1], "a certificate needs its private key"),
        [false, true] => leaves.missing(&names[0], "a private key needs its certificate"),
        [true, true] | [false, false] => {}
    }
    Some(TlsFiles { certificate: certificate?, key: key?, clients: ClientCertificates::NotAsked })
}

pub(super) fn readable(text: &str) -> Result<PathBuf, String> {
    match std::fs::File::open(text) {
        Ok(_) => Ok(PathBuf::from(text)),
        Err(error) => Err(format!("cannot read {text}: {error}")),
    }
}

fn database(leaves: &mut Leaves, text: String) -> Option<Secret> {
    if ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme)) {
        return Some(Secret::new(text));
    }
    leaves.fault_at("database.url", "must begin with sqlite: or postgres:");
    None
}

fn whole<T>(leaves: &mut Leaves, path: &str, default: T, range: std::ops::RangeInclusive<T>) -> T
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let rule = format!("must be a whole number from {} to {}", range.start(), range.end());
    let read = |text: &str| text.parse::<T>().ok().filter(|number| range.contains(number)).ok_or_else(|| rule.clone());
    leaves.optional_by(path, read).unwrap_or(default)
}

fn cron(leaves: &mut Leaves, path: &str, default: &str) -> String {
    let read = |text: &str| chancery_worker::check_cron(text).map(|()| text.to_owned()).map_err(ToString::to_string);
    leaves.optional_by(path, read).unwrap_or_else(|| default.to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::builder().parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// The admin calls that nobody makes without having seen what they end.
fn dangers(leaves: &mut Leaves) -> Vec<chancery_admin::Danger> {
    let path = |index| format!("admin.preview_required.{index}");
    (0..u8::MAX)
        .map(path)
        .take_while(|path| leaves.has(path))
        .collect::<Vec<_>>()
        .iter()
        .filter_map(|path| leaves.optional(path))
        .collect()
}
