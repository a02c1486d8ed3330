//! Verify the tokens of one or many issuers in axum and tonic services.
