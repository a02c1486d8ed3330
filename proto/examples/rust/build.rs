//! Generates the client's side of the admin API from the published proto, without `protoc`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let proto = "../..";
    println!("cargo::rerun-if-changed={proto}/chancery");
    println!("cargo::rerun-if-changed={proto}/google");
    let services = ["tenant", "client", "scope", "key"].map(|noun| format!("chancery/admin/v1/{noun}_service.proto"));
    let descriptors = protox::compile(services, [proto])?;
    tonic_prost_build::configure().build_server(false).emit_rerun_if_changed(false).compile_fds(descriptors)?;
    Ok(())
}
