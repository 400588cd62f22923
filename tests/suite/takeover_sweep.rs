//! A laptop dies in `ship`, wherever it can: before and after each program that it starts, and each request that it makes. A colleague with a fresh clone takes in
//! the record and ships; it ends as for one person alone, and the laptop that comes back has nothing left to do and says who did it.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use hotfix_tests::{Fault, GitHub, Moment, Repo, Sandbox, Shim, TOKEN, redact, sandbox};

use crate::effort::{full_or, is_everything};
use crate::fixtures::{TITLE, sample_with};

/// None of these starts a further `sh`: the shim would end that one's parent instead of the program.
const RULES: &str = "[test]\ncommand = [\"sh\", \"-c\", \"test -e total.sh\"]\n[deploy]\n\
                     command = [\"sh\", \"-c\", \"echo deployed >> ../deploys\"]\n\
                     verify = [\"sh\", \"-c\", \"test -e ../deploys\"]\n[ledger]\nshare = true\n";
/// How long GitHub says nothing while the laptop dies: far longer than that takes.
const SILENCE: Duration = Duration::from_secs(10);
/// More children than any run has.
const MOST_CHILDREN: usize = 90;

/// Where the remote hosts the repository.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Host {
    Nobody,
    GitHub,
}

/// A night of two people, up to the point where the first one ships.
struct Night<'s> {
    ada: Repo<'s>,
    /// It serves as long as the night lasts.
    github: Option<GitHub>,
}

fn consent(repo: &Repo<'_>, name: &str) {
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.git_ok(["config", "user.name", name]);
}

impl<'s> Night<'s> {
    fn begin(sandbox: &'s Sandbox, host: Host) -> Self {
        let night = Self::fixed(sandbox, host);
        night.hotfix(&night.ada, &["pr"], 0);
        night
    }

    /// The same, before anything of the fix left the laptop.
    fn fixed(sandbox: &'s Sandbox, host: Host) -> Self {
        let ada = sample_with(sandbox, RULES);
        let github = (host == Host::GitHub).then(|| GitHub::serve(&ada.origin()));
        if let Some(github) = &github {
            ada.git_ok(["config", "--global", "hotfix.forge.api", github.address()]);
            ada.commit_file("hotfix.toml", &format!("{RULES}{}", github.hotfix_toml()), "Say where we are");
            ada.git_ok(["push", "--quiet", "origin", "main"]);
        }
        consent(&ada, "Ada");
        let night = Self { ada, github };
        night.hotfix(&night.ada, &["open", TITLE, "--severity", "high"], 0);
        night.ada.fix_the_bug();
        night
    }

    #[track_caller]
    fn hotfix(&self, repo: &Repo<'_>, arguments: &[&str], code: i32) -> String {
        let mut command = repo.command("git-hotfix");
        repo.run(command.args(arguments).env("HOTFIX_GITHUB_TOKEN", TOKEN)).exits_with(code).to_string()
    }

    /// Ships from a clone; where it is asked how a deployment ended, or whether there was one, a person looks and says so.
    fn ship(&self, repo: &Repo<'_>, name: &str) -> String {
        for _ in 0..4 {
            let mut command = repo.command("git-hotfix");
            let shipped = repo.run(command.args(["ship", "--yes"]).env("HOTFIX_GITHUB_TOKEN", TOKEN));
            if shipped.code() == Some(0) {
                return shipped.to_string();
            }
            assert_eq!(shipped.code(), Some(4), "{name}: {shipped}");
            let is_asked = ["how it ended was not recorded", "whether it was deployed from there is not known"];
            assert!(is_asked.iter().any(|asked| shipped.stderr().contains(asked)), "{name}: {shipped}");
            match self.deploys() {
                0 => self.hotfix(repo, &["deploy", "--again", "--yes"], 0),
                _ => self.hotfix(repo, &["mark", "deployed"], 0),
            };
        }
        panic!("{name}: it comes to no end")
    }

    fn deploys(&self) -> usize {
        if self.ada.has("../deploys") { self.ada.read("../deploys").lines().count() } else { 0 }
    }

