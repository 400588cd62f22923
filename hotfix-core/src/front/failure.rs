//! A refusal as text: what, why, and the way on.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::domain::Printable;
use crate::step::Refusal;

use super::{Color, Globals, Program, Terminal, exit, json};

/// Tells why it did not succeed, and gives the exit code.
pub(super) fn tell(terminal: &Terminal, refusal: &Refusal) -> ExitCode {
    terminal.error(&format!("{}{}", refusal.message, causes(refusal)));
    for hint in &refusal.hints {
        terminal.hint(hint);
    }
    exit::code(refusal.kind)
}

/// The chain of causes, without those that the message before them says already.
pub(super) fn causes(refusal: &Refusal) -> String {
    let mut text = String::new();
    let mut said = refusal.message.clone();
    let mut cause = std::error::Error::source(refusal);
    while let Some(error) = cause {
        let words = Printable::new(&error.to_string()).one_line().to_string();
        if !words.is_empty() && !said.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        said = words;
        cause = error.source();
    }
    text
}

/// The same with what a person can do where a hook of the repository says no to a push.
pub(super) fn past_hook(refusal: Refusal, program: Program, command: &str) -> Refusal {
    let again = format!("{} {command}", program.name);
    let is_needed = !refusal.hints.is_empty();
    let refusal = refusal.hint(format!("mend what it says, then: {again}   # goes on from there"));
    if is_needed {
        return refusal;
    }
    let past = match program.name.strip_prefix("git ") {
        Some(name) => format!("git -c core.hooksPath=/dev/null {name} {command}"),
        None => {
            format!("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null {again}")
        }
    };
    refusal.hint(format!("{past}   # once without git's hooks"))
}

/// Tells what is wrong with the arguments; help and version are results.
pub(super) fn arguments(program: Program, arguments: &[OsString], error: &clap::Error) -> ExitCode {
    let wants_json = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    let terminal = Terminal::new(&Globals { color: Color::Auto, json: wants_json, ..Globals::default() });
    let rendered = error.render();
    if !error.use_stderr() {
        let text = rendered.ansi().to_string();
        return match terminal.result(&text) {
            Ok(()) => ExitCode::from(exit::DONE),
            Err(_) => ExitCode::from(exit::INTERNAL),
        };
    }
    // git takes `--help` for itself.
    let text = Printable::new(&rendered.to_string()).to_string().replace("try '--help'", "try '-h'");
    let mut lines = text.trim().trim_start_matches("error: ").splitn(2, '\n');
    let message = lines.next().unwrap_or_default().trim().to_owned();
    let rest = lines.next().unwrap_or_default().trim();
    let refusal = Refusal::usage("arguments", message);
    if wants_json {
        let document = json::failure(program, arguments, &refusal);
        return match terminal.result(&document) {
            Ok(()) => exit::code(refusal.kind),
            Err(_) => ExitCode::from(exit::INTERNAL),
        };
    }
    let code = tell(&terminal, &refusal);
    if !rest.is_empty() {
        terminal.hint(rest);
    }
    code
}
