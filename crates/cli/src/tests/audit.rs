//! An export is checked without a server, and without a key for one.

use std::fs;
use std::path::PathBuf;

use clap::Parser;

use super::examples::{CommandLine, Topic};
use crate::{CliError, run};

async fn verified(name: &str, content: &str) -> Result<(), CliError> {
    let file: PathBuf = std::env::temp_dir().join(format!("chancery-cli-{name}-{}.jsonl", std::process::id()));
    fs::write(&file, content).expect("a file");
    let line = CommandLine::parse_from(["chancery", "audit", "verify", &file.to_string_lossy()]);
    let Topic::Admin(command) = line.command else { panic!("not a verb of the audit") };
    let outcome = run(*command, &line.connection, line.output).await;
    fs::remove_file(&file).expect("removed");
    outcome
}

#[tokio::test]
async fn a_file_that_is_no_export_is_named_with_its_line() {
    let refused = verified("edited", "{\"type\":\"event\"}\n").await.expect_err("it is edited").to_string();
    assert!(refused.contains("does not verify: line 1, event 1: edited"), "{refused}");
    let refused = verified("empty", "").await.expect_err("there is nothing").to_string();
    assert!(refused.contains("line 1, event 1: truncated"), "{refused}");
}
