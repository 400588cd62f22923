//! Nothing can begin here, or not so.

use hotfix_core::workflow::Code;
use hotfix_tests::{Sample, sandbox};

use super::Rows;
use crate::fixtures::sample_with;

const OPEN: [&str; 4] = ["open", "Search is down", "--severity", "high"];

pub(super) fn rows(rows: &mut Rows) {
    let sandbox = sandbox!();
    rows.refused(Code::Unborn, 3, &sandbox.empty_repo("new"), &OPEN);
    let repo = sandbox.sample(Sample::Shell).with_remote();
    rows.refused(Code::Bare, 3, &repo.at("../origin.git"), &OPEN);
    repo.git_ok(["branch", "hotfix/search-is-down"]);
    rows.refused(Code::BranchExists, 4, &repo, &OPEN);
    repo.git_ok(["branch", "--move", "hotfix/search-is-down", "hotfix"]);
    rows.refused(Code::BranchInTheWay, 4, &repo, &OPEN);
    repo.git_ok(["branch", "-D", "hotfix"]);
    let url = format!("file://{}", repo.origin().display());
    repo.commit_file("more.txt", "more\n", "Sell more");
    repo.git_ok(["push", "--quiet"]);
    repo.git_ok(["clone", "--quiet", "--depth", "1", &url, "../shallow"]);
    rows.refused(Code::Shallow, 3, &repo.at("../shallow"), &["propagation", "--check"]);
    let elsewhere = repo.git_ok(["commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", "Elsewhere"]);
    repo.git_ok(["merge", "--quiet", "--no-ff", "--no-commit", &elsewhere]);
    rows.refused(Code::Unfinished, 3, &repo, &OPEN);
    repo.git_ok(["merge", "--abort"]);
    repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/shop.git"]);
    rows.refused(Code::Outside, 6, &repo, &OPEN);
    rows.refused(Code::Doctor, 1, &repo, &["doctor"]);
}

pub(super) fn remotes(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let mut command = repo.command("git-hotfix");
    command.args(OPEN).arg("--json").env("HOTFIX_PRODUCTION_REMOTE", "nowhere");
    rows.told(Code::NoSuchRemote, 3, &repo.run(&mut command));
    let origin = repo.at("../origin.git");
    origin.git_ok(["branch", "trunk", "main"]);
    origin.git_ok(["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    rows.refused(Code::WhichBranch, 2, &repo, &OPEN);
    origin.git_ok(["symbolic-ref", "HEAD", "refs/heads/main"]);
    repo.git_ok(["clone", "--quiet", "--bare", "../origin.git", "../mine.git"]);
    repo.git_ok(["remote", "add", "mine", "../mine.git"]);
    repo.git_ok(["config", "remote.pushDefault", "mine"]);
    rows.refused(Code::Fork, 3, &repo, &OPEN);
    repo.git_ok(["remote", "rename", "origin", "theirs"]);
    rows.refused(Code::WhichRemote, 3, &repo, &OPEN);
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["branch", "--move", "trunk"]);
    rows.refused(Code::NoProductionBranch, 3, &repo, &OPEN);
    repo.git_ok(["branch", "--move", "main"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    let mut command = repo.command("git-hotfix");
    command.args(["pr", "--json"]).env("HOTFIX_FORGE_KIND", "github").env("HOTFIX_FORGE_REPOSITORY", "dev/shop");
    rows.told(Code::NoRemote, 3, &repo.run(&mut command));
    let sandbox = sandbox!();
    let rules = "[forge]\nkind = \"github\"\napi = \"https://ghe.example.com/api/v3\"\nrepository = \"dev/shop\"\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(OPEN);
    repo.fix_the_bug();
    rows.refused(Code::ForgeApi, 3, &repo, &["pr"]);
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[production]\ndeployed = [\"false\"]\n");
    rows.refused(Code::DeployedUnknown, 4, &repo, &OPEN);
}
