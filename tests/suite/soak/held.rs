//! What must hold after every command, whatever happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::world::{Deployed, Place, World, name};

const ORIGIN: &str = "--git-dir=../origin.git";

/// What must not get less.
pub(super) struct Before {
    events: BTreeSet<String>,
    production: String,
}

impl Before {
    pub(super) fn of(world: &World<'_>, place: &Place<'_>) -> Self {
        Self { events: events(world, place), production: production(world) }
    }

    /// Nothing is lost and nothing doubled.
    pub(super) fn assert_held(&self, world: &World<'_>, place: &Place<'_>, title: &str) {
        let lost: Vec<_> = self.events.difference(&events(world, place)).cloned().collect();
        assert!(lost.is_empty(), "{title}: events are lost: {lost:?}");
        let repo = &world.clones[place.clone];
        let now = production(world);
        if now != self.production {
            let goes_on = world.colleague.git([ORIGIN, "merge-base", "--is-ancestor", &self.production, &now]).code();
            assert_eq!(goes_on, Some(0), "{title}: production went from {} to {now}", self.production);
            assert_merged_once(world, title);
        }
        assert_deployed_once(world, title);
        assert_untouched(world, title);
        for (repo, git_dir) in [(repo, "--git-dir=.git"), (&world.colleague, ORIGIN)] {
            let reached = repo.git([git_dir, "rev-list", "--objects", "--all", "--quiet"]);
            assert_eq!(reached.code(), Some(0), "{title}: {} lacks objects: {reached}", name(place));
        }
    }
}

/// The ids of all events of a clone.
fn events(world: &World<'_>, place: &Place<'_>) -> BTreeSet<String> {
    let repo = &world.clones[place.clone];
    let ledgers = repo.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/ledger"]);
    let mut known = world.ledgers.borrow_mut();
    let mut listed = |ledger: &str| {
        let list = || repo.git_ok(["ls-tree", "-r", "--name-only", ledger]).lines().map(str::to_owned).collect();
        known.entry(ledger.to_owned()).or_insert_with(list).clone()
    };
    ledgers.lines().flat_map(&mut listed).collect()
}

fn production(world: &World<'_>) -> String {
    // As git keeps it where nothing is packed: this is asked after every command.
    let kept = fs::read_to_string(world.colleague.folder().join("../origin.git/refs/heads/main"));
    kept.map_or_else(|_| world.colleague.git_ok([ORIGIN, "rev-parse", "main"]), |kept| kept.trim_end().to_owned())
}

fn assert_merged_once(world: &World<'_>, title: &str) {
    let merges = world.colleague.git_ok([ORIGIN, "log", "--merges", "--format=%P", "main"]);
    let mut seen = BTreeSet::new();
    for merged in merges.lines().filter_map(|parents| parents.split(' ').nth(1)) {
        assert!(seen.insert(merged), "{title}: {merged} is merged twice");
    }
}

fn assert_deployed_once(world: &World<'_>, title: &str) {
    let mut counts: BTreeMap<Deployed, usize> = BTreeMap::new();
    for deployed in world.deploys() {
        *counts.entry(deployed).or_default() += 1;
    }
    for (Deployed { id, commit }, count) in counts {
        let said = world.agains.get(&id).copied().unwrap_or(0);
        assert!(
            count <= 1 + said,
            "{title}: {commit} of {id} was deployed {count} times, and `--again` was said {said} times"
        );
    }
}

/// What is the user's is there, as it was.
fn assert_untouched(world: &World<'_>, title: &str) {
    for (path, content) in &world.mine {
        assert_eq!(fs::read_to_string(path).ok().as_ref(), Some(content), "{title}: {} is touched", path.display());
    }
    for (repo, count) in world.clones.iter().zip(&world.stashes) {
        // As git keeps them; whether each is whole, `fsck` looks at the end.
        let kept = fs::read_to_string(repo.folder().join(".git/logs/refs/stash")).unwrap_or_default();
        assert_eq!(kept.lines().count(), *count, "{title}: the stash is touched");
    }
}

impl World<'_> {
    /// At the end: what nothing holds is thrown away, and git finds nothing wrong.
    pub(super) fn assert_sound(&self) {
        assert_merged_once(self, "at the end");
        assert_deployed_once(self, "at the end");
        for repo in &self.clones {
            repo.git_ok(["prune", "--expire=now"]);
            let checked = repo.git(["fsck", "--strict", "--no-dangling"]);
            assert_eq!(checked.code(), Some(0), "{checked}");
            let listed = repo.hotfix(["list", "--all"]).success();
            assert!(!listed.stderr().contains("damaged"), "{listed}");
        }
    }
}
