//! The drill rehearses everything and touches nothing.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use hotfix_tests::{CommandOutput, Sample, Sandbox, sandbox};
use regex::Regex;
use serde_json::Value;

const STEPS: [&str; 13] = [
    "preflight",
    "triage",
    "branch",
    "fix",
    "guard",
    "test",
    "pr",
    "merge",
    "deploy",
    "verify",
    "postmortem",
    "follow-up",
    "close",
];

/// The program itself, started outside any repository.
pub(crate) fn program(sandbox: &Sandbox) -> Command {
    sandbox.command(&sandbox.root().join("bin/git-hotfix").to_string_lossy(), &sandbox.root().join("home"))
}

pub(crate) fn drill(sandbox: &Sandbox, arguments: &[&str]) -> CommandOutput {
    sandbox.run(program(sandbox).arg("drill").args(arguments))
}

pub(crate) fn at<'d>(document: &'d Value, pointer: &str) -> &'d Value {
    document.pointer(pointer).unwrap_or(&Value::Null)
}

pub(crate) fn text(document: &Value, pointer: &str) -> String {
    at(document, pointer).as_str().unwrap_or_default().to_owned()
}

/// The steps of the document with their state and the first words of their command.
fn steps(document: &Value) -> Vec<(String, String, String)> {
    let first_words = |command: String| command.split(' ').take(3).collect::<Vec<_>>().join(" ");
    let steps = at(document, "/drill/steps").as_array().expect("a drill has steps");
    steps.iter().map(|step| (text(step, "/step"), text(step, "/state"), first_words(text(step, "/command")))).collect()
}

fn assert_all_done(document: &Value) {
    assert_eq!(*at(document, "/v"), 1);
    assert_eq!(text(document, "/command"), "drill");
    assert_eq!(*at(document, "/dry_run"), false);
    assert_eq!(*at(document, "/drill/ok"), true, "{document:#}");
    let done: Vec<_> =
        steps(document).into_iter().filter(|(_, state, _)| state == "done").map(|(step, ..)| step).collect();
    assert_eq!(done, STEPS);
    for step in at(document, "/drill/steps").as_array().into_iter().flatten() {
        assert_eq!(*at(step, "/exit_code"), 0, "{step}");
    }
}

/// The shown output without commit ids and spaces at line ends; an id may be digits only.
fn transcript(output: &CommandOutput) -> String {
    let object = Regex::new(r"\bg?[0-9a-f]{7}\b|\b[0-9a-f]{9}\b").expect("the pattern is fixed");
    let shown = output.to_string();
    let lines = shown.lines().map(|line| object.replace_all(line, "[OBJECT]").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn left_over(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = fs::read_dir(sandbox.root().join("tmp")).expect("the folder is ours");
    entries.map(|entry| entry.expect("it can be read").path()).collect()
}

/// Every file under a folder with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap_or_default());
        }
    }
    found
}

fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is ours");
    fs::write(path, text).expect("the folder is ours");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
}

