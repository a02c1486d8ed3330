//! Compiles `/proto` without `protoc`: protox parses, tonic-prost-build generates.
//!
//! The descriptors go to `OUT_DIR` as well, with comments and imports, for the reflection service and for JSON; and so
//! does a table of who may make which call, from the annotation that each call has. A call without one ends the build.
//! Messages with a field that is `debug_redact` get a `Debug` that leaves it out.

use std::error::Error;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::{env, fs};

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor, MethodDescriptor, Value};

const ROOT: &str = "../../proto";

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(contract_files()?)?;
    // The encoded form keeps the annotations (field_behavior), which the decoded one has no fields for.
    fs::write(out.join("chancery.bin"), compiler.encode_file_descriptor_set())?;
    let pool = compiler.descriptor_pool();
    fs::write(out.join("authorizations.rs"), authorizations(&pool)?)?;
    let bearers: Vec<_> = pool.all_messages().filter(|message| message.fields().any(|it| is_secret(&it))).collect();
    fs::write(out.join("redacted.rs"), bearers.iter().map(redacted).collect::<String>())?;

    tonic_prost_build::configure()
        .build_client(env::var_os("CARGO_FEATURE_CLIENT").is_some())
        .build_server(env::var_os("CARGO_FEATURE_SERVER").is_some())
        .skip_debug(bearers.iter().map(|message| format!(".{}", message.full_name())))
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

/// Whether a field holds what must not be printed.
fn is_secret(field: &FieldDescriptor) -> bool {
    field.options().get_field_by_name("debug_redact").and_then(|said| said.as_bool()).unwrap_or_default()
}

/// A `Debug` of everything in a message but its secrets.
fn redacted(bearer: &MessageDescriptor) -> String {
    let name = bearer.name();
    let told = bearer.fields().filter(|field| !is_secret(field));
    let told: Vec<_> = told.map(|field| format!(".field({0:?}, &self.{0})", field.name())).collect();
    let body = format!("f.debug_struct({name:?}){}.finish_non_exhaustive()", told.concat());
    let signature = "fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result";
    format!("impl std::fmt::Debug for {name} {{\n    {signature} {{\n        {body}\n    }}\n}}\n")
}

/// The table of calls, as the text of a Rust slice of `Authorization`.
fn authorizations(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut rows = Vec::new();
    for service in pool.services() {
        for method in service.methods() {
            rows.push(row(pool, &method)?);
        }
    }
    Ok(format!("&[\n{}\n]", rows.join("\n")))
}

/// One row, or why the contract is not complete.
fn row(pool: &DescriptorPool, method: &MethodDescriptor) -> Result<String, String> {
    let name = method.full_name();
    let extension =
        pool.get_extension_by_name("chancery.admin.v1.authorization").ok_or("authorization.proto is gone")?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return Err(format!("{name} has no (authorization): say in the proto who may call it"));
    }
    let value = options.get_extension(&extension);
    let said = value.as_message().ok_or("(authorization) is no message")?;
    let text = |field: &str| said.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned));
    let flag = |field: &str| said.get_field_by_name(field).and_then(|value| value.as_bool()).unwrap_or_default();
    let number = said.get_field_by_name("scope").as_deref().and_then(Value::as_enum_number);
    let scope = match number {
        Some(1) => "Anybody",
        Some(2) => "Caller",
        Some(3) => "Platform",
        Some(4) => "Tenant",
        Some(5) => "Named",
        Some(_) | None => return Err(format!("{name}: (authorization) needs a scope")),
    };
    let permission = text("permission").unwrap_or_default();
    if permission.is_empty() != matches!(scope, "Anybody" | "Caller") {
        return Err(format!("{name}: (authorization) needs a permission, unless it is for anybody or any caller"));
    }
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    Ok(format!(
        "    Authorization {{ path: {path:?}, permission: {permission:?}, scope: Scope::{scope}, step_up: {}, \
         secret_output: {} }},",
        flag("step_up"),
        flag("secret_output"),
    ))
}
