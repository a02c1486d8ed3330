//! Signing in and out, against a provider that can be told to misbehave.

mod browser;
mod provider;
mod sign_in;
mod sign_out;
mod told;
