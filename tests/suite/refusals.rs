//! Every no: what it says, which exit code it has, and that it changed nothing.

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{CONFLICT, TITLE, advance_production, opened, refused, reject_main, sample_with};

const OPEN: [&str; 4] = ["open", "Search is down", "--severity", "high"];

#[test]
fn open_refuses_tracked_changes_and_offers_a_work_tree() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["branch", "--move", "release"]);
    let repo = repo.with_remote_of("release");
    repo.write("total.sh", "half done\n");
    let all = ["open", "It's down", "--severity", "sev1", "--impact", "no $ales", "--scope", "EU", "--source", "alert"];
    insta::assert_snapshot!(refused(&repo, &all, 3), @r"
    ------- stderr -------
    error: Stash or commit current work first — hotfixes branch from clean release. Uncommitted: total.sh
    hint: git hotfix open 'It'\''s down' --severity sev1 --impact 'no $ales' --scope EU --source alert --worktree
    hint: git hotfix open 'It'\''s down' --severity sev1 --impact 'no $ales' --scope EU --source alert --carry   # the work here is the fix
    [exit status: 3]
    ");
    repo.git_ok(["add", "total.sh"]);
    assert!(refused(&repo, &OPEN, 3).contains("hotfixes branch from clean release."));
}

#[test]
fn the_hint_of_a_dirty_tree_works_when_it_is_pasted() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("total.sh", "half done\n");
    let output = repo.hotfix(["open", "It's \"down\" & $HOME", "--severity", "high"]).exits_with(3);
    let hint =
        output.stderr().lines().find_map(|line| line.strip_prefix("hint: ")).expect("there is a hint").to_owned();
    let _ = repo.run(repo.command("sh").args(["-c", &hint])).success();
    assert_eq!(repo.read("total.sh"), "half done\n");
    assert!(repo.at("../shop-hotfix-it-s-down-home").has("total.sh"));
    assert_eq!(repo.hotfix_json(["status"])["incident"]["title"], "It's \"down\" & $HOME");
}

#[test]
fn open_refuses_a_repository_without_a_commit() {
    let sandbox = sandbox!();
    insta::assert_snapshot!(refused(&sandbox.empty_repo("new"), &OPEN, 3), @"
    ------- stderr -------
    error: the branch main has no commit yet
    hint: a hotfix starts from a commit that production runs; make or fetch one first
    [exit status: 3]
    ");
}

#[test]
fn open_refuses_a_bare_repository_and_no_repository() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    insta::assert_snapshot!(refused(&repo.at("../origin.git"), &OPEN, 3), @"
    ------- stderr -------
    error: this is a bare repository; a fix needs a work tree
    hint: git clone it, and open the incident there
    [exit status: 3]
    ");
    insta::assert_snapshot!(repo.at("..").hotfix(OPEN).exits_with(3).verdict(), @r#"
    ------- stderr -------
    error: failed to find a git repository in [ROOT] or a folder above it
    hint: cd into a repository, or name it: -C <folder>
    [exit status: 3]
    "#);
}

#[test]
fn formats_that_would_be_misread_are_refused() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["config", "core.repositoryFormatVersion", "1"]);
    repo.git_ok(["config", "extensions.ofTomorrow", "true"]);
    // git itself refuses to be run there, and with it its commands.
    let refused = repo.run(repo.command("git-hotfix").args(OPEN));
    insta::assert_snapshot!(refused, @"
    ------- stderr -------
    error: failed to open the git repository at .: it has the extension `ofTomorrow`, which is not known here
    hint: A newer hotfix may know it: its CHANGELOG says so.
    [exit status: 3]
    ");
}

#[test]
fn a_shallow_clone_ships_what_it_can_see() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.commit_file("more.txt", "more\n", "Sell more");
    repo.git_ok(["push", "--quiet"]);
    let url = format!("file://{}", repo.origin().display());
    repo.git_ok(["clone", "--quiet", "--depth", "1", &url, "../shallow"]);
    let shallow = repo.at("../shallow");
    shallow.ok(["open", TITLE, "--severity", "high"]);
    shallow.fix_the_bug();
    shallow.ok(["ship", "--yes"]);
    assert!(repo.remote_refs().contains(&format!("{}\trefs/heads/main", shallow.head())));
}

