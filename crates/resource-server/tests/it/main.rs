//! The verifier against an issuer that can be told to misbehave.

mod doors;
mod issuer;
mod keys;
mod tokens;
