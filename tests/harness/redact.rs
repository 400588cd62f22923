//! Replaces what differs from run to run.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// In this order: an instant holds a date, an object id may look like a number.
static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\bHF-\d{4}-[0-9a-z]{8}\b", "HF-YYYY-ID"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "[INSTANT]"),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?\b", "[INSTANT]"),
        (r"\b\d{4}-\d\d-\d\d\b", "YYYY-MM-DD"),
        (r"\b([0-9a-f]{64}|[0-9a-f]{40})\b", "[OBJECT]"),
        (r"\b\d+(\.\d+)? ?(ms|s|min|h)\b( \d+ ?(ms|s|min)\b)*", "[DURATION]"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).expect("the pattern is fixed"), name))
    .into()
});

/// Seven or more hexadecimal digits that stand alone; see [`short_object`] for those that are an object.
static SHORT_OBJECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[0-9a-f]{7,12}\b").expect("the pattern is fixed"));

/// Replaces the sandbox's folder, incident ids, object ids, instants, dates and durations in a text.
pub fn redact(text: &str, root: &Path) -> String {
    let mut text = text.replace(&*root.to_string_lossy(), "[ROOT]");
    for (pattern, name) in RULES.iter() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    SHORT_OBJECT.replace_all(&text, |found: &regex::Captures<'_>| short_object(&found[0])).into_owned()
}

/// A word and a number are left alone, except nine decimal digits: one of our short ids in seventy has no letter.
fn short_object(found: &str) -> String {
    let has_letter = found.contains(|c: char| c.is_ascii_alphabetic());
    let has_digit = found.contains(|c: char| c.is_ascii_digit());
    let is_object = has_digit && (has_letter || found.len() == 9);
    if is_object { "[OBJECT]".into() } else { found.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        redact(text, Path::new("/tmp/hotfix-test-x"))
    }

    #[test]
    fn replaces_what_differs_from_run_to_run() {
        insta::assert_snapshot!(redacted("HF-2026-7k3mq2xa opened 2026-01-05T09:00:00Z in /tmp/hotfix-test-x/shop"),
            @"HF-YYYY-ID opened [INSTANT] in [ROOT]/shop");
        insta::assert_snapshot!(redacted("merged b98cc5fda5d8d64b5b3a6a4c3e0a7f9d1c2b3a4d as b98cc5f on 2026-01-05, took 1.25 s"),
            @"merged [OBJECT] as [OBJECT] on YYYY-MM-DD, took [DURATION]");
        insta::assert_snapshot!(redacted("2 h 5 min, 350 ms, 4s; 2026-01-05 09:00 UTC; docs/decisions/POSTMORTEM-2026-01-05-x.md"),
            @"[DURATION], [DURATION], [DURATION]; [INSTANT]; docs/decisions/POSTMORTEM-YYYY-MM-DD-x.md");
    }

    #[test]
    fn replaces_a_short_object_id_without_a_letter() {
        insta::assert_snapshot!(redacted("landed as 590611527"), @"landed as [OBJECT]");
    }

    #[test]
    fn leaves_words_and_numbers() {
        for text in ["defaced facade 1234567", "PR #12, 3 files, 10 tests", "exit status: 128", "sev1 HF-2026"] {
            assert_eq!(redacted(text), text);
        }
    }
}
