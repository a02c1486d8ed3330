//! What the rooms ask of each other, in the smallest pieces that are of use.

pub mod bootstrap;
pub mod claim_mappings;
pub mod directory;
pub mod jose;
pub mod platform;
pub mod resources;
pub mod rewrap;
pub mod roles;
pub mod store;
pub mod token_secrets;
