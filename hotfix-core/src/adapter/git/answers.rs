//! What git prints for machines, as types: status, remote refs, pushes. Pure functions of bytes.

use std::str::FromStr as _;

use crate::domain::{ObjectId, RefName, matches_pattern};
use crate::port::{RemoteRefs, WorkTreeState};

use super::convert::lossy;

/// Parses `git status --porcelain=v2 -z`; `None` when it is not that.
pub(super) fn status(bytes: &[u8]) -> Option<WorkTreeState> {
    status_and_more(bytes).map(|(state, _, _)| state)
}

/// Submodules that are at another commit than the index has, with that one.
pub(super) type MovedSubmodules = Vec<(String, ObjectId)>;

/// The same with what `--ignored` adds, and submodules that moved.
pub(super) fn status_and_more(bytes: &[u8]) -> Option<(WorkTreeState, Vec<String>, MovedSubmodules)> {
    let (mut state, mut ignored, mut moved) = (WorkTreeState::default(), Vec::new(), Vec::new());
    // `-z`: without it git quotes names, by a setting of the person's.
    let mut entries = bytes.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    while let Some(entry) = entries.next() {
        match entry.first()? {
            b'1' => {
                let path = field(entry, 8)?;
                if entry.get(5..7) == Some(b"SC") {
                    let recorded = entry.split(|byte| *byte == b' ').nth(7).map(lossy);
                    moved.extend(recorded.and_then(|id| ObjectId::from_str(&id).ok()).map(|id| (path.clone(), id)));
                }
                state.changed.push(path);
            }
            b'2' => {
                state.changed.push(field(entry, 9)?);
                entries.next()?; // Where it was renamed from.
            }
            // Unmerged entries have three stages, and so more fields than the others.
            b'u' => {
                let path = field(entry, 10)?;
                state.changed.push(path.clone());
                state.conflicted.push(path);
            }
            b'?' => state.untracked.push(field(entry, 1)?),
            b'!' => ignored.push(field(entry, 1)?),
            b'#' => {}
            // A line of an unknown kind may name work that must not be lost.
            _ => return None,
        }
    }
    for paths in [&mut state.changed, &mut state.untracked, &mut state.conflicted] {
        paths.sort();
    }
    Some((state, ignored, moved))
}

/// What follows the `spaces`th space.
fn field(entry: &[u8], spaces: usize) -> Option<String> {
    entry.splitn(spaces + 1, |byte| *byte == b' ').nth(spaces).map(lossy)
}

/// Parses `git ls-remote --symref`, keeping what `patterns` name: git itself matches the ends of names.
pub(super) fn remote_refs(stdout: &[u8], patterns: &[RefName]) -> RemoteRefs {
    let mut answer = RemoteRefs::default();
    for line in lossy(stdout).lines() {
        match line.split_once('\t') {
            Some((symbolic, "HEAD")) if symbolic.starts_with("ref: ") => {
                answer.default_branch = symbolic.strip_prefix("ref: refs/heads/").map(str::to_owned);
            }
            Some((symbolic, name)) if symbolic.starts_with("ref: ") => {
                let target = symbolic.strip_prefix("ref: ").map(RefName::known);
                answer.aliases.extend(target.map(|target| (RefName::known(name), target)));
            }
            Some((id, name)) if patterns.iter().any(|pattern| matches_pattern(pattern, name)) => {
                answer.refs.extend(ObjectId::from_str(id).ok().map(|id| (RefName::known(name), id)));
            }
            _ => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_keeps_every_path() {
        let zero = "0".repeat(40);
        let text = format!(
            "1 .M N... 100644 100644 100644 {zero} {zero} a b.txt\0\
             2 R. N... 100644 100644 100644 {zero} {zero} R100 new name\0old name\0\
             u UU N... 100644 100644 100644 100644 {zero} {zero} {zero} both\0? untracked/\0"
        );
        let state = status(text.as_bytes()).unwrap();
        assert_eq!(state.changed, ["a b.txt", "both", "new name"]);
        assert_eq!(state.conflicted, ["both"]);
        assert_eq!(state.untracked, ["untracked/"]);
        assert_eq!(status(b"1 .M \xff").map(|state| state.changed), None);
        assert_eq!(status(b""), Some(WorkTreeState::default()));
        let ignored = status_and_more(b"? new\0! gen/\0! a b.o\0").map(|(_, ignored, _)| ignored);
        assert_eq!(ignored.unwrap_or_default(), ["gen/", "a b.o"]);
        let one = "1".repeat(40);
        let submodule = |sub: &str| format!("1 .M {sub} 160000 160000 160000 {zero} {one} the lib\0");
        let moved = |sub: &str| status_and_more(submodule(sub).as_bytes()).unwrap().2;
        assert_eq!(moved("SC.."), [("the lib".to_owned(), one.parse().unwrap())]);
        assert_eq!(moved("S.M."), [], "what is dirty inside of it moved nowhere");
    }

    /// Every path that is told was printed, once more where it conflicts; the refs are those that were asked for.
    #[test]
    fn fuzz_porcelain() {
        let patterns = ["refs/heads/main", "refs/tags/v*"].map(RefName::known);
        crate::tests::fuzz("porcelain", |input| {
            if let Some((state, ignored, _)) = status_and_more(input) {
                let printed = lossy(input);
                let all = [&state.changed, &state.untracked, &state.conflicted, &ignored];
                assert!(all.into_iter().flatten().all(|path| printed.contains(path.as_str())), "{state:?}");
                assert!(state.conflicted.iter().all(|path| state.changed.contains(path)), "{state:?}");
                assert!(state.changed.is_sorted() && state.untracked.is_sorted(), "{state:?}");
            }
            let refs = remote_refs(input, &patterns).refs;
            assert!(refs.iter().all(|(name, _)| patterns.iter().any(|pattern| matches_pattern(pattern, name))));
        });
    }

    #[test]
    fn remote_refs_are_those_asked_for() {
        let id = "1".repeat(40);
        let text = format!(
            "ref: refs/heads/main\tHEAD\n{id}\tHEAD\n{id}\trefs/heads/main\n{id}\trefs/x/refs/heads/main\n{id}\trefs/tags/v1^{{}}\n"
        );
        let answer = remote_refs(text.as_bytes(), &["refs/heads/main", "refs/heads/release/*"].map(RefName::known));
        assert_eq!(answer.default_branch.as_deref(), Some("main"));
        assert_eq!(answer.refs.len(), 1);
        assert!(answer.branch("main").is_some());
    }
}
