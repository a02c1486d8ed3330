//! Arguments that many verbs take.

use std::io::{self, IsTerminal};

use clap::Args;

use crate::name::TenantId;

/// The tenant to work in.
#[derive(Args, Debug)]
pub struct InTenant {
    /// Id of the tenant
    pub(crate) tenant: TenantId,
}

/// A thing, and the version that it must still have.
#[derive(Args, Debug)]
pub struct This<W: Args> {
    #[command(flatten)]
    pub(crate) which: W,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// A thing to remove.
#[derive(Args, Debug)]
pub struct Removal<W: Args> {
    #[command(flatten)]
    pub(crate) this: This<W>,
    #[command(flatten)]
    pub(crate) trial: Trial,
}

/// Guards a change against changes made in between (AIP-154).
#[derive(Args, Debug)]
pub(crate) struct Guard {
    /// Refuse unless this is still the version, as told by `get --output json`
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) etag: String,
}

/// Lets a change be tried (AIP-163).
#[derive(Args, Debug)]
pub(crate) struct Trial {
    /// Say what would happen, and do nothing
    #[arg(long)]
    pub(crate) validate_only: bool,
}

/// Which part of a list, and in which order.
#[derive(Args, Clone, Debug)]
pub(crate) struct Choice {
    /// Only those that fit (AIP-160)
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) filter: String,
    /// By `name`, or by one of those fields that all of them have; with ` desc` the other way round
    #[arg(long, value_name = "FIELD", default_value = "", hide_default_value = true)]
    pub(crate) order_by: String,
}

/// Lets a creation be repeated safely (AIP-155).
#[derive(Args, Debug)]
pub(crate) struct Once {
    /// A UUID: the same request under the same id is carried out once
    #[arg(long, value_name = "UUID", default_value = "", hide_default_value = true)]
    pub(crate) request_id: String,
    #[command(flatten)]
    pub(crate) trial: Trial,
}

/// What an update makes empty.
#[derive(Args, Debug)]
pub(crate) struct Clear {
    /// Make a field empty, named as in the contract: `logo_uri`; may be repeated
    #[arg(long, value_name = "FIELD")]
    pub(crate) clear: Vec<String>,
}

/// Whether a terminal is painted.
#[derive(Args, Debug)]
pub(crate) struct Colours {
    /// Do not paint, as with any text in `NO_COLOR` (no-color.org)
    #[arg(long)]
    no_color: bool,
}

impl Colours {
    /// Whether to paint what goes to standard output.
    pub(crate) fn wanted(&self) -> bool {
        let refused = self.no_color || std::env::var_os("NO_COLOR").is_some_and(|text| !text.is_empty());
        !refused && io::stdout().is_terminal()
    }
}

impl Trial {
    /// What is said when it is done, or would be.
    pub(crate) fn outcome(&self, done: &str, name: &str) -> String {
        if self.validate_only { format!("{name} can be {done}") } else { format!("{name} is {done}") }
    }
}
