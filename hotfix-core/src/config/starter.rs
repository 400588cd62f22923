//! The `hotfix.toml` that `init` writes: production as it was detected, and every other key as a comment that explains it.

use crate::domain::one_line;

use super::key::{KEYS, Key};
use super::value::quoted;

/// What `init` found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// The branch that production is built from.
    pub production_branch: Option<String>,
    /// The remote that holds it.
    pub remote: Option<String>,
    /// The command that runs the tests, one argument an element.
    pub test_command: Option<Vec<String>>,
    /// What tells that it is the one, for example `package.json has a test script`.
    pub test_because: Option<String>,
}

impl Detected {
    fn value_of(&self, key: &Key) -> Option<String> {
        match key.name {
            "production.branch" => self.production_branch.as_deref().map(quoted),
            "production.remote" => self.remote.as_deref().map(quoted),
            _ => None,
        }
    }

    /// What shows the form of a key. A command that was detected stays an example: what stands in the file takes the place of
    /// all that is known of the runner, which finds the affected tests and proves one by one.
    fn example_of(&self, key: &Key) -> String {
        match &self.test_command {
            Some(command) if key.name == "test.command" => {
                let arguments: Vec<String> = command.iter().map(|argument| quoted(argument)).collect();
                format!("[{}]", arguments.join(", "))
            }
            _ => key.example.to_owned(),
        }
    }
}

/// The text of a new `hotfix.toml`.
pub fn starter(detected: &Detected) -> String {
    let mut text = "# How hotfixes work here. Nothing is needed: what is absent is detected or has a default.\n\
        # It is read from the production branch on the remote, so a hotfix cannot loosen its own rules.\n"
        .to_owned();
    let mut section = "";
    for key in KEYS {
        let name = key.example_name();
        let (table, short_name) = name.rsplit_once('.').unwrap_or(("", &name));
        if key.section() != section {
            section = key.section();
            // A table that only serves as an example must not define anything.
            // `[severity.low]` would define one.
            let mark = if table == section { "" } else { "#" };
            text.push_str(&format!("\n{mark}[{table}]\n"));
        }
        text.push_str(&format!("# {}\n", key.help));
        if let (Some(because), "test.command") = (&detected.test_because, key.name) {
            text.push_str(&format!("# Detected: {}.\n", one_line(because)));
        }
        match detected.value_of(key) {
            Some(value) => text.push_str(&format!("{short_name} = {value}\n")),
            None => text.push_str(&format!("#{short_name} = {}\n", detected.example_of(key))),
        }
    }
    text
}
