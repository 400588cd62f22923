//! Every code of a refusal and every exit code that is documented is produced here, by a real command in a real
//! repository: a new one without a row fails.

mod deploying;
mod landing;
mod opening;
mod proofs;
mod sharing;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hotfix_core::workflow::Code;
use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};

use crate::{github, lines};

/// Scenes that share what they are set up with, each with its rows.
const SCENES: &[fn(&mut Rows)] = &[
    proofs::of_cargo,
    landing::with_lines,
    github::codes::rows,
    deploying::rows,
    lines::codes::rows,
    proofs::of_files,
    words::of_an_incident,
    opening::rows,
    landing::rows,
    landing::records,
    words::of_a_fix,
    opening::remotes,
    deploying::lost_events,
    proofs::of_the_drill,
    sharing::of_sync,
    sharing::of_the_ledger,
    by_signals,
];

/// The codes that no command can be made to tell as JSON, and where else they are shown.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::Declined, "a document asks nobody; `a_person_says_no` below, by a terminal"),
    (Code::Random, "the system has to run out of random bytes; drive/tests.rs"),
    (Code::Render, "a bug in a template of ours; document/render.rs and workflow/refusal.rs"),
    (Code::Rounds, "a bug in a step of ours; drive/tests.rs"),
    (Code::StillWaiting, "half an hour of waiting; release/hosted_merge/tests.rs"),
];

/// The exit code without a row: front/exit.rs gives it to what only a bug can end with.
const OF_A_BUG: i32 = 70;

/// What was seen, and what was to be seen and was not.
#[derive(Default)]
pub(crate) struct Rows {
    codes: BTreeSet<&'static str>,
    exits: BTreeSet<i32>,
    wrong: Vec<String>,
}

impl Rows {
    /// A run of `git hotfix` is refused with this code.
    #[track_caller]
    pub(crate) fn refused(&mut self, code: Code, exit: i32, repo: &Repo<'_>, arguments: &[&str]) {
        self.told(code, exit, &repo.hotfix([arguments, &["--json"]].concat()));
    }

    /// A document tells of this code.
    #[track_caller]
    pub(crate) fn told(&mut self, code: Code, exit: i32, output: &CommandOutput) {
        let document: serde_json::Value = serde_json::from_str(output.stdout()).unwrap_or_default();
        let error = |key: &str| document["error"][key].as_str().unwrap_or("none");
        let told = error("code");
        let is_due = (told, output.code()) == (code.as_str(), Some(exit));
        if is_due && documented().get(&exit).is_some_and(|kind| *kind == error("kind")) {
            self.codes.insert(code.as_str());
            self.exits.insert(exit);
        } else {
            let (at, ended) = (Location::caller(), output.code());
            let due = format!("{at}: {code} with {exit} was due");
            self.wrong.push(format!("{due}, and it is {told} with {ended:?}: {}", document["error"]));
        }
    }

    /// A run ends with this exit code.
    #[track_caller]
    pub(crate) fn exits(&mut self, exit: i32, output: &CommandOutput) {
        if output.code() == Some(exit) {
            self.exits.insert(exit);
        } else {
            self.wrong.push(format!("{}: {exit} was due:\n{output}", Location::caller()));
        }
    }
}

#[test]
fn every_code_has_its_row() {
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(Rows::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(scene) = SCENES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut rows = Rows::default();
                    // What a scene saw before its set-up failed is told too.
                    if catch_unwind(AssertUnwindSafe(|| scene(&mut rows))).is_err() {
                        rows.wrong.push("a scene could not be set up, as told above".to_owned());
                    }
                    let mut seen = seen.lock().unwrap();
                    seen.codes.extend(rows.codes);
                    seen.exits.extend(rows.exits);
                    seen.wrong.extend(rows.wrong);
                }
            });
        }
    });
    let Rows { mut codes, mut exits, wrong } = seen.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (code, why) in ELSEWHERE {
        assert!(codes.insert(code.as_str()), "{code} has a row, so it is not \"{why}\"");
    }
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(known.difference(&codes).collect::<Vec<_>>(), Vec::<&&str>::new(), "codes without a row");
    exits.insert(OF_A_BUG);
    assert_eq!(exits, documented().into_keys().collect());
}

/// The exit codes of the book, with what documents call each.
fn documented() -> BTreeMap<i32, &'static str> {
    let page = include_str!("../../docs/src/scripts.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let exits = |(exits, rest): (&'static str, &'static str)| {
        let kind = rest.split('|').next().unwrap_or_default().trim();
        exits.split(", ").filter_map(move |exit| Some((exit.parse().ok()?, kind)))
    };
    rows.flat_map(exits).collect()
}

/// Whatever runs for us may be what a signal ends.
fn by_signals(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    for (signal, exit) in [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)] {
        let mut command = repo.command("git-hotfix");
        let runs = format!("[\"sh\", \"-c\", \"kill -{signal} $PPID; sleep 30\"]");
        command.args(["test", "--base", "HEAD", "--no-proof"]).env("HOTFIX_TEST_COMMAND", runs);
        rows.exits(exit, &repo.run(&mut command));
    }
    rows.exits(0, &repo.hotfix(["list"]));
}

#[test]
fn a_person_says_no() {
    let sandbox = sandbox!();
    let repo = crate::fixtures::opened(&sandbox);
    repo.fix_the_bug();
    let Some(said) = crate::asked::typed(&repo, "git hotfix ship", "n\n") else { return };
    let said = said.exits_with(130);
    assert!(said.stdout().contains("declined; nothing further was done"), "{said}");
    assert!(repo.resolve("origin/main") == repo.resolve("HEAD^"), "nothing was merged");
}
