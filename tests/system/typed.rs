//! The examples of the help, typed as they stand on a provider of their own: what a newcomer copies works.

use anyhow::{Context as _, Result};
use chancery_tests::{
    dev::Dev,
    program::{Program, binary},
};
use tokio::process::Command;

/// What can be typed one after the other, as the help has it; what an earlier one makes, a later one may need.
const NOUNS: [&str; 21] = [
    "tenants",
    "clients",
    "clients secrets",
    "scopes",
    "resources",
    "claim-mappings",
    "trusted-issuers",
    "users",
    "sessions",
    "grants",
    "consents",
    "keys",
    "keys policy",
    "token-secrets",
    "encryption-keys",
    "initial-access-tokens",
    "api-keys",
    "roles",
    "role-bindings",
    "approvals",
    "audit",
];

/// What only a running provider can tell stands for itself: it may be missing there, and nothing else may be wrong.
const STAND_INS: [&str; 5] =
    ["0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11", " KEY ", "3nO1xLr5cZ2d8bQkUuYw0A", "g.AZLwwX0", "consents"];

/// What needs a file of somebody's, or does not end by itself.
const LEFT_OUT: [&str; 3] = ["--file", "audit verify", "audit watch"];

#[tokio::test]
async fn every_example_of_the_help_works_when_it_is_typed() -> Result<()> {
    let dev = Dev::start().await?;
    let mut typed = 0;
    for noun in NOUNS {
        let words: Vec<_> = noun.split(' ').chain(["--help"]).collect();
        let help = Program::run(&words).await?.stdout;
        for example in examples(&help).with_context(|| format!("{noun} shows no examples"))? {
            if LEFT_OUT.iter().any(|word| example.contains(word)) {
                continue;
            }
            let done = Command::new("sh")
                .args(["-c", &format!("chancery() {{ \"$PROGRAM\" \"$@\"; }}\n{example}")])
                .env("PROGRAM", binary()?)
                .env("CHANCERY_ADMIN_URL", &dev.announced.admin_url)
                .env("CHANCERY_ADMIN_KEY", &dev.announced.admin_key)
                .stdin(std::process::Stdio::null())
                .output()
                .await?;
            let missing = done.status.code() == Some(3) && STAND_INS.iter().any(|word| example.contains(word));
            assert!(done.status.success() || missing, "{example}\n{}", String::from_utf8_lossy(&done.stderr));
            typed += 1;
        }
    }
    assert!(typed > 80, "only {typed} examples");
    Ok(())
}

/// The examples under a help, as a shell takes them; one that ends in a backslash goes on in the next line.
fn examples(help: &str) -> Option<Vec<String>> {
    let shown = help.split_once("Examples:\n")?.1.lines().take_while(|line| !line.is_empty());
    let mut examples: Vec<String> = Vec::new();
    for line in shown {
        match examples.last_mut().filter(|before| before.ends_with('\\')) {
            Some(before) => before.extend(["\n", line]),
            None => examples.push(line.to_owned()),
        }
    }
    Some(examples)
}