#[test]
fn shows_the_whole_workflow_as_a_person_types_it() {
    let sandbox = sandbox!();
    let shown = sandbox.run(sandbox.command("git", sandbox.root()).args(["hotfix", "drill"])).success();
    insta::assert_snapshot!(transcript(&shown), @r#"
    ── 1 The stage ─────────────────────────────────────────────────────────────────
    A shop with tests, a remote and a production that runs v1.0.0, all in a
    throwaway folder. Your repositories and settings are not touched.

    ── 2 Users feel it ─────────────────────────────────────────────────────────────
    The alarm goes off: whoever uses a coupon pays more, not less.

    $ cat ../production/error.log
    ERROR  order 1042: paid 5000 for a price of 4000, coupon SAVE25
        at with_coupon (coupon.sh:8)
        at order (order.sh:3)
    ERROR  order 1043: paid 3000 for a price of 2000, coupon HALF
        at with_coupon (coupon.sh:8)
        at order (order.sh:3)

    $ sh script/verify.sh ../production
    v1.0.0: a 4000 order with SAVE25 costs 5000
    [exit 1]

    ── 3 Open the incident ─────────────────────────────────────────────────────────
    Preflight, triage, and a branch from what production runs.

    $ git hotfix open "Coupons raise prices" --severity critical \
        --impact "an order with a coupon costs more than one without" \
        --scope "everybody with a coupon" --source "monitoring alert" \
        --started-at "25m ago" --detected-at "5m ago"
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main and hotfix/coupons-raise-prices
      ✓ open HF-YYYY-ID
      ✓ create hotfix/coupons-raise-prices at [OBJECT] and switch to it
    INCIDENT TRIAGE
    ================

    Severity: Critical
    Impact: an order with a coupon costs more than one without
    Scope: everybody with a coupon
    Source: monitoring alert

    On branch hotfix/coupons-raise-prices, from origin/main at [OBJECT].
    Fix the issue only, commit, then ship.

    next: git commit -a   # git add new files first; then: git hotfix ship

    $ git hotfix note "error.log: both traces end in with_coupon (coupon.sh:8)"
    noted in HF-YYYY-ID

    ── 4 Reproduce it ──────────────────────────────────────────────────────────────
    The regression test comes first. The branch still is what production runs,
    so the test must fail here, for the reason that users feel.

    $ $EDITOR test/coupon_test.sh

    $ cat test/coupon_test.sh
    # A coupon of 25 percent takes 25 percent off.
    paid=$(sh order.sh 4000 SAVE25)
    [ "$paid" = 3000 ] || { echo "4000 with SAVE25 costs $paid, not 3000"; exit 1; }

    $ sh test/run.sh test/coupon_test.sh
    4000 with SAVE25 costs 5000, not 3000
    FAIL  test/coupon_test.sh
    [exit 1]

    ── 5 Fix it, and nothing else ──────────────────────────────────────────────────
    The sign, and a migration that pays back what was charged too much.

    $ $EDITOR coupon.sh migrations/refund.sh

    $ sh test/run.sh test/coupon_test.sh
    ok    test/coupon_test.sh

    $ git add coupon.sh migrations test

    $ git diff --staged -- coupon.sh migrations
    diff --git a/coupon.sh b/coupon.sh
    index [OBJECT]..[OBJECT] 100644
    --- a/coupon.sh
    +++ b/coupon.sh
    @@ -5,5 +5,5 @@ with_coupon() {
             HALF) percent=50 ;;
             *) percent=0 ;;
         esac
    -    echo $(($1 + $1 * percent / 100))
    +    echo $(($1 - $1 * percent / 100))
     }
    diff --git a/migrations/refund.sh b/migrations/refund.sh
    new file mode 100644
    index [OBJECT]..[OBJECT]
    --- /dev/null
    +++ b/migrations/refund.sh
    @@ -0,0 +1,5 @@
    +# Pays back what coupons added instead of taking off: refund.sh PRODUCTION
    +while read -r order price coupon paid; do
    +    owed=$((paid - $(sh order.sh "$price" "$coupon")))
    +    [ "$owed" -le 0 ] || echo "refund order $order: $owed"
    +done < "$1/orders" | tee -a "$1/refunds"

    $ git commit --quiet -m "Take coupons off the price instead of adding them"

    ── 6 Is the fix minimal, and does it work? ─────────────────────────────────────
    `ship` would run whatever is missing by itself; here it is one by one.

    $ git hotfix guard
    note: rules: hotfix.toml at [OBJECT]
      ✓ check that the fix is minimal (2 files, 7 lines)
    the fix is minimal: 2 files and 7 lines, tests and lock files aside

    $ git hotfix test
    note: rules: hotfix.toml at [OBJECT]
    note: tests: the command of [test] in hotfix.toml
    note: all test files: no test file is named after migrations/refund.sh
      ✓ run sh test/run.sh test/coupon_test.sh test/order_test.sh
      ✓ prove that the regression test fails on production ([OBJECT]) and passes
          with the fix
    tests passed in [DURATION]
      passed by exit code in [DURATION]: sh test/run.sh test/coupon_test.sh
          test/order_test.sh

    test                 on production  with the fix  verdict
    test/coupon_test.sh  fails          passes        catches the bug (fail_to_pass)

    ✓ proven: the regression test fails on production and passes with the fix (3 of
        3 runs on each side, by exit code)
        4000 with SAVE25 costs 5000, not 3000
        FAIL  test/coupon_test.sh

    next: git hotfix ship

    ── 7 The pull request ──────────────────────────────────────────────────────────
    Written from the record. Without a hosting service it is kept there, too.

    $ git hotfix pr --fix "subtract the coupon, and pay back what it added"
      ✓ fetch origin: main and hotfix/coupons-raise-prices
      ✓ push hotfix/coupons-raise-prices to origin
      ✓ write the pull request "[HOTFIX] Coupons raise prices"
    [HOTFIX] Coupons raise prices
    no hosting service: the pull request is kept in the ledger

    ## Incident

    Coupons raise prices

    - Incident: HF-YYYY-ID, Critical, opened [INSTANT]
    - Impact: an order with a coupon costs more than one without
    - Scope: everybody with a coupon
    - Source: monitoring alert

    ## Fix

    subtract the coupon, and pay back what it added

    Commits on `origin/main` at `[OBJECT]`:

    - `[OBJECT]` Take coupons off the price instead of adding them

    Changed files:

    - `coupon.sh` (changed, +1 −1)
    - `migrations/refund.sh` (new, +5 −0)
    - `test/coupon_test.sh` (new, +3 −0)

    ## Testing

    - Tests passed by exit code after [DURATION]: `sh test/run.sh test/coupon_test.sh
        test/order_test.sh`
    - Proven: the regression test fails on production and passes with the fix, by
        exit code (3 runs on each side): `test/coupon_test.sh`
    - Minimal fix: yes (2 files, 7 lines, tests and lock files aside)

    What the regression test says on production:

    ```text
    4000 with SAVE25 costs 5000, not 3000
    FAIL  test/coupon_test.sh
    ```

    ## Follow-up

    None recorded.

    next: git hotfix ship

    ── 8 Ship it ───────────────────────────────────────────────────────────────────
    Merge exactly what was tested, deploy, migrate, and look at production.

    $ git hotfix ship --yes
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main and hotfix/coupons-raise-prices
      ✓ merge [OBJECT] into main and push it to origin
      ✓ bring main to [OBJECT]
      ✓ switch to main
      ✓ delete hotfix/coupons-raise-prices on origin
      ✓ delete hotfix/coupons-raise-prices here
      ✓ deploy: sh script/deploy.sh ../production
      ✓ migrate: sh script/migrate.sh ../production
      ✓ verify: sh script/verify.sh ../production
    merged hotfix/coupons-raise-prices into origin/main as [OBJECT]
    deployed at [INSTANT]
      deploy: production runs v1.0.0-2-[OBJECT]
      migrate:
        refund order 1042: 2000
        refund order 1043: 2000
    production verified
    open to verified: [DURATION]; users felt it for [DURATION]

    next: git hotfix close

    $ cat ../production/refunds
    refund order 1042: 2000
    refund order 1043: 2000

    $ sh script/verify.sh ../production
    v1.0.0-2-[OBJECT]: a 4000 order with SAVE25 costs 3000

    ── 9 The morning after ─────────────────────────────────────────────────────────
    What remains to be done, and why it happened.

    $ git hotfix follow-up add "refuse an order that costs more than its price" \
        --gap validation
    follow-up 1: refuse an order that costs more than its price

    $ git hotfix follow-up add "alert on the first such order" --gap monitoring
    follow-up 2: alert on the first such order

    $ git hotfix postmortem \
        --root-cause "no test used a coupon, so nobody saw the wrong sign" \
        --prevention "the tests order with a coupon from now on"
      ✓ write docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-raise-prices.md
    wrote docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-raise-prices.md

    next: git hotfix close

    ── 10 Close it ─────────────────────────────────────────────────────────────────
    Postmortem, incident record and history go to production's branch.

    $ git hotfix close
      ✓ fetch origin: main and hotfix/coupons-raise-prices
      ✓ commit the records on main and push them to origin
      ✓ fast-forward main to [OBJECT]
    ✅ HOTFIX DEPLOYED
    ===================

    Issue: Coupons raise prices
    Severity: Critical
    Fix: subtract the coupon, and pay back what it added
    Deployed: [INSTANT]
    Postmortem: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-raise-prices.md
    Follow-up issue: refuse an order that costs more than its price
    Follow-up issue: alert on the first such order

    $ git hotfix list --all
      ID                SEVERITY  STATUS  OPENED
      HF-YYYY-ID  critical  closed  YYYY-MM-DD
        Coupons raise prices
        hotfix/coupons-raise-prices

    $ git log --graph --oneline
    * [OBJECT] Record hotfix: Coupons raise prices
    *   [OBJECT] Merge hotfix: Coupons raise prices
    |\
    | * [OBJECT] Take coupons off the price instead of adding them
    |/
    * [OBJECT] Take orders, with coupons

    ✓ Open to close: all 13 steps done in [DURATION]. Nothing of yours was touched.
      The folder is removed; to look around: git hotfix drill --keep
    "#);
    let long: Vec<&str> = shown.stdout().lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [] as [&str; 0], "too long for a narrow terminal");
    assert_eq!(left_over(&sandbox), [] as [PathBuf; 0]);
}

