//! Operators' commands: `chancery tenants|clients|scopes|users|keys|master-keys|encryption-keys|token-secrets|…`.
//!
//! Each command is one or a few calls of the admin API, and prints the answer: a table for people, JSON or YAML for
//! scripts.
//! This crate knows the contract (`chancery-proto`) and nothing else of the server: no storage, no rules. What is
//! right or wrong, the server says.
//!
//! To add a noun: its messages in `output/view`, a file with its verbs and a line in [`AdminCommand`]. To add a verb: a
//! variant of the noun's `Verb`, and an example in its help, which a test parses. What all verbs share (`--watch`, the
//! usual tenant) comes by itself, see `line`. Afterwards `just references`.

mod api_keys;
mod approvals;
mod arguments;
mod audit;
mod bootstrap;
mod claim_mappings;
mod claims;
mod clients;
mod completions;
mod connection;
mod consents;
mod context;
mod documents;
mod duration;
mod encryption_keys;
mod error;
mod feed;
mod follow;
mod grants;
mod initial_access_tokens;
mod keys;
mod line;
mod listing;
mod login;
mod mask;
mod master_keys;
mod moment;
mod name;
mod output;
mod pages;
mod preview;
mod resources;
mod role_bindings;
mod roles;
mod scopes;
mod secret;
mod sessions;
mod sight;
mod tenants;
mod token_secrets;
mod trusted_issuers;
mod users;
mod watch;

use std::io::{self, Write};

use clap::{Command, Subcommand};
pub use clap_complete::Shell;

pub use self::bootstrap::Bootstrap;
use self::connection::Api;
pub use self::connection::Connection;
pub use self::context::{Context, Contexts, Login, Verb as ContextVerb};
pub use self::error::{CliError, Exit};
pub use self::follow::follow;
pub use self::line::{Line, command};
pub use self::login::Login as SignIn;
pub use self::output::Output;
pub use self::secret::Secret;
pub use self::sight::Sight;

/// Shown under the help of `chancery context`.
pub const CONTEXT_EXAMPLES: &str = context::EXAMPLES;
/// Shown under the help of `chancery bootstrap`.
pub const BOOTSTRAP_EXAMPLES: &str = bootstrap::EXAMPLES;
/// Shown under the help of `chancery login`.
pub const LOGIN_EXAMPLES: &str = login::EXAMPLES;

/// What operators do. One noun, then one verb, then the tenant.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, for as long as the command runs")]
pub enum AdminCommand {
    /// Tenants: authorization servers with an issuer each.
    #[command(subcommand, after_help = tenants::EXAMPLES)]
    Tenants(tenants::Verb),
    /// Clients of a tenant: applications that ask it for tokens.
    #[command(subcommand, after_help = clients::EXAMPLES)]
    Clients(clients::Verb),
    /// Scopes of a tenant: what clients may ask to be allowed.
    #[command(subcommand, after_help = scopes::EXAMPLES)]
    Scopes(scopes::Verb),
    /// Resources of a tenant: APIs that its tokens are for.
    #[command(subcommand, after_help = resources::EXAMPLES)]
    Resources(resources::Verb),
    /// Claim mappings of a tenant: what its tokens and UserInfo say beyond the usual.
    #[command(subcommand, after_help = claim_mappings::EXAMPLES)]
    ClaimMappings(claim_mappings::Verb),
    /// Trusted issuers of a tenant: those outside whose assertions its clients may exchange for tokens.
    #[command(subcommand, after_help = trusted_issuers::EXAMPLES)]
    TrustedIssuers(trusted_issuers::Verb),
    /// Users of a tenant: people who sign in.
    #[command(subcommand, after_help = users::EXAMPLES)]
    Users(users::Verb),
    /// Sessions: browsers in which people are signed in.
    #[command(subcommand, after_help = sessions::EXAMPLES)]
    Sessions(sessions::Verb),
    /// Grants: what users have authorized clients to do, and the tokens that hang on it.
    #[command(subcommand, after_help = grants::EXAMPLES)]
    Grants(grants::Verb),
    /// Consents: what users have allowed clients, so that they are not asked again.
    #[command(subcommand, after_help = consents::EXAMPLES)]
    Consents(consents::Verb),
    /// Signing keys of a tenant and the policy they follow.
    #[command(subcommand, after_help = keys::EXAMPLES)]
    Keys(keys::Verb),
    /// Master keys, which tenants' own keys are sealed under, and the change from one to another.
    #[command(subcommand, after_help = master_keys::EXAMPLES)]
    MasterKeys(master_keys::Verb),
    /// Keys that applications encrypt their authorization requests to.
    #[command(subcommand, after_help = encryption_keys::EXAMPLES)]
    EncryptionKeys(encryption_keys::Verb),
    /// Token secrets: what a tenant shares with resource servers that verify HMAC access tokens.
    #[command(subcommand, after_help = token_secrets::EXAMPLES)]
    TokenSecrets(token_secrets::Verb),
    /// Initial access tokens: what lets somebody register a client.
    #[command(subcommand, after_help = initial_access_tokens::EXAMPLES)]
    InitialAccessTokens(initial_access_tokens::Verb),
    /// Write a tenant down as one document.
    #[command(after_help = documents::EXPORT)]
    Export(documents::Export),
    /// Say what applying documents would do.
    #[command(after_help = documents::PLAN)]
    Plan(documents::Plan),
    /// Make tenants what their documents say.
    #[command(after_help = documents::APPLY)]
    Apply(documents::Apply),
    /// Say what has changed since documents were applied.
    #[command(after_help = documents::DRIFT)]
    Drift(documents::Drift),
    /// Documents themselves.
    #[command(subcommand, after_help = documents::DOCUMENT)]
    Document(documents::Verb),
    /// API keys: what callers of the admin API authenticate with.
    #[command(subcommand, after_help = api_keys::EXAMPLES)]
    ApiKeys(api_keys::Verb),
    /// Roles: what callers of the admin API may do, by name.
    #[command(subcommand, after_help = roles::EXAMPLES)]
    Roles(roles::Verb),
    /// Role bindings: who has which role, and where.
    #[command(subcommand, after_help = role_bindings::EXAMPLES)]
    RoleBindings(role_bindings::Verb),
    /// Approvals: calls that need a second person.
    #[command(subcommand, after_help = approvals::EXAMPLES)]
    Approvals(approvals::Verb),
    /// What was done, by whom: chains of events that nobody can change without being found out.
    #[command(subcommand, after_help = audit::EXAMPLES)]
    Audit(audit::Verb),
    /// What changes, as it changes.
    #[command(after_help = watch::EXAMPLES)]
    Watch(watch::Watch),
}

