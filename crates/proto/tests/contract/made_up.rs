//! Contracts that nobody has, for the checks to find something in.

use std::path::Path;

use prost_reflect::DescriptorPool;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};

/// One file, whatever folder it is in.
struct MadeUp {
    path: &'static str,
    text: String,
}

impl FileResolver for MadeUp {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == self.path { File::from_source(name, &self.text) } else { Err(protox::Error::file_not_found(name)) }
    }
}

/// A contract of the file `made/v1/thing.proto`, with the imports that ours has.
pub(crate) fn contract(body: &str) -> DescriptorPool {
    let head = "syntax = \"proto3\";\npackage made.v1;\nimport \"google/api/field_behavior.proto\";\nimport \
                \"chancery/admin/v1/authorization.proto\";\n";
    file("made/v1/thing.proto", &format!("{head}{body}"))
}

/// A contract of one file.
pub(crate) fn file(path: &'static str, text: &str) -> DescriptorPool {
    let mut files = ChainFileResolver::new();
    files.add(MadeUp { path, text: text.to_owned() });
    files.add(IncludeFileResolver::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")));
    files.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(files);
    compiler.include_source_info(true).include_imports(true);
    compiler.open_file(path).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).expect("just encoded")
}
