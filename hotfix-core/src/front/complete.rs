//! `__complete`: what a value can be that is being typed. The scripts of `completions` ask it at every Tab, so it says nothing but
//! values, fails without a word, asks no network and runs nothing of the repository's.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, Command};

use crate::drive::{Options, drive};
use crate::step::{OfferedValues, ValueKind};

use super::{Globals, Program, Terminal, exit, wire};

/// The word that asks; no command of a person's.
pub(super) const NAME: &str = "__complete";
/// Asks for whole words: `--severity=high`, and not `high` alone.
pub(super) const WHOLE: &str = "--whole";

/// The options whose values only the program knows, and lists of which several are given.
pub(super) const OPTIONS: [&str; 7] = ["severity", "waive", "to", "incident", "status", "gap", "fields"];

/// What a shell asks.
pub(super) struct Asked {
    /// The words behind the program's name, the last as far as it is typed.
    words: Vec<String>,
    is_whole: bool,
}

/// What is asked, where this is what the arguments do.
pub(super) fn asked(arguments: &[OsString]) -> Option<Asked> {
    let mut rest = arguments.get(1..)?.iter().map(|word| word.to_string_lossy().into_owned());
    if rest.next()? != NAME {
        return None;
    }
    let mut words: Vec<String> = rest.collect();
    let is_whole = words.first().is_some_and(|word| word == WHOLE);
    words.drain(..words.iter().position(|word| word == "--").map_or(words.len(), |end| end + 1));
    Some(Asked { words, is_whole })
}

/// Prints the values, a line each, with what they mean after a tab.
pub(super) fn run(program: Program, mut tree: Command, asked: &Asked) -> ExitCode {
    // Only a built tree has the global options in every subcommand.
    tree.build();
    let Some(place) = TypedValue::of(&tree, asked.words.clone()) else { return ExitCode::from(exit::DONE) };
    let before = if asked.is_whole { place.option.clone() + &place.list } else { place.list.clone() };
    let lines = place.candidates(program);
    let text: String = lines.lines().map(|line| format!("{before}{line}\n")).collect();
    // Who does not read it is not told: the person is in the middle of a line.
    let _ = Terminal::new(&Globals::default()).verbatim(&text);
    ExitCode::from(exit::DONE)
}

/// Where a value is being typed.
struct TypedValue<'t> {
    /// The command that it belongs to.
    command: &'t Command,
    /// What it is a value of.
    argument: &'t Arg,
    /// `--severity=`, where the value stands in one word with its option.
    option: String,
    /// The values of a list that are whole already: `id,title,`.
    list: String,
    /// The beginning of the value.
    typed: String,
    /// Where the command would run.
    directory: PathBuf,
    /// Whether a subcommand could stand there as well.
    may_be_command: bool,
}

impl<'t> TypedValue<'t> {
    fn of(tree: &'t Command, words: Vec<String>) -> Option<Self> {
        let mut words = joined(words);
        let last = words.pop()?;
        let (mut command, mut positionals, mut is_escaped) = (tree, 0, false);
        let mut pending: Option<&Arg> = None;
        let mut directory = PathBuf::from(".");
        for word in &words {
            if let Some(option) = pending.take() {
                if option.get_id() == "directory" {
                    directory = PathBuf::from(word);
                }
            } else if word == "--" {
                is_escaped = true;
            } else if !is_escaped && word.starts_with('-') && word.len() > 1 {
                pending = waiting(command, word);
            } else if let Some(below) = command.find_subcommand(word).filter(|_| positionals == 0) {
                command = below;
            } else {
                positionals += 1;
            }
        }
        let by_name = last.split_once('=').and_then(|(name, value)| Some((long(command, name)?, name, value)));
        let (argument, option, value) = match (pending, by_name) {
            (Some(option), _) => (option, String::new(), last.as_str()),
            (None, Some((option, name, value))) if !is_escaped => (option, format!("{name}="), value),
            _ if last.starts_with('-') && !is_escaped => return None,
            _ => (command.get_positionals().nth(positionals)?, String::new(), last.as_str()),
        };
        let list = argument.get_value_delimiter().and_then(|mark| value.rfind(mark)).map_or(0, |at| at + 1);
        let (list, typed) = value.split_at_checked(list)?;
        let (list, typed) = (list.to_owned(), typed.to_owned());
        let may_be_command = argument.is_positional() && positionals == 0;
        Some(Self { command, argument, option, list, typed, directory, may_be_command })
    }

    /// The values as lines.
    fn candidates(&self, program: Program) -> String {
        let mut lines = String::new();
        if self.may_be_command {
            let below = self.command.get_subcommands().filter(|below| below.get_name().starts_with(&self.typed));
            lines.extend(below.map(|below| {
                format!("{}\t{}\n", below.get_name(), below.get_about().map(ToString::to_string).unwrap_or_default())
            }));
        }
        let Some(kind) = kind(self.command.get_name(), self.argument.get_id().as_str()) else {
            let possible = self.argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
            let possible = possible.filter(|value| value.get_name().starts_with(&self.typed));
            lines.extend(possible.map(|value| {
                format!("{}\t{}\n", value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default())
            }));
            return lines;
        };
        let mut step = OfferedValues { kind, typed: self.typed.clone() };
        let options = Options { program: program.name, offline: true, no_hooks: true, ..Options::default() };
        let run = drive(&mut step, &options, &mut (), |reach| wire::Machine::open(&self.directory, reach));
        lines + &run.result.map(|outcome| outcome.text).unwrap_or_default()
    }
}