/// Carries a command out and prints the answer.
///
/// On failure nothing is printed: see [`CliError::report`].
pub async fn run(command: AdminCommand, connection: &Connection, output: Output) -> Result<(), CliError> {
    // What the contract says, no server needs to be asked.
    if let AdminCommand::Document(verb) = &command {
        return print(&documents::run(verb)).map(drop);
    }
    // An export is checked without a server, and so without a key for one.
    if let AdminCommand::Audit(audit::Verb::Verify(verb)) = command {
        return print(&verb.run(output)?).map(drop);
    }
    login::fresh(connection).await?;
    print(&Box::pin(answer(command, &connection.open()?, output)).await?).map(drop)
}

/// Becomes the first owner of the platform and prints the key.
pub async fn bootstrap(command: Bootstrap, connection: &Connection, output: Output) -> Result<(), CliError> {
    print(&bootstrap::run(command, connection, output).await?).map(drop)
}

/// Signs a person in.
pub async fn sign_in(command: SignIn, connection: &Connection, output: Output) -> Result<(), CliError> {
    print(&login::run(command, connection, output).await?).map(drop)
}

/// What a command has to tell.
async fn answer(command: AdminCommand, api: &Api, output: Output) -> Result<String, CliError> {
    match command {
        AdminCommand::Tenants(verb) => tenants::run(verb, api, output).await,
        AdminCommand::Clients(verb) => clients::run(verb, api, output).await,
        AdminCommand::Scopes(verb) => scopes::run(verb, api, output).await,
        AdminCommand::Resources(verb) => resources::run(verb, api, output).await,
        AdminCommand::ClaimMappings(verb) => claim_mappings::run(verb, api, output).await,
        AdminCommand::TrustedIssuers(verb) => trusted_issuers::run(verb, api, output).await,
        AdminCommand::Users(verb) => users::run(verb, api, output).await,
        AdminCommand::Sessions(verb) => sessions::run(verb, api, output).await,
        AdminCommand::Grants(verb) => grants::run(verb, api, output).await,
        AdminCommand::Consents(verb) => consents::run(verb, api, output).await,
        AdminCommand::Keys(verb) => keys::run(verb, api, output).await,
        AdminCommand::MasterKeys(verb) => master_keys::run(verb, api, output).await,
        AdminCommand::EncryptionKeys(verb) => encryption_keys::run(verb, api, output).await,
        AdminCommand::TokenSecrets(verb) => token_secrets::run(verb, api, output).await,
        AdminCommand::InitialAccessTokens(verb) => initial_access_tokens::run(verb, api, output).await,
        AdminCommand::Export(export) => export.run(api, output).await,
        AdminCommand::Plan(plan) => plan.run(api, output).await,
        AdminCommand::Apply(apply) => apply.run(api, output).await,
        AdminCommand::Drift(drift) => drift.run(api, output).await,
        AdminCommand::Document(verb) => Ok(documents::run(&verb)),
        AdminCommand::ApiKeys(verb) => api_keys::run(verb, api, output).await,
        AdminCommand::Roles(verb) => roles::run(verb, api, output).await,
        AdminCommand::RoleBindings(verb) => role_bindings::run(verb, api, output).await,
        AdminCommand::Approvals(verb) => approvals::run(verb, api, output).await,
        AdminCommand::Audit(verb) => audit::run(verb, api, output).await,
        AdminCommand::Watch(watch) => watch.run(api, output).await,
    }
}

/// Carries a command about contexts out and prints the answer. No server is asked.
pub fn contexts(verb: ContextVerb, connection: &Connection, output: Output) -> Result<(), CliError> {
    print(&context::run(verb, connection, output)?).map(drop)
}

/// Prints the completions of the whole command line for a shell, to be sourced from its start-up file.
pub fn completions(shell: Shell, command: Command) -> Result<(), CliError> {
    print(&completions::script(shell, command)).map(drop)
}

/// Prints the answer of a command that asks no server: a sentence for people, an object for scripts.
pub fn say(output: Output, sentence: &str, object: &serde_json::Value) -> Result<(), CliError> {
    let text = match output {
        Output::Table => format!("{sentence}\n"),
        Output::Json | Output::Yaml => output.document(object),
    };
    print(&text).map(drop)
}

/// Writes to standard output; tells whether anybody still reads. A reader that has gone (`| head`) is no failure.
fn print(text: &str) -> Result<bool, CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(CliError::Io { what: "cannot write the answer".to_owned(), cause }),
    }
}

#[cfg(test)]
mod tests;
