//! `chancery users …`

mod create;
mod delete;
mod disable;
mod fields;
mod list;
mod password_link;
mod update;
pub(crate) mod which;

use chancery_proto::v1::{EnableUserRequest, GetUserRequest};
use clap::Subcommand;

use self::which::Which;
use crate::arguments::This;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
A user is named by id, username or e-mail address. People choose their
passwords themselves, behind a link.

Examples:
  chancery users list acme
  chancery users create acme --username alice --email alice@acme.example
  chancery users password-link acme alice
  chancery users get acme alice
  chancery users update acme alice --email-verified \\
      --claim 'name=Alice Ito' --claim 'address:={\"locality\":\"Graz\"}'
  chancery users password-link acme alice@acme.example --ttl 7d
  chancery users disable acme alice
  chancery users enable acme alice
  chancery users delete acme 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11";

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the users of a tenant
    List(list::List),
    /// Show a user
    Get(Which),
    /// Enter a user, who cannot sign in before they chose a password
    Create(create::Create),
    /// Change username, e-mail address or claims
    Update(update::Update),
    /// Remove a user with sessions, consents and grants
    Delete(delete::Delete),
    /// Refuse sign-ins and end sessions and grants
    Disable(disable::Disable),
    /// Let a disabled user sign in again
    Enable(This<Which>),
    /// Make a link by which the user chooses a password, shown this once
    PasswordLink(password_link::PasswordLink),
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    let mut service = api.users();
    let user = match verb {
        Verb::List(verb) => return verb.run(api, output).await,
        Verb::Create(verb) => return verb.run(api, output).await,
        Verb::Update(verb) => return verb.run(api, output).await,
        Verb::Delete(verb) => return verb.run(api, output).await,
        Verb::PasswordLink(verb) => return verb.run(api, output).await,
        Verb::Get(which) => service.get_user(GetUserRequest { name: which.name(api).await? }).await,
        Verb::Disable(verb) => return verb.run(api, output).await,
        Verb::Enable(This { which, guard }) => {
            service
                .enable_user(EnableUserRequest { name: which.name(api).await?, etag: guard.etag, ..Default::default() })
                .await
        }
    }?;
    Ok(output.one(user.get_ref()))
}
