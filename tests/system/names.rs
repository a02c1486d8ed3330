//! Names whose addresses a test says, for one program: its calls for addresses go to the test instead of to the machine's
//! resolver (`tests/world/names.c`). The program itself is the one that everybody gets.

use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    process::Command,
};

/// What is said of names, and what was asked.
#[derive(Default)]
struct Said {
    answers: HashMap<String, VecDeque<String>>,
    asked: Vec<String>,
}

/// A resolver that is steered.
pub(crate) struct Names {
    said: Arc<Mutex<Said>>,
    folder: TempDir,
}

impl Names {
    /// Builds what stands before the machine's resolver, and answers it.
    pub(crate) async fn steer() -> Result<Self> {
        let names = Self { said: Arc::default(), folder: tempfile::tempdir()? };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("world/names.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
        let built = compiler.arg(names.library()).arg(source).arg("-ldl").output().await?;
        ensure!(built.status.success(), "cc: {}", String::from_utf8_lossy(&built.stderr));
        let (listener, said) = (UnixListener::bind(names.socket())?, Arc::clone(&names.said));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let said = Arc::clone(&said);
                tokio::spawn(async move { answer(&said, line).await });
            }
        });
        Ok(names)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("names.so")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// The environment of the program whose names are steered.
    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        let text = |path: PathBuf| path.display().to_string();
        [("LD_PRELOAD", text(self.library())), ("STEERED_NAMES", text(self.socket()))]
    }

    /// Says where a name leads: one address for each time that it is asked for, the last one for ever. A name that is looked
    /// for in the DNS alone has a dot at its end.
    pub(crate) fn say(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
        self.said.lock().unwrap_or_else(PoisonError::into_inner).answers.insert(name.to_owned(), addresses);
    }

    /// How often exactly that name was asked for.
    pub(crate) fn asked(&self, name: &str) -> usize {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.asked.iter().filter(|asked| *asked == name).count()
    }
}

async fn answer(said: &Mutex<Said>, line: UnixStream) -> std::io::Result<()> {
    let mut line = BufReader::new(line);
    let mut name = String::new();
    line.read_line(&mut name).await?;
    let name = name.trim_end_matches('\n');
    let address = {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.asked.push(name.to_owned());
        let answers = said.answers.get_mut(name);
        answers.and_then(|rest| if rest.len() > 1 { rest.pop_front() } else { rest.front().cloned() })
    };
    line.write_all(address.unwrap_or_default().as_bytes()).await?;
    line.shutdown().await
}
