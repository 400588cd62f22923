//! `completions`: what a shell needs to complete our commands, without taking git's own completion away.
//!
//! Registered are `git-hotfix` and `cargo-hotfix`, never `git` or `cargo`. Git's completion in Bash and in Zsh, and Fish's
//! for git, ask by that name when they meet `git hotfix`.

use crate::workflow::Outcome;

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

/// Git's completion calls this for `git hotfix <TAB>`, with the words in variables of its own.
// `git -C dir hotfix` moves our name along the line; an older git has no variable that tells where it stands.
const GIT_IN_BASH: &str = r#"
_git_hotfix() {
    local at=${__git_cmd_idx:-1}
    local -a COMP_WORDS=("git-hotfix" "${words[@]:at+1}")
    local COMP_CWORD=$((cword - at))
    _githotfix git-hotfix "$cur" "${COMP_WORDS[COMP_CWORD-1]}"
}
"#;

/// The script for a shell.
pub(super) fn script(program: Program, tree: clap::Command, shell: clap_complete::Shell) -> Outcome {
    let name = program.name.replace(' ', "-");
    if shell != clap_complete::Shell::Bash {
        return Outcome::text(generated(tree, shell, &name)).verbatim();
    }
    // The generator loses its own subcommands where a program's name has a hyphen, so it is told one without.
    let plain = name.replace('-', "");
    let script = generated(tree, shell, &plain);
    // The function keeps the name without a hyphen; `complete` has to register what people type.
    let mut script = script.replace(&format!("-o default {plain}\n"), &format!("-o default {name}\n"));
    if name == "git-hotfix" {
        script.push_str(GIT_IN_BASH);
    }
    Outcome::text(script).verbatim()
}

fn generated(mut tree: clap::Command, shell: clap_complete::Shell, name: &str) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
