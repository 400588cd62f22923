//! What production runs, older lines, and taking things out again: base, backport, propagation, revert.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::{CONFLICT, TITLE, refused, sample_with};
use crate::schema::assert_valid;

const OPEN: [&str; 4] = ["open", TITLE, "--severity", "high"];
const LINES: &str = "[release]\nlines = [\"main\", \"release/*\"]\n";
const INTO_OLD: &str = "../shop-hotfix-coupons-take-off-too-much-into-release-1.0";

/// `main` is two commits ahead of the tag that production runs.
fn tagged<'s>(sandbox: &'s Sandbox, rules: &str) -> (Repo<'s>, String) {
    let repo = sample_with(sandbox, rules);
    repo.git_ok(["tag", "--annotate", "--message", "1.4.2", "v1.4.2"]);
    repo.git_ok(["tag", "v1.9-rc1"]);
    let released = repo.head();
    repo.commit_file("next.txt", "x\n", "Begin the next release");
    repo.commit_file("more.txt", "x\n", "Go on with it");
    repo.git_ok(["push", "--quiet", "--tags", "origin", "main"]);
    (repo, released)
}

#[test]
fn the_base_is_what_production_runs_and_the_rest_is_told() {
    let sandbox = sandbox!();
    let rules = "\
[production]
tag = \"v1.4*\"
[release]
tag = \"v{version}\"
[deploy]
command = [\"sh\", \"-c\", \"git rev-parse HEAD >> ../deployed\"]
";
    let (repo, released) = tagged(&sandbox, rules);
    let clone = repo.clone_as("fresh");
    clone.git_ok(["tag", "--delete", "v1.4.2"]);
    let open = clone.hotfix(OPEN).success();
    insta::assert_snapshot!(open.stderr().lines().filter(|line| line.starts_with("note: main")).collect::<String>(), @"note: main is 2 commits ahead of production (v1.4.2): base = v1.4.2; what ships later: Go on with it, Begin the next release");
    assert_eq!(clone.head(), released);
    let fix = clone.fix_the_bug();
    clone.ok(["ship", "--yes"]);
    assert_eq!(clone.resolve("v1.4.3^{commit}"), Some(fix.clone()), "the tag is on the fix alone");
    assert_eq!(clone.at("..").read("deployed").trim(), fix, "what is deployed is the fix alone");
    assert!(clone.git_ok(["log", "-1", "--format=%P", "origin/main"]).ends_with(&fix));
    clone.ok(["close"]);
}

#[test]
fn a_base_that_is_given_counts() {
    let sandbox = sandbox!();
    let (repo, released) = tagged(&sandbox, "[production]\ntag = \"v*\"\n");
    repo.ok(["open", "One", "--severity", "high", "--base", "origin/main"]);
    assert_eq!(Some(repo.head()), repo.resolve("origin/main"));
    repo.ok(["open", "Two", "--severity", "high", "--base", "v1.4.2"]);
    assert_eq!(repo.head(), released);
}

#[test]
fn a_command_says_what_production_runs() {
    let sandbox = sandbox!();
    let (repo, released) = tagged(&sandbox, "[production]\ndeployed = [\"cat\", \"../running\"]\n");
    insta::assert_snapshot!(refused(&repo, &OPEN, 4), @"
    ------- stderr -------
    error: what production runs cannot be told: `cat ../running` failed: /usr/bin/cat: ../running: No such file or directory
    hint: name it: --base <commit or tag>, or --base origin/main
    [exit status: 4]
    ");
    repo.write("../running", "no commit");
    assert!(refused(&repo, &OPEN, 4).contains("the answer holds no commit"));
    repo.write("../running", &format!("{{\"commit\": \"{released}\"}}\n"));
    repo.ok(OPEN);
    assert_eq!(repo.head(), released);
}

/// A server that answers `requests` requests with this body; its address.
fn server(body: String, requests: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().take(requests).flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let _ = write!(&stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}

#[test]
fn a_url_says_what_production_runs() {
    let sandbox = sandbox!();
    let (repo, released) = tagged(&sandbox, "");
    let address = server(format!("version {} (abcdef)", repo.git_ok(["rev-parse", "--short=12", &released])), 1);
    let mut command = repo.command("git-hotfix");
    let _ = repo.run(command.args(OPEN).env("HOTFIX_PRODUCTION_DEPLOYED", &address)).success();
    assert_eq!(repo.head(), released);
    let mut offline = repo.command("git-hotfix");
    let offline = offline.args(["open", "x", "--severity", "high", "--offline"]);
    let _ = repo.run(offline.env("HOTFIX_PRODUCTION_DEPLOYED", &address)).exits_with(4);
}

/// Three older lines: one takes the fix, one conflicts, one has it already; the fix has shipped to `main`.
fn shipped(sandbox: &Sandbox) -> (Repo<'_>, String) {
    let repo = sample_with(sandbox, LINES);
    for line in ["release/0.9", "release/1.0", "release/1.1"] {
        repo.git_ok(["branch", line]);
    }
    repo.commit_file("next.txt", "x\n", "Begin the next release");
    repo.git_ok(["push", "--quiet", "origin", "main", "release/0.9", "release/1.0", "release/1.1"]);
    repo.ok(OPEN);
    let fix = repo.fix_the_bug();
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "release/1.0"]);
    colleague.commit_file("total.sh", CONFLICT, "Go on");
    colleague.git_ok(["switch", "--quiet", "release/0.9"]);
    colleague.git_ok(["fetch", "--quiet", "../shop", &fix]);
    colleague.git_ok(["cherry-pick", "--no-commit", &fix]);
    colleague.git_ok(["commit", "--quiet", "--message", "Fixed here before"]);
    colleague.git_ok(["push", "--quiet", "origin", "release/1.0", "release/0.9"]);
    repo.ok(["ship", "--yes"]);
    (repo, fix)
}

#[test]
fn a_backport_goes_where_it_can_and_says_where_it_cannot() {
    let sandbox = sandbox!();
    let (repo, fix) = shipped(&sandbox);
    let old = repo.resolve("origin/release/1.0");
    insta::assert_snapshot!(refused(&repo, &["close"], 3), @r#"
    ------- stderr -------
    error: HF-YYYY-ID cannot close yet: release/1.1, release/1.0 lack the fix
    hint: git hotfix backport
    hint: git hotfix propagation --waive release/1.1 --reason "..."   # if it need not
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    [exit status: 3]
    "#);
    let _ = repo.hotfix(["backport"]).exits_with(2);
    let dry = repo.hotfix(["backport", "--dry-run"]).success();
    assert!(dry.stderr().contains("note: release/1.0 conflicts in total.sh:1"), "{dry}");
    let backport = repo.hotfix(["backport", "--yes"]).exits_with(4);
    insta::assert_snapshot!(backport.verdict(), @"
      ✓ main         landed as [OBJECT]
      ✓ release/1.1  picked as [OBJECT]
      ✗ release/1.0  conflicts in total.sh:1
      ✓ release/0.9  has it already
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much does not go everywhere: release/1.0 conflicts in total.sh:1; what conflicts is as it was
    hint: git hotfix backport --resolve   # lays it out in a work tree of its own
    [exit status: 4]
    ");
    let message = repo.git_ok(["log", "-1", "--format=%B", "origin/release/1.1"]);
    assert!(message.ends_with(&format!("(cherry picked from commit {fix})")), "{message}");
    assert_eq!(
        repo.git_ok(["log", "-1", "--format=%an %ad", "origin/release/1.1"]),
        repo.git_ok(["log", "-1", "--format=%an %ad", &fix])
    );
    assert_eq!(repo.resolve("origin/release/1.0"), old);
    assert!(!repo.git_ok(["ls-tree", "-r", "--name-only", "origin/release/1.1"]).contains("next.txt"));
    refused(&repo, &["backport", "--yes"], 4);

    let status = repo.hotfix(["status"]).success();
    assert!(status.stderr().contains("next: git hotfix backport --resolve"), "{status}");
    let _ = repo.hotfix(["backport", "--yes", "--to", "release/1.0", "--resolve"]).exits_with(4);
    repo.at(INTO_OLD).write("total.sh", "echo both\n");
    repo.at(INTO_OLD).git_ok(["add", "total.sh"]);
    repo.ok(["backport", "--yes"]);
    let message = repo.git_ok(["log", "-1", "--format=%B", "origin/release/1.0"]);
    assert!(message.contains(&format!("(cherry picked from commit {fix})")), "{message}");
    assert!(!repo.has(INTO_OLD));
    let (status, log) = (repo.hotfix(["status"]).success(), repo.hotfix(["log"]).success());
    assert!(status.stdout().contains("✓ release/1.0  picked as"), "{status}");
    assert!(log.stdout().contains("fix picked to release/1.0"), "{log}");
    refused(&repo, &["backport", "--yes"], 0);
    assert!(refused(&repo, &["backport", "--to", "release/7"], 2).contains("release/7 is no release branch"));
    repo.ok(["close"]);
}

#[test]
fn a_second_fix_of_the_night_is_owed_to_every_line_again() {
    let sandbox = sandbox!();
    let (repo, fix) = shipped(&sandbox);
    repo.ok(["backport", "--yes", "--to", "release/1.1"]);
    repo.ok(["propagation", "--waive", "release/1.0", "--reason", "rewritten"]);
    repo.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much"]);
    let more = repo.commit_file("more.sh", "exit 0\n", "Mend the rest");
    repo.ok(["ship", "--yes"]);
    let rows = repo.hotfix_json(["propagation"])["lines"].clone();
    let states: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["landed", "clean", "waived", "clean"], "{rows}");
    repo.ok(["backport", "--yes"]);
    let picked = repo.git_ok(["log", "--format=%B", "origin/release/1.1"]);
    for commit in [&fix, &more] {
        let said = format!("(cherry picked from commit {commit})");
        assert_eq!(picked.matches(&said).count(), 1, "{picked}");
    }
    repo.ok(["close"]);
}

#[test]
fn a_line_that_needs_no_fix_is_waived_with_a_reason() {
    let sandbox = sandbox!();
    let (repo, _) = shipped(&sandbox);
    repo.ok(["backport", "--yes", "--to", "*1.1"]);
    let _ = repo.hotfix(["propagation", "--waive", "release/1.0"]).exits_with(2);
    let _ = repo.hotfix(["propagation", "--waive", "release/1.0", "--reason", " "]).exits_with(2);
    let waived = repo.hotfix(["propagation", "--waive", "release/*", "--reason", "it is rewritten there"]).success();
    let states: Vec<&str> = waived.stdout().lines().map(|line| line.split(" as ").next().unwrap_or(line)).collect();
    insta::assert_snapshot!(states.join("\n"), @"
    ✓ main         landed
    ✓ release/1.1  picked
    – release/1.0  need not have it: it is rewritten there
    ✓ release/0.9  has it already
    ");
    repo.ok(["close"]);
    assert!(repo.hotfix(["log"]).success().stdout().contains("fix not needed on release/1.0: it is rewritten there"));
}

#[test]
fn a_check_without_the_record_finds_fixes_that_never_reached_a_line() {
    let sandbox = sandbox!();
    let (repo, _) = shipped(&sandbox);
    let ci = repo.clone_as("ci");
    let found = ci.hotfix(["propagation", "--check"]).exits_with(1);
    let lines: Vec<&str> = found.stdout().lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(lines, ["release/1.1", "release/1.0"], "{found}");
    repo.ok(["backport", "--yes", "--to", "release/1.1"]);
    assert!(!ci.hotfix(["propagation", "--check"]).exits_with(1).stdout().contains("release/1.1"));
    let colleague = repo.at("../colleague");
    colleague.git_ok(["switch", "--quiet", "release/1.0"]);
    colleague.git_ok(["fetch", "--quiet", "origin"]);
    let fix = repo.git_ok(["rev-parse", "origin/main^2"]);
    colleague.git_ok([
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        &format!("By hand\n\n(cherry picked from commit {fix})"),
    ]);
    colleague.git_ok(["push", "--quiet", "origin", "release/1.0"]);
    ci.ok(["propagation", "--check"]);
}

#[test]
fn a_check_without_the_record_knows_squashes_and_reverts() {
    let sandbox = sandbox!();
    let (repo, _) = shipped(&sandbox);
    let ci = repo.clone_as("ci");
    for line in ["release/1.1", "release/1.0", "release/0.9"] {
        ci.git_ok(["push", "--quiet", "--force", "origin", &format!("origin/main:refs/heads/{line}")]);
    }
    ci.ok(["propagation", "--check"]);
    // As GitHub's button squashes a pull request, and what else is on production beside it.
    ci.commit_file("readme.txt", "x\n", "Say that a [HOTFIX] is no feature\n\nHotfix-Incident: none");
    let squash = ci.commit_file("two.sh", "exit 0\n", "[HOTFIX] Stock goes negative (#7)");
    ci.git_ok(["push", "--quiet", "origin", "main"]);
    let found = ci.hotfix(["propagation", "--check"]).exits_with(1);
    let short = ci.git_ok(["rev-parse", "--short=9", &squash]);
    let lacks = |line: &str| format!("{line} lacks {short} [HOTFIX] Stock goes negative (#7)\n");
    assert_eq!(found.stdout(), ["release/1.1", "release/1.0", "release/0.9"].map(lacks).concat());
    ci.git_ok(["switch", "--quiet", "--create", "release/1.1", "origin/release/1.1"]);
    ci.git_ok(["cherry-pick", "-x", &squash]);
    ci.commit_file("two.sh", "exit 1\n", "Go on with it there");
    ci.git_ok(["push", "--quiet", "origin", "release/1.1"]);
    assert_eq!(
        ci.hotfix(["propagation", "--check"]).exits_with(1).stdout(),
        ["release/1.0", "release/0.9"].map(lacks).concat()
    );
    ci.git_ok(["switch", "--quiet", "main"]);
    ci.git_ok(["revert", "--no-edit", &squash]);
    ci.git_ok(["push", "--quiet", "origin", "main"]);
    ci.ok(["propagation", "--check"]);
    ci.git_ok(["revert", "--no-edit", "HEAD"]);
    ci.git_ok(["push", "--quiet", "origin", "main"]);
    let _ = ci.hotfix(["propagation", "--check"]).exits_with(1);
}

#[test]
fn what_programs_read_is_valid() {
    let sandbox = sandbox!();
    let (repo, _) = shipped(&sandbox);
    let commands: [&[&str]; 6] = [
        &["propagation"],
        &["propagation", "--check"],
        &["status"],
        &["backport", "--dry-run"],
        &["backport", "--yes"],
        &["ship", "--yes"],
    ];
    for command in commands {
        let document = repo.hotfix_json(command);
        assert_valid(&document);
    }
    let rows = repo.hotfix_json(["propagation"])["lines"].clone();
    assert_eq!((&rows[1]["state"], &rows[2]["conflicts"][0]), (&"picked".into(), &"total.sh:1".into()), "{rows}");
    assert_valid(&repo.hotfix_json(["revert", "HEAD", "--severity", "high"]));
}

#[test]
fn a_backport_waits_for_the_fix_to_be_on_production() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, LINES);
    repo.ok(OPEN);
    repo.fix_the_bug();
    assert!(refused(&repo, &["backport", "--yes"], 3).contains("git hotfix ship"));
}

/// A sample project on whose `main` a feature was merged.
fn with_feature(sandbox: &Sandbox) -> (Repo<'_>, String) {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--create", "feature"]);
    repo.commit_file("feature.sh", "exit 1\n", "Add a feature");
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.git_ok(["merge", "--quiet", "--no-ff", "--message", "Merge the feature", "feature"]);
    repo.git_ok(["push", "--quiet"]);
    let merge = repo.head();
    (repo, merge)
}

#[test]
fn a_merge_is_reverted_by_an_incident_and_comes_back_by_another() {
    let sandbox = sandbox!();
    let (repo, merge) = with_feature(&sandbox);
    let opened = repo.hotfix(["revert", &merge, "--severity", "high"]).success();
    assert!(opened.stderr().contains("is a merge: what stays is its parent 1"), "{opened}");
    assert!(!repo.has("feature.sh") && repo.branch().starts_with("hotfix/revert-"));
    let message = repo.git_ok(["log", "-1", "--format=%B"]);
    assert!(
        message.starts_with("Revert \"Merge the feature\"")
            && message.contains(&format!("This reverts commit {merge}, reversing"))
    );
    refused(&repo, &["revert", &merge], 0);
    repo.ok(["ship", "--yes", "--no-test", "it is a revert"]);
    assert!(!repo.has("feature.sh"));
    repo.ok(["close"]);
    assert!(refused(&repo, &["revert", &merge, "--severity", "high"], 3).contains("nothing of"));

    let revert = repo.git_ok(["log", "-1", "--format=%H", "--grep", "^Revert", "main"]);
    repo.ok(["revert", &revert, "--severity", "high"]);
    assert!(repo.has("feature.sh"));
    assert!(repo.git_ok(["log", "-1", "--format=%s"]).starts_with("Reapply \"Merge the feature\""));
    repo.ok(["ship", "--yes", "--no-test", "it is a revert"]);
    assert!(repo.git_ok(["ls-tree", "--name-only", "origin/main"]).contains("feature.sh"));
}

#[test]
fn a_commit_that_is_named_by_where_it_is_now_is_reverted_once() {
    for revision in ["HEAD", "@", "main", "origin/main", "HEAD~0"] {
        let sandbox = sandbox!();
        let (repo, merge) = with_feature(&sandbox);
        let opened = repo.hotfix(["revert", revision, "--severity", "high"]).success();
        assert!(opened.stderr().contains("next: git hotfix ship"), "{opened}");
        assert!(!repo.has("feature.sh"), "{revision}");
        let own = repo.git_ok(["log", "--format=%s", &format!("{merge}..HEAD")]);
        assert_eq!(own, "Revert \"Merge the feature\"", "{revision}");
        // What it names now is the revert itself, or what is reverted.
        refused(&repo, &["revert", revision], 0);
        repo.ok(["ship", "--yes", "--no-test", "it is a revert"]);
    }
}

#[test]
fn a_revert_is_previewed_and_told_once() {
    let sandbox = sandbox!();
    let (repo, _) = with_feature(&sandbox);
    let notes = |told: &str| told.lines().filter(|line| line.starts_with("note: the revert")).count();
    let plan = repo.hotfix(["revert", "HEAD", "--severity", "high", "--dry-run"]).success();
    insta::assert_snapshot!(plan, @r#"
    would open HF-YYYY-ID
    would create hotfix/revert-[OBJECT] at [OBJECT] and switch to it
    would record "branch hotfix/revert-[OBJECT] created at [OBJECT]"
    ------- stderr -------
    note: [OBJECT] is a merge: what stays is its parent 1, [OBJECT]
    note: the revert of [OBJECT] changes feature.sh; the guard asks nothing of its size and tests
    hint: dry run, as of the last fetch: nothing was changed
    "#);
    let told = repo.hotfix(["revert", "HEAD", "--severity", "high"]).success();
    assert_eq!(notes(told.stderr()), 1, "{told}");
}

#[test]
fn a_commit_of_the_fix_itself_is_not_for_an_incident_to_revert() {
    let sandbox = sandbox!();
    let (repo, _) = with_feature(&sandbox);
    repo.ok(OPEN);
    repo.fix_the_bug();
    assert!(refused(&repo, &["revert", "HEAD"], 3).contains("hint: git revert "));
}

#[test]
fn what_cannot_be_reverted_opens_nothing() {
    let sandbox = sandbox!();
    let (repo, _) = with_feature(&sandbox);
    let added = repo.git_ok(["rev-parse", "feature"]);
    repo.commit_file("feature.sh", "exit 0\n", "Change the feature");
    repo.git_ok(["push", "--quiet"]);
    for (arguments, code) in [
        (vec!["revert", "nothing"], 2),
        (vec!["revert", "main~2"], 3),
        (vec!["revert", added.as_str()], 4),
        (vec!["revert", "HEAD~1", "--mainline", "3"], 2),
        (vec!["revert", added.as_str(), "--mainline", "1"], 2),
    ] {
        let all: Vec<&str> = arguments.into_iter().chain(["--severity", "high"]).collect();
        refused(&repo, &all, code);
    }
}

#[test]
fn a_revert_joins_the_incident_at_hand() {
    let sandbox = sandbox!();
    let (repo, merge) = with_feature(&sandbox);
    repo.ok(OPEN);
    repo.ok(["revert", &merge]);
    assert_eq!(repo.branch(), "hotfix/coupons-take-off-too-much");
    assert!(!repo.has("feature.sh"));
    assert_eq!(repo.hotfix_json(["list"])["incidents"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_fix_that_was_taken_out_again_is_not_called_shipped() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "");
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["revert", "--no-edit", "-m", "1", "HEAD"]);
    colleague.git_ok(["push", "--quiet"]);
    let short = colleague.git_ok(["rev-parse", "--short=9", "HEAD"]);
    let refusal = repo.hotfix(["ship", "--yes"]).exits_with(4);
    assert!(
        refusal.stderr().contains(&format!("git hotfix revert {short} --severity high   # brings it back")),
        "{refusal}"
    );
    // Whoever reverts the revert has it back.
    repo.git_ok(["pull", "--quiet", "--ff-only"]);
    repo.ok(["revert", &short, "--severity", "high"]);
    repo.ok(["ship", "--yes", "--no-test", "as before"]);
    assert!(repo.git_ok(["show", "origin/main:total.sh"]).contains("off / 100"));
}

/// A fix that was shipped, and that a colleague took out of production again; the merge's revert.
fn taken_out(sandbox: &Sandbox) -> (Repo<'_>, String) {
    let repo = sample_with(sandbox, "");
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["revert", "--no-edit", "-m", "1", "HEAD"]);
    colleague.commit_file("theirs.txt", "x\n", "Go on");
    colleague.git_ok(["push", "--quiet"]);
    (repo, colleague.git_ok(["rev-parse", "HEAD~1"]))
}

#[test]
fn closed_with_a_reason_a_fix_that_was_taken_out_is_called_so() {
    let sandbox = sandbox!();
    let (repo, _) = taken_out(&sandbox);
    let said = repo.hotfix(["close", "--reason", "it is not needed"]).success();
    assert!(
        said.stdout().starts_with("⚠ HOTFIX TAKEN BACK\n") && said.stdout().contains(", taken back since\n"),
        "{said}"
    );
    let page = repo.git_ok(["show", "origin/main:docs/planning/STATUS.md"]);
    assert!(page.contains("| /hotfix |") && page.contains("| taken back | "), "{page}");
}

#[test]
fn whoever_goes_on_with_a_fix_that_was_taken_out_has_it_back() {
    let sandbox = sandbox!();
    let (repo, revert) = taken_out(&sandbox);
    repo.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much", "main^2"]);
    repo.commit_file("more.txt", "x\n", "More");
    let unasked = repo.hotfix(["ship"]).exits_with(2);
    assert!(unasked.stderr().contains("Take that back?"), "{unasked}");
    let plan = repo.hotfix(["ship", "--dry-run"]).success();
    insta::assert_snapshot!(plan.stdout(), @r#"would commit "Reapply "Merge hotfix: Coupons take off too much"" on hotfix/coupons-take-off-too-much"#);
    let ship = repo.hotfix(["ship", "--yes"]).success();
    assert!(ship.stderr().contains("took the fix out again by"), "{ship}");
    let files = repo.git_ok(["ls-tree", "--name-only", "origin/main"]);
    assert!(files.contains("more.txt") && files.contains("theirs.txt"), "{files}");
    assert!(repo.git_ok(["show", "origin/main:total.sh"]).contains("off / 100"), "the fix is back");
    let message = repo.git_ok(["log", "-1", "--format=%B", "origin/main^2"]);
    assert!(message.contains(&format!("This reverts commit {revert}")), "{message}");
    repo.ok(["close"]);
}

#[test]
fn the_branch_of_a_fix_that_was_taken_out_takes_it_back_when_it_is_told_to() {
    let sandbox = sandbox!();
    let (repo, revert) = taken_out(&sandbox);
    repo.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much", "main^2"]);
    // Nothing new is on the branch: who took the fix out may have had a reason.
    let refusal = repo.hotfix(["ship", "--yes"]).exits_with(4);
    assert!(refusal.stderr().contains("# brings it back"), "{refusal}");
    repo.ok(["revert", &revert]);
    repo.ok(["ship", "--yes"]);
    assert!(repo.git_ok(["show", "origin/main:total.sh"]).contains("off / 100"), "the fix is back");
}

#[test]
fn what_cannot_be_taken_back_by_itself_is_named() {
    let sandbox = sandbox!();
    let (repo, _) = taken_out(&sandbox);
    repo.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much", "main^2"]);
    repo.commit_file("more.txt", "x\n", "More");
    let colleague = repo.at("../colleague");
    colleague.commit_file("total.sh", CONFLICT, "Write it anew");
    colleague.git_ok(["push", "--quiet"]);
    let tip = repo.head();
    let refusal = repo.hotfix(["ship", "--yes"]).exits_with(4);
    insta::assert_snapshot!(refusal.verdict(), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much, origin/main and the revert of [OBJECT] conflict in total.sh:1; nothing was changed
    hint: git switch hotfix/coupons-take-off-too-much && git merge origin/main && git revert [OBJECT]
    hint: resolve, commit, then: git hotfix ship
    [exit status: 4]
    ");
    assert_eq!(repo.head(), tip);
}

#[test]
fn where_no_release_branches_are_named_the_command_is_that_names_them() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["push", "--quiet", "origin", "main:release/1.0"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    insta::assert_snapshot!(refused(&repo, &["backport", "--to", "release/1.0"], 2), @r#"
    ------- stderr -------
    error: --to: release/1.0 is no release branch that [release] lines names
    hint: git hotfix config set release.lines '["release/1.0"]'   # for you; with --repository for all, from the next incident on
    [exit status: 2]
    "#);
    for command in ["backport", "propagation"] {
        let said = repo.hotfix([command]).success();
        assert!(said.stderr().contains("hint: git hotfix config set release.lines '[\"release/*\"]'"), "{said}");
    }
    // As it is hinted at.
    repo.ok(["config", "set", "release.lines", "[\"release/1.0\"]"]);
    repo.ok(["backport", "--to", "release/1.0", "--yes"]);
}
