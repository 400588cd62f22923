//! What was typed is wrong, or comes too early.

use hotfix_core::workflow::Code;
use hotfix_tests::{Sample, sandbox};

use super::Rows;
use crate::fixtures::{TITLE, opened};
use crate::newer::record_newer;

const OPEN: [&str; 4] = ["open", "Search is down", "--severity", "high"];

/// An incident is open, and nothing is done yet.
pub(super) fn of_an_incident(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let mut refused = |code, exit, arguments: &[&str]| rows.refused(code, exit, &repo, arguments);
    let open = |more: &[&'static str]| [&OPEN[..], more].concat();
    refused(Code::Arguments, 2, &["foo"]);
    refused(Code::Title, 2, &["open", " \t ", "--severity", "high"]);
    refused(Code::Severity, 2, &["open", "Search is down"]);
    refused(Code::Slug, 2, &open(&["--slug", "../x"]));
    refused(Code::NoSuchBase, 2, &open(&["--base", "nowhere"]));
    refused(Code::Worktree, 2, &open(&["--worktree", "../shop"]));
    refused(Code::Report, 2, &["attach", "none.log"]);
    refused(Code::NoRestricted, 3, &open(&["--security"]));
    refused(Code::Time, 2, &["note", "x", "--at", "soon"]);
    refused(Code::Text, 2, &["note", " "]);
    refused(Code::Incident, 3, &["note", "x", "--incident", "x y"]);
    refused(Code::Ledger, 3, &["note", "x", "--incident", "HF-2026-00000000"]);
    refused(Code::Milestone, 2, &["mark", "lunch"]);
    refused(Code::Edit, 2, &["postmortem", "--edit"]);
    refused(Code::Due, 2, &["follow-up", "add", "x", "--due", "soon"]);
    refused(Code::Gap, 2, &["follow-up", "add", "x", "--gap", "x"]);
    refused(Code::Number, 2, &["follow-up", "done", "9"]);
    refused(Code::NoForge, 3, &["follow-up", "add", "x", "--issue"]);
    refused(Code::Event, 2, &["undo", "x"]);
    refused(Code::Defer, 2, &["test", "--defer", " "]);
    refused(Code::Smoke, 2, &["test", "--smoke", " "]);
    refused(Code::Waive, 2, &["guard", "--waive", "nothing", "--reason", "x"]);
    refused(Code::Reason, 2, &["guard", "--waive", "too-big", "--reason", " "]);
    refused(Code::Line, 2, &["propagation", "--waive", "release/7", "--reason", "x"]);
    refused(Code::Since, 2, &["list", "--since", "soon"]);
    refused(Code::Status, 2, &["list", "--status", "x"]);
    refused(Code::Config, 2, &["config", "guard.max_file"]);
    refused(Code::NoSuchCommit, 2, &["revert", "nothing"]);
    refused(Code::Root, 3, &["revert", "main"]);
    refused(Code::NotMerged, 3, &["deploy"]);
    refused(Code::NotComplete, 3, &["close"]);
    refused(Code::NoFix, 3, &["ship", "--yes"]);
    refused(Code::Exists, 3, &["init"]);
    let mut man = repo.command("git-hotfix");
    man.args(["man", "--install", "--json"]).env_remove("HOME");
    rows.told(Code::ManFolder, 3, &repo.run(&mut man));
    repo.git_ok(["switch", "--quiet", "main"]);
    let mut other = repo.command("git-hotfix");
    other.args(["undo", "--json"]).envs([("GIT_COMMITTER_NAME", "Bob"), ("GIT_COMMITTER_EMAIL", "bob@example.com")]);
    rows.told(Code::NothingToUndo, 3, &repo.run(&mut other));
    rows.refused(Code::NotCheckedOut, 3, &repo, &["test"]);
    repo.ok(OPEN);
    repo.git_ok(["switch", "--quiet", "main"]);
    rows.refused(Code::WhichIncident, 3, &repo, &["note", "x"]);
    repo.git_ok(["branch", "--quiet", "-D", "hotfix/coupons-take-off-too-much"]);
    rows.refused(Code::BranchGone, 4, &repo, &["open", TITLE]);
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    record_newer(&repo, "\"needs\":3,");
    rows.refused(Code::NewerHotfixNeeded, 3, &repo, &["note", "x"]);
}

/// The fix is committed; then all is done.
pub(super) fn of_a_fix(rows: &mut Rows) {
    let sandbox = sandbox!();
    rows.refused(Code::NoIncident, 3, &sandbox.sample(Sample::Shell), &["note", "x"]);
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let fix = repo.head();
    let mut hosted = repo.command("git-hotfix");
    hosted.args(["pr", "--json"]).env("HOTFIX_FORGE_KIND", "github");
    rows.told(Code::WhichRepository, 3, &repo.run(&mut hosted));
    let mut refused = |code, exit, arguments: &[&str]| rows.refused(code, exit, &repo, arguments);
    refused(Code::Confirm, 2, &["ship"]);
    refused(Code::Offline, 3, &["ship", "--yes", "--offline"]);
    refused(Code::Message, 2, &["ship", "--yes", "--message", "x"]);
    refused(Code::Tag, 2, &["ship", "--yes", "--tag", "a b"]);
    refused(Code::Mainline, 2, &["revert", &fix, "--mainline", "1"]);
    refused(Code::OwnCommit, 3, &["revert", &fix]);
    let elsewhere = repo.git_ok(["commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", "Elsewhere"]);
    refused(Code::NotThere, 3, &["revert", &elsewhere]);
    refused(Code::File, 2, &["test", "--base", "main", "--no-proof", "--junit", ".."]);
    repo.write("total.sh", "half done\n");
    refused(Code::DirtyTree, 3, &OPEN);
    refused(Code::Carry, 2, &[&OPEN[..], &["--carry", "--worktree"]].concat());
    repo.git_ok(["checkout", "--quiet", "--", "total.sh"]);
    repo.ok(["ship", "--yes"]);
    refused(Code::Merged, 3, &["abort"]);
    refused(Code::OtherWayBack, 4, &["undo"]);
    refused(Code::NoDeployCommand, 3, &["deploy"]);
    refused(Code::NoVerifyCommand, 3, &["verify"]);
    refused(Code::NoRollbackCommand, 3, &["deploy", "--rollback"]);
    refused(Code::Command, 2, &["deploy", "--deploy-command", "'x"]);
    repo.ok(["close"]);
    refused(Code::Closed, 3, &["abort"]);
    let again = repo.hotfix([&OPEN[..], &["--json"]].concat()).json();
    repo.ok(["abort"]);
    // Both may have been opened within one second, so that neither is the newer one.
    refused(Code::Canceled, 3, &["close", "--incident", again["incident"]["id"].as_str().unwrap()]);
}
