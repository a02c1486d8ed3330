//! A signer that is configured wrongly refuses the start, with a sentence that says what to mend.

use std::process::Command;

use anyhow::{Context as _, Result};
use chancery_tests::{installation::Installation, program::Program};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

#[tokio::test]
async fn a_token_that_is_not_there_and_a_wrong_pin_are_named_at_the_start() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let folder = installation.folder();
    let (tokens, softhsm) = (folder.join("tokens"), folder.join("softhsm2.conf"));
    std::fs::create_dir(&tokens)?;
    std::fs::write(&softhsm, format!("directories.tokendir = {}\n", tokens.display()))?;
    let token = ["--init-token", "--free", "--label", "chancery", "--pin", "right-pin", "--so-pin", "officer-pin"];
    let made = Command::new("softhsm2-util").args(token).env("SOFTHSM2_CONF", &softhsm).output();
    let made = made.context("softhsm2-util; tests/run installs it")?;
    anyhow::ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let config = std::fs::read_to_string(&installation.first.config)?;
    let refusal = async |token: &str, pin: &str| -> Result<String> {
        let signer =
            format!("[[keys.signer]]\nname = \"hsm\"\nmodule = \"{MODULE}\"\ntoken = \"{token}\"\npin = \"{pin}\"\n");
        // `keys` is a table of its own in the configuration: this stays in it.
        std::fs::write(&installation.first.config, format!("{config}{signer}"))?;
        let path = installation.first.config.display().to_string();
        let environment = [("SOFTHSM2_CONF", softhsm.to_str().context("a path")?)];
        let ended = Program::run_with(&["serve", "--config", &path], &environment).await?;
        anyhow::ensure!(!ended.success, "it began: {ended:?}");
        Ok(ended.stderr)
    };
    let said = refusal("elsewhere", "right-pin").await?;
    let wanted = r#"keys.signer hsm: no token has the label "elsewhere"; the module has "chancery""#;
    assert!(said.contains(wanted), "{said}");
    let said = refusal("chancery", "wrong-pin").await?;
    assert!(said.contains(r#"keys.signer hsm: the PIN is not that of the user of the token "chancery""#), "{said}");
    assert!(!said.contains("wrong-pin"), "{said}");
    Ok(())
}
