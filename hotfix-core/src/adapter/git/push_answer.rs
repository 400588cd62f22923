//! What `git push --porcelain` prints, line by line and address by address. Pure functions of bytes.

use crate::domain::{Printable, RefName};
use crate::port::{ErrorKind, PortError, Push, PushError, Rejection};

use super::child::ALL_REFS_LOCKED;
use super::convert::lossy;

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

/// Summaries that do not tell why the server moved nothing: of an atomic push, and of a single ref.
const VAGUE: [&str; 2] = ["atomic transaction failed", "failed to update ref"];

/// What a server says of a race beside those.
const RACES_BESIDE: [&str; 2] = ["but expected", "reference already exists"];

/// What a server says that replaces no branch by what does not build on it.
const NOT_REPLACED: &str = "[remote rejected] (non-fast-forward)";

/// What the server says of two names of one ref that are to go to different commits: it moves neither.
const ALIASED: &str = "aliased update";

/// What one address said of the refs.
#[derive(Default)]
struct PushedAddress {
    address: String,
    refs: Vec<RefStatus>,
}

struct RefStatus {
    flag: char,
    name: RefName,
    summary: String,
}

impl RefStatus {
    fn is_refused(&self) -> bool {
        self.flag == '!'
    }

    /// Whether the server decided so, by a rule of its own.
    fn is_kept(&self) -> bool {
        let is_no_rule = RACES.iter().chain(&VAGUE).any(|word| self.summary.contains(word));
        self.is_refused() && self.summary.contains("[remote rejected]") && !is_no_rule
    }

    /// Fast-forwards, forced updates, new refs and deletions.
    fn has_moved(&self) -> bool {
        matches!(self.flag, ' ' | '+' | '*' | '-')
    }
}

fn by_address(stdout: &[u8]) -> Vec<PushedAddress> {
    let mut addresses: Vec<PushedAddress> = Vec::new();
    for line in lossy(stdout).lines() {
        if let Some(address) = line.strip_prefix("To ") {
            addresses.push(PushedAddress { address: Printable::new(address).one_line().into(), refs: Vec::new() });
        } else if let Some(status) = ref_status(line) {
            match addresses.last_mut() {
                Some(pushed) => pushed.refs.push(status),
                None => addresses.push(PushedAddress { refs: vec![status], ..PushedAddress::default() }),
            }
        }
    }
    addresses
}

fn ref_status(line: &str) -> Option<RefStatus> {
    let mut fields = line.split('\t');
    let mut flag = fields.next()?.chars();
    // The flag is one character and a tab; all else (`Done`, words of hooks) is no line about a ref.
    let (Some(flag), None) = (flag.next(), flag.next()) else { return None };
    // `<from>:<to>`; a deletion has nothing before the colon.
    let name = RefName::known(fields.next()?.rsplit(':').next()?);
    Some(RefStatus { flag, name, summary: fields.next()?.to_owned() })
}

/// The addresses that told something, in their order.
pub(super) fn addresses(stdout: &[u8]) -> Vec<String> {
    by_address(stdout).into_iter().map(|pushed| pushed.address).collect()
}

/// The refs that moved, at any address; where there are several, what one of them has already counts too.
pub(super) fn moved(stdout: &[u8]) -> Vec<RefName> {
    let mut moved = Vec::new();
    let addresses = by_address(stdout);
    let several = addresses.len() > 1;
    let counts = |status: &RefStatus| status.has_moved() || several && status.flag == '=';
    for status in addresses.into_iter().flat_map(|pushed| pushed.refs).filter(counts) {
        if !moved.contains(&status.name) {
            moved.push(status.name);
        }
    }
    moved
}