/// Which values only the repository, or a list of ours, knows.
fn kind(command: &str, argument: &str) -> Option<ValueKind> {
    Some(match (command, argument) {
        (_, "severity") => ValueKind::Severities,
        ("guard", "waive") => ValueKind::Checks,
        ("propagation", "waive") | ("backport", "to") => ValueKind::ReleaseBranches,
        (_, "incident") | ("status" | "show" | "log", "id") => ValueKind::Incidents,
        ("reopen", "id") => ValueKind::EndedIncidents,
        ("mark", "milestone") => ValueKind::Milestones,
        ("list", "status") => ValueKind::Statuses,
        (_, "gap") => ValueKind::Gaps,
        ("config" | "set", "key") => ValueKind::Keys,
        _ => return None,
    })
}

/// The words with `--option`, `=` and the value put together: Bash takes them apart.
fn joined(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut is_value = false;
    for word in words {
        let is_sign =
            word == "=" && joined.last().is_some_and(|before| before.starts_with("--") && !before.contains('='));
        match joined.last_mut() {
            Some(before) if is_sign || is_value => before.push_str(&word),
            _ => joined.push(word),
        }
        is_value = is_sign;
    }
    joined
}

/// The option that waits for a value behind this word.
fn waiting<'t>(command: &'t Command, word: &str) -> Option<&'t Arg> {
    let option = match word.starts_with("--") {
        true => long(command, word)?,
        // Of several letters in one word the last one waits.
        false => command.get_arguments().find(|option| option.get_short() == word.chars().next_back())?,
    };
    let wants_one = option.get_num_args().is_none_or(|range| range.min_values() > 0);
    (option.get_action().takes_values() && wants_one).then_some(option)
}

/// The option of this name, with its hyphens.
fn long<'t>(command: &'t Command, name: &str) -> Option<&'t Arg> {
    let name = name.strip_prefix("--")?;
    command.get_arguments().find(|option| option.get_long() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Command {
        let incident = Arg::new("incident").long("incident").global(true);
        let directory = Arg::new("directory").short('C').global(true);
        let open = Command::new("open").arg(Arg::new("title")).arg(Arg::new("severity").long("severity"));
        let fields = Arg::new("fields").long("fields").value_delimiter(',').value_parser(["id", "title"]);
        let quiet = Arg::new("quiet").short('q').long("quiet").action(clap::ArgAction::SetTrue);
        let show = Command::new("show").arg(Arg::new("id")).arg(fields).arg(quiet);
        let set = Command::new("set").arg(Arg::new("key"));
        let config = Command::new("config").arg(Arg::new("key")).subcommand(set);
        let mut tree = Command::new("hotfix").arg(incident).arg(directory).subcommands([open, show, config]);
        tree.build();
        tree
    }

    /// What is typed at the end of a line.
    fn place(line: &str) -> String {
        let tree = tree();
        let words = line.split(' ').map(str::to_owned).collect();
        TypedValue::of(&tree, words).map_or_else(String::new, |place| {
            let TypedValue { command, argument, option, list, typed, directory, .. } = place;
            format!("{} {} {option}|{list}|{typed} {}", command.get_name(), argument.get_id(), directory.display())
        })
    }

    #[test]
    fn the_value_that_is_being_typed_is_found() {
        assert_eq!(place("open x --severity hi"), "open severity ||hi .");
        assert_eq!(place("open x --severity=hi"), "open severity --severity=||hi .");
        assert_eq!(place("open x --severity = hi"), "open severity --severity=||hi .");
        assert_eq!(place("open x --severity ="), "open severity --severity=|| .");
        assert_eq!(place("-C .. show "), "show id || ..");
        assert_eq!(place("show -qC there --incident HF"), "show incident ||HF there");
        assert_eq!(place("show --fields id,ti"), "show fields |id,|ti .");
        assert_eq!(place("show -q a"), "show id ||a .");
        assert_eq!(place("config set gu"), "set key ||gu .");
        assert_eq!(place("config se"), "config key ||se .");
        assert_eq!(place("open -- -x"), "open title ||-x .");
    }

    #[test]
    fn where_no_value_is_typed_nothing_is_offered() {
        for line in ["", "op", "open --sev", "show a b", "nope ", "show -", "open x y"] {
            assert_eq!(place(line), "", "{line}");
        }
        assert!(asked(&["git-hotfix".into(), "status".into()]).is_none());
        assert!(asked(&["git-hotfix".into()]).is_none());
        let words = |arguments: &[&str]| {
            let asked = asked(&arguments.iter().map(OsString::from).collect::<Vec<_>>()).unwrap();
            (asked.words, asked.is_whole)
        };
        assert_eq!(
            words(&["x", NAME, WHOLE, "--", "a", "--", ""]),
            (vec!["a".into(), "--".into(), String::new()], true)
        );
        assert_eq!(words(&["x", NAME]), (Vec::new(), false));
    }
}
