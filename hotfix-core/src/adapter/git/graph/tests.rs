//! Questions about who descends from whom, on histories of many shapes, against what following every parent says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::adapter::git::convert::{from_gix, to_gix};
use crate::adapter::tests::sandbox::{Clone, Sandbox};
use crate::domain::ObjectId;
use crate::port::{CommitFilter, HistoryRead as _};

const COMMITS: usize = 28;

/// Clocks of those who commit: in order, with many commits in one second; or wrong by hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clocks {
    Right,
    Wrong,
}

/// A history of merges, branches and roots, the same for the same seed.
struct History {
    clone: Clone,
    ids: Vec<ObjectId>,
    parents: Vec<Vec<usize>>,
    marked: Vec<bool>,
    /// Of each commit all that it has, itself too.
    holds: Vec<BTreeSet<usize>>,
    /// Where it is cut off.
    cuts: Vec<usize>,
}

impl History {
    fn new(sandbox: &Sandbox, name: &str, seed: usize, clocks: Clocks) -> Self {
        let clone = sandbox.empty(name, &[]);
        let mut state = seed;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (mut stream, mut parents, mut marked) = (String::new(), Vec::new(), Vec::new());
        let mut holds: Vec<BTreeSet<usize>> = Vec::new();
        for number in 0..COMMITS {
            let mut of: Vec<usize> = Vec::new();
            let wanted = [1, 1, 1, 2, 2, 3, 0][random(7)].min(number);
            while of.len() < wanted {
                let parent = number - 1 - random(number.min(6));
                if !of.contains(&parent) {
                    of.push(parent);
                }
                if of.len() == number.min(6) {
                    break;
                }
            }
            let seconds = 1_700_000_000 + if clocks == Clocks::Right { number / 3 } else { random(20_000) };
            marked.push(random(4) == 0);
            let says = if marked[number] { "[HOTFIX] It reverts commit x" } else { "Work" };
            let message = format!("{says}\n\nNumber {number}");
            let _ = write!(
                stream,
                "commit refs/heads/c{number}\nmark :{}\ncommitter A <a@b> {seconds} +0000\ndata {}\n{message}\n",
                number + 1,
                message.len()
            );
            for (place, parent) in of.iter().enumerate() {
                let _ = writeln!(stream, "{} :{}", if place == 0 { "from" } else { "merge" }, parent + 1);
            }
            let _ = write!(stream, "M 100644 inline f{}\ndata 2\n{}\n", number % 5, number % 10);
            stream.push('\n');
            let own = of.iter().flat_map(|parent| holds[*parent].clone()).chain([number]).collect();
            holds.push(own);
            parents.push(of);
        }
        clone.write("stream", &stream);
        clone.git(["-c", "alias.take=!git fast-import --quiet <stream", "take"]);
        let ids = (0..COMMITS).map(|number| clone.id(&format!("refs/heads/c{number}"))).collect();
        Self { clone, ids, parents, marked, holds, cuts: Vec::new() }
    }

    /// Cuts it off at these commits, as in a shallow clone.
    fn cut_off(&mut self, cuts: &[usize]) {
        let lines: Vec<&str> = cuts.iter().map(|cut| self.ids[*cut].as_str()).collect();
        self.clone.write(".git/shallow", &format!("{}\n", lines.join("\n")));
        self.cuts = cuts.to_vec();
        for number in 0..COMMITS {
            if cuts.contains(&number) {
                self.parents[number].clear();
            }
            let parents = self.parents[number].iter();
            self.holds[number] = parents.flat_map(|parent| self.holds[*parent].clone()).chain([number]).collect();
        }
    }

    /// Whether one commit may have another beyond a cut that the other does not have.
    fn may_have(&self, one: usize, other: usize) -> bool {
        self.cuts.iter().any(|cut| self.holds[one].contains(cut) && !self.holds[other].contains(cut))
    }

    fn named(&self, numbers: impl IntoIterator<Item = usize>) -> BTreeSet<ObjectId> {
        numbers.into_iter().map(|number| self.ids[number].clone()).collect()
    }

    fn first_parents(&self, tip: usize) -> Vec<usize> {
        std::iter::successors(Some(tip), |last| self.parents[*last].first().copied()).collect()
    }

