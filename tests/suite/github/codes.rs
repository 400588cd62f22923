//! What refuses to go on where GitHub hosts the repository: a row for each code.

use hotfix_core::workflow::Code;

use crate::codes::Rows;

use super::*;

const SHIP: [&str; 2] = ["ship", "--yes"];

pub(crate) fn rows(rows: &mut Rows) {
    let sandbox = sandbox!();
    let night = night_with(&sandbox, "[release]\nlines = [\"main\", \"release/*\"]\n");
    let mut refused = |code, exit, arguments: &[&str]| {
        rows.told(code, exit, &night.hotfix(&[arguments, &["--json"]].concat()));
    };
    refused(Code::Draft, 4, &[&SHIP[..], &["--draft"]].concat());
    night.github.set(|settings| settings.checks = vec!["build".to_owned()]);
    refused(Code::NotYet, 4, &SHIP);
    night.github.report(BRANCH, "build", Some("failure"));
    refused(Code::Checks, 1, &SHIP);
    night.github.set(|settings| {
        settings.checks.clear();
        settings.queue = true;
    });
    night.github.merge_after_looks(99);
    refused(Code::Queued, 6, &SHIP);
    night.github.set(|settings| settings.queue = false);
    night.repo.git_ok(["push", "--quiet", "origin", "origin/main~1:refs/heads/release/1.0"]);
    night.github.retarget_pull(1, "release/1.0");
    refused(Code::Retargeted, 4, &SHIP);
    night.github.retarget_pull(1, "main");
    night.github.merge_pull(1, "squash");
    let fix = night.repo.head();
    night.repo.commit_file("more.sh", "exit 0\n", "Mend the rest");
    refused(Code::MergedOther, 4, &SHIP);
    night.repo.git_ok(["reset", "--quiet", "--hard", &fix]);
    night.ok(&SHIP);
    night.ok(&["backport", "--yes"]);
    refused(Code::Proposed, 4, &["propagation", "--waive", "release/1.0", "--reason", "x"]);
    let sandbox = sandbox!();
    let night = super::night(&sandbox);
    let ship = || night.hotfix(&[&SHIP[..], &["--json"]].concat());
    night.ok(&["pr"]);
    night.github.close_pull(1);
    rows.told(Code::PullRequestClosed, 4, &ship());
    // Where we fetch from, the merge has not arrived.
    let before = night.production().unwrap();
    night.github.merge_pull(1, "merge");
    night.repo.at("../origin.git").git_ok(["update-ref", "refs/heads/main", &before]);
    rows.told(Code::NotThereYet, 6, &ship());
}
