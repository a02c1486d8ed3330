//! The front door as a whole, over a store in memory.

mod browser;
mod caching;
mod client_threats;
mod conduct;
mod cookies;
mod cors;
mod devices;
mod dpop;
mod fake_keys;
mod figures;
mod frames;
mod headers;
mod hosts;
mod isolation;
mod logout;
mod logs;
mod machines;
mod methods;
mod pages;
mod passwords;
mod registration;
mod response_modes;
mod sign_up;
mod signing_in;
mod token_answers;
mod world;
