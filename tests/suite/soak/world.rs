//! The remote, its clones and their work trees, and the person who works in them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use hotfix_tests::{CommandOutput, Repo, Sandbox};
use regex::Regex;

use super::deed::{self, Deed, STEPS};
use super::disk::Disk;
use super::fault::{Fault, NAMES, PRUNED, has_strace};
use super::held::Before;
use crate::fixtures::sample_with;
use crate::reliability;

/// Far above what any command takes, traced, on a busy machine.
pub(super) const HANGS: Duration = Duration::from_secs(120);
const FILES: usize = 300;
/// So often what is refused is not even tried.
const REFUSED: usize = 3;
const CODES: [i32; 11] = [0, 1, 2, 3, 4, 5, 6, 129, 130, 131, 143];

/// A deployment of production.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deployed {
    /// The incident for which it was.
    pub(super) id: String,
    /// What went to production: each landing of an incident has a commit of its own.
    pub(super) commit: String,
}

pub(super) struct World<'s> {
    /// Chooses what people do; the faults are chosen by another one, so that both runs of a seed begin alike.
    pub(super) rng: Rng,
    faults: Option<Rng>,
    disk: Disk,
    pub(super) clones: Vec<Repo<'s>>,
    pub(super) colleague: Repo<'s>,
    /// Files that are the user's alone, with what is in them.
    pub(super) mine: BTreeMap<PathBuf, String>,
    /// How many stashes each clone has.
    pub(super) stashes: Vec<usize>,
    /// The events of a ledger by its commit: what a commit has never changes.
    pub(super) ledgers: RefCell<HashMap<String, Vec<String>>>,
    /// How often somebody said `--again`, by incident.
    pub(super) agains: BTreeMap<String, usize>,
    /// How many commands were run, without those that mend.
    pub(super) commands: usize,
    pub(super) tally: Tally,
    /// Numbers titles and files, so that no two are the same.
    pub(super) number: usize,
}

/// Where a command runs.
pub(super) struct Place<'s> {
    pub(super) clone: usize,
    pub(super) repo: Repo<'s>,
}

impl<'s> World<'s> {
    pub(super) fn new(sandbox: &'s Sandbox, seed: u64, faults: Option<Rng>) -> Self {
        if !has_strace() {
            eprintln!("SKIPPED, AND SO NOT SHOWN: faults at system calls, full disks, limits and locks need strace");
        }
        let disk = Disk::mount(&sandbox.root().join("disk"));
        let mut rng = Rng::with_seed(seed);
        let deploys = sandbox.root().join("deploys");
        let rules = format!(
            "[test]\ncommand = [\"sh\", \"-c\", \"test -e total.sh\"]\n[deploy]\n\
             command = [\"sh\", \"-c\", \"printf '%s %.12s\\n' $HOTFIX_INCIDENT $HOTFIX_COMMIT >> {0}\"]\n\
             verify = [\"sh\", \"-c\", \"test -e {0}\"]\n[release]\nlines = [\"main\", \"release/*\"]\n",
            deploys.display()
        );
        let first = sample_with(sandbox, &rules);
        for number in 0..FILES {
            first.write(&format!("src/{}/{number}.txt", number % 7), &format!("file {number}\n").repeat(20));
        }
        first.write(".gitignore", ".env\n");
        first.commit_all("Grow");
        first.git_ok(["branch", "release/1.0"]);
        first.git_ok(["push", "--quiet", "--all", "origin"]);
        let count = rng.usize(2..=5);
        let mut clones = vec![first];
        let folder = |number| if number == 1 { "disk/clone1".to_owned() } else { format!("clone{number}") };
        let more: Vec<Repo<'s>> = (1..count).map(|number| clones[0].clone_as(&folder(number))).collect();
        clones.extend(more);
        let colleague = clones[0].clone_as("colleague");
        let stashes = vec![0; clones.len()];
        let mut world = Self {
            rng,
            faults,
            disk,
            clones,
            colleague,
            mine: BTreeMap::new(),
            stashes,
            ledgers: RefCell::default(),
            agains: BTreeMap::new(),
            commands: 0,
            tally: Tally::default(),
            number: 0,
        };
        for clone in 0..world.clones.len() {
            let repo = world.clones[clone].at(".");
            world.keep(&repo, "mine.txt");
            world.keep(&repo, ".env");
        }
        world
    }

