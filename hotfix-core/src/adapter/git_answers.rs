//! What git prints for machines, as types: status, remote refs, pushes. Pure functions of bytes.

use std::str::FromStr as _;

use crate::domain::{ObjectId, Printable, matches_pattern};
use crate::port::{PortError, PortErrorKind, PushError, RefUpdate, RemoteRefs, WorkTreeState};

use super::git::lossy;

/// Parses `git status --porcelain=v2 -z`; `None` when it is not that.
pub(super) fn status(bytes: &[u8]) -> Option<WorkTreeState> {
    let mut state = WorkTreeState::default();
    let mut entries = bytes.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    while let Some(entry) = entries.next() {
        match entry.first()? {
            b'1' => state.changed.push(field(entry, 8)?),
            b'2' => {
                state.changed.push(field(entry, 9)?);
                entries.next()?; // Where it was renamed from.
            }
            b'u' => {
                let path = field(entry, 10)?;
                state.changed.push(path.clone());
                state.conflicted.push(path);
            }
            b'?' => state.untracked.push(field(entry, 1)?),
            b'!' | b'#' => {}
            _ => return None,
        }
    }
    for paths in [&mut state.changed, &mut state.untracked, &mut state.conflicted] {
        paths.sort();
    }
    Some(state)
}

/// What follows the `spaces`th space.
fn field(entry: &[u8], spaces: usize) -> Option<String> {
    entry.splitn(spaces + 1, |byte| *byte == b' ').nth(spaces).map(lossy)
}

/// Parses `git ls-remote --symref`, keeping what `patterns` name: git itself matches the ends of names.
pub(super) fn remote_refs(stdout: &[u8], patterns: &[String]) -> RemoteRefs {
    let mut answer = RemoteRefs::default();
    for line in lossy(stdout).lines() {
        match line.split_once('\t') {
            Some((symbolic, "HEAD")) if symbolic.starts_with("ref: ") => {
                answer.default_branch = symbolic.strip_prefix("ref: refs/heads/").map(str::to_owned);
            }
            Some((id, name)) if patterns.iter().any(|pattern| matches_pattern(pattern, name)) => {
                answer.refs.extend(ObjectId::from_str(id).ok().map(|id| (name.to_owned(), id)));
            }
            _ => {}
        }
    }
    answer
}

/// What a server says about a ref that moved between our look and the push. Client-side words first.
const RACES: [&str; 9] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "needs force",
    "remote ref updated since checkout",
    "reference already exists",
    "incorrect old value provided",
    "failed to lock",
    "cannot lock ref",
];

/// What a server says of the same beside an atomic push, whose own summary does not tell.
const ATOMIC_RACES: [&str; 2] = ["but expected", "reference already exists"];

/// Finds in `git push --porcelain` why a push of these refs failed, the most important first; `None` when it is about no
/// single ref.
pub(super) fn push_refusal(updates: &[RefUpdate], stdout: &[u8], stderr: &[u8]) -> Option<PushError> {
    let text = lossy(stdout);
    let rejected = text.lines().filter_map(|line| {
        let mut fields = line.strip_prefix("!\t")?.split('\t');
        let name = fields.next()?.rsplit(':').next()?.to_owned();
        Some((name, fields.next()?.to_owned()))
    });
    // With `--atomic` the refs that were fine are listed too; they are not the reason.
    let mut reasons: Vec<_> = rejected.filter(|(_, summary)| !summary.contains("atomic push fail")).collect();
    let place = |name: &str| updates.iter().position(|update| update.name == name).unwrap_or(updates.len());
    reasons.sort_by_key(|(name, _)| place(name)); // git lists them in the server's order.
    // A hook for all refs at once declines all of them, and only its words tell which one it is about.
    let words = lossy(stderr);
    let named = |name: &str| {
        words
            .split(|end: char| end.is_whitespace() || "'\"`,;:".contains(end))
            .any(|word| word.trim_end_matches('.') == name)
    };
    let about = |name: &str| named(name) || named(short(name));
    let meant = reasons.iter().find(|(name, _)| about(name));
    let is_certain = meant.is_some() || reasons.len() < 2;
    let (name, summary) = meant.or(reasons.first())?;
    let name = name.clone();
    let said = |races: &[&str], text: &str| races.iter().any(|race| text.contains(race));
    let atomic = summary.contains("atomic transaction failed");
    if said(&RACES, summary) || (atomic && said(&ATOMIC_RACES, &words)) {
        return Some(PushError::Raced { name });
    }
    if summary.contains("[remote failure]") || summary.contains("[no match]") {
        return None;
    }
    if words.lines().any(|line| line.starts_with("remote:") && line.contains(".lock': File exists")) {
        let doing = format!("push {}", short(&name));
        let error = PortError::new(PortErrorKind::Retry, doing, "another push holds a lock on the remote");
        let hint = "Run the same command again; a lock that stays is for whoever runs the remote to remove.";
        return Some(error.hint(hint).into());
    }
    let reason = reason(summary, stderr);
    if is_certain {
        return Some(PushError::Refused { name, reason });
    }
    let all: Vec<&str> = reasons.iter().map(|(name, _)| short(name)).collect();
    let doubt = format!("{reason}; which of {} it means is not said", all.join(", "));
    Some(PushError::Refused { name, reason: Printable::new(&doubt).one_line().into() })
}

