//! The keys room as others see it, over a store in memory.

mod access_token_macs;
mod hmac;
mod policy;
mod rotation;
mod sealing;
mod signing;
mod strictness;
mod world;