/// Finds why a push of these refs failed, the most important reason first; `None` when it is about no single ref.
pub(super) fn refusal(push: &Push, stdout: &[u8], stderr: &[u8]) -> Option<PushError> {
    let updates = &push.updates;
    let addresses = by_address(stdout);
    let deletes = !updates.is_empty() && updates.iter().all(|update| update.to.is_none());
    let at = addresses.iter().position(|pushed| pushed.refs.iter().any(RefStatus::is_refused))?;
    // What is gone at one address already is stale there; another one that keeps it says why.
    let kept = addresses.iter().position(|pushed| pushed.refs.iter().any(RefStatus::is_kept));
    let at = kept.filter(|_| deletes).unwrap_or(at);
    let pushed = addresses.get(at)?;
    let took_all = |other: &PushedAddress| !other.refs.is_empty() && !other.refs.iter().any(RefStatus::is_refused);
    let address = (!deletes && addresses.iter().any(took_all)).then(|| pushed.address.clone());
    let rejected = pushed.refs.iter().filter(|status| status.is_refused());
    let rejected = rejected.map(|status| (status.name.clone(), status.summary.clone()));
    // With `--atomic` the refs that were fine are listed too; they are not the reason.
    let mut reasons: Vec<_> = rejected.filter(|(_, summary)| !summary.contains("atomic push fail")).collect();
    let rank = |name: &RefName| updates.iter().position(|update| update.name == *name).unwrap_or(updates.len());
    reasons.sort_by_key(|(name, _)| rank(name)); // git lists them in the server's order.
    // A hook for all refs at once declines all of them, and only its words tell which one it is about.
    let words = lossy(stderr);
    let named = |name: &str| {
        words
            .split(|end: char| end.is_whitespace() || "'\"`,;:".contains(end))
            .any(|word| word.trim_end_matches('.') == name)
    };
    let about = |name: &str| named(name) || named(RefName::short_in(name));
    // Of two names of one branch the last is the other one: production is asked for first.
    let aliased = reasons.iter().rfind(|(_, summary)| summary.contains(ALIASED));
    let meant = aliased.or_else(|| reasons.iter().find(|(name, _)| about(name)));
    let is_certain = meant.is_some() || reasons.len() < 2;
    let (name, summary) = meant.or(reasons.first())?;
    let name = name.clone();
    let says = |races: &[&str], text: &str| races.iter().any(|race| text.contains(race));
    // Of what a lease lets through the server says so by its own rule; nobody was faster.
    let is_kept = summary.contains(NOT_REPLACED);
    let raced = (!is_kept && says(&RACES, summary)) || (says(&VAGUE, summary) && says(&RACES_BESIDE, &words));
    // The first address is where we look; another one that is behind stays so, however often it is tried.
    if raced && (at == 0 || address.is_none()) {
        return Some(PushError::Raced { name });
    }
    // The remote went away, or the name matches nothing here: no word of a server about the ref.
    if summary.contains("[remote failure]") || summary.contains("[no match]") {
        return None;
    }
    let says_locked = |line: &str| line.contains(".lock': File exists") || line.contains(ALL_REFS_LOCKED);
    if words.lines().any(|line| line.starts_with("remote:") && says_locked(line)) {
        let doing = format!("push {}", RefName::short_in(&name));
        let error = PortError::new(ErrorKind::Retry, doing, "another push holds a lock on the remote");
        let hint = "Run the same command again; a lock that stays is for whoever runs the remote to remove.";
        return Some(error.hint(hint).into());
    }
    let mut reason = reason(summary, stderr);
    // An address that keeps a branch is behind with nothing: it is named, and nobody has to push there again.
    if deletes && addresses.len() > 1 {
        reason = format!("{}: {reason}", pushed.address);
    }
    let (remote, moved) = (push.remote.clone(), if deletes { Vec::new() } else { moved(stdout) });
    if is_certain {
        return Some(Rejection { remote, name, reason, address, moved }.into());
    }
    let all: Vec<&str> = reasons.iter().map(|(name, _)| RefName::short_in(name)).collect();
    let doubt = format!("{reason}; which of {} it means is not said", all.join(", "));
    Some(Rejection { remote, name, reason: Printable::new(&doubt).one_line().into(), address, moved }.into())
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
    use crate::port::{Expected, RefUpdate};

    fn push_of<const N: usize>(names: [&str; N]) -> Push {
        let to = "1".repeat(40).parse().ok();
        let update = |name| RefUpdate { name: RefName::known(name), to: to.clone(), expected: Expected::Absent };
        Push { remote: "origin".to_owned(), updates: names.map(update).to_vec() }
    }

    fn nothing() -> Push {
        push_of([])
    }

    /// What moved was printed; addresses and reasons are safe to print.
    #[test]
    fn fuzz_push_answer() {
        let push = push_of(["refs/heads/main", "refs/heads/develop"]);
        crate::tests::fuzz("push", |input| {
            // Both streams in one input, with an empty line between them.
            let middle = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
            let (stdout, stderr) = input.split_at(middle);
            let printed = lossy(stdout);
            assert!(moved(stdout).iter().all(|name| printed.contains(name.as_str())));
            assert!(!addresses(stdout).concat().chars().any(char::is_control));
            if let Some(PushError::Refused(no)) = refusal(&push, stdout, stderr) {
                assert!(!no.reason.chars().any(char::is_control), "{no:?}");
            }
        });
    }

    #[test]
    fn of_all_refs_that_a_hook_declines_the_named_one_is_the_reason() {
        let all = b"!\t1:refs/heads/develop\t[remote rejected] (pre-receive hook declined)\n!\t1:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n!\t1:refs/tags/v1\t[remote rejected] (pre-receive hook declined)\n";
        let push = push_of(["refs/heads/main", "refs/heads/develop", "refs/tags/v1"]);
        let refused = |said: &[u8]| match refusal(&push, all, said) {
            Some(PushError::Refused(no)) => (no.name, no.reason),
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
        assert!(matches!(refusal(&nothing(), race, b""), Some(PushError::Raced { name }) if name == "refs/heads/a"));
        let server = b"!\t1:refs/heads/a\t[remote rejected] (atomic transaction failed)\n";
        let locked = b"remote: error: cannot lock ref 'refs/heads/a': is at 1 but expected 2\n";
        assert!(matches!(refusal(&nothing(), server, locked), Some(PushError::Raced { .. })));
        let alone = b"!\t1:refs/heads/a\t[remote rejected] (failed to update ref)\n";
        assert!(matches!(refusal(&nothing(), alone, locked), Some(PushError::Raced { .. })));
        assert!(matches!(refusal(&nothing(), alone, b"remote: no space left\n"), Some(PushError::Refused(_))));
        assert!(matches!(refusal(&nothing(), server, b"remote: no space left\n"), Some(PushError::Refused(_))));
        let held = b"remote: error: cannot lock ref 'refs/heads/a': Unable to create '/o.git/./refs/heads/a.lock': File exists.\n";
        let error = refusal(&nothing(), server, held).unwrap();
        assert!(matches!(error, PushError::Port(ref error) if error.kind == ErrorKind::Retry), "{error:?}");
        let hook = b"!\t1:refs/heads/a\t[remote rejected] (pre-receive hook declined)\n";
        let told =
            refusal(&nothing(), hook, b"remote: error: GH006: \x1b[31mProtected branch\x1b[0m \nremote: \n").unwrap();
        assert_eq!(
            told.to_string(),
            "the remote refused `refs/heads/a`: pre-receive hook declined: error: GH006: Protected branch"
        );
        assert!(
            refusal(&nothing(), b"!\t1:refs/heads/a\t[remote failure] (remote failed to report status)\n", b"")
                .is_none()
        );
        assert!(refusal(&nothing(), b"", b"").is_none());
        let kept = b"!\t+1:refs/heads/a\t[remote rejected] (non-fast-forward)\n";
        assert!(matches!(refusal(&nothing(), kept, b""), Some(PushError::Refused(_))), "nobody was faster");
        let behind = b"!\t1:refs/heads/a\t[rejected] (non-fast-forward)\n";
        assert!(matches!(refusal(&nothing(), behind, b""), Some(PushError::Raced { .. })));
    }

    #[test]
    fn who_keeps_a_branch_is_named_where_another_address_let_it_go() {
        let mut push = push_of(["refs/heads/x"]);
        push.updates.iter_mut().for_each(|update| update.to = None);
        let gone = "To a\n!\t(delete):refs/heads/x\t[rejected] (stale info)\n";
        let deleted = "To a\n-\t:refs/heads/x\t[deleted]\n";
        let kept = "To b\n!\t:refs/heads/x\t[remote rejected] (deletion prohibited)\nDone\n";
        let words = b"remote: error: denying ref deletion for refs/heads/x\n";
        for stdout in [format!("{gone}{kept}"), format!("{deleted}{kept}"), format!("{kept}{gone}")] {
            let Some(PushError::Refused(no)) = refusal(&push, stdout.as_bytes(), words) else { panic!("{stdout}") };
            assert_eq!(no.why(), "b: deletion prohibited: error: denying ref deletion for refs/heads/x");
            assert_eq!(no.address, None, "nothing has to be pushed there");
        }
        // The control: gone everywhere, or moved, and nobody keeps it.
        for stdout in [gone.to_owned(), format!("{gone}{}", gone.replace("To a", "To b"))] {
            assert!(matches!(refusal(&push, stdout.as_bytes(), b""), Some(PushError::Raced { .. })), "{stdout}");
        }
    }

    #[test]
    fn what_moved_beside_a_refusal_is_told() {
        let push = push_of(["refs/heads/main", "refs/heads/production", "refs/tags/v1"]);
        let rejection = |stdout: &[u8]| match refusal(&push, stdout, b"") {
            Some(PushError::Refused(rejection)) => rejection,
            other => panic!("{other:?}"),
        };
        let aliased = b"To x\n!\t1:refs/heads/main\t[remote rejected] (inconsistent aliased update)\n!\t1:refs/heads/production\t[remote rejected] (inconsistent aliased update)\n*\t1:refs/tags/v1\t[new tag]\nDone\n";
        let no = rejection(aliased);
        assert_eq!((no.name.as_str(), no.address), ("refs/heads/production", None), "it is the one to be left out");
        assert_eq!(no.moved, ["refs/tags/v1"]);
        let mirror =
            b"To a\n \t1:refs/heads/main\t1..2\nDone\nTo b\n!\t1:refs/heads/main\t[rejected] (stale info)\nDone\n";
        let no = rejection(mirror);
        assert_eq!((no.address.as_deref(), no.moved), (Some("b"), vec![RefName::of_branch("main")]));
        let first = b"To a\n!\t1:refs/heads/main\t[rejected] (stale info)\nTo b\n \t1:refs/heads/main\t1..2\n";
        assert!(matches!(refusal(&push, first, b""), Some(PushError::Raced { .. })));
    }
}