#[test]
fn open_refuses_an_unfinished_merge() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["switch", "--quiet", "--create", "topic"]);
    repo.commit_file("topic.txt", "x\n", "Topic");
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.git_ok(["merge", "--quiet", "--no-ff", "--no-commit", "topic"]);
    insta::assert_snapshot!(refused(&repo, &OPEN, 3), @"
    ------- stderr -------
    error: a merge is under way here, and not finished
    hint: git commit --no-edit   # or git merge --abort
    [exit status: 3]
    ");
    assert!(repo.has(".git/MERGE_HEAD"));
}

#[test]
fn open_works_from_a_detached_head() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--detach"]);
    repo.ok(OPEN);
    assert_eq!(repo.branch(), "hotfix/search-is-down");
}

#[test]
fn a_branch_of_that_name_here_is_somebody_elses_until_taken_over() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--create", "hotfix/search-is-down"]);
    let theirs = repo.commit_file("theirs.txt", "x\n", "Start");
    repo.git_ok(["switch", "--quiet", "main"]);
    insta::assert_snapshot!(refused(&repo, &OPEN, 4), @"
    ------- stderr -------
    error: a branch hotfix/search-is-down exists here and belongs to no open incident
    hint: git hotfix open 'Search is down' --severity high --take-over   # go on with that branch
    hint: git hotfix open 'Search is down' --severity high --slug search-is-down-2   # or use another name
    [exit status: 4]
    ");
    repo.ok([&OPEN[..], &["--take-over"]].concat());
    assert_eq!((repo.branch().as_str(), repo.head()), ("hotfix/search-is-down", theirs));
}

#[test]
fn a_branch_of_that_name_on_the_remote_is_somebody_elses_until_taken_over() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "--create", "hotfix/search-is-down"]);
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Start");
    colleague.git_ok(["push", "--quiet", "origin", "hotfix/search-is-down"]);
    insta::assert_snapshot!(refused(&repo, &OPEN, 4), @"
    ------- stderr -------
    error: a branch hotfix/search-is-down exists on the remote and belongs to no open incident
    hint: git hotfix open 'Search is down' --severity high --take-over   # go on with that branch
    hint: git hotfix open 'Search is down' --severity high --slug search-is-down-2   # or use another name
    [exit status: 4]
    ");
    repo.ok([&OPEN[..], &["--take-over"]].concat());
    assert_eq!((repo.branch().as_str(), repo.head()), ("hotfix/search-is-down", theirs));
}

#[test]
fn wrong_words_are_named_with_the_right_ones() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    insta::assert_snapshot!(refused(&repo, &["open", "x", "--severity", "urgent"], 2), @"
    ------- stderr -------
    error: --severity: unknown severity `urgent`
    hint: critical (p0, sev1, sev-1): down, or data at risk, for many users
    hint: high (p1, sev2, sev-2): a main function is broken for a part of the users
    hint: medium (p2, sev3, sev-3): users are hindered but can work
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["open", "x"], 2), @"
    ------- stderr -------
    error: --severity is required: critical, high or medium
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["open", " \t ", "--severity", "high"], 2), @"
    ------- stderr -------
    error: TITLE: say in a few words what is broken
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["open", "x", "--severity", "high", "--slug", "../x"], 2), @"
    ------- stderr -------
    error: --slug: `../x` is no slug: only a-z, 0-9, single `-` and single `.` are allowed
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["open", "x", "--severity", "high", "--started-at", "soon"], 2), @r#"
    ------- stderr -------
    error: --started-at: `soon` is no time
    hint: "10 minutes ago", "1h30m ago", now, 09:41, "yesterday 14:05", "[INSTANT]" or [INSTANT]
    [exit status: 2]
    "#);
    insta::assert_snapshot!(refused(&repo, &["open", "x", "--severity", "high", "--base", "nowhere"], 2), @"
    ------- stderr -------
    error: --base: `nowhere` names no commit
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["note", "x", "--at", "2999-01-01T00:00:00Z"], 2), @"
    ------- stderr -------
    error: --at: [INSTANT] is in the future
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["mark", "lunch"], 2), @"
    ------- stderr -------
    error: MILESTONE: unknown milestone `lunch`
    hint: started, detected, mitigated, rolled-back, deployed, verified, resolved
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["foo"], 2), @"
    ------- stderr -------
    error: unrecognized subcommand 'foo'
    hint: git hotfix -h   # usage: git hotfix [OPTIONS] [COMMAND]
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["open"], 2), @"
    ------- stderr -------
    error: TITLE: say in a few words what is broken
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["follow-up"], 2), @"
    ------- stderr -------
    error: a subcommand is missing
    hint: git hotfix follow-up -h   # usage: git hotfix follow-up [OPTIONS] <COMMAND>
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["postmortem", "--edit"], 2), @"
    ------- stderr -------
    error: --edit: there is no terminal to show an editor in
    hint: git hotfix postmortem   # writes the draft; then edit the file
    [exit status: 2]
    ");
    insta::assert_snapshot!(refused(&repo, &["ship", "--yess"], 2), @"
    ------- stderr -------
    error: unexpected argument '--yess' found
    hint: a similar argument exists: '--yes'
    hint: git hotfix ship -h   # usage: git hotfix ship --yes
    [exit status: 2]
    ");
}

