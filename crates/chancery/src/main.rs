//! `chancery`: one binary for every role, for operators and for a laptop.
//!
//! This is the only room that knows all others: it reads the configuration, wires the rooms, and runs the commands.

#![deny(clippy::print_stdout, reason = "what cannot be written is an error, not a panic: `chancery_cli::say`")]

mod command;
mod commands;
mod config;
mod wiring;

use std::{process::ExitCode, time::Duration};

use chancery_cli::Line;
use command::Chancery;

/// How long a thread for blocking work stays when there is none.
const IDLE_THREADS: Duration = Duration::from_secs(1);

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let line = Line::read(std::env::args_os(), |chancery: &Chancery| chancery.connection.default_tenant());
    let line = line.unwrap_or_else(|error| error.exit());
    // TLS has one provider, chosen here, whoever speaks it. It can only be chosen once, and this is the once.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // A thread that has hashed a password keeps its 19 MiB as long as it lives, so idle ones go soon.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_keep_alive(IDLE_THREADS).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("chancery: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(commands::run(line))
}
