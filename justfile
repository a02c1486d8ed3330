# Every command a person types, each one line over cargo or a script. `just --list` shows them.

# Everything that needs no running server: format, lints, dependencies, documentation, architecture
check: fmt-check lint deny docs architecture

# Run every test, on SQLite and on PostgreSQL; sets its own world up
test *ARGS:
    tests/run {{ARGS}}

# Run the storage suite alone, on both databases
test-db:
    cargo test --workspace --test it -- ::sqlite:: ::postgres::

# Verify the admin contract: its style, what it breaks of the last release, and buf's opinion where buf is installed
proto:
    .ci/proto

# Write the references of the command line and of the admin API anew
references:
    UPDATE_REFERENCES=1 cargo test -p chancery-proto --all-features --test contract reference
    UPDATE_REFERENCES=1 cargo test -p chancery-admin --lib reference
    UPDATE_REFERENCES=1 cargo test -p chancery reference

# Keep the contract of a release, for later ones to be held against
release-proto:
    cargo run -p chancery-proto --example release_proto

# Apply the schema to the database of a configuration file
migrate CONFIG:
    cargo run -- migrate --config {{CONFIG}}

# Start a provider to try on this machine
dev *ARGS:
    cargo run --release -- dev {{ARGS}}

# Measure the server against the floor, in about a minute; or `just bench signing`, `just bench keys-due`
bench *ARGS: release
    target/release/chancery-bench {{ARGS}}

# The release binary stays below 60 MiB
size: release
    tests/measure size target/release/chancery 60

# `dev` at rest stays below 60 MiB of resident memory
memory: release
    tests/measure memory target/release/chancery 60

# Build what is measured
release:
    cargo build --release --workspace --bins

# Format everything
fmt:
    cargo fmt --all

# Licences, bans and sources of dependencies; advisories where their database can be reached
deny:
    .ci/dependencies

# Build the documentation; a broken link is an error
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Draw the arrows and fail on one that is not on the map
architecture:
    cargo test -p chancery-tests --test architecture

[private]
fmt-check:
    cargo fmt --all --check

[private]
lint:
    cargo clippy --workspace --all-targets -- -D warnings
