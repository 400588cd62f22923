//! One line for a shell's prompt: what it says, and that it costs nearly nothing and never complains.

use std::fs;

use hotfix_tests::{Repo, Sample, Shim, has_ref_files, sandbox};

const SHORT: &[&str] = &["status", "--short"];

fn shown(repo: &Repo<'_>) -> String {
    let said = repo.hotfix(SHORT).success();
    assert_eq!(said.stderr(), "");
    said.stdout().to_owned()
}

#[test]
fn a_prompt_says_which_incident_and_for_how_long() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    assert_eq!(shown(&repo), "");
    // At once: what was recorded is kept for it, though no other command looked since.
    repo.ok(["open", "Coupons take off too much", "--severity", "high", "--started-at", "75 minutes ago"]);
    let line = "high 1h15m coupons-take-off-too-much\n";
    assert_eq!(shown(&repo), line);
    repo.git_ok(["switch", "--quiet", "main"]);
    assert_eq!(shown(&repo), "high 1h15m coupons-take-off-too-much (on main)\n");
    repo.git_ok(["worktree", "add", "--quiet", "../linked", "hotfix/coupons-take-off-too-much"]);
    assert_eq!(shown(&repo.at("../linked")), line);
    repo.ok(["triage", "--severity", "critical"]);
    assert!(shown(&repo).starts_with("critical "));
    repo.ok(["open", "Search is down for everybody who looks for shoes", "--severity", "high"]);
    assert_eq!(shown(&repo), "high 0m search-is-down-for-everybody-w…\n");
    repo.git_ok(["switch", "--quiet", "main"]);
    assert_eq!(shown(&repo), "2 incidents open\n");
}

#[test]
fn a_prompt_is_silent_where_there_is_nothing_to_say() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let outside = sandbox.run(sandbox.command("git-hotfix", sandbox.root()).args(SHORT)).success();
    assert_eq!((outside.stdout(), outside.stderr()), ("", ""));
    repo.ok(["open", "Coupons", "--severity", "high"]);
    assert!(!shown(&repo).is_empty());
    let kept = repo.folder().join(".git").join("hotfix/open-v1");
    let bytes = fs::read(&kept).unwrap();
    for damaged in [&bytes[..bytes.len() - 1], b"", b"hotfix cache 0\n"] {
        fs::write(&kept, damaged).unwrap();
        assert_eq!(shown(&repo), "");
    }
    fs::remove_file(&kept).unwrap();
    assert_eq!(shown(&repo), "");
    // The next command that looks keeps it again.
    repo.ok(["list"]);
    assert!(!shown(&repo).is_empty());
    repo.ok(["abort", "--reason", "false alarm"]);
    assert_eq!(shown(&repo), "");
}

#[test]
fn a_prompt_says_no_branch_once_the_fix_is_merged() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let line = shown(&repo);
    assert!(repo.branch() == "main" && line.contains("coupons") && !line.contains("(on "), "{line}");
}

#[test]
fn a_prompt_starts_no_program() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    let shim = Shim::new(&sandbox, &["git"]);
    let said = repo.run(shim.command(&repo, "git-hotfix").args(SHORT)).success();
    assert!(!said.stdout().is_empty());
    // In reftable only git knows what HEAD names.
    assert_eq!(shim.calls(), usize::from(!has_ref_files()));
    // The shim counts what there is to count.
    let _ = repo.run(shim.command(&repo, "git-hotfix").args(["open", "Search", "--severity", "high"])).success();
    assert!(shim.calls() > 0);
}
