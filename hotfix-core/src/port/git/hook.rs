//! The hooks that git would run in a repository.

use std::path::PathBuf;

/// Where git looks for hooks, and what it finds there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitHooks {
    /// The folder, as git resolves `core.hooksPath`, from the top of the work tree where it lies below.
    pub folder: PathBuf,
    /// Whether `core.hooksPath` names a folder that is not there, so that no hook runs. `/dev/null` is no folder on purpose.
    pub is_lost: bool,
    /// The hooks, in the order in which they were asked for.
    pub hooks: Vec<GitHook>,
}

/// A hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHook {
    /// Its name, for example `pre-push`.
    pub name: String,
    /// The file that a person wrote, from the top of the work tree where it lies below.
    pub file: PathBuf,
    /// The file that git starts, an absolute path.
    pub program: PathBuf,
    /// Why it cannot run.
    pub fault: Option<HookFault>,
    /// Whether it uploads files (Git LFS), so that running it has an effect.
    pub uploads: bool,
}

/// Why a hook cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookFault {
    /// It is not executable; git passes over it.
    NotExecutable,
    /// The program that its first line names is not there.
    NoInterpreter(String),
}
