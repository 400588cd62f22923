//! What `git fetch` does with ledgers, by the refspecs of a remote (`remote.<name>.fetch`).

use crate::domain::{BranchName, sha256_hex};

use super::LEDGER_PLACE;

/// What remotes had.
const TRACKED: &str = "refs/hotfix-remotes/";
/// Below that of a remote, what the last `git fetch` brought.
const FETCHED: &str = "fetched/";
/// All refs of ours but those that remember remotes.
const OURS: &str = "refs/hotfix/";
/// A ledger like any.
const SOME_LEDGER: &str = "refs/hotfix/ledger/2000";

/// Below which refs it is remembered what a remote has.
pub fn tracked_place(remote: &str) -> String {
    // One that is given by its address has no name that a ref can have.
    let is_name = remote.parse::<BranchName>().is_ok() && !remote.contains(['/', ':']);
    match is_name {
        true => format!("{TRACKED}{remote}/"),
        false => format!("{TRACKED}by-address/{}/", sha256_hex(remote.as_bytes()).get(..16).unwrap_or_default()),
    }
}

/// Below which refs `git fetch` puts the ledgers of a remote, where it is set up for it. A place of its own: `fetch.prune`
/// deletes whatever a refspec leads to and the remote does not have, and what a remote had must not go with that.
pub fn fetched_place(remote: &str) -> String {
    format!("{}{FETCHED}", tracked_place(remote))
}

/// The refspecs by which a remote is fetched.
#[derive(Debug, Clone, Copy)]
pub struct FetchRules<'r> {
    /// The remote.
    pub remote: &'r str,
    /// Its refspecs, in their order.
    pub rules: &'r [String],
}

impl<'r> FetchRules<'r> {
    /// What is to be added, so that `git fetch` brings the ledgers of the remote; of a mirror, so that it leaves those here alone.
    pub fn lacking(&self) -> Vec<String> {
        let wanted = match (self.overwriting(), self.excluding()) {
            // No refspec leads elsewhere what another one keeps out: `sync` has to bring it.
            (Some(_), _) => vec![format!("^{OURS}*"), format!("^{TRACKED}*")],
            (None, Some(_)) => Vec::new(),
            (None, None) => vec![self.bringing()],
        };
        wanted.into_iter().filter(|wanted| !self.rules.contains(wanted)).collect()
    }

    /// Those that bring the ledgers to where they are of another remote: it was renamed since.
    pub fn misplaced(&self) -> Vec<String> {
        let from = format!("+{LEDGER_PLACE}*:{TRACKED}");
        let is_ours = |rule: &&String| rule.starts_with(&from) && rule.ends_with(&format!("/{FETCHED}*"));
        self.rules.iter().filter(is_ours).filter(|rule| **rule != self.bringing()).cloned().collect()
    }

    /// Whether `git fetch` brings the ledgers of the remote.
    pub fn brings(&self) -> bool {
        self.rules.contains(&self.bringing()) && self.excluding().is_none()
    }

    /// The refspec that keeps `git fetch` from bringing any ledger.
    pub fn excluding(&self) -> Option<&'r str> {
        let excludes = |rule: &&String| {
            let kept_out = rule.strip_prefix('^');
            kept_out.is_some_and(|pattern| caught(pattern, SOME_LEDGER).is_some())
        };
        self.rules.iter().find(excludes).map(String::as_str)
    }

    /// The refspec by which `git fetch` writes over the ledgers here, and by `fetch.prune` deletes them: a mirror's.
    pub fn overwriting(&self) -> Option<&'r str> {
        let overwrites = |rule: &&String| {
            let Some((from, to)) = rule.trim_start_matches('+').split_once(':') else { return false };
            caught(from, SOME_LEDGER).is_some_and(|caught| to.replacen('*', caught, 1).starts_with(OURS))
        };
        self.rules.iter().find(overwrites).map(String::as_str)
    }

    fn bringing(&self) -> String {
        // With `+`: what lies there is a copy of what the remote has, and only `sync` says what that means. A forgotten event
        // moves a ledger to where no fast-forward leads, and would make every `git fetch` fail.
        format!("+{LEDGER_PLACE}*:{}*", fetched_place(self.remote))
    }
}

/// What the `*` of a pattern stands for in a name that it covers.
fn caught<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    match pattern.split_once('*') {
        Some((before, after)) => name.strip_prefix(before)?.strip_suffix(after),
        None => (pattern == name).then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lacking(rules: &[&str]) -> Vec<String> {
        let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        let lacking = FetchRules { remote: "origin", rules: &rules }.lacking();
        let all = [rules, lacking.clone()].concat();
        assert_eq!(FetchRules { remote: "origin", rules: &all }.lacking(), Vec::<String>::new(), "it is enough");
        lacking
    }

    #[test]
    fn a_clone_gets_a_refspec_and_a_mirror_two_that_keep_it_away() {
        let heads = "+refs/heads/*:refs/remotes/origin/*";
        let bringing = "+refs/hotfix/ledger/*:refs/hotfix-remotes/origin/fetched/*";
        assert_eq!(lacking(&[heads]), [bringing]);
        assert_eq!(lacking(&[]), [bringing]);
        assert_eq!(lacking(&[heads, "^refs/heads/tmp/*"]), [bringing]);
        assert_eq!(lacking(&[heads, bringing]), [""; 0]);
        assert_eq!(lacking(&[heads, "^refs/hotfix/*"]), [""; 0], "it would bring nothing");
        for mirror in ["+refs/*:refs/*", "+refs/hotfix/*:refs/hotfix/*", "refs/hotfix/ledger/*:refs/hotfix/ledger/*"] {
            assert_eq!(lacking(&[mirror]), ["^refs/hotfix/*", "^refs/hotfix-remotes/*"], "{mirror}");
        }
        assert_eq!(lacking(&["+refs/hotfix/*:refs/from/*"]), [bringing]);
        let rules = [heads, bringing, "+refs/hotfix/ledger/*:refs/mine/*"].map(str::to_owned);
        let misplaced = |remote| FetchRules { remote, rules: &rules }.misplaced();
        assert_eq!((misplaced("origin"), misplaced("up")), (Vec::new(), vec![bringing.to_owned()]));
    }

    #[test]
    fn a_remote_has_a_place_whatever_it_is_called() {
        assert_eq!(tracked_place("origin"), "refs/hotfix-remotes/origin/");
        for odd in ["../there", "https://example.org/x", "a b", ""] {
            assert!(tracked_place(odd).starts_with("refs/hotfix-remotes/by-address/"), "{odd}");
        }
    }
}