    /// Asks about every pair. By dates alone nobody can tell for certain what one commit has and another lacks, where clocks
    /// were wrong; git cannot either.
    fn check(&self, is_right: bool, tells_own: bool) {
        let git = self.clone.open();
        for (one, other) in (0..COMMITS).flat_map(|one| (0..COMMITS).map(move |other| (one, other))) {
            let [one_id, other_id] = [one, other].map(|number| &self.ids[number]);
            let [held, wanted] = [&self.holds[one], &self.holds[other]];
            let pair = format!("{one} {other}");
            let is_unsure = !held.contains(&other) && self.may_have(one, other);
            match git.is_ancestor(other_id, one_id) {
                Ok(is_ancestor) => assert_eq!(is_ancestor, held.contains(&other), "{pair}"),
                Err(error) => assert!(is_unsure, "{pair}: {error}"),
            }
            let parents = git.details(one_id).unwrap().parents;
            assert_eq!(parents, self.parents[one].iter().map(|number| self.ids[*number].clone()).collect::<Vec<_>>());
            let common: BTreeSet<usize> = held & wanted;
            let is_best =
                |number: &usize| common.iter().all(|next| next == number || !self.holds[*next].contains(number));
            let bases = git.merge_bases(to_gix(&git, one_id).unwrap(), to_gix(&git, other_id).unwrap()).unwrap();
            let bases: BTreeSet<ObjectId> = bases.iter().map(|id| from_gix(id)).collect();
            assert_eq!(bases, self.named(common.iter().copied().filter(is_best)), "{pair}");
            let oldest = self.first_parents(one).into_iter().rfind(|number| self.holds[*number].contains(&other));
            if !is_unsure {
                let brought = git.brought_by(other_id, one_id).unwrap().map(|commit| commit.id);
                assert_eq!(brought, oldest.map(|number| self.ids[number].clone()), "{pair}");
            }
            if !tells_own {
                continue;
            }
            let own: Vec<usize> = (held - wanted).into_iter().collect();
            let found = git.own_commits(std::slice::from_ref(other_id), one_id).unwrap();
            assert_eq!(
                found.into_iter().map(|commit| commit.id).collect::<BTreeSet<_>>(),
                self.named(own.clone()),
                "{pair}"
            );
            let all = git.commits(Some(other_id), one_id, CommitFilter::All, usize::MAX).unwrap();
            assert!(
                all.is_sorted_by_key(|commit| std::cmp::Reverse(commit.author.date.clone())) || !is_right,
                "{pair}"
            );
            assert_eq!(
                all.into_iter().map(|commit| commit.id).collect::<BTreeSet<_>>(),
                self.named(own.clone()),
                "{pair}"
            );
            let single = own.iter().filter(|number| self.parents[**number].len() < 2).count();
            for most in [1, 3, usize::MAX] {
                assert_eq!(git.count_between(other_id, one_id, most).unwrap(), single.min(most), "{pair} {most}");
            }
            let is_meant = |number: &usize| own.contains(number) && self.marked[*number];
            let expected = self.first_parents(one).into_iter().filter(is_meant).map(|number| self.ids[number].clone());
            let marked = git.marked(std::slice::from_ref(other_id), one_id, &["[HOTFIX] "]).unwrap();
            let along: Vec<ObjectId> = marked.along.into_iter().map(|commit| commit.id).collect();
            assert_eq!(along, expected.collect::<Vec<_>>(), "{pair}");
            let line = self.first_parents(one);
            let is_beside =
                |number: &usize| is_meant(number) && self.parents[*number].len() > 1 && !line.contains(number);
            let beside: BTreeSet<ObjectId> = marked.beside.into_iter().map(|commit| commit.id).collect();
            assert_eq!(beside, self.named(own.iter().copied().filter(is_beside)), "{pair}");
            let naming =
                git.commits(Some(other_id), one_id, CommitFilter::Says("reverts commit x"), usize::MAX).unwrap();
            let naming: BTreeSet<ObjectId> = naming.into_iter().map(|commit| commit.id).collect();
            assert_eq!(naming, self.named(own.into_iter().filter(|number| self.marked[*number])), "{pair}");
        }
    }
}