#[test]
fn tells_in_json_which_command_did_which_step() {
    let sandbox = sandbox!();
    let output = drill(&sandbox, &["--json"]).success();
    let document = output.json();
    assert_all_done(&document);
    assert_eq!(output.stderr(), "");
    assert_eq!(document["drill"].get("folder"), None);
    let lines = steps(&document).into_iter().map(|(step, state, command)| format!("{step} {state}: {command}\n"));
    insta::assert_snapshot!(lines.collect::<String>(), @"
    preflight done: git hotfix open
    triage done: git hotfix open
    branch done: git hotfix open
    fix done: git commit --quiet
    guard done: git hotfix guard
    test done: git hotfix test
    pr done: git hotfix pr
    merge done: git hotfix ship
    deploy done: git hotfix ship
    verify done: git hotfix ship
    postmortem done: git hotfix postmortem
    follow-up done: git hotfix follow-up
    close done: git hotfix close
    ");
    assert_eq!(left_over(&sandbox), [] as [PathBuf; 0]);
}

#[test]
fn is_a_command_of_cargo_too() {
    let sandbox = sandbox!();
    let output = sandbox.run(sandbox.command("cargo", sandbox.root()).args(["hotfix", "drill", "--json"])).success();
    assert_all_done(&output.json());
    assert!(output.stdout().contains("cargo hotfix ship --yes") && !output.stdout().contains("git hotfix"));
}

#[test]
fn leaves_its_repository_when_asked_to() {
    let sandbox = sandbox!();
    let document = drill(&sandbox, &["--json", "--keep"]).success().json();
    let folder = PathBuf::from(document["drill"]["folder"].as_str().expect("the folder is told"));
    assert_eq!(left_over(&sandbox), std::slice::from_ref(&folder));
    let git = |arguments: &[&str]| {
        let output = sandbox.run(sandbox.command("git", &folder.join("shop")).args(arguments)).success();
        output.stdout().trim_end().to_owned()
    };
    let _ = git(&["fsck", "--strict", "--no-dangling"]);
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["branch", "--show-current"]), "main");
    assert!(git(&["ls-remote", "origin", "refs/heads/main"]).starts_with(&git(&["rev-parse", "main"])));
    assert_eq!(git(&["for-each-ref", "--format=%(refname)", "refs/heads"]), "refs/heads/main");
    assert!(git(&["log", "-1", "--format=%ae"]).ends_with("@shop.example"));

    let shop = folder.join("shop");
    let status = fs::read_to_string(shop.join("docs/planning/STATUS.md")).expect("it is written");
    let row = Regex::new(r"\n\| /hotfix \| \d{4}-\d\d-\d\d \| deployed \| Critical, PR local \|\n").expect("fixed");
    assert!(row.is_match(&status), "{status}");
    let postmortems: Vec<_> = files(&shop.join("docs/decisions")).into_values().collect();
    let [postmortem] = postmortems.as_slice() else { panic!("{postmortems:?}") };
    assert!(String::from_utf8_lossy(postmortem).contains("nobody saw the wrong sign"));
    let refunds = fs::read_to_string(folder.join("production/refunds")).expect("the migration ran");
    assert_eq!(refunds, "refund order 1042: 2000\nrefund order 1043: 2000\n");
}