#[test]
fn commit_ids_are_no_slugs() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    for length in [40, 64] {
        refused(&repo, &["open", "x", "--severity", "high", "--slug", &"a".repeat(length)], 2);
    }
}

#[test]
fn ship_wants_a_yes() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    insta::assert_snapshot!(refused(&repo, &["ship"], 2), @"
    ------- stderr -------
    error: Merge hotfix/coupons-take-off-too-much into origin/main? Nobody is there to confirm it
    hint: git hotfix ship --yes
    [exit status: 2]
    ");
}

#[test]
fn ship_refuses_what_is_not_committed() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 3), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much holds no commit of its own yet
    hint: fix the issue, then: git add --all && git commit
    [exit status: 3]
    ");
    repo.write_fix();
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 3), @"
    ------- stderr -------
    error: there is uncommitted work here: total.sh
    hint: git commit -a
    [exit status: 3]
    ");
}

#[test]
fn the_incident_meant_must_be_clear() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    insta::assert_snapshot!(refused(&repo, &["note", "x", "--incident", "HF-2026-00000000"], 3), @"
    ------- stderr -------
    error: failed to find incident HF-YYYY-ID
    hint: git hotfix list --all   # those that are known here
    hint: git hotfix sync   # takes in those of colleagues
    [exit status: 3]
    ");
    repo.ok(OPEN);
    repo.git_ok(["switch", "--quiet", "main"]);
    let refusal = refused(&repo, &["note", "x"], 3);
    let listed = repo.hotfix(["status"]).success().verdict();
    assert!(refusal.contains("error: 2 incidents are open; say which one"), "{refusal}");
    for title in [TITLE, "Search is down"] {
        assert!(refusal.contains(&format!("hint: --incident HF-YYYY-ID   # {title}")), "{refusal}");
        assert!(listed.contains(title), "{listed}");
    }
}

#[test]
fn without_an_incident_the_way_to_one_is_shown() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    for command in [&["ship", "--yes"][..], &["close"], &["abort"], &["test"], &["note", "x"], &["deploy"]] {
        assert!(refused(&repo, command, 3).contains("hint: git hotfix open "), "{command:?}");
    }
}

#[test]
fn a_conflict_with_production_names_the_file_and_changes_nothing() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    advance_production(&repo, CONFLICT);
    repo.git_ok(["fetch", "--quiet"]);
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 4), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much conflicts with origin/main in total.sh:1; nothing was changed
    hint: git switch hotfix/coupons-take-off-too-much && git merge origin/main
    hint: resolve, commit, then: git hotfix ship
    [exit status: 4]
    ");
    assert_eq!(repo.git(["merge", "--quiet", "origin/main"]).code(), Some(1));
    repo.write_fix();
    repo.commit_all("Merge production");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.branch(), "main");
}

#[test]
fn a_protected_branch_refuses_and_nothing_moves() {
    for hook in ["update", "pre-receive"] {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        let fix = repo.fix_the_bug();
        reject_main(&repo, hook);
        let main = repo.resolve("origin/main");
        let output = repo.hotfix(["ship", "--yes"]).exits_with(5);
        assert!(output.stderr().contains("GH006: main is protected"), "{output}");
        let ours = format!("{fix}\trefs/heads/hotfix/coupons-take-off-too-much");
        assert!(repo.remote_refs().contains(&ours), "{}", repo.remote_refs());
        assert!(repo.remote_refs().contains(&format!("{}\trefs/heads/main", main.clone().expect("it is there"))));
        assert_eq!((repo.resolve("origin/main"), repo.resolve("main")), (main.clone(), main));
        assert_eq!((repo.branch().as_str(), repo.head()), ("hotfix/coupons-take-off-too-much", fix));
        std::fs::remove_file(repo.origin().join("hooks").join(hook)).expect("it is there");
        repo.ok(["ship", "--yes"]);
    }
}