#[test]
fn every_shape_of_history_is_told_as_it_is() {
    let sandbox = Sandbox::new();
    for seed in 0..2 {
        for clocks in [Clocks::Right, Clocks::Wrong] {
            let history = History::new(&sandbox, &format!("{seed}{clocks:?}"), seed, clocks);
            let is_right = clocks == Clocks::Right;
            history.check(is_right, is_right);
            // What is newer than the file is not in it.
            history.clone.git(["-c", "alias.some=!echo refs/heads/c30 | git for-each-ref --stdin --format='%(objectname)' | git commit-graph write --stdin-commits", "some"]);
            history.check(is_right, is_right);
            history.clone.git(["commit-graph", "write", "--reachable"]);
            history.check(is_right, true);
        }
    }
}

#[test]
fn a_history_that_is_cut_off_ends_there() {
    let sandbox = Sandbox::new();
    for (seed, clocks) in [(0, Clocks::Right), (1, Clocks::Wrong)] {
        let mut history = History::new(&sandbox, &format!("{seed}{clocks:?}"), seed, clocks);
        // The file knows of parents that do not count.
        history.clone.git(["commit-graph", "write", "--reachable"]);
        history.cut_off(&[9, 12, 20]);
        history.check(clocks == Clocks::Right, true);
    }
}

#[test]
fn what_was_read_of_a_shallow_clone_is_kept_until_it_is_cut_off_elsewhere() {
    let sandbox = Sandbox::new();
    let mut history = History::new(&sandbox, "moved", 0, Clocks::Right);
    let line = (0..COMMITS).map(|number| history.first_parents(number)).find(|line| line.len() > 2).unwrap();
    let [tip, cut, below] = [0, 1, 2].map(|place| history.ids[line[place]].clone());
    history.cut_off(&[line[1]]);
    let git = history.clone.open();
    let met = || git.memory.graph.borrow().as_ref().map(|graph| graph.nodes.len());
    assert!(git.is_ancestor(&cut, &tip).unwrap());
    let before = met();
    assert!(before.is_some(), "it is kept");
    assert!(git.is_ancestor(&cut, &tip).unwrap());
    assert_eq!(met(), before, "nothing was read twice");
    assert_eq!(git.details(&cut).unwrap().parents, []);
    // A fetch that deepens it writes another list, and later.
    history.clone.write(".git/shallow", &format!("{below}\n"));
    let list = std::fs::File::options().write(true).open(history.clone.path.join(".git/shallow")).unwrap();
    let later = list.metadata().unwrap().modified().unwrap() + std::time::Duration::from_secs(9);
    list.set_modified(later).unwrap();
    assert_eq!(git.details(&cut).unwrap().parents.first(), Some(&below));
    assert!(git.is_ancestor(&below, &tip).unwrap());
}

#[test]
fn a_damaged_commit_graph_is_passed_over() {
    let sandbox = Sandbox::new();
    let history = History::new(&sandbox, "damaged", 0, Clocks::Right);
    history.clone.write(".git/objects/info/commit-graph", "no commits");
    history.check(true, true);
}

#[test]
fn a_commit_graph_that_is_damaged_far_down_is_passed_over() {
    let sandbox = Sandbox::new();
    let history = History::new(&sandbox, "far-down", 1, Clocks::Right);
    history.clone.git(["commit-graph", "write", "--reachable"]);
    let path = history.clone.path.join(".git/objects/info/commit-graph");
    let mut bytes = std::fs::read(&path).unwrap();
    // The table of chunks: an id and an offset each, behind eight bytes. A record is an id, two parents, and the time.
    let chunk = bytes.windows(4).position(|window| window == b"CDAT").unwrap();
    let start = usize::try_from(u64::from_be_bytes(bytes[chunk + 4..chunk + 12].try_into().unwrap())).unwrap();
    let id_length = history.ids[0].as_str().len() / 2;
    for record in 0..COMMITS {
        let parent = start + record * (id_length + 16) + id_length;
        // Where there is a parent it is one beyond the end.
        if bytes[parent] == 0 {
            bytes[parent + 2..parent + 4].copy_from_slice(&[0xff, 0xff]);
        }
    }
    put(&path, &bytes);
    assert_ne!(history.clone.run(["commit-graph", "verify"]).status.code(), Some(0));
    history.check(true, true);
}

#[expect(clippy::disallowed_methods, reason = "a file in a sandbox")]
fn put(path: &std::path::Path, bytes: &[u8]) {
    // git makes it read-only.
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}
