//! What refuses to go on where there are several lines: a row for each code.

use hotfix_core::workflow::Code;

use crate::codes::Rows;

use super::*;

pub(crate) fn rows(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    // The tag gets there, and the rest of the landing does not.
    let tag_alone = "\
#!/bin/sh
while read -r _ id name _; do
    case $name in refs/tags/*) git push --quiet --no-verify origin \"$id:$name\"; exit 1 ;; esac
done
";
    repo.hook(".git/hooks/pre-push", tag_alone);
    let _ = repo.hotfix(SHIP).exits_with(3);
    std::fs::remove_file(repo.folder().join(".git/hooks/pre-push")).expect("it is there");
    push_to(&repo, "main", "other.txt", "x\n");
    rows.refused(Code::TagLeftBehind, 4, &repo, &SHIP);
    repo.git_ok(["push", "--quiet", "--delete", "origin", "v1.0.1"]);
    repo.ok(SHIP);
    repo.git_ok(["push", "--quiet", "origin", "v1.0.0^{commit}:refs/heads/release/1.0"]);
    rows.refused(Code::Propagation, 1, &repo, &["propagation", "--check"]);
}