/// The records as a protected branch wants them: in the work tree, for a pull request of one's own.
#[test]
fn records_that_a_protected_branch_refuses_may_be_left_in_the_work_tree() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("docs/planning/STATUS.md", "# Status\n\nOurs.\n", "Keep a status");
    let repo = repo.with_remote();
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    reject_main(&repo, "update");
    let remote = repo.remote_refs();
    let mut close = repo.command("git-hotfix");
    let closed = repo.run(close.env("HOTFIX_RECORDS_DELIVER", "leave").args(["close", "--json"])).success();
    assert_eq!(closed.json()["incident"]["status"], "closed");
    assert_eq!(repo.remote_refs(), remote);
    assert!(repo.read("docs/planning/STATUS.md").starts_with("# Status\n\nOurs.\n\n## Incidents\n"));
    assert_eq!(repo.git_ok(["status", "--porcelain"]), " M docs/planning/STATUS.md\n?? docs/decisions/");
}

#[test]
fn records_that_a_protected_branch_refuses_are_proposed_on_a_branch() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    reject_main(&repo, "update");
    let main = repo.resolve("origin/main");
    insta::assert_snapshot!(repo.hotfix(["close"]).success().verdict(), @"
    ✅ HOTFIX MERGED
    ===================

    Issue: Coupons take off too much
    Severity: High
    Fix: Take off the coupon's percentage once
    Deployed: merged, not deployed by hotfix ([INSTANT])
    Postmortem: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md
    ------- stderr -------
    hint: the records are proposed as hotfix/coupons-take-off-too-much-records: merge it into origin/main
    hint: unknown in the postmortem: how many users were affected, when it started, when it was over for users, the monitoring gap, the validation gap; docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md names the commands
    hint: git hotfix postmortem --incident HF-YYYY-ID   # after such a command: delivers it again
    ");
    let records = "origin/hotfix/coupons-take-off-too-much-records";
    assert_eq!(repo.resolve("origin/main"), main, "production is as it was");
    assert_eq!(repo.resolve(&format!("{records}^")), main);
    assert!(repo.git_ok(["show", &format!("{records}:docs/planning/STATUS.md")]).contains("| /hotfix |"));
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    repo.ok(["close"]);
}

#[test]
fn records_go_on_a_branch_of_their_own_where_the_rules_say_so() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let records = "refs/heads/hotfix/coupons-take-off-too-much-records";
    let close = || {
        let mut close = repo.command("git-hotfix");
        repo.run(close.env("HOTFIX_RECORDS_DELIVER", "pull-request").arg("close"))
    };
    repo.git_ok(["push", "--quiet", "origin", &format!("HEAD:{records}")]);
    let refused = close().exits_with(4);
    assert!(refused.stderr().contains("exists on the remote and is not ours"), "{refused}");
    repo.git_ok(["push", "--quiet", "origin", &format!(":{records}")]);
    let _ = close().success();
    assert!(repo.remote_refs().contains(records));
}

/// Production moves while the tests run: the push finds another tip than the plan was made for.
#[test]
fn a_race_before_the_push_is_recomputed_and_lands() {
    let sandbox = sandbox!();
    let race = "[test]\ncommand = [\"sh\", \"-c\", \"cd ../colleague && git push --quiet origin HEAD:main\"]\n";
    let repo = sample_with(&sandbox, race);
    lands_beside_a_colleague(&repo);
}

/// Production moves inside the push: the server finds another value than it told us.
#[test]
fn a_race_inside_the_push_is_recomputed_and_lands() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[test]\ncommand = [\"true\"]\n");
    let hook = "#!/bin/sh\n[ \"$1\" = origin ] || exit 0\nread _ _ ref _\n\
                [ \"$ref\" = refs/heads/main ] && [ ! -e ../raced ] || exit 0\n\
                : > ../raced; unset GIT_DIR; cd ../colleague && git push --quiet origin HEAD:main\n";
    repo.hook(".git/hooks/pre-push", hook);
    lands_beside_a_colleague(&repo);
    assert!(repo.at("..").has("raced"));
}

fn lands_beside_a_colleague(repo: &Repo<'_>) {
    let colleague = repo.clone_as("colleague");
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Meanwhile");
    repo.ok(["open", TITLE, "--severity", "high"]);
    let fix = repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.git_ok(["log", "-1", "--format=%P", "origin/main"]), format!("{theirs} {fix}"));
    assert!(repo.has("theirs.txt"));
}

