//! The guarded client against real servers on this machine, whose names are whatever a test says they are.

mod addresses;
mod bounds;
mod delivery;
mod discovered;
mod guard;
mod key_sets;
mod world;
