//! `chancery export`

use std::path::{Path, PathBuf};

use chancery_proto::v1::ExportTenantDocumentRequest;
use clap::Args;

use super::tree::Tree;
use super::{files, merge, parse, read, words};
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// A tenant to write down.
#[derive(Args, Debug)]
pub struct Export {
    /// Id of the tenant
    tenant: String,
    /// Bring a file up to date in place of printing: only what differs changes, and comments stay
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,
}

impl Export {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = ExportTenantDocumentRequest { name: name::tenant(&self.tenant) };
        let document = api.documents().export_tenant_document(request).await?.into_inner();
        let tree = words::of(&document);
        if let Some(file) = &self.update {
            let text = CliError::reading(file, std::fs::read_to_string(file))?;
            let new = brought_up_to_date(file, &text, &tree)?;
            let same = new == text;
            if !same {
                let what = || format!("cannot write {}", file.display());
                std::fs::write(file, new).map_err(|cause| CliError::Io { what: what(), cause })?;
            }
            let verb = if same { "is as it was" } else { "is brought up to date" };
            return Ok(output.done(&format!("{} {verb}", file.display())));
        }
        Ok(match output {
            Output::Table | Output::Yaml => tree.to_yaml(0),
            Output::Json => format!("{:#}\n", tree.to_json()),
        })
    }
}

fn brought_up_to_date(file: &Path, text: &str, tree: &Tree) -> Result<String, CliError> {
    let nodes = parse::read(text);
    let nodes = nodes.map_err(|wrong| CliError::Usage(files::at(file, wrong.place, &wrong.what)))?;
    let [node] = nodes.as_slice() else {
        return Err(CliError::Usage(format!("{} must hold one document", file.display())));
    };
    let merged = merge::merged(text, node, tree);
    // What was merged must say what the server said; else comments are the lesser loss.
    let said = parse::read(&merged).ok().and_then(|nodes| read::document(nodes.first()?).ok());
    Ok(if said.is_some_and(|said| words::of(&said) == *tree) { merged } else { tree.to_yaml(0) })
}