/// A ref as people name it.
fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name)
}

/// The server's own words, and git's for them.
fn reason(summary: &str, stderr: &[u8]) -> String {
    let summary = summary.split_once('(').map_or(summary, |(_, reason)| reason.trim_end_matches(')'));
    let said = lossy(stderr);
    let said: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim).collect();
    let said = said.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    let all = if said.is_empty() { summary.to_owned() } else { format!("{summary}: {said}") };
    Printable::new(&all).one_line().at_most(1000).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Expected;

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
    }

    #[test]
    fn remote_refs_are_those_asked_for() {
        let id = "1".repeat(40);
        let text = format!(
            "ref: refs/heads/main\tHEAD\n{id}\tHEAD\n{id}\trefs/heads/main\n{id}\trefs/x/refs/heads/main\n{id}\trefs/tags/v1^{{}}\n"
        );
        let answer = remote_refs(text.as_bytes(), &["refs/heads/main".to_owned(), "refs/heads/release/*".to_owned()]);
        assert_eq!(answer.default_branch.as_deref(), Some("main"));
        assert_eq!(answer.refs.len(), 1);
        assert!(answer.branch("main").is_some());
    }

    #[test]
    fn of_all_refs_that_a_hook_declines_the_named_one_is_the_reason() {
        let all = b"!\t1:refs/heads/develop\t[remote rejected] (pre-receive hook declined)\n!\t1:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n!\t1:refs/tags/v1\t[remote rejected] (pre-receive hook declined)\n";
        let update = |name: &str| RefUpdate { name: name.to_owned(), to: None, expected: Expected::Absent };
        let updates = ["refs/heads/main", "refs/heads/develop", "refs/tags/v1"].map(update);
        let refused = |said: &[u8]| match push_refusal(&updates, all, said) {
            Some(PushError::Refused { name, reason }) => (name, reason),
            other => panic!("{other:?}"),
        };
        let name = |said: &[u8]| refused(said).0;
        assert_eq!(name(b"remote: GH006: refs/heads/main is protected\n"), "refs/heads/main");
        assert_eq!(name(b"remote: develop: you may not\n"), "refs/heads/develop");
        assert_eq!(name(b"remote: the tag v1 is protected\n"), "refs/tags/v1");
        let (name, reason) = refused(b"remote: You are not allowed to push code to protected branches\n");
        assert_eq!(name, "refs/heads/main", "production is what is protected most often");
        assert_eq!(
            reason,
            "pre-receive hook declined: You are not allowed to push code to protected branches; which of main, develop, v1 it means is not said"
        );
    }

    #[test]
    fn a_push_says_whose_fault_it_was() {
        let race = b"To x\n!\t1:refs/heads/a\t[rejected] (stale info)\n!\t1:refs/heads/b\t[rejected] (atomic push failed)\nDone\n";
        assert!(matches!(push_refusal(&[], race, b""), Some(PushError::Raced { name }) if name == "refs/heads/a"));
        let server = b"!\t1:refs/heads/a\t[remote rejected] (atomic transaction failed)\n";
        let locked = b"remote: error: cannot lock ref 'refs/heads/a': is at 1 but expected 2\n";
        assert!(matches!(push_refusal(&[], server, locked), Some(PushError::Raced { .. })));
        assert!(matches!(push_refusal(&[], server, b"remote: no space left\n"), Some(PushError::Refused { .. })));
        let held = b"remote: error: cannot lock ref 'refs/heads/a': Unable to create '/o.git/./refs/heads/a.lock': File exists.\n";
        let error = push_refusal(&[], server, held).unwrap();
        assert!(matches!(error, PushError::Port(ref error) if error.kind == PortErrorKind::Retry), "{error:?}");
        let hook = b"!\t1:refs/heads/a\t[remote rejected] (pre-receive hook declined)\n";
        let refusal =
            push_refusal(&[], hook, b"remote: error: GH006: \x1b[31mProtected branch\x1b[0m \nremote: \n").unwrap();
        assert_eq!(
            refusal.to_string(),
            "the remote refused `refs/heads/a`: pre-receive hook declined: error: GH006: Protected branch"
        );
        assert!(
            push_refusal(&[], b"!\t1:refs/heads/a\t[remote failure] (remote failed to report status)\n", b"").is_none()
        );
        assert!(push_refusal(&[], b"", b"").is_none());
    }
}
