//! What the rooms ask of each other, in the smallest pieces that are of use.

pub mod applied_documents;
pub mod directory;
pub mod jose;
pub mod platform;
pub mod rewrap;
pub mod roles;
pub mod store;
pub mod token_secrets;
