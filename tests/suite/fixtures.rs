//! What several tests begin with.

use hotfix_tests::{Repo, Sample, Sandbox};

/// The title of the incident that tests work on.
pub(crate) const TITLE: &str = "Coupons take off too much";

/// Another answer to the same bug.
pub(crate) const CONFLICT: &str = "# The price of a cart, in cents.\necho 0\n";

/// A deployment that notes that it runs and, until there is peace, kills whoever started it.
pub(crate) const DEPLOY_KILLS_US: &str =
    "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys; [ -e ../calm ] || kill -9 $PPID\"]\n";

/// A sample project with a remote and an open incident.
pub(crate) fn opened(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("opened", |sandbox| {
        let repo = sandbox.sample(Sample::Shell).with_remote();
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo
    })
}

/// A sample project with a remote and rules of its own.
pub(crate) fn sample_with<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    sandbox.made(&format!("with {rules}"), |sandbox| {
        let repo = sandbox.sample(Sample::Shell);
        repo.commit_file("hotfix.toml", rules, "Set the rules");
        repo.with_remote()
    })
}

/// Two clones whose people let the remote have the ledger; the rules say that it is shared around commands.
pub(crate) fn two_clones<'s>(sandbox: &'s Sandbox, rules: &str) -> (Repo<'s>, Repo<'s>) {
    with_bob(sample_with(sandbox, &format!("{rules}[ledger]\nshare = true\n")))
}

/// A clone and that of a colleague, whose people let the remote have the ledger.
pub(crate) fn with_bob<'s>(ada: Repo<'s>) -> (Repo<'s>, Repo<'s>) {
    let bob = ada.clone_as("bob");
    for (repo, name) in [(&ada, "Ada"), (&bob, "Bob")] {
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        repo.git_ok(["config", "user.name", name]);
    }
    (ada, bob)
}

/// Somebody else pushes another `total.sh` to production; the commit.
pub(crate) fn advance_production(repo: &Repo<'_>, content: &str) -> String {
    let colleague = repo.clone_as("colleague");
    let commit = colleague.commit_file("total.sh", content, "Mend it elsewhere");
    colleague.git_ok(["push", "--quiet"]);
    commit
}

/// Protects `main` on the remote by a hook.
pub(crate) fn reject_main(repo: &Repo<'_>, hook: &str) {
    let test = match hook {
        "update" => "[ \"$1\" != refs/heads/main ]",
        _ => "! grep -q ' refs/heads/main$'",
    };
    let script = format!("#!/bin/sh\n{test} && exit 0\necho 'GH006: main is protected' >&2\nexit 1\n");
    repo.hook(&format!("../origin.git/hooks/{hook}"), &script);
}

/// Runs what must end with this code and change nothing; what it says.
#[track_caller]
pub(crate) fn refused(repo: &Repo<'_>, arguments: &[&str], code: i32) -> String {
    let before = repo.state();
    let output = repo.hotfix(arguments).exits_with(code);
    assert_eq!(repo.state(), before, "{output}");
    output.verdict()
}

/// Checks all cases at once: they wait for most of their time.
pub(crate) fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    let check = &check;
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || check(case));
        }
    });
}
