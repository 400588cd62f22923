//! The token: where it is missing or wrong, and that it is nowhere afterwards.

use std::path::Path;

use hotfix_tests::{Fault, TOKEN, sandbox};

use super::{night, night_with};

#[test]
fn a_token_that_is_not_accepted_is_told_with_the_mend() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    let mut command = night.repo.command("git");
    let refused = night.repo.run(command.args(["hotfix", "pr"]).env("GH_TOKEN", "ghp_wrong0123456789")).exits_with(5);
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "HOST")] }, {
        insta::assert_snapshot!(refused.verdict(), @"
        ------- stderr -------
        error: failed to propose hotfix/coupons-take-off-too-much at HOST: GitHub answers 401: Bad credentials
        hint: the token from GH_TOKEN is not accepted: gh auth login, or set HOTFIX_GITHUB_TOKEN
        [exit status: 5]
        ");
    });
    let mut command = night.repo.command("git");
    let none = night.repo.run(command.args(["hotfix", "pr"])).exits_with(3);
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "HOST")] }, {
        insta::assert_snapshot!(none.verdict(), @"
        ------- stderr -------
        error: failed to find a token for HOST: there is none
        hint: gh auth login --hostname HOST, or set HOTFIX_GITHUB_TOKEN
        hint: git config hotfix.forge.kind local   # without GitHub: the pull request stays in the ledger
        [exit status: 3]
        ");
    });
}

/// A whole night under faults, with one token; it must be in no byte that is left behind or was shown.
#[test]
fn the_token_is_nowhere_afterwards() {
    let sandbox = sandbox!();
    let night = night_with(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"env\"]\n");
    let echo = format!("{{\"message\":\"you sent Bearer {TOKEN}\"}}");
    night.github.trap("POST /repos/dev/shop/labels", Fault::Answer(403, Vec::new(), echo.clone()));
    night.github.trap("PUT", Fault::Answer(405, Vec::new(), echo));
    let mut shown = String::new();
    for arguments in [
        ["doctor", "-v"].as_slice(),
        &["pr", "-v"],
        &["ship", "--yes", "-v"],
        &["ship", "--yes", "--json"],
        &["follow-up", "add", "Alert", "--issue"],
        &["close", "--yes", "--reason", "rehearsal"],
        &["log"],
    ] {
        let output = night.hotfix(arguments);
        shown.push_str(output.stdout());
        shown.push_str(output.stderr());
    }
    assert_eq!(night.github.fired(), 2);
    assert_eq!(night.github.pull(1)["state"], "closed", "{shown}");
    assert!(!shown.contains(TOKEN), "{shown}");
    let found = files_with(sandbox.root(), TOKEN.as_bytes());
    assert_eq!(found, Vec::<String>::new());
    for object in
        night.repo.git_ok(["rev-list", "--all", "--objects"]).lines().filter_map(|line| line.split(' ').next())
    {
        let content = night.repo.git_ok(["cat-file", "-p", object]);
        assert!(!content.contains(TOKEN), "{object}");
    }
}

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path).unwrap_or_default().windows(needle.len()).any(|bytes| bytes == needle) {
            found.push(path.display().to_string());
        }
    }
    found
}
