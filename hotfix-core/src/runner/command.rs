//! The command that a person configured; it comes before any that was detected.

use super::Runner;

impl Runner {
    /// The runner that `test.command` describes; `{files}` in it becomes the affected test files.
    pub fn configured(command: &[String]) -> Self {
        Self { name: "command", why: "test.command is configured".to_owned(), arguments: command.to_vec() }
    }
}
