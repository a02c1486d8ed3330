//! Keys in a hardware security module, which SoftHSM plays: a tenant signs with them, they are destroyed there, and a
//! signer that is configured wrongly refuses the start with a sentence that says what to mend.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    installation::{Installation, found_with},
    party::{Party, header},
    program::Program,
};
use serde_json::{Value, json};

use crate::{haste::Haste, script};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

#[tokio::test]
async fn a_token_that_is_not_there_and_a_wrong_pin_are_named_at_the_start() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let softhsm = token_in(installation.folder())?;

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

#[tokio::test]
async fn a_tenant_signs_with_keys_that_never_leave_the_module() -> Result<()> {
    let second = Duration::from_secs(1);
    let haste = Haste { max_age: second, verifier_cache: second, token_life: 2 * second, spare: 300 * second };
    let signer =
        format!("[[keys.signer]]\nname = \"hsm\"\nmodule = \"{MODULE}\"\ntoken = \"chancery\"\npin = \"right-pin\"\n");
    let folder = tempfile::tempdir()?;
    let softhsm = token_in(folder.path())?;
    let installation = Installation::on_sqlite_with(&format!("{signer}{}", haste.config())).await?;
    let environment = [("SOFTHSM2_CONF", softhsm.to_str().context("a path")?)];
    let _program = installation.serve_with(&installation.first, &environment).await?;
    let admin = installation.admin(&installation.first).await?;
    let settings = json!({ "accessTokenTtl": "2s", "idTokenTtl": "2s" });
    let tenant = found_with(&admin, "acme", json!({ "settings": settings })).await?;
    let party = Party::discover(&tenant, tenant.confidential_client()?).await?;

    let rules = json!({
        "name": "tenants/acme/keyPolicy",
        "algorithms": ["ES256"], "rules": [{ "algorithm": "ES256", "signer": "hsm" }],
    });
    admin.call("KeyService/UpdateKeyPolicy", json!({ "keyPolicy": rules, "updateMask": "algorithms,rules" })).await?;
    // The standby key of before signs first, and the module makes the next one.
    let rotate = async || {
        let asked = json!({ "parent": "tenants/acme", "algorithm": "ES256", "immediate": true, "reason": "a test" });
        admin.call("KeyService/RotateKeys", asked).await
    };
    let made = id_of(&rotate().await?["standbyKeys"][0])?;
    assert_eq!(id_of(&rotate().await?["activatedKeys"][0])?, made);

    let token = until_signed_by(&party, &made).await?;
    let task = json!({
        "alg": "ES256", "issuer": tenant.issuer, "jwks_uri": party.endpoint("jwks_uri")?, "access_token": token,
    });
    let said = script::run("jose_verifier.mjs", &task, &mut Browser::new()?, tenant.user()?).await?;
    assert_eq!(said["client_id"], party.client.client_id.as_str(), "{said}");

    // Private keys and their public halves: of the active and of the standby key.
    let before = objects_in(folder.path())?;
    let gone = json!({ "name": format!("tenants/acme/keys/{made}"), "reason": "a test" });
    admin.call("KeyService/CompromiseKey", gone).await?;
    let after = objects_in(folder.path())?;
    // One key went, and the one that is announced in its place came.
    assert_eq!(after.len(), before.len());
    assert_ne!(after, before);
    Ok(())
}

fn id_of(key: &Value) -> Result<String> {
    Ok(key["name"].as_str().and_then(|name| name.rsplit('/').next()).context("no key")?.to_owned())
}

/// Takes tokens until that key signs.
async fn until_signed_by(party: &Party, kid: &str) -> Result<String> {
    for _ in 0..100 {
        let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let token = tokens["access_token"].as_str().context("no token")?;
        if header(token)?["kid"] == kid {
            return Ok(token.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("nothing is signed by {kid}")
}

/// A fresh token of SoftHSM in that folder; gives the configuration that leads to it.
fn token_in(folder: &Path) -> Result<PathBuf> {
    let (tokens, softhsm) = (folder.join("tokens"), folder.join("softhsm2.conf"));
    std::fs::create_dir(&tokens)?;
    std::fs::write(&softhsm, format!("directories.tokendir = {}\n", tokens.display()))?;
    let token = ["--init-token", "--free", "--label", "chancery", "--pin", "right-pin", "--so-pin", "officer-pin"];
    let made = Command::new("softhsm2-util").args(token).env("SOFTHSM2_CONF", &softhsm).output();
    let made = made.context("softhsm2-util; tests/run installs it")?;
    anyhow::ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Ok(softhsm)
}

/// The files of the objects that a token holds.
fn objects_in(folder: &Path) -> Result<Vec<String>> {
    let mut objects = Vec::new();
    for token in std::fs::read_dir(folder.join("tokens"))? {
        for object in std::fs::read_dir(token?.path())? {
            let name = object?.file_name().to_string_lossy().into_owned();
            let is_object =
                Path::new(&name).extension().is_some_and(|end| end == "object") && !name.starts_with("token");
            objects.extend(is_object.then_some(name));
        }
    }
    objects.sort();
    Ok(objects)
}
