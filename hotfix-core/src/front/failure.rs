//! A refusal as text: what, why, and the way on.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::domain::Printable;
use crate::workflow::{Code, Refusal};

use super::{Color, Globals, Program, Terminal, exit, help, json};

/// How like a command must be to what was typed, so that it is worth naming: `shpi` for `ship`.
const LIKE: f64 = 0.5;

/// Tells why it did not succeed, and gives the exit code.
pub(super) fn tell(terminal: &Terminal, refusal: &Refusal) -> ExitCode {
    terminal.error(&refusal.to_string());
    for hint in &refusal.hints {
        terminal.hint(hint);
    }
    exit::code(refusal.kind)
}

/// Tells what is wrong with the arguments; help and version are results.
pub(super) fn arguments(program: Program, arguments: &[OsString], error: &clap::Error) -> ExitCode {
    // clap gave up, so the flag is looked for by hand; behind `--` it would be the test runner's.
    let wants_json = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    let terminal = Terminal::new(&Globals { color: Color::Auto, json: wants_json, ..Globals::default() });
    let rendered = error.render();
    if !error.use_stderr() {
        // With colours: the stream removes them where no terminal shows them.
        let text = help::shown(&rendered.ansi().to_string(), terminal.columns());
        return match terminal.verbatim(&text) {
            Ok(()) => ExitCode::from(exit::DONE),
            Err(_) => ExitCode::from(exit::INTERNAL),
        };
    }
    let refusal = refusal_of(error, &rendered.to_string());
    if wants_json {
        let document = json::failure(program, arguments, &refusal);
        return match terminal.result(&document, &[]) {
            Ok(()) => exit::code(refusal.kind),
            Err(_) => ExitCode::from(exit::INTERNAL),
        };
    }
    tell(&terminal, &refusal)
}

/// What the parser of arguments says, as one sentence and what helps.
fn refusal_of(error: &clap::Error, rendered: &str) -> Refusal {
    // clap repeats what was typed, which may hold escape sequences.
    let text = Printable::new(rendered).to_string();
    let mut lines = text.trim().trim_start_matches("error: ").lines().map(str::trim).filter(|line| !line.is_empty());
    let mut message = lines.next().unwrap_or_default().to_owned();
    let is_help = error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if is_help {
        "a subcommand is missing".clone_into(&mut message); // All the rest is help.
    }
    // "the following required arguments were not provided:" has one line for each of them.
    let is_list = message.ends_with(':');
    let (mut missing, mut hints, mut usage) = (Vec::new(), Vec::new(), None);
    for line in lines {
        match line.split_once(' ') {
            Some(("Usage:", line)) => usage = Some(line.to_owned()),
            _ if is_help || line.starts_with("For more information") => {}
            Some(("tip:", tip)) => hints.extend(is_worth_saying(error).then(|| tip.to_owned())),
            _ if is_list && usage.is_none() => missing.push(line),
            // What remains is like `[possible values: low, high]`.
            _ => hints.push(line.trim_matches(['[', ']']).to_owned()),
        }
    }
    if is_list {
        message = format!("{message} {}", missing.join(", "));
    }
    if let Some(usage) = usage {
        let command: Vec<&str> = usage.split(' ').take_while(|word| !word.starts_with(['<', '[', '-'])).collect();
        // git takes `--help` for itself.
        hints.push(format!("{} -h   # usage: {usage}", command.join(" ")));
    }
    hints.into_iter().fold(Refusal::usage(Code::Arguments, message), Refusal::hint)
}

/// A command that begins alike need not be meant: `foo` is no `follow-up`.
fn is_worth_saying(error: &clap::Error) -> bool {
    use clap::error::{ContextKind, ContextValue};
    let (Some(ContextValue::String(given)), Some(suggested)) =
        (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    else {
        return true;
    };
    let suggested = suggested.to_string();
    suggested.split(", ").any(|name| strsim::normalized_damerau_levenshtein(given, name.trim_matches('\'')) >= LIKE)
}
