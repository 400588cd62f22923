//! The fault sweep: the program is killed before and after each program it starts, git and the deployment alike (in an
//! ordinary run, some of them). The same command run again must end where an uninterrupted run ends.

use std::collections::BTreeSet;

use hotfix_tests::{Memory, Moment, Repo, Sandbox, Shim, redact, sandbox};

use crate::effort::{is_full, sample};
use crate::fixtures::{TITLE, sample_with};
use crate::reliability;

/// None of these starts a further `sh`: the shim would end that one's parent instead of the program.
const RULES: &str = "[test]\ncommand = [\"sh\", \"-c\", \"test -e total.sh\"]\n[deploy]\n\
                     command = [\"sh\", \"-c\", \"echo deployed >> ../deploys\"]\n\
                     verify = [\"sh\", \"-c\", \"test -e ../deploys\"]\nrollback = [\"true\"]\n";

/// Events that a hook is told of; one or two in each command.
const TOLD: [&str; 4] = ["opened", "merged", "closed", "canceled"];

/// More children than any command has: a sweep that does not end is a bug.
const MOST_CHILDREN: usize = 60;
const SIGKILL: i32 = 9;

/// How many points of each kind an ordinary run tries.
const SAMPLE: usize = 3;

/// Where the ledger is.
const LEDGER: &str = "refs/hotfix/ledger";

/// One for all faults of a command.
static CONTROLS: Memory<(State, usize)> = Memory::new();

/// What is swept: a command, and what comes before it.
pub(crate) struct Sweep {
    pub(crate) command: &'static [&'static str],
    pub(crate) before: &'static [&'static [&'static str]],
    pub(crate) fix: bool,
}

/// One way through a sweep: where the program is killed, and where the run that is to fix that is killed too.
struct Point {
    number: usize,
    moment: Moment,
    again: Option<(usize, Moment)>,
}

impl Sweep {
    /// The repository in which the command is killed.
    pub(crate) fn prepare<'s>(&self, sandbox: &'s Sandbox) -> Repo<'s> {
        // Of each command there are tests of many faults.
        sandbox.made(&format!("before {:?}", self.command), |sandbox| self.made(sandbox))
    }

    fn made<'s>(&self, sandbox: &'s Sandbox) -> Repo<'s> {
        let picks = self.command.first() == Some(&"backport");
        let lines = if picks { "[release]\nlines = [\"main\", \"release/*\"]\n" } else { "" };
        let hook = |kind| format!("{kind} = [\"sh\", \"-c\", \"echo $HOTFIX_EVENT >> ../told\"]\n");
        let hooks = TOLD.map(hook).concat();
        let repo = sample_with(sandbox, &format!("{RULES}{lines}[hooks]\n{hooks}"));
        repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
        repo.write("notes.txt", "mine\n");
        repo.write(".git/info/exclude", "notes.txt\n");
        for arguments in self.before {
            let _ = repo.run(repo.command("git-hotfix").args(*arguments)).success();
            if self.fix && *arguments == OPEN {
                repo.fix_the_bug();
            }
        }
        if picks {
            // A line that nobody had thought of when the fix was shipped.
            repo.git_ok(["push", "--quiet", "origin", "origin/main^:refs/heads/release/1.0"]);
        }
        repo
    }

    /// Kills at the points of a kind until the command finishes unharmed; the run after each is killed where `again` says.
    fn run(&self, moment: Moment, fault: &'static str, again: impl Fn(usize) -> Option<(usize, Moment)>) {
        let template_sandbox = sandbox!();
        let template = self.prepare(&template_sandbox);
        let control = CONTROLS.once(&format!("{:?}", self.command), || self.uninterrupted(&template));
        let (expected, children) = &*control;
        let numbers = if is_full() { (1..MOST_CHILDREN).collect() } else { sample(*children, SAMPLE, fault.len()) };
        let points = numbers.into_iter().map(|number| Point { number, moment, again: again(number) });
        let points = points.take_while(|point| self.killed_at(&template, point, expected)).count();
        println!("{}, {fault}: {points} points", self.command.join(" "));
        assert!(points > 0);
        reliability::note(reliability::SWEEP, &self.name(), fault, points, points);
    }

    /// What is swept, in a word or two: its title and its answers are always the same.
    pub(crate) fn name(&self) -> String {
        let is_said = |word: &&&str| !matches!(**word, "--yes" | "--reason" | "--to" | "--severity");
        let words: Vec<&str> = self.command.iter().take(2).filter(is_said).copied().collect();
        let subcommand = words.get(1).filter(|word| matches!(**word, "add" | "done" | "--waive" | "--rollback"));
        let name = match subcommand {
            Some(word) => format!("{} {word}", words[0]),
            None => words[0].to_owned(),
        };
        if self.command.contains(&"--worktree") { format!("{name} --worktree") } else { name }
    }

    /// The control: through the same shim, without a kill. Where it ends, and how many programs it starts.
    fn uninterrupted(&self, template: &Repo<'_>) -> (State, usize) {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(template);
        let shim = Shim::new(&sandbox, &["git", "sh"]);
        let _ = repo.run(shim.command(&repo, "git-hotfix").args(self.command)).success();
        assert!(shim.calls() > 0 && !shim.fired());
        let state = State::of(&repo);
        assert!(
            state.events.len() > 1 && state.git.contains("refs/heads/main") && state.production.contains("total.sh")
        );
        (state, shim.calls())
    }

    /// Kills at one point and finishes; `false` when the command has fewer children.
    fn killed_at(&self, template: &Repo<'_>, point: &Point, expected: &State) -> bool {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(template);
        let shim = Shim::new(&sandbox, &["git", "sh"]);
        let output = repo.run(shim.killing(&repo, "git-hotfix", point.number, point.moment).args(self.command));
        if !shim.fired() {
            let _ = output.success();
            return false;
        }
        let name =
            format!("{} killed {:?} child {} ({:?})", self.command.join(" "), point.moment, point.number, point.again);
        assert_eq!(output.signal(), Some(SIGKILL), "{name}: {output}");
        assert_eq!(deploys(&repo).min(1), deploys(&repo), "{name}");
        if let Some((number, moment)) = point.again {
            // It may have fewer children than that, or ask for a word before; then this is one more plain run.
            let shim = Shim::new(&sandbox, &["git", "sh"]);
            let _ = repo.run(shim.killing(&repo, "git-hotfix", number, moment).args(self.command));
        }
        let was_in_doubt = self.finish(&repo, &name);
        State::of(&repo).assert_same(expected, was_in_doubt, &name);
        assert_sound(&repo, &name);
        // A kill may leave a hook out, and none is run for the same event again.
        let told = if repo.has("../told") { repo.read("../told") } else { String::new() };
        assert!(TOLD.iter().all(|kind| told.lines().filter(|line| line == kind).count() < 2), "{name}: {told}");
        true
    }

    /// The same command again; where it asks how the deployment ended, a person looks and says so. Whether it asked.
    fn finish(&self, repo: &Repo<'_>, name: &str) -> bool {
        let again = || repo.run(repo.command("git-hotfix").args(self.command));
        let output = again();
        let in_doubt =
            output.code() == Some(4) && output.stderr().contains("hint: to run it again: git hotfix deploy --again");
        if in_doubt {
            let word: &[&str] =
                if deploys(repo) == 1 { &["mark", "deployed"] } else { &["deploy", "--again", "--yes"] };
            let _ = repo.run(repo.command("git-hotfix").args(word)).success();
            let _ = again().success();
        } else {
            assert_eq!(output.code(), Some(0), "{name}, then again: {output}");
        }
        in_doubt
    }
}

