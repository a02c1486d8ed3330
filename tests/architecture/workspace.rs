//! What cargo knows about the workspace.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Our packages and what they name, without anything that would need the network.
pub(crate) fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps().exec().expect("cargo metadata answers")
}

/// The folder of the root manifest.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is in the root").to_owned()
}

/// The name of a room: the package without `chancery-`.
pub(crate) fn room(package: &str) -> &str {
    package.strip_prefix("chancery-").unwrap_or(package)
}

/// What a package names in its manifest, with whether it is for its tests only.
pub(crate) fn names(package: &Package) -> impl Iterator<Item = (&str, bool)> {
    package.dependencies.iter().map(|named| (named.name.as_str(), named.kind == DependencyKind::Development))
}
