//! `just release-proto`: keeps the contract of this release in `proto/released`, for later ones to be held against.
//!
//! Comments are left out: they may change freely.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true);
    let mut files: Vec<_> = fs::read_dir(root.join("chancery/admin/v1"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for file in files.iter().map(fs::DirEntry::path).filter(|path| path.extension() == Some(OsStr::new("proto"))) {
        compiler.open_file(&file)?;
    }
    let path = root.join("released/descriptors.bin");
    fs::write(&path, compiler.encode_file_descriptor_set())?;
    println!("{} holds the contract of {} files", path.display(), files.len());
    Ok(())
}
