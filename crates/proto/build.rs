//! Compiles `/proto` without `protoc`: protox parses, tonic-prost-build generates.
//!
//! The descriptors go to `OUT_DIR` as well, with comments and imports, for the reflection service and for JSON.

use std::error::Error;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::{env, fs};

const ROOT: &str = "../../proto";

/// Messages with a secret in them: their `Debug` is written by hand, in `src/redacted.rs`.
const BEARERS_OF_SECRETS: [&str; 5] = [
    "CreateApiKeyResponse",
    "CreateUserRequest",
    "GenerateClientSecretResponse",
    "GenerateTokenSecretResponse",
    "SetUserPasswordRequest",
];

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(contract_files()?)?;
    // The encoded form keeps the annotations (field_behavior), which the decoded one has no fields for.
    fs::write(out.join("chancery.bin"), compiler.encode_file_descriptor_set())?;

    tonic_prost_build::configure()
        .build_client(env::var_os("CARGO_FEATURE_CLIENT").is_some())
        .build_server(env::var_os("CARGO_FEATURE_SERVER").is_some())
        .skip_debug(BEARERS_OF_SECRETS.map(|message| format!(".chancery.admin.v1.{message}")))
        .emit_rerun_if_changed(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Every file of the contract, by its path under the root: what they import follows by itself.
fn contract_files() -> Result<Vec<String>, Box<dyn Error>> {
    let folder = "chancery/admin/v1";
    let mut files = Vec::new();
    for entry in fs::read_dir(format!("{ROOT}/{folder}"))? {
        let path = entry?.path();
        if let (Some(stem), Some("proto")) =
            (path.file_stem().and_then(OsStr::to_str), path.extension().and_then(OsStr::to_str))
        {
            files.push(format!("{folder}/{stem}.proto"));
        }
    }
    files.sort();
    Ok(files)
}
