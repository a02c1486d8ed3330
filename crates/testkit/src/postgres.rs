//! A PostgreSQL server for this test process alone: made when first asked for, and gone when the process is.
//!
//! A test that needs PostgreSQL and finds none fails: a database that was skipped was not tested.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// What the server is told. Nothing here has to survive a crash of the machine.
const SETTINGS: &str = "-c fsync=off -c full_page_writes=off -c max_connections=500 -c listen_addresses=''";

/// Waits until this process is gone, however it went, and leaves nothing behind.
const GUARD: &str = r#"cat > /dev/null; "$1" -D "$2/data" -m immediate stop; rm -rf "$2""#;

/// A server with its own data and a socket in its own folder.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    one_at_a_time: Mutex<()>,
    named: AtomicU32,
    /// Its input ends with this process, which is what it waits for.
    _guard: Child,
}

impl Cluster {
    /// The server that the tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one's own, for those who want to stop it.
    #[must_use]
    pub fn start() -> Self {
        let programs = programs();
        let made = run(as_server(Path::new("mktemp")).args(["-d", "/tmp/chancery-pg-XXXXXX"]));
        let folder = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
        let guard = guard(&programs, &folder);
        let cluster = Self { folder, programs, one_at_a_time: Mutex::new(()), named: AtomicU32::new(0), _guard: guard };
        let data = cluster.folder.join("data");
        run(as_server(&cluster.programs.join("initdb")).arg("-D").arg(data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]));
        cluster.resume();
        cluster
    }

    /// Where a database of this server is found. A database of that name has to be there.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }

    /// Makes an empty database, or a copy of another one that nobody is connected to, and says where it is found.
    pub fn create(&self, database: &str, template: Option<&str>) -> String {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let template = template.unwrap_or("template0");
        self.sql(&format!("CREATE DATABASE \"{database}\" TEMPLATE \"{template}\""));
        self.url_of(database)
    }

    /// Makes a database under a name that nobody has used.
    pub fn fresh(&self, template: Option<&str>) -> String {
        self.create(&format!("fresh_{}", self.named.fetch_add(1, Ordering::Relaxed)), template)
    }

    /// Stops the server at once: it is away.
    pub fn pause(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// Starts the server again.
    pub fn resume(&self) {
        let options = format!("{SETTINGS} -c unix_socket_directories='{}'", self.folder.display());
        let log = self.folder.join("log");
        self.control(&["-w", "-l", &log.to_string_lossy(), "-o", &options, "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = as_server(&self.programs.join("pg_ctl"));
        run(command.arg("-D").arg(self.folder.join("data")).args(arguments));
    }

    fn sql(&self, statement: &str) {
        let mut command = Command::new(self.programs.join("psql"));
        command.arg("-h").arg(&self.folder).args(["-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qc", statement]);
        run(&mut command);
    }
}

fn guard(programs: &Path, folder: &Path) -> Child {
    let mut command = as_server(Path::new("sh"));
    command.args(["-c", GUARD, "guard"]).arg(programs.join("pg_ctl")).arg(folder);
    // In a group of its own, so that an interrupt from the keyboard ends the tests and not the guard.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().expect("a shell starts")
}

/// A command run as somebody whom PostgreSQL accepts: it refuses to be run by root.
fn as_server(program: &Path) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut command = if root { Command::new("runuser") } else { Command::new(program) };
    if root {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir("/");
    command
}

/// The folder with the server's programs. Debian keeps them out of the search path.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    let complete = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|p| folder.join(p).exists());
    folders.into_iter().find(complete).unwrap_or_else(|| {
        panic!("these tests need a PostgreSQL server; install it, on Debian with: apt-get install postgresql")
    })
}

fn run(command: &mut Command) -> Output {
    // Nothing of ours may be held open by a server that lives on.
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {said}");
    output
}
