//! Operators' commands: a gRPC client with tables and JSON.