    /// A file of the user's own.
    pub(super) fn keep(&mut self, repo: &Repo<'_>, name: &str) {
        self.number += 1;
        let content = format!("mine, number {}\n", self.number);
        repo.write(name, &content);
        self.mine.insert(repo.folder().join(name), content);
    }

    /// All work trees, of each clone its own first and then the others by name, as git lists them.
    pub(super) fn places(&self) -> Vec<Place<'s>> {
        let of = |(clone, repo): (usize, &Repo<'s>)| {
            let linked = std::fs::read_dir(repo.folder().join(".git/worktrees")).into_iter().flatten().flatten();
            let linked = linked.filter_map(|entry| std::fs::read_to_string(entry.path().join("gitdir")).ok());
            let mut linked: Vec<PathBuf> =
                linked.filter_map(|file| Some(Path::new(file.trim_end()).parent()?.to_owned())).collect();
            linked.sort();
            [repo.folder().to_owned()]
                .into_iter()
                .chain(linked)
                .filter(|folder| folder.join(".git").exists())
                .map(move |folder| Place { clone, repo: repo.at(folder) })
                .collect::<Vec<_>>()
        };
        self.clones.iter().enumerate().flat_map(of).collect()
    }

    /// One command of ours with what went before and comes after, or one deed of somebody else.
    pub(super) fn step(&mut self) {
        let mut places = self.places();
        let place = places.swap_remove(self.rng.usize(..places.len()));
        for refused in 0..=REFUSED {
            match deed::choose(self, &place) {
                Deed::Done(what) => return println!("     {} {what}", name(&place)),
                Deed::Command(mut arguments) => {
                    let mut at = Instant::now();
                    let mut foreseen = self.foresee(&place, &arguments);
                    if foreseen.stderr().contains("say which one")
                        && let ids = deed::open_incidents(&place)
                        && !ids.is_empty()
                    {
                        let id = ids[self.rng.usize(..ids.len())].clone();
                        arguments.extend(["--incident".to_owned(), id]);
                        at = Instant::now();
                        foreseen = self.foresee(&place, &arguments);
                    }
                    let can = foreseen.code() == Some(0);
                    let took = can.then(|| u64::try_from(at.elapsed().as_millis()).expect("it is short"));
                    // Of those that are refused the last is run.
                    if can || refused == REFUSED {
                        return self.command(&place, &arguments, took);
                    }
                }
            }
        }
    }

    fn foresee(&self, place: &Place<'_>, arguments: &[String]) -> CommandOutput {
        self.run(place, &[arguments, &["--dry-run".to_owned()]].concat())
    }

    /// A command, which `took` so long when it only said what it would do, if it is not refused.
    fn command(&mut self, place: &Place<'s>, arguments: &[String], took: Option<u64>) {
        self.commands += 1;
        let before = Before::of(self, place);
        let branch = place.repo.branch();
        let fault = took.and_then(|took| self.fault(place, &arguments[0], took));
        let title = format!("{:>4} {} {}", self.commands, name(place), arguments.join(" "));
        println!("{title}{}", fault.as_ref().map(|fault| format!(" [{fault:?}]")).unwrap_or_default());
        let Some(fault) = fault else {
            let output = self.run(place, arguments);
            println!("       {:?} {}", output.code(), said(&output));
            assert_documented(&output, &title);
            return before.assert_held(self, place, &title);
        };
        let mut struck = Vec::new();
        let mut output = self.strike(place, &fault, arguments, &title, &mut struck);
        before.assert_held(self, place, &title);
        // What mends is struck, too.
        if !struck.is_empty()
            && output.code() != Some(0)
            && place.repo.has(".git")
            && let Some(fault) = self.fault(place, &arguments[0], took.unwrap_or_default())
            && self.faults.as_mut().is_some_and(Rng::bool)
        {
            self.age_locks();
            output = self.strike(place, &fault, arguments, &format!("again [{fault:?}]"), &mut struck);
            before.assert_held(self, place, &title);
        }
        if struck.is_empty() {
            return;
        }
        // What says that it is done need not be run again.
        if output.code() != Some(0) {
            self.mend(place, arguments, &branch, &title, &mut struck);
        }
        before.assert_held(self, place, &title);
        struck.into_iter().for_each(|fault| self.tally.held(&arguments[0], fault));
    }

    /// Runs it with a fault, which is noted where it struck.
    fn strike(
        &mut self,
        place: &Place<'s>,
        fault: &Fault,
        arguments: &[String],
        title: &str,
        struck: &mut Vec<&'static str>,
    ) -> CommandOutput {
        let deployed = self.deploys().len();
        let (output, has_struck) = fault.strike(place, &self.disk, arguments);
        println!("       {:?} {has_struck} {title} {}", output.code().or(output.signal()), said(&output));
        if !fault.kills(&output) {
            assert_documented(&output, title);
        }
        if has_struck {
            self.tally.tried(&arguments[0], fault.name());
            struck.push(fault.name());
        }
        if fault.lies() {
            // A deployment that says that it failed is run again, as it should be.
            for Deployed { id, .. } in self.deploys().into_iter().skip(deployed) {
                *self.agains.entry(id).or_default() += 1;
            }
        }
        output
    }

    fn fault(&mut self, place: &Place<'_>, command: &str, took: u64) -> Option<Fault> {
        let disk_can_be_full = self.disk.holds(place.repo.folder());
        let rng = self.faults.as_mut()?;
        (rng.u8(..10) < 9).then(|| Fault::choose(rng, command, took, disk_can_be_full))
    }

    pub(super) fn run(&self, place: &Place<'_>, arguments: &[String]) -> CommandOutput {
        place.repo.sandbox().run_within(HANGS, place.repo.command("git-hotfix").args(arguments))
    }

    /// The fault is gone, and the person comes back: the same command again, or `abort`. Where the command had come so
    /// far that its branch is checked out no more, and several incidents are open, it asks which one is meant.
    fn mend(
        &mut self,
        place: &Place<'s>,
        arguments: &[String],
        branch: &str,
        title: &str,
        struck: &mut Vec<&'static str>,
    ) {
        self.age_locks();
        if self.faults.as_mut().is_some_and(|rng| rng.u8(..4) == 0) {
            // Somebody throws away what nothing holds. git may stumble over what a fault left; that is git's.
            println!("       git prune: {:?}", place.repo.git(["prune", "--expire=now"]).code());
            self.tally.tried(&arguments[0], PRUNED);
            struck.push(PRUNED);
        }
        let mut arguments = arguments.to_vec();
        let mut output = self.finish(place, &arguments);
        if output.code() == Some(3)
            && output.stderr().contains("say which one")
            && let Some(id) = incident_of(place, branch)
        {
            arguments.extend(["--incident".to_owned(), id]);
            output = self.finish(place, &arguments);
        }
        // At their terminal the person is asked, and says yes.
        if output.code() == Some(2) && output.stderr().contains("Nobody is there to confirm it") {
            arguments.push("--yes".to_owned());
            output = self.finish(place, &arguments);
        }
        // Whether an incident may close whose fix others took out of production again is a person's word, and the hint asks for it.
        if output.code() == Some(3) && output.stderr().contains("or say why it may: ") {
            arguments.extend(["--reason", "others took it out again"].map(str::to_owned));
            output = self.finish(place, &arguments);
        }
        // The same of one that others took out before it was shipped to the end.
        if output.code() == Some(4) && output.stderr().contains("# it stays out") {
            let named = arguments.iter().position(|word| word == "--incident").and_then(|at| arguments.get(at + 1));
            let id = named.cloned().or_else(|| incident_of(place, branch));
            let of_it = id.into_iter().flat_map(|id| ["--incident".to_owned(), id]);
            let close = ["close", "--yes", "--reason", "others took it out again"].map(str::to_owned);
            output = self.finish(place, &close.into_iter().chain(of_it).collect::<Vec<_>>());
        }
        println!("       again: {:?} {}", output.code(), said(&output));
        assert_documented(&output, title);
        // What only judges has done its work when it says no.
        let judges = matches!(arguments[0].as_str(), "test" | "guard" | "verify" | "doctor");
        // Its work tree may be gone with the incident.
        if output.code() == Some(0) || (judges && output.code() == Some(1)) || !place.repo.has(".git") {
            return;
        }
        let mut abort = ["abort", "--yes"].map(str::to_owned).to_vec();
        abort.extend(arguments.iter().skip_while(|word| *word != "--incident").take(2).cloned());
        let mut aborted = self.finish(place, &abort);
        // Where the new branch could not be checked out, nothing here says which incident is meant.
        if aborted.stderr().contains("say which one")
            && let Some(newest) = deed::open_incidents(place).into_iter().next()
        {
            abort.extend(["--incident".to_owned(), newest]);
            aborted = self.finish(place, &abort);
        }
        println!("       abort: {:?} {}", aborted.code(), said(&aborted));
        assert!(aborted.code() == Some(0), "no way out of {title}:\n{output}\nabort:\n{aborted}");
    }

    /// Some hours go by.
    fn age_locks(&self) {
        for repo in &self.clones {
            let aged = ["-c", "find .git -name '*.lock' -exec touch -d '3 hours ago' {} +"];
            let _ = repo.run(repo.command("sh").args(aged)).success();
        }
        // The remote's locks, and what its killed programs left, are the remote's.
        let _ =
            self.colleague.run(self.colleague.command("find").args(["../origin.git", "-name", "*.lock", "-delete"]));
    }

    /// The command until it is done, with what a person does in between: a lock that is named is removed, an own
    /// change is stashed, and how a deployment ended is looked up.
    pub(super) fn finish(&mut self, place: &Place<'s>, arguments: &[String]) -> CommandOutput {
        for _ in 0..8 {
            let output = self.run(place, arguments);
            match output.code() {
                Some(4) if output.stderr().contains("deploy --again") => self.speak_for_the_deployment(place, &output),
                Some(3 | 4 | 6) if remove_named_lock(place, &output) => {}
                // A git whose starter was killed goes on by itself, and ends.
                Some(6) if output.stderr().contains("Run the same command again in a while.") => {
                    thread::sleep(Duration::from_millis(500));
                }
                Some(3) if self.is_dirty(place) => self.stash(place),
                Some(3) if self.switched_as_told(place, &output) => {}
                Some(3) if self.stash_as_told(place.clone, &output) => {}
                Some(3) if self.stash_draft(place, &output) => {}
                _ => return output,
            }
        }
        self.run(place, arguments)
    }

    /// Uncommitted work in a work tree that is to be removed: the person stashes it there, as the hint says. Whether any
    /// was.
    fn stash_as_told(&mut self, clone: usize, output: &CommandOutput) -> bool {
        let root = self.colleague.sandbox().root().display().to_string();
        let said = output.stderr().replace("[ROOT]", &root);
        let named = Regex::new("work tree at ([^:]+): git: |error: (.+) holds uncommitted work").expect("it is one");
        let Some(found) = named.captures(&said) else { return false };
        let folder = found.get(1).or(found.get(2)).expect("one of them is there").as_str();
        let repo = self.colleague.at(folder);
        let status = repo.git_ok(["status", "--porcelain", "--untracked-files=all"]);
        println!("       stashed in {folder}, as the hint says: {}", status.replace('\n', ", "));
        // Only what the person made, or what a command wrote for the person, may lie there.
        let is_known = |line: &str| [" note-", " docs/", " total.sh"].iter().any(|known| line.contains(known));
        assert!(!status.is_empty() && status.lines().all(is_known), "not the person's:\n{status}\n{output}");
        // A git that a fault ended there left its lock, in whose way only "could not write index" is said.
        let lock = repo.git_ok(["rev-parse", "--path-format=absolute", "--git-path", "index.lock"]);
        if std::fs::remove_file(lock).is_ok() {
            println!("       removed index.lock there");
        }
        repo.git_ok(["stash", "push", "--quiet", "--include-untracked"]);
        self.stashes[clone] += 1;
        for (path, content) in self.mine.extract_if(.., |path, _| path.starts_with(folder)) {
            let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
            let tree = if name == "total.sh" { "stash" } else { "stash^3" };
            assert_eq!(repo.git(["show", &format!("{tree}:{name}")]).success().stdout(), content);
        }
        true
    }

    /// The merged commit is checked out, as the hint says; a draft of which git says that it is in the way is stashed before. Whether
    /// either was done.
    fn switched_as_told(&mut self, place: &Place<'s>, output: &CommandOutput) -> bool {
        if !output.stderr().contains(" is not checked out here") {
            return false;
        }
        let mut hints = output.stderr().lines().filter_map(|line| line.strip_prefix("hint: git switch "));
        let Some(hint) = hints.next_back() else { return false };
        let switch = [&["switch", "--quiet"][..], &hint.split(' ').collect::<Vec<_>>()].concat();
        let switched = place.repo.git(switch);
        println!("       git switch {hint}, as the hint says: {:?} {}", switched.code(), said(&switched));
        switched.code() == Some(0) || self.stash_draft(place, &switched)
    }

    /// A draft of a postmortem that production has by now: the person stashes it, as the hint says. Whether one was.
    fn stash_draft(&mut self, place: &Place<'s>, output: &CommandOutput) -> bool {
        let named = r"(?:the branch at (\S+) forward.*)?untracked working tree files would be overwritten by \w+:\s+(docs/decisions/POSTMORTEM\S+)";
        // The postmortem of another incident, which the person completes here.
        let changed = r"there is uncommitted work here: ()(docs/decisions/POSTMORTEM[^,\s]+)";
        let ways = [named, changed].map(|way| Regex::new(way).expect("it is one"));
        let Some(found) = ways.iter().find_map(|way| way.captures(output.stderr())) else { return false };
        let at = found.get(1).map(|at| at.as_str()).filter(|at| !at.is_empty());
        let repo = place.repo.at(at.map_or(place.repo.folder(), Path::new));
        let draft = &found[2];
        if !repo.has(draft) {
            return false;
        }
        println!("       stashed {draft}, as the hint says");
        repo.git_ok(["stash", "push", "--quiet", "--include-untracked", "--", draft]);
        self.stashes[place.clone] += 1;
        true
    }

    fn speak_for_the_deployment(&mut self, place: &Place<'s>, output: &CommandOutput) {
        let id = Regex::new("HF-[0-9]{4}-[a-z0-9]{8}").expect("it is one");
        let status = || place.repo.hotfix_json(["status"])["incident"]["id"].as_str().unwrap_or_default().to_owned();
        let id = id.find(output.stderr()).map_or_else(status, |found| found.as_str().to_owned());
        let word = if self.deploys().iter().any(|deployed| deployed.id == id) {
            ["mark", "deployed", "--incident", &id].map(str::to_owned).to_vec()
        } else {
            *self.agains.entry(id.clone()).or_default() += 1;
            ["deploy", "--again", "--yes", "--incident", &id].map(str::to_owned).to_vec()
        };
        let mut said_to = self.run(place, &word);
        while said_to.code() != Some(0) && remove_named_lock(place, &said_to) {
            said_to = self.run(place, &word);
        }
        println!("       {}: {:?} {}", word.join(" "), said_to.code(), said(&said_to));
    }

    /// The deployments of production, in order.
    pub(super) fn deploys(&self) -> Vec<Deployed> {
        let file = self.colleague.sandbox().root().join("deploys");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        // A limit on the size of files may have cut a line, which was no deployment then.
        let whole = Regex::new("(HF-[0-9]{4}-[a-z0-9]{8}) ([0-9a-f]{12})\n").expect("it is one");
        let deployed = whole.captures_iter(&text).map(|found| found.extract::<2>().1);
        deployed.map(|[id, commit]| Deployed { id: id.to_owned(), commit: commit.to_owned() }).collect()
    }

    /// Whether an own change lies in the work tree.
    pub(super) fn is_dirty(&self, place: &Place<'_>) -> bool {
        self.mine.contains_key(&place.repo.folder().join("total.sh"))
    }

    pub(super) fn dirty(&mut self, place: &Place<'_>) {
        self.keep(&place.repo, "total.sh");
    }

    /// The own change is put away.
    pub(super) fn stash(&mut self, place: &Place<'_>) {
        if self.mine.remove(&place.repo.folder().join("total.sh")).is_some() {
            let _ = place.repo.git(["stash", "push", "--quiet", "--", "total.sh"]).success();
            self.stashes[place.clone] += 1;
        }
    }

    /// Every incident comes to its end, and then all is sound.
    pub(super) fn end_all(&mut self) {
        for place in self.places() {
            self.stash(&place);
        }
        // A work tree with own files is not removed: they are taken elsewhere, as the hint says.
        let is_of_a_work_tree =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"note-"));
        for (path, _) in self.mine.extract_if(.., |path, _| is_of_a_work_tree(path)) {
            std::fs::remove_file(path).expect("it was not touched");
        }
        for clone in 0..self.clones.len() {
            let listed = self.clones[clone].hotfix_json(["list"])["incidents"].clone();
            for incident in listed.as_array().into_iter().flatten() {
                let id = incident["id"].as_str().expect("it has one").to_owned();
                self.end(clone, &id, incident["branch"].as_str().unwrap_or_default());
            }
            assert_eq!(self.clones[clone].hotfix_json(["list"])["incidents"].as_array().map(Vec::len), Some(0));
        }
        self.assert_sound();
    }

    fn end(&mut self, clone: usize, id: &str, branch: &str) {
        let places = self.places().into_iter().filter(|place| place.clone == clone);
        let (its, others): (Vec<_>, Vec<_>) = places.partition(|place| place.repo.branch() == branch);
        let place = its.into_iter().chain(others).next().expect("the clone is one");
        let words = |way: &[&str]| -> Vec<String> {
            way.iter().chain(&["--yes", "--incident", id]).map(|word| (*word).to_owned()).collect()
        };
        let mut told = String::new();
        for way in [&["ship"][..], &["close"], &["abort"], &["close", "--reason", "the week is over"]] {
            let output = self.finish(&place, &words(way));
            told.push_str(&format!("{}: {output}\n", way.join(" ")));
            if output.code() == Some(0) && way != ["ship"] {
                return;
            }
        }
        panic!("no way out of {id} in {}:\n{told}", name(&place));
    }
}

