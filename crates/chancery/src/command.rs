//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use chancery_cli::{
    AdminCommand, BOOTSTRAP_EXAMPLES, Bootstrap, CONTEXT_EXAMPLES, Connection, ContextVerb, Exit, LOGIN_EXAMPLES,
    Output, Shell, SignIn,
};
use clap::{Parser, Subcommand, ValueEnum};

/// Many OAuth 2.0 and OpenID Connect issuers from one process.
#[derive(Parser)]
#[command(name = "chancery", version, after_help = under_help(), propagate_version = true)]
pub(crate) struct Chancery {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How answers are printed
    #[arg(long, short, global = true, value_enum, default_value_t, help_heading = "Answers")]
    pub output: Output,
    /// Where the admin API is, for the operators' commands.
    #[command(flatten)]
    pub connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  chancery dev
  chancery check --config chancery.toml
  chancery migrate --config chancery.toml
  chancery serve --config chancery.toml
  chancery serve --config chancery.toml --role front
  chancery admin-key create --config chancery.toml --name ops
  chancery tenants list
  chancery clients --help";

/// What stands under the help.
fn under_help() -> String {
    format!("{EXAMPLES}\n\n{}", Exit::table())
}

/// What there is to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// A provider on this machine: SQLite, two demo tenants, ready to sign in to
    #[command(
        after_help = "Examples:\n  chancery dev\n  chancery dev --data ./demo --output json --http 127.0.0.1:0 \\\n      --admin 127.0.0.1:0"
    )]
    Dev(Dev),
    /// Serves the roles that are asked for, or all of them
    #[command(
        after_help = "Examples:\n  chancery serve --config chancery.toml\n  chancery serve --config chancery.toml --role front --role worker"
    )]
    Serve(Serve),
    /// Brings the database up to date; safe to run from several machines at once
    #[command(after_help = "Example:\n  chancery migrate --config chancery.toml")]
    Migrate(WithConfig),
    /// Reads the configuration and says everything that is wrong with it
    #[command(after_help = "Example:\n  chancery check --config chancery.toml")]
    Check(WithConfig),
    /// Makes a new master key, for the configuration
    #[command(
        after_help = "Example:\n  chancery master-key --file /etc/chancery/master.key\n\nTo see those in use, and to change from one to another:\nchancery master-keys --help"
    )]
    MasterKey {
        /// Where it is written, for its owner alone; printed where no file is named
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Makes admin API keys on the server itself, the first one for instance
    #[command(subcommand)]
    AdminKey(AdminKey),
    /// Prints completions for a shell
    #[command(after_help = "Example:\n  chancery completions bash > /etc/bash_completion.d/chancery")]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Deployments by name: where they are, and who one is there
    #[command(subcommand, after_help = CONTEXT_EXAMPLES)]
    Context(ContextVerb),
    /// Makes you the first owner of the platform, with the token that the server left in a file
    #[command(after_help = BOOTSTRAP_EXAMPLES)]
    Bootstrap(Bootstrap),
    /// Signs you in at the system tenant, in place of an API key
    #[command(after_help = LOGIN_EXAMPLES)]
    Login(SignIn),
    /// The operators' commands.
    #[command(flatten)]
    Admin(Box<AdminCommand>),
}

impl Command {
    /// The operators' command, if it is one.
    pub(crate) fn of_operators(self) -> Option<AdminCommand> {
        match self {
            Self::Admin(command) => Some(*command),
            Self::Dev(_)
            | Self::Serve(_)
            | Self::Migrate(_)
            | Self::Check(_)
            | Self::MasterKey { .. }
            | Self::AdminKey(_)
            | Self::Completions { .. }
            | Self::Context(_)
            | Self::Bootstrap(_)
            | Self::Login(_) => None,
        }
    }
}

/// `chancery dev`
#[derive(clap::Args)]
pub(crate) struct Dev {
    /// Where the data lives
    #[arg(long, value_name = "DIR", default_value = "chancery-data")]
    pub data: PathBuf,
    /// Address of the public listener; port 0 for any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub http: SocketAddr,
    /// Address of the admin listener; port 0 for any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9090")]
    pub admin: SocketAddr,
    /// Address where figures for Prometheus are given; port 0 for any that is free [default: nowhere]
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// Opens the start page of the first tenant in a browser
    #[arg(long)]
    pub open: bool,
}

/// A command that reads the configuration.
#[derive(clap::Args)]
pub(crate) struct WithConfig {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "CHANCERY_CONFIG")]
    pub config: PathBuf,
}

/// `chancery serve`
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "CHANCERY_CONFIG")]
    pub config: PathBuf,
    /// The roles of this process; all where none is named
    #[arg(long = "role", value_enum, value_name = "ROLE", value_delimiter = ',')]
    pub roles: Vec<Role>,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// The public HTTP front
    Front,
    /// The admin API
    Admin,
    /// The clock
    Worker,
}

impl Serve {
    /// Whether this process has that role.
    #[must_use]
    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.is_empty() || self.roles.contains(&role)
    }
}

/// `chancery admin-key`
#[derive(Subcommand)]
pub(crate) enum AdminKey {
    /// Makes a key for the whole platform, or for one tenant, and prints it once
    #[command(
        after_help = "Examples:\n  chancery admin-key create --config chancery.toml --name ops\n  chancery admin-key create --config chancery.toml --name ci \\\n      --tenant acme --days 30"
    )]
    Create(CreateAdminKey),
}

/// `chancery admin-key create`
#[derive(clap::Args)]
pub(crate) struct CreateAdminKey {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "CHANCERY_CONFIG")]
    pub config: PathBuf,
    /// What people call the key
    #[arg(long)]
    pub name: String,
    /// Reaches this tenant only
    #[arg(long)]
    pub tenant: Option<String>,
    /// What it may do, such as platform.auditor or tenant.reader [default: platform.owner or tenant.admin]
    #[arg(long)]
    pub role: Option<String>,
    /// For how many days it works
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=90))]
    pub days: u16,
}

#[cfg(test)]
mod reference;
