//! What a call needs, put together of flags, the environment and the context.
//!
//! A flag goes before the environment, and both before the context. The credentials of a context go to the address of
//! that context alone, and are never mixed with others: whoever names another address or another credential would
//! otherwise send a key to a place that it is not for, or be taken for somebody else.

use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use super::Connection;
use super::key::{self, Key};
use crate::context::{Context, Login};
use crate::error::CliError;
use crate::secret::Secret;

/// Where to call, whom to trust there, and what to show.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    url: String,
    ca_file: Option<PathBuf>,
    key: Option<Secret>,
    /// Certificate and private key.
    identity: Option<(PathBuf, PathBuf)>,
}

/// Where the admin API is when nobody says otherwise.
const USUAL_URL: &str = "http://127.0.0.1:9090";

impl Connection {
    /// All that is known, or what is missing.
    pub(super) fn target(&self) -> Result<Target, CliError> {
        let whole = self.admin_url.is_some() && self.has_credential() && self.context.is_none();
        let context = if whole { None } else { self.chosen_context()? };
        let (name, context) = context.unzip();
        // What a context knows holds for its own address alone.
        let own = |context: &&Context| self.admin_url.as_ref().is_none_or(|url| *url == context.admin_url);
        let trusted = context.as_ref().filter(own);
        let url = self.admin_url.clone().or_else(|| context.as_ref().map(|context| context.admin_url.clone()));
        let ca_file = self.ca_file.clone().or_else(|| trusted?.ca_file.clone());
        let (key, identity) = match trusted {
            Some(context) if !self.has_credential() => {
                (context.bearer()?, pair(context.client_certificate.as_ref(), context.client_key.as_ref())?)
            }
            Some(_) | None => (
                self.key.0.clone().map(Key::read).transpose()?,
                pair(self.client_certificate.as_ref(), self.client_key.as_ref())?,
            ),
        };
        if key.is_none() && identity.is_none() {
            return Err(CliError::NoCredential(nothing_to_show(name.as_deref(), trusted.is_some())));
        }
        Ok(Target { url: url.unwrap_or_else(|| USUAL_URL.to_owned()), ca_file, key, identity })
    }

    /// Where to call and whom to trust there; nothing is shown.
    pub(super) fn place(&self) -> Result<Target, CliError> {
        let context = if self.admin_url.is_some() { None } else { self.chosen_context()?.map(|(_, context)| context) };
        let url = self.admin_url.clone().or_else(|| context.as_ref().map(|context| context.admin_url.clone()));
        let ca_file = self.ca_file.clone().or_else(|| context?.ca_file);
        Ok(Target { url: url.unwrap_or_else(|| USUAL_URL.to_owned()), ca_file, key: None, identity: None })
    }

    /// The sign-in that would be shown: that of the context, where nothing else is given. With the name of the context, and the certificates to trust.
    pub(crate) fn shown_login(&self) -> Result<Option<(String, Login, Option<PathBuf>)>, CliError> {
        if self.has_credential() {
            return Ok(None);
        }
        let Some((name, context)) = self.chosen_context()? else { return Ok(None) };
        let elsewhere = self.admin_url.as_ref().is_some_and(|url| *url != context.admin_url);
        if elsewhere {
            return Ok(None);
        }
        let ca_file = self.ca_file.clone().or(context.ca_file);
        Ok(context.login.map(|login| (name, login, ca_file)))
    }

    /// What was given here, to be kept as a context. Files are kept as places of this machine.
    pub(crate) fn as_context(&self, tenant: Option<String>) -> Result<Context, CliError> {
        let absolute = |file: &Option<PathBuf>| -> Result<Option<PathBuf>, CliError> {
            let Some(file) = file else { return Ok(None) };
            let found = CliError::reading(file, fs::canonicalize(file))?;
            Ok(Some(found))
        };
        let admin_url = self.admin_url.clone().ok_or_else(|| {
            CliError::Usage("a context is a connection: give --admin-url, and what to show there".to_owned())
        })?;
        let (admin_key, admin_key_file) = match &self.key.0 {
            None => (None, None),
            Some(Key::File(file)) => (None, absolute(&Some(file.clone()))?),
            Some(Key::Word(key)) => (Some(key.clone()), None),
            Some(unclear @ Key::Unclear) => (Some(unclear.clone().read()?), None),
        };
        let context = Context {
            admin_url,
            ca_file: absolute(&self.ca_file)?,
            admin_key,
            admin_key_file,
            client_certificate: absolute(&self.client_certificate)?,
            client_key: absolute(&self.client_key)?,
            tenant,
            login: None,
        };
        // What cannot be used later is told now.
        let identity = pair(context.client_certificate.as_ref(), context.client_key.as_ref())?;
        Target { url: context.admin_url.clone(), ca_file: context.ca_file.clone(), key: None, identity }.endpoint()?;
        Ok(context)
    }

    const fn has_credential(&self) -> bool {
        self.key.0.is_some() || self.client_certificate.is_some()
    }
}

