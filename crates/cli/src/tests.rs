//! The command line as a whole: the examples of the help texts, and calls against a server that stands in.

mod audit;
mod documents;
mod examples;
mod stand_in;
mod watching;
