//! Smart HTTP as a company runs it: lighttpd before `git http-backend`, with Basic authentication, on loopback.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Sandbox;

/// Who may read and write.
const USER: (&str, &str) = ("ada", "seven-apples");
const LIGHTTPD: &str = "/usr/sbin/lighttpd";

/// A server for the bare repositories of a sandbox. Ended when dropped.
#[derive(Debug)]
pub struct Web {
    port: u16,
    server: Child,
}

impl Web {
    /// Serves the sandbox; `None` where the machine has not what it takes.
    pub fn serve(sandbox: &Sandbox) -> Option<Self> {
        let backend = backend(sandbox).filter(|_| Path::new(LIGHTTPD).exists())?;
        let root = sandbox.root();
        let port = free_port();
        let config = root.join("lighttpd.conf");
        fs::write(root.join("users"), format!("{}:{}\n", USER.0, USER.1)).expect("the folder is ours");
        fs::write(&config, settings(root, port, &backend)).expect("the folder is ours");
        let mut command = Command::new(LIGHTTPD);
        command.arg("-D").arg("-f").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.env_clear().env("PATH", "/usr/bin:/bin").spawn().expect("it is there");
        let web = Self { port, server };
        let is_up = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        let said = fs::read_to_string(root.join("lighttpd.log")).unwrap_or_default();
        assert!(is_up, "lighttpd does not answer: {said}");
        Some(web)
    }

    /// The address of a repository, with the name of the person and this password in it.
    pub fn address(&self, repository: &str, password: &str) -> String {
        format!("http://{}:{password}@127.0.0.1:{}/git/{repository}", USER.0, self.port)
    }

    /// The same, with the right password.
    pub fn known_address(&self, repository: &str) -> String {
        self.address(repository, USER.1)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A port of loopback that nobody has now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    listener.local_addr().expect("it is bound").port()
}

fn backend(sandbox: &Sandbox) -> Option<PathBuf> {
    let output = sandbox.command("git", sandbox.root()).arg("--exec-path").output().ok()?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).join("git-http-backend");
    path.exists().then_some(path)
}

fn settings(root: &Path, port: u16, backend: &Path) -> String {
    let (root, backend) = (root.display(), backend.display());
    format!(
        r#"
server.document-root = "{root}/home"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{root}/lighttpd.log"
server.modules = ("mod_alias", "mod_auth", "mod_authn_file", "mod_setenv", "mod_cgi")
alias.url = ("/git" => "{backend}")
auth.backend = "plain"
auth.backend.plain.userfile = "{root}/users"
$HTTP["url"] =~ "^/git" {{
    cgi.assign = ("" => "")
    auth.require = ("" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
    setenv.add-environment = ("GIT_PROJECT_ROOT" => "{root}", "GIT_HTTP_EXPORT_ALL" => "", "HOME" => "{root}/home",
        "GIT_CONFIG_NOSYSTEM" => "1", "GIT_CONFIG_COUNT" => "1", "GIT_CONFIG_KEY_0" => "safe.directory", "GIT_CONFIG_VALUE_0" => "*")
}}
"#
    )
}