impl Context {
    /// What says who calls: the person who signed in, else the key, which is read where it lies in a file.
    fn bearer(&self) -> Result<Option<Secret>, CliError> {
        match (&self.login, &self.admin_key_file) {
            (Some(login), _) => Ok(Some(login.access_token.clone())),
            (None, Some(file)) => key::read(file).map(Some),
            (None, None) => Ok(self.admin_key.clone()),
        }
    }
}

/// A certificate with its private key, or neither.
fn pair(certificate: Option<&PathBuf>, private_key: Option<&PathBuf>) -> Result<Option<(PathBuf, PathBuf)>, CliError> {
    match (certificate, private_key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(CliError::Usage("a client certificate needs its private key: --client-key".to_owned())),
        (None, Some(_)) => Err(CliError::Usage("a client key needs its certificate: --client-certificate".to_owned())),
    }
}

/// Why there is nothing to show, and what to do about it.
fn nothing_to_show(context: Option<&str>, trusted: bool) -> String {
    let ways = "set CHANCERY_ADMIN_KEY, name a file with --admin-key-file or --client-certificate, sign in (`chancery login \
                --help`), or use a context (`chancery context --help`); who is the first there begins with `chancery \
                bootstrap --help`";
    match context {
        Some(name) if trusted => format!("context {name:?} has no credential: add one with --replace, or {ways}"),
        Some(name) => {
            format!("no admin key: what context {name:?} has is for its own address, not for this --admin-url; {ways}")
        }
        None => format!("no admin key: {ways}"),
    }
}

impl Target {
    /// `authorization`, as it is sent.
    pub(super) fn bearer(&self) -> Result<Option<MetadataValue<Ascii>>, CliError> {
        let Some(key) = &self.key else { return Ok(None) };
        let mut value: MetadataValue<Ascii> = format!("Bearer {}", key.expose())
            .parse()
            .map_err(|_| CliError::Usage("the admin key has characters that no key has".to_owned()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// The endpoint, with TLS where its address says so.
    pub(super) fn endpoint(&self) -> Result<Endpoint, CliError> {
        let endpoint = Endpoint::from_shared(self.url.clone()).map_err(|cause| self.wrong(&cause))?;
        match self.scheme()? {
            Scheme::Plain if self.identity.is_some() => Err(self.wrong(&"a client certificate needs https://")),
            Scheme::Plain if self.ca_file.is_some() => {
                Err(self.wrong(&"certificates to trust (--ca-file) need https://"))
            }
            Scheme::Plain => Ok(endpoint),
            Scheme::Tls => endpoint.tls_config(self.tls()?).map_err(|cause| self.unfit(&cause)),
        }
    }

    fn scheme(&self) -> Result<Scheme, CliError> {
        let endpoint = Endpoint::from_shared(self.url.clone()).map_err(|cause| self.wrong(&cause))?;
        match endpoint.uri().scheme_str() {
            Some("http") => Ok(Scheme::Plain),
            Some("https") => Ok(Scheme::Tls),
            Some(_) | None => Err(self.wrong(&"must begin with http:// or https://")),
        }
    }

    fn tls(&self) -> Result<ClientTlsConfig, CliError> {
        let trust = match &self.ca_file {
            None => ClientTlsConfig::new().with_native_roots(),
            Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem(file, CERTIFICATE)?)),
        };
        let Some((certificate, key)) = &self.identity else { return Ok(trust) };
        Ok(trust.identity(Identity::from_pem(pem(certificate, CERTIFICATE)?, pem(key, PRIVATE_KEY)?)))
    }

    /// What was read does not do for TLS.
    fn unfit(&self, cause: &dyn Error) -> CliError {
        let mut why = cause;
        while let Some(deeper) = why.source() {
            why = deeper;
        }
        let files = match (&self.identity, &self.ca_file) {
            (Some((certificate, key)), _) => {
                format!("the certificate in {} with the key in {}", certificate.display(), key.display())
            }
            (None, Some(file)) => format!("the certificates in {}", file.display()),
            (None, None) => "the certificates of this machine".to_owned(),
        };
        CliError::Usage(format!("{files}: {why}"))
    }

    fn wrong(&self, why: &dyn Display) -> CliError {
        CliError::Usage(format!("--admin-url {}: {why}", self.url))
    }
}

/// What PEM calls a certificate, and how it ends what it calls a private key of whichever form.
const CERTIFICATE: &str = "CERTIFICATE-----";
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// A file of PEM that holds what is looked for: another one would be taken for an empty one.
fn pem(file: &Path, wanted: &str) -> Result<String, CliError> {
    let text = CliError::reading(file, fs::read_to_string(file))?;
    if text.lines().any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(wanted)) {
        return Ok(text);
    }
    let what = wanted.trim_end_matches('-').to_lowercase();
    Err(CliError::Usage(format!("{} holds no {what} in PEM form", file.display())))
}

/// How the address is spoken to.
enum Scheme {
    Plain,
    Tls,
}
