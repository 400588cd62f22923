//! What git tells the programs it starts, and what people tell git, by variables of the environment.

use std::path::PathBuf;

/// The settings of `git -c key=value hotfix …`, each as `key=value`.
///
/// They come in `GIT_CONFIG_PARAMETERS`. gix reads the other form, `GIT_CONFIG_COUNT` with its keys and values, by itself.
pub(super) fn settings() -> Vec<String> {
    variable("GIT_CONFIG_PARAMETERS").map(|parameters| parse(&parameters)).unwrap_or_default()
}

/// The git directory that `git --git-dir` or a hook names.
pub(super) fn git_dir() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads git's variables")]
    std::env::var_os("GIT_DIR").map(PathBuf::from)
}

/// A variable that is set, and text.
pub(super) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads git's variables")]
    std::env::var(name).ok()
}

/// A variable that is set; what is no text in it is replaced.
pub(super) fn lossy_variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads git's variables")]
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Parses what git writes: words in single quotes, either `'key'='value'` or, before git 2.31, `'key=value'`. A key
/// without a value means true. What is not of that form is left out, as it did not come from git.
fn parse(parameters: &str) -> Vec<String> {
    let mut settings = Vec::new();
    let mut rest = parameters.trim_start();
    while let Some((key, after)) = unquote(rest) {
        let (setting, after) = match after.strip_prefix('=') {
            // The form since git 2.31, which lets a key hold a `=`.
            Some(value) if value.starts_with('\'') => match unquote(value) {
                Some((value, after)) => (format!("{key}={value}"), after),
                None => return settings,
            },
            Some(after) => (format!("{key}=true"), after),
            None => (key, after),
        };
        settings.push(if setting.contains('=') { setting } else { format!("{setting}=true") });
        rest = after.trim_start();
    }
    settings
}

/// The word at the start of `text`, and what follows it. `'\''` is a quote and `'\!'` an exclamation mark.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (part, after) = rest.split_once('\'')?;
        word.push_str(part);
        let escaped = ["\\''", "\\!'"].into_iter().find_map(|escape| Some((escape, after.strip_prefix(escape)?)));
        match escaped {
            Some((escape, after)) => {
                word.extend(escape.chars().nth(1));
                rest = after;
            }
            None => return Some((word, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_both_forms_and_their_quotes() {
        assert_eq!(parse("'user.name'='Ada O'\\''Hara' 'core.bare'="), ["user.name=Ada O'Hara", "core.bare=true"]);
        assert_eq!(parse("'user.name=Ada' 'a.b'"), ["user.name=Ada", "a.b=true"]);
        assert_eq!(parse("'alias.x'='!'\\!'git'"), ["alias.x=!!git"]);
    }

    #[test]
    fn leaves_out_what_git_did_not_write() {
        assert_eq!(parse("user.name=Ada"), Vec::<String>::new());
        assert_eq!(parse("'a.b'='c' 'open"), ["a.b=c"]);
    }
}
