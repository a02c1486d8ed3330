//! Bad input gets a clear answer, and nothing is half done.

mod operators;
mod requests;
