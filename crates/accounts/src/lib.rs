//! People: passwords, sessions, consents and throttling.
//!
//! This room decides who sits in front of the browser and for how long that is believed. It knows no HTTP, no
//! cookies but their values, no database and no tokens.
//!
//! - [`password`] turns passwords into Argon2id hashes behind a gate that bounds threads and memory.
//! - [`password_link`] lets somebody who was given a link choose their password.
//! - [`throttle`] slows guessing down, by account and by source address.
//! - [`signin`] is the one way in: name and password for a session.
//! - [`session`] resumes and ends sessions.
//! - [`user_code`] finds the device whose code somebody typed.
//! - [`consent`] remembers what a user has allowed a client.
//!
//! To add a way of proving who one is: a file of its own beside [`signin`], which asks the same [`Throttle`] before
//! it looks at the proof, and names itself in the `amr` of the session (RFC 8176).

use std::sync::Arc;

use chancery_domain::{ports::store::Store, random::Random, time::Clock};

use crate::{password::PasswordGate, throttle::Throttle};

pub mod consent;
pub mod password;
pub mod password_link;
pub mod session;
pub mod signin;
pub mod throttle;
pub mod user_code;

/// What every use-case of this room needs.
#[derive(Clone)]
pub struct Context {
    /// The rows of tenants.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// Hashes passwords.
    pub gate: Arc<PasswordGate>,
    /// Slows guessing down.
    pub throttle: Arc<Throttle>,
}
