//! The person's browser, as git finds it.

use std::path::Path;
use std::process::Command;

use super::environment;

/// Shows an address of the web: by `BROWSER`, else by `git web--browse`. Whether something showed it.
pub fn show(address: &str) -> bool {
    let named = environment::variable("BROWSER").and_then(|named| shell_words::split(&named).ok());
    let words = named.filter(|words| !words.is_empty()).unwrap_or_else(|| vec!["git".into(), "web--browse".into()]);
    let Some((program, arguments)) = words.split_first() else { return false };
    // A name alone is looked for on PATH; one with a slash is the person's own, and absolute.
    let Ok(program) = environment::find_program(program, Path::new("/")) else { return false };
    #[expect(clippy::disallowed_methods, reason = "the one place that starts a browser, by its absolute path")]
    let mut command = Command::new(program);
    // It may be one for the terminal, and then has it until it ends.
    command.args(arguments).arg(address).status().is_ok_and(|status| status.success())
}