/// The folder of a work tree, for the log.
pub(super) fn name(place: &Place<'_>) -> String {
    place.repo.folder().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The newest incident of a branch.
fn incident_of(place: &Place<'_>, branch: &str) -> Option<String> {
    let listed = place.repo.hotfix_json(["list", "--all"])["incidents"].clone();
    let of_branch = |incident: &&serde_json::Value| !branch.is_empty() && incident["branch"] == branch;
    Some(listed.as_array()?.iter().rfind(of_branch)?["id"].as_str()?.to_owned())
}

fn assert_documented(output: &CommandOutput, title: &str) {
    assert!(output.code().is_some_and(|code| CODES.contains(&code)), "{title} ends as it must not: {output}");
}

/// The first line of what went wrong.
fn said(output: &CommandOutput) -> String {
    output.stderr().lines().find(|line| line.starts_with("error: ")).unwrap_or_default().chars().take(200).collect()
}

/// Removes the lock that the command names, as it says.
fn remove_named_lock(place: &Place<'_>, output: &CommandOutput) -> bool {
    let words = output.stderr().split([' ', '\'', '`', '\n', '"', ',', ';']);
    let locks: BTreeSet<&str> =
        words.map(|word| word.trim_end_matches(['.', ':'])).filter(|word| word.ends_with(".lock")).collect();
    locks.iter().any(|lock| std::fs::remove_file(place.repo.folder().join(lock)).is_ok())
}

/// How often each fault struck each command, and how often all held.
#[derive(Default)]
pub(super) struct Tally {
    counts: BTreeMap<(String, &'static str), (usize, usize)>,
}

impl Tally {
    fn tried(&mut self, command: &str, fault: &'static str) {
        assert!(STEPS.contains(&command) && NAMES.contains(&fault), "{command}, {fault}: the table lacks it");
        self.counts.entry((command.to_owned(), fault)).or_default().0 += 1;
    }

    fn held(&mut self, command: &str, fault: &'static str) {
        self.counts.entry((command.to_owned(), fault)).or_default().1 += 1;
    }

    /// For the table.
    pub(super) fn note(&self) {
        for ((command, fault), (tried, held)) in &self.counts {
            reliability::note(reliability::SOAK, command, fault, *tried, *held);
        }
    }

    pub(super) fn struck(&self) -> usize {
        self.counts.values().map(|(tried, _)| tried).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((command, fault), (tried, held)) in &self.counts {
            writeln!(f, "{command}, {fault}: {held} of {tried}")?;
        }
        write!(f, "{} faults struck", self.struck())
    }
}
