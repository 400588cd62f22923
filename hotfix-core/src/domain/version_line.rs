//! Conflicts that are about version numbers and nothing else.

/// Whether a change of lines is one of version numbers alone: each line that it takes out or puts in holds something like
/// `1.2`.
pub fn is_about_versions(before: &[&str], after: &[&str]) -> bool {
    let alone = |lines: &[&str], others: &[&str]| {
        lines.iter().filter(|line| !line.trim().is_empty() && !others.contains(line)).all(|line| holds_version(line))
    };
    // Only the lines that differ: context may hold anything.
    alone(before, after) && alone(after, before)
}

/// Whether a line holds two numbers with a dot between them.
fn holds_version(line: &str) -> bool {
    line.as_bytes().windows(3).any(|part| match part {
        [before, b'.', after] => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_are_about_versions() {
        assert!(is_about_versions(&["1.0.0"], &["1.0.1"]));
        assert!(is_about_versions(&["version = \"1.0.0\"", ""], &["version = \"1.0.1-rc.1\"", ""]));
        assert!(is_about_versions(&["same", "v1.0"], &["same", "v1.1"]));
        assert!(!is_about_versions(&["version = \"1.0.0\"", "a"], &["version = \"1.0.1\"", "b"]));
        assert!(!is_about_versions(&["1.0.0"], &["1.0.1", "panic = \"abort\""]));
        assert!(!is_about_versions(&["3. item"], &["4. item"]));
    }
}
