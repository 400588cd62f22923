//! The fix cannot land, or its records cannot.

use std::fs;

use hotfix_core::workflow::Code;
use hotfix_tests::{Sample, sandbox};

use super::Rows;
use crate::fixtures::{CONFLICT, TITLE, advance_production, opened, reject_main};

const SHIP: [&str; 2] = ["ship", "--yes"];
const BRANCH: &str = "hotfix/coupons-take-off-too-much";

pub(super) fn rows(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write("off.sh", "off() { echo 0; }\n");
    repo.write_regression_test();
    repo.write("total.sh", ". ./off.sh\n");
    repo.git_ok(["commit", "--quiet", "--all", "--message", "Half of it"]);
    rows.refused(Code::NotCommitted, 3, &repo, &SHIP);
    repo.git_ok(["clean", "--quiet", "-d", "--force"]);
    repo.git_ok(["revert", "--no-edit", "HEAD"]);
    rows.refused(Code::EmptyFix, 3, &repo, &[&SHIP[..], &["--no-test", "x"]].concat());
    repo.fix_the_bug();
    repo.hook(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    rows.refused(Code::Hook, 3, &repo, &SHIP);
    fs::remove_file(repo.folder().join(".git/hooks/pre-push")).unwrap();
    reject_main(&repo, "update");
    rows.refused(Code::Rejected, 5, &repo, &SHIP);
    fs::remove_file(repo.origin().join("hooks/update")).unwrap();
    repo.git_ok(["config", "commit.gpgSign", "true"]);
    repo.git_ok(["config", "gpg.program", "false"]);
    rows.refused(Code::Signing, 3, &repo, &SHIP);
    repo.git_ok(["config", "commit.gpgSign", "false"]);
    // Somebody lands something whenever this is about to.
    let moves = "git -C ../origin.git update-ref refs/heads/main \
                 $(git -C ../origin.git commit-tree main^{tree} -p main -m More)";
    let quietly = "unset $(git rev-parse --local-env-vars); export GIT_AUTHOR_DATE=$(date +%s.%N)";
    repo.hook(".git/hooks/pre-push", &format!("#!/bin/sh\n{quietly}\n{moves}\n"));
    rows.refused(Code::Raced, 6, &repo, &SHIP);
    fs::remove_file(repo.folder().join(".git/hooks/pre-push")).unwrap();
    let colleague = repo.clone_as("other");
    colleague.git_ok(["switch", "--quiet", BRANCH]);
    colleague.commit_file("theirs.txt", "x\n", "Theirs");
    colleague.git_ok(["push", "--quiet"]);
    rows.refused(Code::ForeignBranch, 4, &repo, &SHIP);
    repo.git_ok(["push", "--quiet", "--delete", "origin", BRANCH]);
    advance_production(&repo, CONFLICT);
    rows.refused(Code::Conflict, 4, &repo, &SHIP);
    let anew = repo.git_ok(["commit-tree", "-m", "Anew", "main^{tree}"]);
    repo.git_ok(["push", "--quiet", "--force", "origin", &format!("{}:main", anew.trim())]);
    rows.refused(Code::ProductionRewritten, 4, &repo, &SHIP);
}

pub(super) fn records(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let incident = repo.hotfix_json(["show"])["incident"].clone();
    let day = incident["opened_at"].as_str().and_then(|at| at.get(..10)).unwrap().to_owned();
    let name = |number: &str| format!("docs/decisions/POSTMORTEM-{day}-coupons-take-off-too-much{number}.md");
    repo.ok(SHIP);
    repo.write(&name(""), "Somebody else's.\n");
    rows.refused(Code::ForeignFile, 3, &repo, &["postmortem", "--out", &name("")]);
    for number in 2..100 {
        repo.write(&name(&format!("-{number}")), "Somebody else's.\n");
    }
    rows.refused(Code::PostmortemPath, 3, &repo, &["postmortem"]);
    fs::remove_dir_all(repo.folder().join("docs")).unwrap();
    fs::create_dir_all(repo.folder().join("docs/planning")).unwrap();
    fs::write(repo.folder().join("docs/planning/STATUS.md"), b"# Status \xff\n").unwrap();
    repo.commit_all("Keep a status");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    // Typed into a shell: the harness answers nothing then.
    rows.told(Code::Unanswered, 2, &repo.run(repo.command("sh").args(["-c", "git hotfix close --json"])));
    rows.refused(Code::Records, 3, &repo, &["close"]);
    repo.write("docs/planning/STATUS.md", "# Status\n");
    repo.commit_all("Write it as text");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    repo.ok([
        "close",
        "--root-cause",
        "who knows",
        "--impact",
        "low totals",
        "--prevention",
        "none because it is rare",
    ]);
    let own = repo.read(&name("")).replace("who knows", "We never tested it.");
    repo.commit_file(&name(""), &own, "Tell the root cause");
    repo.git_ok(["push", "--quiet"]);
    rows.refused(Code::Edited, 1, &repo, &["postmortem", "--root-cause", "nobody rounded"]);
    repo.git_ok(["rm", "--quiet", &name("")]);
    repo.commit_all("Remove it");
    repo.git_ok(["push", "--quiet"]);
    rows.refused(Code::NoPostmortem, 1, &repo, &["postmortem"]);
    // The fix is taken out, and its branch is gone.
    let merge = repo.git_ok(["rev-list", "--merges", "--max-count", "1", "main"]);
    repo.git_ok(["revert", "--no-edit", "--mainline", "1", &merge]);
    repo.git_ok(["push", "--quiet"]);
    rows.refused(Code::Reverted, 3, &repo, &["revert", &merge, "--severity", "high"]);
}

pub(super) fn with_lines(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let rules = "[release]\nlines = [\"main\", \"develop\"]\ntag = \"v{version}\"\n[guard]\nmax_lines = 1\n";
    repo.commit_file("hotfix.toml", &format!("{}\n{rules}", repo.read("hotfix.toml")), "Set the rules");
    repo.git_ok(["tag", "v1.0.0"]);
    repo.git_ok(["branch", "develop"]);
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../own"]);
    let own = repo.at("../own");
    own.fix_the_bug();
    rows.refused(Code::Guard, 1, &own, &["guard"]);
    own.ok(["guard", "--waive", "too-big", "--reason", "x"]);
    own.git_ok(["tag", "v2.0.0"]);
    rows.refused(Code::TagExists, 4, &own, &[&SHIP[..], &["--tag", "v2.0.0"]].concat());
    own.git_ok(["tag", "--delete", "v2.0.0"]);
    repo.git_ok(["worktree", "add", "--quiet", "../develop", "develop"]);
    let develop = repo.at("../develop");
    develop.write("total.sh", "half done\n");
    rows.refused(Code::InTheWay, 3, &own, &SHIP);
    develop.git_ok(["checkout", "--quiet", "--", "total.sh"]);
    develop.commit_file("total.sh", CONFLICT, "Mend it otherwise");
    rows.refused(Code::LineConflict, 4, &own, &SHIP);
    let _ = own.hotfix([&SHIP[..], &["--resolve"]].concat()).exits_with(4);
    rows.refused(Code::Unsettled, 4, &own, &["ship", "--abort"]);
}
