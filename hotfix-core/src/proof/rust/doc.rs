//! Examples in documentation: code between fences, which is a test.

/// An example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DocExample {
    /// The line of its fence, counted from 0 at the beginning of the documentation.
    pub(super) line: usize,
    /// What it holds.
    pub(super) code: String,
}

/// The code of the examples in a piece of documentation, comment marks and all.
pub(super) fn examples(doc: &str) -> Vec<String> {
    find(doc).into_iter().map(|example| example.code).collect()
}

/// The examples in a piece of documentation; code in another language, or marked to be ignored, is none.
pub(super) fn find(doc: &str) -> Vec<DocExample> {
    let mut examples = Vec::new();
    let mut open: Option<(String, bool, DocExample)> = None;
    for (line, text) in doc.lines().enumerate() {
        let text = without_mark(text);
        let trimmed = text.trim_start();
        let fence: String = trimmed.chars().take_while(|character| matches!(character, '`' | '~')).collect();
        match &mut open {
            // A longer fence may show a shorter one.
            Some((mark, _, _)) if fence.len() >= mark.len() && fence.starts_with(mark.as_str()) => {
                examples.extend(open.take().filter(|(_, is_code, _)| *is_code).map(|(_, _, example)| example));
            }
            Some((_, _, example)) => {
                example.code.push_str(text);
                example.code.push('\n');
            }
            None if fence.len() >= 3 => {
                let words = trimmed.get(fence.len()..).unwrap_or_default();
                open = Some((fence, is_rust(words), DocExample { line, code: String::new() }));
            }
            None => {}
        }
    }
    examples
}

fn without_mark(line: &str) -> &str {
    let line = line.trim_start();
    let marks = ["///", "//!", "/**", "/*!"];
    let rest = marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let rest = rest.strip_prefix("* ").unwrap_or(rest);
    rest.strip_prefix(' ').unwrap_or(rest)
}

/// What stands behind the fence, as rustdoc reads it.
fn is_rust(words: &str) -> bool {
    let mut words = words.split([',', ' ', '\t']).map(str::trim).filter(|word| !word.is_empty());
    words.all(|word| {
        matches!(word, "rust" | "should_panic" | "no_run" | "compile_fail" | "standalone_crate" | "test_harness")
            || word.starts_with("edition")
            || word.starts_with("E0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_between_fences_is_found() {
        let doc = "/// Adds.\n///\n/// ```\n/// add(1);\n/// ```\n/// ```text\n/// no\n/// ```\n/// ~~~rust,should_panic\n/// add();\n/// ~~~";
        let shown: Vec<String> =
            find(doc).into_iter().map(|example| format!("{} {}", example.line, example.code)).collect();
        assert_eq!(shown, ["2 add(1);\n", "8 add();\n"]);
        assert_eq!(examples("/// none"), Vec::<String>::new());
        assert_eq!(examples("/** x\n * ```\n * add();\n * ```\n */"), ["add();\n"]);
    }
}
