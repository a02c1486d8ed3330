//! `chancery context …`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::{Context, Contexts};
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::Output;

/// What is shown of a context, in this order.
const FACTS: [&str; 11] = [
    "name",
    "inUse",
    "adminUrl",
    "tenant",
    "credential",
    "caFile",
    "adminKeyFile",
    "clientCertificate",
    "clientKey",
    "issuer",
    "clientId",
];

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
What a flag or the environment says goes before the context. A credential is
never sent to another address than that of its context. Who signed in there
(`chancery login`) does so in place of the API key.

Examples:
  chancery context add prod --admin-url https://admin.example:9090 \\
      --admin-key-file ~/.keys/prod
  chancery context add eu --admin-url https://eu.example:9090 \\
      --ca-file ca.pem --client-certificate me.pem --client-key me.key \\
      --tenant acme
  chancery context list
  chancery context use prod
  chancery context show eu
  chancery tenants list --context eu
  chancery context remove eu";

/// What can be done with contexts.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List contexts; the one in use is marked
    List,
    /// Use a context from now on
    Use(Which),
    /// Keep the connection that this command line gives as a context
    Add(Add),
    /// Forget a context and what is stored with it
    Remove(Which),
    /// Show a context, without its secrets
    Show(Shown),
}

/// A context.
#[derive(Args, Debug)]
pub struct Which {
    /// Name of the context
    name: String,
}

/// Which context to show.
#[derive(Args, Debug)]
pub struct Shown {
    /// Name of the context; without it, the one in use
    name: Option<String>,
}

/// A context to keep.
#[derive(Args, Debug)]
pub struct Add {
    /// Name of the context: letters, digits, dots, hyphens and underscores
    #[arg(value_parser = name)]
    name: String,
    /// Id of the tenant that commands are about when they name none
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Do not use it from now on
    #[arg(long)]
    unused: bool,
    /// Take the place of a context of that name
    #[arg(long)]
    replace: bool,
}

/// The parser of names.
fn name(text: &str) -> Result<String, &'static str> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let first = text.chars().next().is_some_and(|letter| letter.is_ascii_alphanumeric());
    if first && text.len() <= 63 && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("a name has up to 63 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit")
}

pub(crate) fn run(verb: Verb, connection: &Connection, output: Output) -> Result<String, CliError> {
    let path = connection.contexts_path()?;
    match verb {
        Verb::List => Ok(list(&Contexts::read(&path)?, connection, output)),
        Verb::Use(Which { name }) => Contexts::change(&path, |contexts| {
            contexts.find(Some(&name))?;
            contexts.current = Some(name.clone());
            Ok(output.done(&format!("{name} is in use")))
        }),
        Verb::Add(add) => add.run(connection, &path, output),
        Verb::Remove(Which { name }) => Contexts::change(&path, |contexts| {
            contexts.find(Some(&name))?;
            contexts.contexts.remove(&name);
            if contexts.current.as_ref() == Some(&name) {
                contexts.current = None;
            }
            Ok(output.done(&format!("{name} is forgotten")))
        }),
        Verb::Show(Shown { name }) => {
            let contexts = Contexts::read(&path)?;
            let name = name.or_else(|| connection.context.clone()).or_else(|| contexts.current.clone());
            let context = contexts.find(name.as_deref())?;
            let (name, context) = name.zip(context).ok_or_else(|| {
                CliError::Usage("no context is in use: name one, or see `chancery context list`".to_owned())
            })?;
            Ok(output.facts_of(&FACTS, &shown(&name, context, contexts.current.as_ref() == Some(&name))))
        }
    }
}

fn list(contexts: &Contexts, connection: &Connection, output: Output) -> String {
    let used = connection.context.as_ref().or(contexts.current.as_ref());
    let rows: Vec<Json> =
        contexts.contexts.iter().map(|(name, context)| shown(name, context, used == Some(name))).collect();
    output.rows_of(&FACTS[..5], &rows)
}

/// A context without its secrets.
fn shown(name: &str, context: &Context, in_use: bool) -> Json {
    let file = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let login = context.login.as_ref();
    let mut all = json!({
        "name": name,
        "inUse": in_use,
        "adminUrl": context.admin_url,
        "tenant": context.tenant,
        "credential": context.credential(),
        "caFile": file(&context.ca_file),
        "adminKeyFile": file(&context.admin_key_file),
        "clientCertificate": file(&context.client_certificate),
        "clientKey": file(&context.client_key),
        "issuer": login.map(|login| &login.issuer),
        "clientId": login.map(|login| &login.client_id),
    });
    if let Some(facts) = all.as_object_mut() {
        facts.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    }
    all
}

impl Add {
    fn run(self, connection: &Connection, path: &Path, output: Output) -> Result<String, CliError> {
        let context = connection.as_context(self.tenant)?;
        Contexts::change(path, |contexts| {
            if contexts.contexts.contains_key(&self.name) && !self.replace {
                let name = &self.name;
                return Err(CliError::Usage(format!("there is a context {name:?} already: add --replace")));
            }
            let answer = shown(&self.name, &context, !self.unused);
            if !self.unused {
                contexts.current = Some(self.name.clone());
            }
            contexts.contexts.insert(self.name, context);
            Ok(output.facts_of(&FACTS, &answer))
        })
    }
}
