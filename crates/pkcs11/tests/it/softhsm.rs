//! A SoftHSM of a test's own. It finds its tokens through an environment variable that it reads once for each process,
//! so each test runs again in a child of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use chancery_domain::secret::Secret;
use chancery_pkcs11::{Hsm, OpenError, Settings};
use chancery_testkit::SeededRandom;

const PIN: &str = "1234-user";
const OFFICER: &str = "5678-officer";
/// Names the folder to the child.
const FOLDER: &str = "SOFTHSM_TEST_FOLDER";

pub(crate) struct SoftHsm {
    folder: PathBuf,
    /// The way to the token `first`.
    pub(crate) settings: Settings,
}

/// Runs a test in a child process with a token `first`. `test` is its path in this binary.
pub(crate) fn within(test: &str, body: impl AsyncFnOnce(SoftHsm)) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        return runtime.block_on(body(SoftHsm::at(Path::new(&folder))));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let softhsm = SoftHsm::at(folder.path());
    let tokens = softhsm.folder.join("tokens");
    std::fs::create_dir(&tokens).expect("made");
    let configuration =
        format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
    std::fs::write(softhsm.configuration(), configuration).expect("written");
    softhsm.add_token("first");
    let child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env("SOFTHSM2_CONF", softhsm.configuration())
        .env(FOLDER, folder.path())
        .output()
        .expect("runs");
    let said = format!("{}\n{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

impl SoftHsm {
    fn at(folder: &Path) -> Self {
        let settings = Settings {
            name: "vault".parse().expect("a name"),
            module: module(),
            token: "first".to_owned(),
            pin: Secret::new(PIN.to_owned()),
        };
        Self { folder: folder.to_owned(), settings }
    }

    /// Makes a token, as an operator does.
    pub(crate) fn add_token(&self, label: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OFFICER])
            .env("SOFTHSM2_CONF", self.configuration())
            .output()
            .expect("softhsm2-util is there: apt-get install softhsm2");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    pub(crate) fn open(&self) -> Hsm {
        open(self.settings.clone()).expect("opens")
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }
}

/// Opens a token, or hears why not.
pub(crate) fn open(settings: Settings) -> Result<Hsm, OpenError> {
    Hsm::open(settings, Arc::new(SeededRandom::new(3)))
}

/// Where Debian puts the module.
fn module() -> PathBuf {
    let places = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"];
    let place = places.into_iter().map(Path::new).find(|place| place.exists());
    place.expect("SoftHSM is installed: apt-get install softhsm2").to_owned()
}
