//! Log people in to an axum application.
