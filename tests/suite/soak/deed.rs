//! What somebody does next: a command of ours, or what people do by git beside it.

use super::world::{Place, World};

/// The commands that are chosen from, as the table has them.
pub(crate) const STEPS: [&str; 23] = [
    "abort",
    "attach",
    "backport",
    "close",
    "deploy",
    "doctor",
    "follow-up",
    "guard",
    "list",
    "log",
    "mark",
    "note",
    "open",
    "postmortem",
    "pr",
    "propagation",
    "revert",
    "ship",
    "show",
    "status",
    "test",
    "triage",
    "verify",
];

/// More open incidents than anybody has.
const MANY: usize = 8;

/// What was chosen.
pub(super) enum Deed {
    /// A command of ours, still to be run.
    Command(Vec<String>),
    /// Something else, which is done already.
    Done(String),
}

/// Chooses what is done next in a work tree, and does what is not ours.
pub(super) fn choose(world: &mut World<'_>, place: &Place<'_>) -> Deed {
    let branch = place.repo.branch();
    let lacks_a_fix =
        branch.starts_with("hotfix/") && place.repo.git(["rev-list", "-1", "HEAD", "^origin/main"]).stdout().is_empty();
    if lacks_a_fix && !world.is_dirty(place) && world.rng.bool() {
        return fix(world, place);
    }
    if world.rng.u8(..5) == 0 { beside(world, place, &branch) } else { command(world, place) }
}

/// The person corrects the bug of this branch.
fn fix(world: &mut World<'_>, place: &Place<'_>) -> Deed {
    world.number += 1;
    let file = format!("fix-{}.txt", world.number);
    place.repo.write(&file, "corrected\n");
    // In a work tree where a fault left a lock, the person commits later.
    let done = place.repo.git(["add", "--", &file]).code() == Some(0)
        && place.repo.git(["commit", "--quiet", "--message", &format!("Correct it, {}", world.number)]).code()
            == Some(0);
    if !done {
        let _ = place.repo.git(["rm", "--cached", "--quiet", "--", &file]);
        let _ = std::fs::remove_file(place.repo.folder().join(&file));
    }
    Deed::Done(format!("git commit {file}: {done}"))
}

/// What happens beside us.
fn beside(world: &mut World<'_>, place: &Place<'_>, branch: &str) -> Deed {
    let done = match world.rng.u8(..9) {
        0 | 1 => return colleague(world),
        2 => git(place, &["gc", "--quiet", "--prune=now"]),
        3 => git(place, &["fetch", "--quiet", "--prune"]),
        4 => git(place, &["pack-refs", "--all"]),
        5 if !world.is_dirty(place) && is_clean(place) => {
            world.dirty(place);
            "changes total.sh".to_owned()
        }
        5 | 6 => {
            world.stash(place);
            "git stash".to_owned()
        }
        7 if branch.starts_with("hotfix/") => {
            let name = format!("note-{}.txt", world.number);
            world.keep(&place.repo, &name);
            format!("writes {name}, and does not add it")
        }
        _ => git(place, &["switch", "--quiet", "main"]),
    };
    Deed::Done(done)
}

fn is_clean(place: &Place<'_>) -> bool {
    place.repo.git(["status", "--porcelain", "--untracked-files=no"]).stdout().is_empty()
}

fn git(place: &Place<'_>, arguments: &[&str]) -> String {
    format!("git {}: {:?}", arguments.join(" "), place.repo.git(arguments).code())
}

/// Somebody else moves production, by many files.
fn colleague(world: &mut World<'_>) -> Deed {
    world.number += 1;
    let repo = &world.colleague;
    repo.git_ok(["pull", "--quiet", "--rebase"]);
    for number in 0..60 {
        repo.write(&format!("src/{}/more-{}-{number}.txt", number % 7, world.number), &"more\n".repeat(200));
        repo.write(&format!("src/{}/{number}.txt", number % 7), &format!("file {number}, again\n").repeat(20));
    }
    repo.commit_all(&format!("Grow, {}", world.number));
    repo.git_ok(["push", "--quiet"]);
    Deed::Done("a colleague pushes to production".to_owned())
}

fn command(world: &mut World<'_>, place: &Place<'_>) -> Deed {
    world.number += 1;
    let number = world.number;
    let title = format!("Trouble {number}");
    let folder = format!("../fix-{number}");
    let text = format!("note {number}");
    let open = open_incidents(place).len();
    // Where no incident is at hand, most commands would only say so; where many are, somebody ends them.
    let kinds = match open {
        0 => 0..13,
        MANY.. => 13..65,
        _ => 0..65,
    };
    let words: &[&str] = match world.rng.u8(kinds) {
        0..=9 => &["open", &title, "--severity", "high"],
        10..=12 => &["open", &title, "--severity", "medium", "--worktree", &folder],
        13..=24 => &["ship", "--yes"],
        25 => &["ship"],
        26..=32 => &["close"],
        33..=35 => &["abort", "--yes"],
        36..=38 => &["note", &text],
        39 | 40 => &["triage", "--severity", "critical"],
        41 => &["attach", "src/0/0.txt"],
        42 | 43 => &["follow-up", "add", &text],
        44 => &["follow-up", "done", "1"],
        45 | 46 => &["test"],
        47 | 48 => &["pr"],
        49 => &["deploy", "--yes"],
        50 => return again(world, place),
        51 => &["mark", "mitigated"],
        52 | 53 => &["revert", "origin/main", "--severity", "high"],
        54 | 55 => &["backport", "--to", "release/1.0", "--yes"],
        56 => &["postmortem"],
        57 => &["verify"],
        58 => &["propagation"],
        59 => &["status"],
        60 => &["list", "--all"],
        61 => &["log"],
        62 => &["show"],
        63 => &["guard", "--waive", "too-big", "--reason", &text],
        _ => &["doctor"],
    };
    Deed::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

/// A person gives the word for a second deployment.
fn again(world: &mut World<'_>, place: &Place<'_>) -> Deed {
    let Some(id) = open_incidents(place).into_iter().next() else {
        return Deed::Command(vec!["list".to_owned()]);
    };
    *world.agains.entry(id.clone()).or_default() += 3; // Once, and once more each time that it is struck and run again.
    Deed::Command(["deploy", "--again", "--yes", "--incident", &id].map(str::to_owned).to_vec())
}

/// The ids of the incidents that are open here.
pub(super) fn open_incidents(place: &Place<'_>) -> Vec<String> {
    let listed = place.repo.hotfix_json(["list"])["incidents"].clone();
    let id = |incident: &serde_json::Value| incident["id"].as_str().map(str::to_owned);
    listed.as_array().into_iter().flatten().filter_map(id).collect()
}
