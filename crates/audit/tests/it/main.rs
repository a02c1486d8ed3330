//! The form of the audit, from outside.

mod export;
mod flips;
mod verify;
