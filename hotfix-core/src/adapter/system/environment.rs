//! What programs inherit of our environment: all of it but git's repository variables and the forge's token.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The variables by which git names a repository or configures one invocation: `git rev-parse --local-env-vars`.
/// A program that inherited them would work on another repository than the one it stands in.
pub const GIT_REPOSITORY_VARIABLES: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The variables that may hold the forge's token, in the order in which they are asked.
pub const TOKEN_VARIABLES: [&str; 3] = ["HOTFIX_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"];

/// The variable that may hold the address of the person's webhook, which is a secret.
pub const WEBHOOK_VARIABLE: &str = "HOTFIX_NOTIFY_URL";

/// Why a program was not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFound {
    /// The command is empty.
    #[error("the command is empty")]
    Empty,
    /// No absolute folder of `PATH` has it.
    #[error("no folder on PATH has it")]
    OnPath,
    /// What is there cannot be run.
    #[error("it is no program that can be run")]
    NotRunnable,
}

/// The absolute path of a program: as it is when absolute, from `top` when it has a slash, else from `PATH`, whose
/// relative entries are left out: the current folder never supplies a program by accident.
pub(crate) fn find_program(program: &str, top: &Path) -> Result<PathBuf, NotFound> {
    if program.is_empty() {
        return Err(NotFound::Empty);
    }
    if program.contains('/') {
        // From the top, not from the folder one stands in: hotfix.toml's commands mean the same everywhere.
        return Ok(top.join(program));
    }
    // `.` in `PATH` would let a repository supply its own `git`.
    which::which_in(program, Some(absolute_path()), top).map_err(|_| NotFound::OnPath)
}

/// Whether there is a file that may be run.
pub(crate) fn can_run(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// `PATH` without its relative folders.
pub(super) fn absolute_path() -> OsString {
    let folders = search_path().into_iter().filter(|folder| folder.is_absolute());
    std::env::join_paths(folders).expect("what was split at colons has none")
}

/// A variable of our environment; `None` when it is not set, empty or not UTF-8.
pub fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the environment is read here only")]
    let value = std::env::var(name).ok();
    value.filter(|value| !value.is_empty())
}

/// The values of our environment whose names say that they are secret. Nothing that we write may hold one.
pub fn secrets() -> Vec<String> {
    // By name only: no rule by looks would spare commit ids.
    const SECRET: [&str; 5] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY"];
    #[expect(clippy::disallowed_methods, reason = "the environment is read here only")]
    let all = std::env::vars_os();
    let is_secret = |name: &OsString| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        name == WEBHOOK_VARIABLE || SECRET.iter().any(|part| name.contains(part))
    };
    all.filter(|(name, _)| is_secret(name)).filter_map(|(_, value)| value.into_string().ok()).collect()
}

fn search_path() -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "programs are looked up here only")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_git_calls_local() {
        #[expect(clippy::disallowed_methods, reason = "asks git itself")]
        let asked = std::process::Command::new("git").args(["rev-parse", "--local-env-vars"]).output().unwrap();
        let asked = String::from_utf8(asked.stdout).unwrap();
        for name in asked.lines().filter(|name| *name != "GIT_INTERNAL_SUPER_PREFIX") {
            assert!(GIT_REPOSITORY_VARIABLES.contains(&name), "{name} is missing");
        }
    }

    #[test]
    fn finds_programs_by_absolute_path() {
        let top = Path::new("/srv/shop");
        assert!(find_program("sh", top).unwrap().is_absolute());
        assert_eq!(find_program("/bin/x", top).unwrap(), Path::new("/bin/x"));
        assert_eq!(find_program("./script/test", top).unwrap(), Path::new("/srv/shop/./script/test"));
        assert_eq!(find_program("bin/test", top).unwrap(), Path::new("/srv/shop/bin/test"));
    }

    #[test]
    fn says_what_it_cannot_find() {
        let top = Path::new("/");
        assert_eq!(find_program("no-such-program", top).unwrap_err().to_string(), "no folder on PATH has it");
        assert_eq!(find_program("", top).unwrap_err().to_string(), "the command is empty");
    }
}
