//! What looks on while node's own runner runs: it alone knows that a test file ended too soon.

/// A program that node loads before each test file.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// Its file name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// What it says of a file, before its name.
    pub says_before: &'static str,
    /// And after it.
    pub says_after: &'static str,
}

/// The one there is. It says something only where a process would have ended with 0 before its tests did, and makes that a
/// failure.
pub const WATCH: Watch = Watch {
    name: "hotfix-watch.cjs",
    text: include_str!("watch.cjs"),
    says_before: "hotfix: ",
    says_after: " ended its process with 0 before it was done",
};

impl Watch {
    /// The variable that has node load it from `path`, to be added to what is there; `None` where its syntax has no way to
    /// write the path.
    pub fn variable(&self, path: &str) -> Option<(String, String)> {
        // NODE_OPTIONS has its own quoting, with no escape for these.
        let is_plain = !path.contains(['"', '\\', '\n']);
        is_plain.then(|| ("NODE_OPTIONS".to_owned(), format!("--require \"{path}\"")))
    }
}