    /// What everybody can see of it: refs and history of the remote, production's files, what was recorded.
    fn end(&self, repo: &Repo<'_>) -> (String, usize, BTreeSet<String>) {
        repo.git_ok(["fetch", "--quiet", "--prune", "origin"]);
        let looks: [&[&str]; 3] = [
            &[
                "--git-dir=../origin.git",
                "for-each-ref",
                "--format=%(refname) %(contents:subject)",
                "refs/heads",
                "refs/tags",
            ],
            &["log", "--graph", "--topo-order", "--format=%s", "refs/remotes/origin/main"],
            &["grep", "", "refs/remotes/origin/main", "--", "total.sh"],
        ];
        let seen = looks.map(|look| redact(&repo.git_ok(look), repo.sandbox().root())).concat();
        let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
        let kinds = repo.git_ok(["grep", "-ho", "\"kind\":\"[a-z-]*\",\"parents\"", &place]);
        (seen, self.deploys(), kinds.lines().map(str::to_owned).collect())
    }
}

/// What a laptop dies at.
#[derive(Debug, Clone, Copy)]
enum Point {
    Child,
    Request,
}

impl Point {
    /// Ships, and dies at the `number`th; `false` where there are fewer.
    fn strike(self, night: &Night<'_>, number: usize, moment: Moment) -> bool {
        let shim = Shim::new(night.ada.sandbox(), &["git", "sh"]);
        let mut ship = match self {
            Self::Child => shim.killing(&night.ada, "git-hotfix", number, moment),
            Self::Request => night.ada.command("git-hotfix"),
        };
        ship.args(["ship", "--yes"]).env("HOTFIX_GITHUB_TOKEN", TOKEN);
        let (has_struck, status) = match self {
            Self::Child => {
                let shipped = night.ada.run(&mut ship);
                (shim.fired(), (shipped.signal(), shipped.code()))
            }
            Self::Request => {
                let github = night.github.as_ref().expect("requests are GitHub's");
                let silence = if moment == Moment::Before { Fault::Silence } else { Fault::SilenceAfter };
                github.trap_nth(number, silence(SILENCE));
                ended_by_silence(github, &mut ship)
            }
        };
        let expected = if has_struck { (Some(9), None) } else { (None, Some(0)) };
        assert_eq!(status, expected, "{self:?} {number}, {moment:?}");
        has_struck
    }
}

