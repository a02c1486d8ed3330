//! What the rooms ask of each other, in the smallest pieces that are of use.

pub mod applied_documents;
pub mod approvals;
pub mod audit;
pub mod bootstrap;
pub mod claim_mappings;
pub mod client_jose;
pub mod client_key_sets;
pub mod client_secrets;
pub mod consents;
pub mod deliveries;
pub mod directory;
pub mod grants;
pub mod impact;
pub mod initial_access_tokens;
pub mod jose;
pub mod outbound;
pub mod password_links;
pub mod platform;
pub mod pushed_requests;
pub mod resources;
pub mod rewrap;
pub mod roles;
pub mod sessions;
pub mod store;
pub mod token_secrets;
pub mod used_assertions;