/// How often production was deployed.
fn deploys(repo: &Repo<'_>) -> usize {
    if repo.has("../deploys") { repo.read("../deploys").lines().count() } else { 0 }
}

/// No lock is left, and git finds nothing wrong. Of git's own locks two stay where git is killed while it tidies up after a
/// switch; whoever meets one later is told of it, as of any lock.
pub(crate) fn assert_sound(repo: &Repo<'_>, name: &str) {
    let locks = repo
        .run(repo.command("find").args([
            ".",
            "../origin.git",
            "-name",
            "*.lock",
            "-path",
            "*.git/*",
            "!",
            "-name",
            "packed-refs.lock",
            "!",
            "-name",
            "AUTO_MERGE.lock",
            "!",
            "-name",
            "*.ref.lock", // A table that git was killed in writing, and that nobody waits for.
        ]))
        .success();
    assert_eq!(locks.stdout(), "", "{name}");
    repo.git_ok(["fsck", "--strict", "--no-dangling"]);
    assert_eq!(repo.read("notes.txt"), "mine\n", "{name}");
}

/// Where a run ended, without what differs from run to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Refs by name, HEAD, the shape of history, the work tree.
    git: String,
    deploys: usize,
    /// The documents and all other files of production.
    production: String,
    /// The kinds of events; a kind may stand there more than once.
    events: BTreeSet<String>,
}

