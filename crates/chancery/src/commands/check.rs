//! `chancery check`: everything that is wrong with a configuration, at once.

use std::path::Path;

use chancery_cli::{Output, say};
use serde_json::json;

/// Reads the configuration and says what is wrong with it.
pub(super) fn run(path: &Path, output: Output) -> anyhow::Result<()> {
    let file = path.display().to_string();
    let config = match crate::config::load(path) {
        Ok(config) => config,
        Err(faults) => {
            let each: Vec<_> = faults.lines().collect();
            say(output, &each.join("\n"), &json!({ "file": file, "faults": each }))?;
            anyhow::bail!("{} {} in {file}", each.len(), if each.len() == 1 { "fault" } else { "faults" })
        }
    };
    let [url, http, admin] = [config.public_url.as_str().to_owned(), config.http.to_string(), config.admin.to_string()];
    let sentence = format!("{file} is in order: {url} on {http}, admin on {admin}");
    Ok(say(output, &sentence, &json!({ "file": file, "public_url": url, "http": http, "admin": admin }))?)
}
