//! The keys room as others see it, over a store in memory.

mod hmac;
mod policy;
mod rotation;
mod sealing;
mod signing;
mod strictness;
mod world;
