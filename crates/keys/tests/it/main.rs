//! The keys room as others see it, over a store in memory.

mod access_token_macs;
mod adopt;
mod alarm;
mod client_jose;
mod custody;
mod encryption;
mod figures;
mod forecast;
mod hmac;
mod import;
mod policy;
mod promise;
mod rewrap;
mod rotation;
mod sealing;
mod signing;
mod strictness;
mod world;