#[test]
fn tells_where_to_look_afterwards() {
    let sandbox = sandbox!();
    let output = drill(&sandbox, &["--keep"]).success();
    let end = output.stdout().split("all 13 steps done").nth(1).expect("it ends well");
    let folder = Regex::new("hotfix-drill-[A-Za-z0-9]+").expect("the pattern is fixed");
    let end = hotfix_tests::redact(&folder.replace_all(end, "hotfix-drill-X"), sandbox.root());
    insta::assert_snapshot!(end, @"
    in [DURATION]. Nothing of yours was touched.
     Look around:

     cd [ROOT]/tmp/hotfix-drill-X/shop
     cat docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-raise-prices.md
     cat docs/planning/STATUS.md
     git log --graph --stat
     git hotfix log
    ");
}

#[test]
fn neither_feels_nor_touches_the_repository_around_it() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell).with_remote();
    let hooks = sandbox.root().join("hooks");
    for hook in ["pre-commit", "commit-msg", "reference-transaction", "post-checkout", "pre-push", "pre-receive"] {
        script(
            &hooks.join(hook),
            "\
#!/bin/sh
echo \"hook $0 ran\" >&2
touch \"${0%/*}/../a-hook-ran\"
exit 1
",
        );
    }
    script(&hooks.join("gpg"), "#!/bin/sh\nexit 1\n");
    let hostile = format!(
        "[core]\n\thooksPath = {hooks}\n\tfsmonitor = {hooks}/pre-commit\n[commit]\n\tgpgSign = true\n\
         [tag]\n\tgpgSign = true\n[gpg]\n\tprogram = {hooks}/gpg\n[protocol]\n\tallow = never\n\
         [user]\n\tuseConfigOnly = true\n[hotfix \"test\"]\n\tcommand = [\"false\"]\n",
        hooks = hooks.display()
    );
    fs::write(sandbox.root().join("home/.gitconfig"), &hostile).expect("the folder is ours");
    fs::write(sandbox.git_config_file(), &hostile).expect("the folder is ours");
    let before = files(shop.folder());
    let remote_before = files(&shop.origin());

    let git_dir = shop.folder().join(".git");
    let mut command = program(&sandbox);
    command.current_dir(shop.folder()).args(["drill", "--json"]).env_remove("GIT_CONFIG_GLOBAL");
    command.env("GIT_DIR", &git_dir).env("GIT_WORK_TREE", shop.folder()).env("GIT_INDEX_FILE", git_dir.join("index"));
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "core.hooksPath").env("GIT_CONFIG_VALUE_0", &hooks);
    command.env("GIT_EXEC_PATH", "/nonexistent").env("GIT_TEMPLATE_DIR", &hooks).env("GIT_AUTHOR_DATE", "never");
    command.env("HOTFIX_TEST_COMMAND", "[\"false\"]").env("HOTFIX_GUARD_MAX_FILES", "0").env("ENV", "/nonexistent");
    assert_all_done(&sandbox.run(&mut command).success().json());

    assert!(files(shop.folder()) == before, "the repository changed");
    assert!(files(&shop.origin()) == remote_before, "the remote changed");
    assert!(!sandbox.root().join("a-hook-ran").exists());
}

