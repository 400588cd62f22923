//! `completions`: what a shell needs to complete our commands, without taking git's own completion away.
//!
//! Registered are `git-hotfix` and `cargo-hotfix`. Git's completion in Bash and in Zsh asks by that name when it meets `git hotfix`.
//! In Fish that depends on the version, so ours is registered for what stands behind `git hotfix`, and nothing else of `git`'s.

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
// `git -C dir hotfix` moves our name along the line; an older git has no variable that tells where it stands. Git completes
// without a blank behind a word, and has one in the words where it wants it; ours are whole.
const GIT_IN_BASH: &str = r#"
_git_hotfix() {
    local at=${__git_cmd_idx:-1}
    local -a COMP_WORDS=("git-hotfix" "${words[@]:at+1}")
    local COMP_CWORD=$((cword - at))
    _githotfix_with_values git-hotfix "$cur" "${COMP_WORDS[COMP_CWORD-1]}"
    compopt +o nospace 2>/dev/null
}
"#;

/// Values that only the program knows, and where there are none, the words of the script. What a value means stands beside it
/// while several are listed: inserted is what they have in common, which ends before that.
const VALUES_IN_BASH: &str = r#"
_PLAIN_with_values() {
    local line
    local -a values=() listed=()
    while IFS= read -r line; do
        values+=("${line%%$'\t'*}")
        line=${line%$'\t'}
        listed+=("${line/$'\t'/  -- }")
    done < <(NAME __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if ((${#values[@]} == 0)); then
        _PLAIN "$@"
    elif ((${#values[@]} == 1 || ${COMP_TYPE:-9} == 37)); then
        COMPREPLY=("${values[@]}")
    else
        COMPREPLY=("${listed[@]}")
    fi
}

"#;

/// The same at the beginning of the function that Zsh calls.
const VALUES_IN_ZSH: &str = r#"
    local each meaning
    local -a offered
    for each in "${(@f)$(NAME __complete --whole -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        meaning=${each#*$'\t'}
        [[ -n $each ]] && offered+=("${${each%%$'\t'*}//:/\\:}${meaning:+:$meaning}")
    done
    if (( $#offered )); then
        _describe -V 'value' offered
        return
    fi
"#;

/// The same for Fish, which asks each option for its values and all else for the others.
const VALUES_IN_FISH: &str = r#"
function __PLAIN_values
    set -l typed (commandline -opc) (commandline -ct)
    NAME __complete --whole -- $typed[2..-1] 2>/dev/null
end
complete -c NAME -n '__PLAIN_values | string length -q' -f -k -a '(__PLAIN_values)'
"#;

/// What Fish offers behind `git hotfix`, where this file is read before `git` is completed: in `conf.d`.
// Fish 3.6.0 looks for a command `git git-hotfix`; no version asks `cargo-hotfix`. Where Fish asks as well, it leaves out what is
// offered twice.
const BEHIND_IN_FISH: &str = r#"
set -g __PLAIN_valued -C -c -Z --git-dir --work-tree --namespace --config-env --color --config
function __PLAIN_behind
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]; and string match -qr -- '^[-+]' $words[1]
        contains -- $words[1] $__PLAIN_valued
        and set -e words[1]
        set -e words[1]
    end
    set -q words[1]; and test "$words[1]" = BELOW; or return 1
    set -e words[1]
    set -q words[1]; and string escape -- $words
    return 0
end
function __PLAIN_asked
    set -l words (__PLAIN_behind)
    set -l typed (commandline -ct)
    complete -C "NAME $words $typed"
end
complete -c ABOVE -n '__PLAIN_behind >/dev/null' -f -k -a '(__PLAIN_asked)'
complete -c ABOVE -n '__fish_use_subcommand; and not contains -- (commandline -opc)[-1] $__PLAIN_valued' -a BELOW
"#;

/// The script for a shell.
pub(super) fn script(program: Program, tree: clap::Command, shell: clap_complete::Shell) -> Outcome {
    let name = program.name.replace(' ', "-");
    let plain = name.replace('-', "");
    let (above, below) = program.name.split_once(' ').unwrap_or((program.name, ""));
    let with_names = |text: &str| {
        let text = text.replace("PLAIN", &plain).replace("NAME", &name);
        text.replace("ABOVE", above).replace("BELOW", below)
    };
    let script = match shell {
        clap_complete::Shell::Bash => {
            // The generator loses its own subcommands where a program's name has a hyphen, so it is told one without.
            let script = generated(tree, shell, &plain);
            // The function keeps the name without a hyphen; `complete` has to register what people type.
            let script = script.replace(&format!("-o default {plain}\n"), &format!("-o default {name}\n"));
            let script =
                script.replace(&format!("complete -F _{plain} "), &format!("complete -F _{plain}_with_values "));
            let gits = if name == "git-hotfix" { GIT_IN_BASH } else { "" };
            format!("{}{script}{gits}", with_names(VALUES_IN_BASH).trim_start())
        }
        clap_complete::Shell::Zsh => {
            let head = format!("_{name}() {{\n");
            let values = with_names(VALUES_IN_ZSH);
            generated(tree, shell, &name).replacen(&head, &format!("{head}{}", values.trim_start_matches('\n')), 1)
        }
        clap_complete::Shell::Fish => {
            let values = format!(" -r -f -k -a '(__{plain}_values)'");
            let script = generated(tree, shell, &name);
            let of_option = |line: &str| match line.split_once(" -r") {
                // Possible values, or a kind of file, stand behind it already.
                Some((before, rest)) if !rest.starts_with(' ') && is_asked_for(before) => {
                    format!("{before}{values}{rest}\n")
                }
                _ => format!("{line}\n"),
            };
            let script: String = script.lines().map(of_option).collect();
            format!("{script}{}{}", with_names(VALUES_IN_FISH), with_names(BEHIND_IN_FISH))
        }
        _ => generated(tree, shell, &name),
    };
    Outcome::text(script).verbatim()
}

/// Whether the values of an option are asked for, in a line that declares it for Fish.
fn is_asked_for(line: &str) -> bool {
    let mut words = line.split(' ').skip_while(|word| *word != "-l").skip(1);
    words.next().is_some_and(|name| super::complete::OPTIONS.contains(&name))
}

fn generated(mut tree: clap::Command, shell: clap_complete::Shell, name: &str) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
