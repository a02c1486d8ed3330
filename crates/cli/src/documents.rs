//! `chancery export|plan|apply|drift|document`: tenants as files, one by one or as a fleet in a folder.
//!
//! A file holds what the contract calls a tenant document, with the field names of the contract, short words for enums
//! and spans such as `1h`. It is read with places (`parse`, `read`), so that whatever is wrong, here or by the server's
//! word, is told with file, line and column. Which fields there are, the descriptors say (`contract`): a noun that
//! documents come to hold needs no line here.

mod apply;
mod contract;
mod diff;
mod drift;
mod export;
mod files;
mod fleet;
mod merge;
mod parse;
mod place;
mod plan;
mod progress;
mod read;
mod schema;
mod tell;
mod tree;
mod words;

#[cfg(test)]
mod tests;

use clap::Subcommand;

pub(crate) use self::apply::Apply;
pub(crate) use self::drift::Drift;
pub(crate) use self::export::Export;
pub(crate) use self::plan::Plan;

/// Shown under the help of `export`.
pub(crate) const EXPORT: &str = "\
Examples:
  chancery export acme
  chancery export acme -o json
  chancery export acme --update acme.yaml";

/// Shown under the help of `plan`.
pub(crate) const PLAN: &str = "\
Examples:
  chancery plan -f acme.yaml
  chancery plan -f tenants/ --prune

Ends with 0 where there is nothing to do, with 2 where there are changes, and
with 1 where something failed.";

/// Shown under the help of `apply`.
pub(crate) const APPLY: &str = "\
Examples:
  chancery apply -f acme.yaml
  chancery apply -f tenants/ --prune --yes
  chancery apply -f tenants/ --dry-run
  chancery apply -f tenants/ --yes --parallel 32

Ends with 0 where all is as the documents say, and with 1 where something
failed; one tenant's failure does not stop the others. With --dry-run, 2 where
there are changes.";

/// Shown under the help of `drift`.
pub(crate) const DRIFT: &str = "\
Examples:
  chancery drift acme
  chancery drift -f tenants/

Ends with 0 where nothing has changed, with 2 where something has, and with 1
where something failed.";

/// Shown under the help of `document`.
pub(crate) const DOCUMENT: &str = "\
Examples:
  chancery document schema";

/// What can be asked about documents as such.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print the JSON Schema of documents, for editors
    Schema,
}

/// Answers what no server needs to be asked for.
pub(crate) fn run(verb: &Verb) -> String {
    match verb {
        Verb::Schema => schema::schema(),
    }
}