#[test]
fn failing_tests_stop_the_ship() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write_regression_test();
    repo.commit_all("Test alone");
    let before = repo.state_without_ledger();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(1).verdict(), @r#"
    coupon_test: takes off too much
    ------- stderr -------
    error: the tests do not pass: `sh test/all.sh` exited with 1
    hint: correct the fix, commit, and run the same command again
    hint: git hotfix ship --no-test "why it ships although they fail"
    [exit status: 1]
    "#);
    assert_eq!(repo.state_without_ledger(), before);
    let _ = repo.hotfix(["test"]).exits_with(1);
    repo.write_fix();
    repo.commit_all("Fix");
    repo.ok(["ship", "--yes"]);
}

#[test]
fn the_guard_stops_what_is_too_big() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write_fix();
    repo.write("lib.sh", &"echo\n".repeat(300));
    repo.commit_all("Rewrite");
    let before = repo.state_without_ledger();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(1).verdict(), @r#"
    lib.sh:1: error: the fix changes 302 lines, more than 200 [too-big]; move what the fix does not need to a follow-up, or let this pass with a reason
    1 error in a fix of 2 files and 302 lines
    ------- stderr -------
    error: the guard found the fix not minimal
    hint: git hotfix guard --waive too-big --reason "..."   # if it must be so
    hint: git hotfix ship --no-guard "why it must be so"
    [exit status: 1]
    "#);
    assert_eq!(repo.state_without_ledger(), before);
    repo.ok(["ship", "--yes", "--no-guard", "generated"]);
}

#[test]
fn what_is_done_stays_done() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    refused(&repo, &["pr"], 0);
    repo.ok(["ship", "--yes"]);
    refused(&repo, &["ship", "--yes"], 0);
    refused(&repo, &["ship"], 0);
    refused(&repo, &["pr"], 0);
    repo.ok(["close"]);
    for command in [["close"], ["ship"], ["pr"], ["deploy"], ["verify"]] {
        refused(&repo, &command, 0);
    }
    insta::assert_snapshot!(refused(&repo, &["abort"], 3), @"
    ------- stderr -------
    error: HF-YYYY-ID is closed; there is nothing to abort
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    [exit status: 3]
    ");
}

#[test]
fn what_is_canceled_stays_canceled() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["abort"]);
    refused(&repo, &["abort"], 0);
    for command in [&["ship", "--yes"][..], &["pr"], &["deploy"], &["verify"]] {
        refused(&repo, command, 3);
    }
    insta::assert_snapshot!(refused(&repo, &["close"], 3), @"
    ------- stderr -------
    error: HF-YYYY-ID is canceled; there is nothing to close
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    [exit status: 3]
    ");
}

#[test]
fn a_closed_incident_does_not_block_its_slug() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let first = repo.hotfix_json(["close"])["incident"]["id"].clone();
    let again = repo.hotfix_json(["open", TITLE, "--severity", "high"]);
    assert_eq!(again["incident"]["branch"], "hotfix/coupons-take-off-too-much");
    assert_ne!(again["incident"]["id"], first);
}

#[test]
fn a_remote_out_of_reach_is_worth_another_try() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/shop.git"]);
    for command in [&["ship", "--yes"][..], &["pr"], &["abort"], &OPEN] {
        let refusal = refused(&repo, command, 6);
        assert!(refusal.contains("run the same command again"), "{refusal}");
    }
}

#[test]
fn a_remote_that_is_gone_is_refused() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["remote", "set-url", "origin", "../nowhere.git"]);
    insta::assert_snapshot!(refused(&repo, &OPEN, 5), @"
    ------- stderr -------
    error: failed to ask origin for its branches: git: fatal: '../nowhere.git' does not appear to be a git repository fatal: Could not read from remote repository. Please make sure you have the correct access rights and the repository exists.
    hint: Check the remote's address with `git remote -v`; a private repository looks like this without access.
    [exit status: 5]
    ");
}

#[test]
fn wrong_rules_are_named_by_file_line_and_key() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("hotfix.toml", "[test]\ncomand = [\"true\"]\n", "Misspell");
    let refusal = refused(&repo, &OPEN, 2);
    for part in ["hotfix.toml", "line 2", "`test.comand`", "`test.command`"] {
        assert!(refusal.contains(part), "{refusal}");
    }
}
