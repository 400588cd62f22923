//! What a command printed and how it ended, as one text.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};

use crate::redact;

/// What a command did. Displayed with what differs from run to run replaced; the other methods give it as it was.
#[derive(Debug, Clone)]
#[must_use = "snapshot it, or call `success`"]
pub struct CommandOutput {
    stdout: String,
    stderr: String,
    status: ExitStatus,
    root: PathBuf,
}

impl CommandOutput {
    pub(crate) fn new(output: Output, root: &Path) -> Self {
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status,
            root: root.to_path_buf(),
        }
    }

    /// The same, which must have ended with 0.
    #[track_caller]
    pub fn success(self) -> Self {
        self.exits_with(0)
    }

    /// The same, which must have ended with this code.
    #[track_caller]
    pub fn exits_with(self, code: i32) -> Self {
        assert!(self.code() == Some(code), "expected exit status {code}:\n{self}");
        self
    }

    /// The exit code; absent when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// What it printed as its result.
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// What it printed beside its result.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// What decides a person's next step, redacted: result, errors, hints and exit code, without what is said meanwhile
    /// (progress, notes, the plan, what is next).
    pub fn verdict(&self) -> String {
        let meanwhile = ["note:", "plan", "next:", "  ✓", "  ✗", "  ·"];
        let lines = self.stderr.lines().filter(|line| !line.is_empty());
        let lines = lines.filter(|line| !meanwhile.iter().any(|start| line.starts_with(start)));
        let stderr = lines.map(|line| format!("{line}\n")).collect();
        Self { stderr, ..self.clone() }.to_string()
    }

    /// The one JSON document that is its whole result.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_str(&self.stdout);
        assert!(parsed.is_ok(), "expected one JSON document:\n{self}");
        parsed.unwrap_or_default()
    }
}

impl fmt::Display for CommandOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            start_line(&mut text);
            text.push_str("------- stderr -------\n");
            text.push_str(&self.stderr);
        }
        if !self.status.success() {
            start_line(&mut text);
            let how = self.code().map_or_else(|| self.status.to_string(), |code| format!("exit status: {code}"));
            text.push_str(&format!("[{how}]\n"));
        }
        f.write_str(&redact(&text, &self.root))
    }
}

fn start_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(stdout: &str, stderr: &str, status: i32) -> CommandOutput {
        let output = Output { stdout: stdout.into(), stderr: stderr.into(), status: ExitStatus::from_raw(status) };
        CommandOutput::new(output, Path::new("/tmp/hotfix-test-x"))
    }

    #[test]
    fn shows_all_that_happened() {
        insta::assert_snapshot!(output("fine\n", "", 0), @"fine");
        insta::assert_snapshot!(output("no line end", "error: no\nhint: in /tmp/hotfix-test-x/shop\n", 3 << 8), @"
        no line end
        ------- stderr -------
        error: no
        hint: in [ROOT]/shop
        [exit status: 3]
        ");
        insta::assert_snapshot!(output("", "", 9), @"[signal: 9 (SIGKILL)]");
    }

    #[test]
    #[should_panic(expected = "expected exit status 0:\n------- stderr -------\nno\n[exit status: 1]")]
    fn success_shows_what_went_wrong() {
        let _ = output("", "no\n", 1 << 8).success();
    }

    #[test]
    #[should_panic(expected = "expected one JSON document:\n{} {}")]
    fn json_is_one_document() {
        let _ = output("{} {}\n", "", 0).json();
    }
}
