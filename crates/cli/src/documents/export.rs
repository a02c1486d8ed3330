//! `chancery export`

use std::io;
use std::path::{Path, PathBuf};

use chancery_proto::v1::ExportTenantDocumentRequest;
use clap::Args;

use super::files::{self, Loaded};
use super::tree::Tree;
use super::{merge, words};
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;

/// A tenant to write down.
#[derive(Args, Debug)]
pub struct Export {
    /// Id of the tenant
    tenant: TenantId,
    /// Bring a file up to date in place of printing: only what differs changes, and comments stay
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,
}

impl Export {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let tenant = name::tenant(&self.tenant);
        let request = ExportTenantDocumentRequest { name: tenant.clone() };
        let tree = words::of(&api.documents().export_tenant_document(request).await?.into_inner());
        let Some(file) = &self.update else {
            let text = match output {
                Output::Table | Output::Yaml => tree.to_yaml(0),
                Output::Json => format!("{:#}\n", tree.to_json()),
            };
            return read_back(text, &tree);
        };
        let text = CliError::reading(file, std::fs::read_to_string(file))?;
        let new = brought_up_to_date(file, &text, &tenant, &tree)?;
        let same = new == text;
        if !same {
            files::replace(file, &new)?;
        }
        let verb = if same { "is as it was" } else { "is brought up to date" };
        Ok(output.done(&format!("{} {verb}", file.display())))
    }
}

/// The text of a file about that tenant, with what is wanted in its place.
pub(super) fn brought_up_to_date(file: &Path, text: &str, tenant: &str, wanted: &Tree) -> Result<String, CliError> {
    let documents = files::documents(file, text);
    let [Loaded { name, read, .. }] = documents.as_slice() else {
        return Err(CliError::Usage(format!("{} must hold one document", file.display())));
    };
    let read = read.as_ref().map_err(|wrong| CliError::Usage(wrong.join("\n")))?;
    if name != tenant {
        let what = format!("this is {name}, and the file is not made one about {tenant}");
        return Err(CliError::Usage(files::at(file, read.node.find("tenant.name"), &what)));
    }
    let merged = merge::merged(text, &read.node, &words::of(&read.document), wanted);
    // Comments are the lesser loss.
    read_back(merged, wanted).or_else(|_| read_back(wanted.to_yaml(0), wanted))
}

/// The text, if it says what it is to say: nothing else is written, whatever somebody put into the tenant.
fn read_back(text: String, wanted: &Tree) -> Result<String, CliError> {
    let documents = files::documents(Path::new("what was written down"), &text);
    let wrong = match documents.as_slice() {
        [Loaded { read: Ok(read), .. }] if words::of(&read.document) == *wanted => return Ok(text),
        [Loaded { read: Err(wrong), .. }, ..] => wrong.join("\n"),
        [] | [Loaded { read: Ok(_), .. }, ..] => "what was written down says something else".to_owned(),
    };
    Err(CliError::Io { what: "cannot write the tenant down".to_owned(), cause: io::Error::other(wrong) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Tree {
        Tree::Text(text.to_owned())
    }

    #[test]
    fn only_what_reads_back_as_it_was_is_written() {
        let tenant = |name| Tree::Map(vec![("tenant".to_owned(), Tree::Map(vec![("name".to_owned(), text(name))]))]);
        let written = tenant("acme").to_yaml(0);
        assert_eq!(read_back(written.clone(), &tenant("acme")).expect("the same"), written);
        for other in
            ["", "tenant: {name: [}", "tenant: {name: globex}", "tenant: {name: acme}\n---\ntenant: {name: globex}"]
        {
            assert!(read_back(other.to_owned(), &tenant("acme")).is_err(), "{other}");
        }
    }

    #[test]
    fn a_file_about_another_tenant_stays_what_it_is() {
        let wanted = Tree::Map(vec![("tenant".to_owned(), Tree::Map(vec![("name".to_owned(), text("acme"))]))]);
        let file = Path::new("globex.yaml");
        let refused = brought_up_to_date(file, "tenant:\n  name: globex\n", "tenants/acme", &wanted);
        let told = refused.expect_err("another tenant").to_string();
        assert!(told.starts_with("globex.yaml:2:3: ") && told.contains("tenants/globex"), "{told}");
    }
}