/// Ends a program once GitHub says nothing; whether it was still there, and by which signal or with which code it ended.
fn ended_by_silence(github: &GitHub, program: &mut Command) -> (bool, (Option<i32>, Option<i32>)) {
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let ended = loop {
        let ended = program.try_wait().expect("it is ours");
        if ended.is_some() || github.fired() > 0 {
            break ended;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let _ = program.kill();
    let status = program.wait().expect("it ends");
    github.clear_traps();
    (ended.is_none(), (status.signal(), status.code()))
}

/// Kills at one point, and lets the colleague finish; `false` where `ship` has fewer of them.
fn killed_at(
    host: Host,
    point: Point,
    number: usize,
    moment: Moment,
    expected: &(String, usize, BTreeSet<String>),
) -> bool {
    let sandbox = sandbox!();
    let night = Night::begin(&sandbox, host);
    if !point.strike(&night, number, moment) {
        return false;
    }
    let name = format!("killed {moment:?} {point:?} {number}");
    let bob = night.ada.clone_as("bob");
    consent(&bob, "Bob");
    night.hotfix(&bob, &["sync"], 0);
    let shipped = night.ship(&bob, &name);
    let (seen, deploys, kinds) = night.end(&bob);
    assert_eq!((&seen, deploys), (&expected.0, expected.1), "{name}: {shipped}");
    // What the laptop had not told anybody yet, and the word of a person for what it did.
    let untold = |kind: &&String| !["landing-started", "deploy-finished"].iter().any(|untold| kind.contains(untold));
    let missing: Vec<&String> = expected.2.difference(&kinds).filter(untold).collect();
    assert!(missing.is_empty(), "{name}: {missing:?} in {kinds:?}");
    // The laptop is mended, and begins where it was.
    let later = night.ship(&night.ada, &name);
    let again = night.hotfix(&night.ada, &["ship", "--yes"], 0);
    let (seen_later, deploys_later, kinds_later) = night.end(&night.ada);
    assert_eq!((seen_later, deploys_later), (seen, deploys), "{name}: {later}");
    assert!(kinds_later.is_superset(&kinds), "{name}: nothing of what was recorded is lost");
    if shipped.contains("taken over: Ada drives") {
        assert!(again.contains("shipped by Bob from "), "{name}: {later}{again}");
    }
    let place = night.ada.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    night.hotfix(&bob, &["sync"], 0);
    assert_eq!(bob.git_ok(["rev-parse", &place]), night.ada.git_ok(["rev-parse", &place]), "{name}");
    for repo in [&bob, &night.ada] {
        repo.git_ok(["fsck", "--strict", "--no-dangling"]);
    }
    true
}

fn sweep(host: Host, point: Point, moment: Moment) {
    let sandbox = sandbox!();
    let night = Night::begin(&sandbox, host);
    let shim = Shim::new(&sandbox, &["git", "sh"]);
    let mut command = shim.command(&night.ada, "git-hotfix");
    let asked = || night.github.as_ref().map_or(0, |github| github.count(""));
    let asked_before = asked();
    let _ = night.ada.run(command.args(["ship", "--yes"]).env("HOTFIX_GITHUB_TOKEN", TOKEN)).success();
    let expected = night.end(&night.ada);
    let all = match point {
        Point::Child => shim.calls(),
        Point::Request => asked() - asked_before,
    };
    assert!(expected.1 == 1 && all > 4 && all < MOST_CHILDREN && !shim.fired());
    // Each point at GitHub takes a night of its own.
    let sample = if host == Host::GitHub { 1 } else { full_or(2, 1) };
    let step = if is_everything() { 1 } else { all.div_ceil(sample) };
    let first = if moment == Moment::Before { step } else { step / 2 + 1 };
    let tried =
        (first..=all).step_by(step.max(1)).filter(|number| killed_at(host, point, *number, moment, &expected)).count();
    println!("{tried} of {all} points");
    assert!(tried > 0);
}

#[test]
fn a_colleague_finishes_what_died_before_any_child() {
    sweep(Host::Nobody, Point::Child, Moment::Before);
}

#[test]
fn a_colleague_finishes_what_died_after_any_child() {
    sweep(Host::Nobody, Point::Child, Moment::After);
}

#[test]
fn a_colleague_finishes_at_github_what_died_before_any_child() {
    sweep(Host::GitHub, Point::Child, Moment::Before);
}

#[test]
fn a_colleague_finishes_at_github_what_died_after_any_child() {
    sweep(Host::GitHub, Point::Child, Moment::After);
}

#[test]
fn a_colleague_finishes_what_died_before_github_was_asked() {
    sweep(Host::GitHub, Point::Request, Moment::Before);
}

#[test]
fn a_colleague_finishes_what_died_before_github_answered() {
    sweep(Host::GitHub, Point::Request, Moment::After);
}

/// The laptop dies once GitHub has squashed the fix and deleted its branch, and has not answered yet: nothing in the squash says whose fix it
/// is, and its pull request does, also where `ship` itself had opened it.
#[test]
fn a_squash_that_nobody_heard_of_is_found_by_its_pull_request() {
    for is_proposed in [true, false] {
        let sandbox = sandbox!();
        let night = if is_proposed { Night::begin } else { Night::fixed }(&sandbox, Host::GitHub);
        let github = night.github.as_ref().expect("it is there");
        github.set(|settings| (settings.methods, settings.deletes_branches) = ([false, true, false], true));
        let commits = |repo: &Repo<'_>| repo.git_ok(["--git-dir=../origin.git", "rev-list", "--count", "main"]);
        let before: usize = commits(&night.ada).trim().parse().expect("a number");
        github.trap("PUT", Fault::SilenceAfter(SILENCE));
        let mut ship = night.ada.command("git-hotfix");
        ship.args(["ship", "--yes"]).env("HOTFIX_GITHUB_TOKEN", TOKEN);
        assert_eq!(ended_by_silence(github, &mut ship), (true, (Some(9), None)), "{is_proposed}");
        let squashed = commits(&night.ada);
        assert_eq!(squashed.trim(), (before + 1).to_string(), "{is_proposed}");
        let bob = night.ada.clone_as("bob");
        consent(&bob, "Bob");
        night.hotfix(&bob, &["sync"], 0);
        for (repo, name) in [(&bob, "bob"), (&night.ada, "ada")] {
            let shipped = night.ship(repo, name);
            assert_eq!((commits(repo), night.deploys()), (squashed.clone(), 1), "{is_proposed} {name}: {shipped}");
        }
        assert_eq!(github.count("PUT"), 1, "{is_proposed}");
    }
}
