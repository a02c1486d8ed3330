//! `chancery`: one binary for every role, for operators and for a laptop.
//!
//! This is the only room that knows all others: it reads the configuration, wires the rooms, and runs the commands.

mod command;
mod commands;
mod config;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = command::Chancery::parse();
    // TLS has one provider, chosen here, whoever speaks it. It can only be chosen once, and this is the once.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("chancery: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(commands::run(command))
}
