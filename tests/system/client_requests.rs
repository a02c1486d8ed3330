//! Clients that prove themselves by what they sign, that push what they ask, sign it and encrypt it: against the running
//! program on both databases, and with libraries that others wrote.

mod assertions;
mod encrypted;
mod encrypting;
mod libraries;
mod objects;
pub(crate) mod published;
mod pushing;
mod signing;