impl State {
    pub(crate) fn of(repo: &Repo<'_>) -> Self {
        let look = |arguments: &[&str]| redact(repo.git(arguments).success().stdout(), repo.sandbox().root());
        let looks: [&[&str]; 7] = [
            &["worktree", "list", "--porcelain"],
            &[
                "for-each-ref",
                "--format=%(refname) %(contents:subject)",
                "refs/heads",
                "refs/remotes",
                "refs/hotfix/aborted",
                LEDGER,
            ],
            &["--git-dir=../origin.git", "for-each-ref", "--format=%(refname) %(contents:subject)"],
            &["log", "--graph", "--topo-order", "--format=%s", "HEAD", "refs/remotes/origin/main"],
            &["status", "--porcelain"],
            &["stash", "list"],
            &["diff", "HEAD", "refs/heads/main", "refs/remotes/origin/main", "--stat"],
        ];
        let told = looks.map(look).concat();
        // Nobody counts on the last thing that the ledger has.
        let (ledger, git): (Vec<&str>, Vec<&str>) = told.lines().partition(|line| line.starts_with(LEDGER));
        let [ledger] = ledger[..] else { panic!("one year is in the ledger: {told}") };
        let git = format!("{}\nHEAD is {}\n", git.join("\n"), repo.branch());
        let (ledger, _) = ledger.split_once(' ').expect("a ref and a subject");
        let events = repo.git(["grep", "-ho", "\"kind\":\"[a-z-]*\",\"parents\"", ledger]).success();
        Self {
            git,
            deploys: deploys(repo),
            production: look(&["grep", "", "refs/remotes/origin/main"]),
            events: events.stdout().lines().map(String::from).collect(),
        }
    }

    /// Where an uninterrupted run ends too, with all that it records unless a person spoke for a deployment; more may be
    /// recorded of what went wrong on the way.
    pub(crate) fn assert_reached(&self, expected: &Self, was_in_doubt: bool, name: &str) {
        assert_eq!(self.git, expected.git, "{name}");
        assert_eq!(self.deploys, expected.deploys, "{name}");
        let has_all = was_in_doubt || self.events.is_superset(&expected.events);
        assert!(has_all, "{name}: {:?}, not {:?}", self.events, expected.events);
    }

    /// The same as after an uninterrupted run, but for what tells of the interruption: a deployment that a person
    /// spoke for is in the ledger, and so in the timeline, in other words.
    pub(crate) fn assert_same(&self, expected: &Self, was_in_doubt: bool, name: &str) {
        assert_eq!(self.git, expected.git, "{name}");
        assert_eq!(self.deploys, expected.deploys, "{name}");
        if !was_in_doubt {
            assert_eq!(self.production, expected.production, "{name}");
            assert_eq!(self.events, expected.events, "{name}");
        }
    }
}

pub(crate) const OPEN: &[&str] = &["open", TITLE, "--severity", "high"];
pub(crate) const OPEN_IN_A_WORK_TREE: &[&str] = &["open", TITLE, "--severity", "high", "--worktree", "../fix"];
pub(crate) const SHIP: &[&str] = &["ship", "--yes"];
pub(crate) const CLOSE: &[&str] = &["close"];
pub(crate) const ABORT: &[&str] = &["abort"];

pub(crate) const BEFORE_A_CHILD: &str = "killed before a child";
pub(crate) const AFTER_A_CHILD: &str = "killed after a child";
pub(crate) const TWICE: &str = "killed, and killed again";

pub(crate) const SWEEPS: [Sweep; 6] = [
    Sweep { command: OPEN, before: &[], fix: false },
    Sweep { command: OPEN_IN_A_WORK_TREE, before: &[], fix: false },
    Sweep { command: SHIP, before: &[OPEN], fix: true },
    Sweep { command: CLOSE, before: &[OPEN, SHIP], fix: true },
    Sweep { command: ABORT, before: &[OPEN, &["pr"]], fix: true },
    Sweep { command: &["reopen"], before: &[OPEN, ABORT], fix: true },
];

/// The points of each command: all single kills, and a sample of double ones. A test a kind, so that none takes long.
macro_rules! sweeps {
    ($($name:ident: $place:literal;)*) => {$(
        mod $name {
            use hotfix_tests::Moment;

            use super::{AFTER_A_CHILD, BEFORE_A_CHILD, SWEEPS, TWICE};
            use crate::effort::is_everything;

            #[test]
            fn finishes_after_a_kill_before_any_child() {
                SWEEPS[$place].run(Moment::Before, BEFORE_A_CHILD, |_| None);
            }

            #[test]
            fn finishes_after_a_kill_after_any_child() {
                SWEEPS[$place].run(Moment::After, AFTER_A_CHILD, |_| None);
            }

            #[test]
            fn finishes_after_two_kills() {
                // The recovery is killed at another of its children each time, before it or after it.
                let moment = |number| if number % 2 == 0 { Moment::Before } else { Moment::After };
                SWEEPS[$place].run(Moment::After, TWICE, |number| Some((1 + number * 3 % 5, moment(number))));
                for second in if is_everything() { 1..12 } else { 1..1 } {
                    for moment in [Moment::Before, Moment::After] {
                        SWEEPS[$place].run(moment, TWICE, |_| Some((second, moment)));
                    }
                }
            }
        }
    )*};
}

sweeps! {
    open: 0;
    open_in_a_work_tree: 1;
    ship: 2;
    close: 3;
    abort: 4;
    reopen: 5;
}
