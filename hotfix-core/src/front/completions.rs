//! `completions`: what a shell needs to complete our commands, without taking git's own completion away.
//!
//! Registered are `git-hotfix` and `cargo-hotfix`, never `git` or `cargo`. Git's completion in Bash and in Zsh, and Fish's
//! for git, ask by that name when they meet `git hotfix`.

use crate::step::Outcome;

use super::Program;

/// Print what a shell needs to complete these commands
///
/// Git's own completion stays whole: it asks this one for `git hotfix`.
#[derive(Debug, Clone, clap::Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Git's completion calls this for `git hotfix <TAB>`, with the words in its own variables. An alias of ours is found by
/// `__git_cmd_idx` too.
const GIT_IN_BASH: &str = r#"
_git_hotfix() {
    local at=${__git_cmd_idx:-1}
    local -a COMP_WORDS=("git-hotfix" "${words[@]:at+1}")
    local COMP_CWORD=$((cword - at))
    _git__hotfix git-hotfix "$cur" "${COMP_WORDS[COMP_CWORD-1]}"
}
"#;

/// The script for a shell.
pub(super) fn script(program: Program, mut tree: clap::Command, shell: clap_complete::Shell) -> Outcome {
    let name = program.name.replace(' ', "-");
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, name.as_str(), &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == clap_complete::Shell::Bash && name == "git-hotfix" {
        script.push_str(GIT_IN_BASH);
    }
    Outcome::text(script)
}