#[test]
fn rehearses_in_the_formats_of_the_machine() {
    let sandbox = sandbox!();
    let made = |command: &mut Command| {
        let document = sandbox.run(command.args(["drill", "--json", "--keep"])).success().json();
        assert_all_done(&document);
        let shop = PathBuf::from(text(&document, "/drill/folder")).join("shop");
        let mut ask = sandbox.command("git", &shop);
        let formats = sandbox.run(ask.args(["rev-parse", "--show-ref-format", "--show-object-format"]));
        formats.success().stdout().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let by_variables =
        made(program(&sandbox).env("GIT_DEFAULT_REF_FORMAT", "reftable").env("GIT_DEFAULT_HASH", "sha256"));
    assert_eq!(by_variables, "reftable sha256");
    let config = fs::read_to_string(sandbox.git_config_file()).expect("it is there");
    fs::write(sandbox.git_config_file(), config + "[init]\n\tdefaultRefFormat = reftable\n")
        .expect("the folder is ours");
    let by_setting = made(program(&sandbox).env_remove("GIT_DEFAULT_REF_FORMAT"));
    assert!(by_setting.starts_with("reftable "), "{by_setting}");
}

#[test]
fn works_where_the_current_folder_is_gone() {
    let sandbox = sandbox!();
    let gone = sandbox.root().join("gone");
    fs::create_dir(&gone).expect("the folder is ours");
    let program = sandbox.root().join("bin/git-hotfix");
    let mut command = sandbox.command("sh", &gone);
    command.args(["-c", "rmdir ../gone && exec \"$0\" drill --json"]).arg(program);
    assert_all_done(&sandbox.run(&mut command).success().json());
    assert!(!gone.exists());
}

#[test]
fn stops_where_a_command_fails_and_keeps_the_folder() {
    let sandbox = sandbox!();
    // What the migration writes through fails, in the middle of ship.
    script(&sandbox.root().join("bin/tee"), "#!/bin/sh\necho 'tee: no space left' >&2\nexit 1\n");
    let output = drill(&sandbox, &["--json"]).exits_with(1);
    let document = output.json();
    assert_eq!(document["drill"]["ok"], false);
    assert_eq!(document["error"]["kind"], "check-failed");
    assert!(document["error"]["message"].as_str().expect("it says why").contains("\"Ship it\""), "{document:#}");
    assert!(document["drill"]["output"].as_str().expect("it shows it").contains("no space left"), "{document:#}");
    let steps = steps(&document);
    let (last, done) = steps.split_last().expect("it began");
    assert_eq!((last.1.as_str(), last.2.as_str()), ("failed", "git hotfix ship"));
    assert!(done.iter().all(|(_, state, _)| state == "done") && done.len() >= 7, "{steps:?}");
    let folder = PathBuf::from(document["drill"]["folder"].as_str().expect("it is kept"));
    assert!(folder.join("shop/coupon.sh").exists());

    let told = drill(&sandbox, &[]).exits_with(1);
    assert!(told.stdout().contains("tee: no space left"), "{told}");
    assert!(told.stderr().contains("error: the drill stopped at \"Ship it\": `git hotfix ship --yes` exited with 1"));
    assert!(told.stderr().contains("hint: ") && told.stderr().contains("hotfix-drill-"), "{told}");
}

#[test]
fn says_that_git_is_missing() {
    let sandbox = sandbox!();
    let output = sandbox.run(program(&sandbox).arg("drill").env("PATH", sandbox.root().join("bin"))).exits_with(3);
    assert!(output.stderr().contains("error: failed to find the program `git`"), "{output}");
    assert!(output.stderr().contains("hint: Install `git`."), "{output}");
}
