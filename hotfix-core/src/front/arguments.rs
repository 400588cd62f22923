//! Values that begin with a hyphen: `--impact "- a list"`, `note "- called the bank"`.
//!
//! Told apart from options before clap reads them. Its `allow_hyphen_values` would take the option behind a forgotten
//! value for that value.

use std::ffi::OsString;

use clap::{Arg, Command};

/// The command line in which such values cannot be taken for options.
pub(super) fn with_values(tree: Command, arguments: &[OsString]) -> (Command, Vec<OsString>) {
    let has = |wanted: fn(&str) -> bool| arguments.iter().skip(1).any(|word| word.to_str().is_some_and(wanted));
    let stands_alone = has(is_text);
    if !stands_alone && !has(is_short_word) {
        return (tree, arguments.to_vec());
    }
    let mut built = tree.clone();
    // Only a built tree knows the global options in every subcommand. A copy: clap builds the one it parses by itself.
    built.build();
    let joined = join(&built, arguments);
    // Only where it is needed: a positional that may begin with a hyphen also swallows a misspelt option.
    (if stands_alone { take_texts(tree) } else { tree }, joined)
}

/// `--impact` and the text behind it as one word.
fn join(tree: &Command, arguments: &[OsString]) -> Vec<OsString> {
    let mut command = tree;
    let mut joined: Vec<OsString> = arguments.iter().take(1).cloned().collect();
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let word = argument.to_str().unwrap_or_default();
        if word == "--" {
            // What follows is a value already, for git and clap alike.
            joined.push(argument.clone());
            joined.extend(rest.cloned());
            break;
        }
        if let Some(below) = command.find_subcommand(word) {
            command = below;
        }
        joined.push(argument.clone());
        let Some(option) = command.get_arguments().find(|option| is_meant(option, word)) else { continue };
        let Some(value) = rest.next() else { break };
        let is_value = |value: &str| is_text(value) || is_short_word(value) && !is_options(command, value);
        match joined.last_mut().filter(|_| option.get_long().is_some() && value.to_str().is_some_and(is_value)) {
            Some(last) => {
                // clap takes whatever stands behind `=` for the value, hyphen or not.
                last.push("=");
                last.push(value);
            }
            // One that begins with a hyphen is an option, which may take a text in its turn.
            None if value.to_str().is_some_and(|value| value.starts_with("--")) => {
                let mut again = vec![OsString::new(), value.clone()];
                again.extend(rest.cloned());
                joined.extend(join(command, &again).into_iter().skip(1));
                break;
            }
            None => joined.push(value.clone()),
        }
    }
    joined
}

/// Whether `word` is this option, and wants a value behind it.
fn is_meant(option: &Arg, word: &str) -> bool {
    let is_long = option.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
    let is_short = option.get_short().is_some_and(|short| word.strip_prefix('-') == Some(short.to_string().as_str()));
    let wants_one = option.get_num_args().is_none_or(|range| range.min_values() > 0);
    (is_long || is_short) && option.get_action().takes_values() && wants_one
}

/// Texts that stand alone, in all commands.
fn take_texts(command: Command) -> Command {
    let take = |argument: Arg| if argument.is_positional() { argument.allow_hyphen_values(true) } else { argument };
    command.mut_args(take).mut_subcommands(take_texts)
}

/// Whether it begins as an option does and cannot be one: options are words.
fn is_text(argument: &str) -> bool {
    let Some(rest) = argument.strip_prefix('-') else { return false };
    let name = rest.strip_prefix('-').unwrap_or(rest).split('=').next().unwrap_or_default();
    let is_option = rest.is_empty() || rest == "-" || name.starts_with(|first: char| first.is_ascii_alphabetic());
    !is_option || name.contains(char::is_whitespace)
}

/// Whether it is written as several short options in one word are: `-yq`, and `-because` too.
fn is_short_word(argument: &str) -> bool {
    argument.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.chars().count() > 1)
}

/// Whether the letters of a word are short options of this command, up to one that takes the rest for its value.
fn is_options(command: &Command, word: &str) -> bool {
    for letter in word.chars().skip(1) {
        match command.get_arguments().find(|option| option.get_short() == Some(letter)) {
            Some(option) if option.get_action().takes_values() => return true,
            Some(_) => {}
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Command {
        let impact = || Arg::new("impact").long("impact");
        let quiet = Arg::new("quiet").short('q').action(clap::ArgAction::SetTrue).global(true);
        let open = Command::new("open").arg(Arg::new("title")).arg(impact()).arg(Arg::new("scope").long("scope"));
        let note = Command::new("note").arg(Arg::new("text").required(true));
        Command::new("hotfix").arg(quiet).subcommand(open).subcommand(note)
    }

    /// The arguments of the command as clap reads them, or what it finds wrong.
    fn read(arguments: &[&str]) -> String {
        let arguments: Vec<OsString> =
            std::iter::once("hotfix").chain(arguments.iter().copied()).map(OsString::from).collect();
        let (tree, arguments) = with_values(tree(), &arguments);
        match tree.try_get_matches_from(arguments) {
            Err(error) => format!("{:?}", error.kind()),
            Ok(matches) => {
                let (name, given) = matches.subcommand().unwrap();
                let value =
                    |id: &str| given.try_get_one::<String>(id).ok().flatten().map(|value| format!(" {id}={value}"));
                let values: String = ["title", "text", "impact", "scope"].iter().filter_map(|id| value(id)).collect();
                format!("{name}{values}")
            }
        }
    }

    #[test]
    fn what_begins_with_a_hyphen_and_is_no_option_is_a_value() {
        assert_eq!(read(&["open", "x", "--impact", "- all users"]), "open title=x impact=- all users");
        assert_eq!(
            read(&["open", "--impact", "-5 %", "--scope", "--- EU", "x"]),
            "open title=x impact=-5 % scope=--- EU"
        );
        assert_eq!(read(&["open", "- x", "--impact", "-1", "-q"]), "open title=- x impact=-1");
        assert_eq!(read(&["open", "x", "--impact", "--scope is all"]), "open title=x impact=--scope is all");
        assert_eq!(read(&["-q", "note", "- called\n- the bank"]), "note text=- called\n- the bank");
        assert_eq!(read(&["note", "-1 euro"]), "note text=-1 euro");
        assert_eq!(read(&["note", "--", "-q"]), "note text=-q");
        assert_eq!(
            read(&["open", "x", "--impact", "-because", "--scope", "-quite all"]),
            "open title=x impact=-because scope=-quite all"
        );
    }

    #[test]
    fn an_option_is_never_taken_for_a_forgotten_value() {
        assert_eq!(read(&["open", "x", "--impact", "--scope", "all"]), "InvalidValue");
        assert_eq!(read(&["open", "x", "--impact", "--scope", "- all"]), "InvalidValue");
        assert_eq!(read(&["open", "x", "--impact", "-q"]), "InvalidValue");
        assert_eq!(read(&["open", "x", "--impact", "-qq"]), "InvalidValue");
        assert_eq!(read(&["open", "x", "-because"]), "UnknownArgument");
        assert_eq!(read(&["open", "x", "--imapct", "- all"]), "UnknownArgument");
        assert_eq!(read(&["note", "--txet"]), "UnknownArgument");
        assert_eq!(read(&["note"]), "MissingRequiredArgument");
    }
}
