//! Paths that documents may have: inside the repository, under a name that every file system has, never git's own.

use crate::domain::one_line;

use super::{ConfigProblem, DocumentsConfig};

/// Names that are devices on Windows, with or without an extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Checks a path and gives it without a `/` at its end.
pub(super) fn document(path: &str) -> Result<String, ConfigProblem> {
    let bad = |reason| ConfigProblem::BadPath { path: path.to_owned(), reason };
    let relative = path.strip_suffix('/').unwrap_or(path);
    if relative.is_empty() || relative.starts_with('/') {
        return Err(bad("it must be relative to the top of the repository"));
    }
    // A colleague on Windows must be able to check it out.
    if relative.contains(['\\', ':']) {
        return Err(bad("use `/` between folders, and no `:`"));
    }
    for component in relative.split('/') {
        check(component).map_err(bad)?;
    }
    if relative.split('/').next().is_some_and(|top| top.eq_ignore_ascii_case("hotfix.toml")) {
        return Err(bad("these are the rules"));
    }
    Ok(relative.to_owned())
}

/// The document that has no room beside the others, with the reason, where one has none. Letters count as some file systems
/// take them, whatever their case.
pub(super) fn crowded(documents: &DocumentsConfig) -> Option<(&'static str, ConfigProblem)> {
    let [postmortem, status, debt] =
        [&documents.postmortem, &documents.status, &documents.tech_debt].map(|path| path.to_lowercase());
    let is_within = |path: &str, folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let is_postmortem = |path: &str| {
        path.rsplit_once('/').is_some_and(|(folder, name)| folder == postmortem && name.starts_with("postmortem-"))
    };
    let bad = |key, path: &str, reason| Some((key, ConfigProblem::BadPath { path: path.to_owned(), reason }));
    if is_within(&debt, &status) || is_within(&status, &debt) {
        return bad("documents.tech_debt", &documents.tech_debt, "the status page is there");
    }
    for (key, path, given) in
        [("documents.status", &status, &documents.status), ("documents.tech_debt", &debt, &documents.tech_debt)]
    {
        if is_within(&postmortem, path) || is_postmortem(path) {
            return bad(key, given, "the postmortems are there");
        }
    }
    None
}

/// What records may be written into: our Markdown would break a source, a manifest or a file that rules the repository.
const TEXTS: [&str; 10] = ["md", "markdown", "mdown", "mkd", "mdx", "txt", "text", "rst", "adoc", "org"];
/// Files of the same kind by their names which are none.
const NO_TEXTS: [&str; 3] = ["requirements", "constraints", "cmakelists"];

/// The same for a document that records are written into.
pub(super) fn record(path: &str) -> Result<String, ConfigProblem> {
    let checked = document(path)?;
    let name = checked.rsplit('/').next().unwrap_or_default().to_lowercase();
    // `Gemfile`, `Procfile`: without an extension nothing tells a text from what a program reads.
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name.as_str(), ""));
    let is_text = TEXTS.contains(&extension) && !stem.is_empty() && !NO_TEXTS.iter().any(|no| stem.starts_with(no));
    if is_text {
        return Ok(checked);
    }
    let reason = "records are Markdown; name a text such as docs/STATUS.md";
    Err(ConfigProblem::BadPath { path: path.to_owned(), reason })
}

fn check(component: &str) -> Result<(), &'static str> {
    let lower = component.to_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let device = |name: &str| name.strip_prefix("com").or_else(|| name.strip_prefix("lpt")).map(str::to_owned);
    match component {
        "" | "." | ".." => Err("it has an empty folder, `.` or `..`"),
        // git expands nothing, and a folder called `~` is a trap for `rm -r`.
        _ if component.starts_with('~') => Err("`~` is not expanded"),
        _ if component.ends_with(['.', ' ']) || component.starts_with(' ') => {
            Err("a name begins or ends with a space or dot")
        }
        _ if is_git(&lower) => Err("it lies in git's own folder"),
        // A name that looks like another one hides what a pull request changes.
        _ if one_line(component) != component || component.contains(['\u{200c}', '\u{200d}']) => {
            Err("it has characters that cannot be seen")
        }
        _ if DEVICES.contains(&stem.trim_end()) => Err("a name of it is reserved on some systems"),
        _ if device(stem).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9'])) => {
            Err("a name of it is reserved on some systems")
        }
        // `git add` and the project's scripts get the name as an argument.
        _ if component.starts_with('-') => Err("a name begins with `-`, which looks like an option"),
        _ => Ok(()),
    }
}

/// `.git` in any spelling that some file system takes for it: `.GIT`, `git~1`, with invisible characters in between.
fn is_git(lower: &str) -> bool {
    // HFS+ ignores some of the others.
    let plain: String = lower.chars().filter(|character| character.is_ascii()).collect();
    let plain = plain.trim_end_matches(['.', ' ']);
    plain == ".git" || plain.strip_prefix("git~").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}
