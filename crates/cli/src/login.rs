//! `chancery login`: a person signs in, and the admin API is shown an access token from then on.
//!
//! This is the authorization code flow of a native application (RFC 8252): the browser comes back to a port of the
//! loopback address, PKCE (RFC 7636) ties the code to this process, and `state` and `iss` (RFC 9207) the answer to the
//! question.

mod callback;
mod issuer;
mod proof;
mod refresh;

use std::process::{Command, Stdio};

use clap::Args;

use self::callback::Listener;
use self::issuer::Issuer;
use self::proof::Proof;
use crate::connection::Connection;
use crate::context::{Contexts, Login as SignedIn};
use crate::error::CliError;
use crate::output::Output;

pub(crate) use self::refresh::fresh;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
The person must be a user of the system tenant with a role (`chancery
role-bindings --help`). The tokens are kept in the context, where they go
before an API key, and are renewed by themselves; sign in again where a command
asks for it.

Examples:
  chancery login --issuer https://id.example.com/t/system
  chancery login --context prod";

/// What an access token for the admin API has to allow. Without `openid`: with it the issuer would be an audience too, and
/// what is meant for others as well is not accepted there.
const SCOPE: &str = "offline_access chancery.admin";

/// Signing in.
#[derive(Args, Debug)]
pub struct Login {
    /// Issuer of the system tenant; known from the last time where there was one
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Client to sign in with
    #[arg(long, value_name = "ID", default_value = "chancery-cli")]
    client_id: String,
    /// Sign in even if there is a session in the browser: some commands want to know that it is you
    #[arg(long)]
    again: bool,
    /// Open no browser
    #[arg(long)]
    no_browser: bool,
}

/// Signs in and keeps the tokens in the context.
pub(crate) async fn run(command: Login, connection: &Connection, output: Output) -> Result<String, CliError> {
    let Some((name, context)) = connection.chosen_context()? else {
        return Err(CliError::Usage(
            "tokens are kept in a context: `chancery context add NAME --admin-url URL` first".to_owned(),
        ));
    };
    let known = context.login.map(|login| login.issuer);
    let url = command.issuer.or(known).ok_or_else(|| {
        CliError::Usage("the issuer is not known yet: name that of the system tenant with --issuer".to_owned())
    })?;
    let ca_file = connection.ca_file.as_ref().or(context.ca_file.as_ref());
    let issuer = Issuer::discover(&url, ca_file.map(|file| &**file)).await?;
    let listener = Listener::open().await?;
    let proof = Proof::new();
    let mut asked = vec![
        ("response_type", "code"),
        ("client_id", &*command.client_id),
        ("redirect_uri", listener.redirect_uri()),
        ("scope", SCOPE),
        ("state", proof.state()),
        ("code_challenge", proof.challenge()),
        ("code_challenge_method", "S256"),
    ];
    if command.again {
        asked.push(("prompt", "login"));
    }
    let page = issuer.authorization_url(&asked);
    eprintln!("Sign in here:\n\n  {page}\n");
    if !command.no_browser {
        open_browser(page.as_str());
    }
    let code = listener.code(proof.state(), issuer.url()).await?;
    let redirect_uri = listener.redirect_uri().to_owned();
    let tokens = issuer
        .token(&[
            ("grant_type", "authorization_code"),
            ("client_id", &command.client_id),
            ("code", code.expose()),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", proof.verifier()),
        ])
        .await?;
    let login = tokens.login(issuer.url(), &command.client_id, None);
    keep(connection, &name, login)?;
    Ok(output.done(&format!("signed in for context {name}")))
}

/// Writes tokens into a context. One that was removed meanwhile does not come back.
fn keep(connection: &Connection, name: &str, login: SignedIn) -> Result<(), CliError> {
    Contexts::change(&connection.contexts_path()?, |contexts| {
        contexts.find(Some(name))?;
        if let Some(context) = contexts.contexts.get_mut(name) {
            context.login = Some(login);
        }
        Ok(())
    })
}

/// Opens the page where there is something to open it with; else the person does.
fn open_browser(page: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Without one, the address stands above.
    let _ = command.spawn();
}
