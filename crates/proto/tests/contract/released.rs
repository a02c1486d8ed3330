//! The promise: whoever was built against the last release goes on working.

use std::fs;
use std::path::Path;

use prost_reflect::DescriptorPool;

use crate::{breaking, contract};

#[test]
fn the_last_release_is_not_broken() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/released/descriptors.bin");
    let Ok(bytes) = fs::read(&file) else {
        eprintln!("nothing is released yet, so nothing can be broken; `just release-proto` keeps the contract");
        return;
    };
    let released = DescriptorPool::decode(bytes.as_slice()).expect("written by `just release-proto`");
    let breaks = breaking::breaks(&released, &contract());
    assert!(breaks.is_empty(), "those who were built against the last release break:\n{}", breaks.join("\n"));
}
