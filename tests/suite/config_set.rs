//! `config set`, and what `init` and `doctor --fix` do with what is set up.

use std::fs;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::sample_with;

const RULES: &str = "# ours\r\n[guard]\r\nmax_files = 3   # few\r\n";

#[test]
fn a_key_is_set_for_oneself_in_every_repository() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    let before = fs::read_to_string(sandbox.git_config_file()).expect("it is there");
    insta::assert_snapshot!(repo.hotfix(["config", "set", "test.timeout", "90s"]).success(), @r#"
    test.timeout = "[DURATION]", for you, in every repository
    ------- stderr -------
      ✓ set hotfix.test.timeout in your git configuration
    "#);
    repo.ok(["config", "set", "test.timeout", "2m"]);
    let after = fs::read_to_string(sandbox.git_config_file()).expect("it is there");
    assert_eq!(after, format!("{before}[hotfix \"test\"]\n\ttimeout = 2m\n"));
    assert_eq!(repo.hotfix(["config", "test.timeout"]).success().stdout(), "\"2m\"\n");
    insta::assert_snapshot!(repo.hotfix(["config", "set", "guard.max_files", "5"]).success(), @"
    guard.max_files = 5, for you, in every repository
    ------- stderr -------
      ✓ set hotfix.guard.max-files in your git configuration
    hint: it does not count here: hotfix.toml at [OBJECT], line 3 says 3
    ");
    insta::assert_snapshot!(repo.hotfix(["config", "set", "severity.low.label", "Low"]).exits_with(2), @"
    ------- stderr -------
    error: set severity.low.label: no severity is called `low`
    hint: git hotfix config set severity.low.label VALUE --repository   # defines it
    [exit status: 2]
    ");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
}

#[test]
fn a_key_is_set_for_all_and_every_other_byte_stays() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    insta::assert_snapshot!(repo.hotfix(["config", "set", "--repository", "guard.max_files", "5"]).success(), @"
    guard.max_files = 5, in hotfix.toml
    ------- stderr -------
      ✓ write hotfix.toml
    hint: it counts once it is on origin/main

    next: git add hotfix.toml && git commit -m 'hotfix: set guard.max_files' hotfix.toml && git push origin main
    ");
    assert_eq!(repo.read("hotfix.toml"), RULES.replace('3', "5"));
    repo.ok(["config", "set", "--repository", "test.command", r#"["sh", "test/run.sh"]"#]);
    let more = "\r\n[test]\r\ncommand = [\"sh\", \"test/run.sh\"]\r\n";
    assert_eq!(repo.read("hotfix.toml"), format!("{}{more}", RULES.replace('3', "5")));
    let again = repo.hotfix(["config", "set", "--repository", "guard.max_files", "5"]).success();
    assert!(!again.stderr().contains("write"), "{again}");
    // What counts is on production, as the next line says.
    assert_eq!(repo.hotfix(["config", "guard.max_files"]).success().stdout(), "3\n");
    repo.git_ok(["commit", "--quiet", "--all", "-m", "Allow more"]);
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    assert_eq!(repo.hotfix(["config", "guard.max_files"]).success().stdout(), "5\n");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_written() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    let own = fs::read(sandbox.git_config_file()).expect("it is there");
    let before = repo.state();
    insta::assert_snapshot!(repo.hotfix(["config", "set", "guard.max_fils", "5"]).exits_with(2), @"
    ------- stderr -------
    error: read `guard.max_fils` (command line): there is no such key; did you mean `guard.max_files`?
    hint: git hotfix config   # shows every key and its value
    [exit status: 2]
    ");
    for more in [&[][..], &["--repository"]] {
        for (key, value) in
            [("guard.max_files", "many"), ("guard", "5"), ("test.command", "make"), ("test.timeout", "\u{7}")]
        {
            let refused = repo.hotfix([&["config", "set", key, value], more].concat()).exits_with(2);
            assert!(refused.stderr().contains(&format!("error: read `{key}` (command line): ")), "{refused}");
        }
    }
    assert_eq!((fs::read(sandbox.git_config_file()).expect("it is there"), repo.state()), (own, before));
    repo.write("hotfix.toml", "[guard\n");
    let refused = repo.hotfix(["config", "set", "--repository", "guard.max_files", "5"]).exits_with(2);
    assert!(refused.stderr().contains("hint: correct hotfix.toml first"), "{refused}");
    assert_eq!(repo.read("hotfix.toml"), "[guard\n");
    assert!(
        repo.at("../origin.git").hotfix(["config", "set", "--repository", "guard.max_files", "5"]).code() == Some(3)
    );
}

#[test]
fn a_text_in_place_of_a_list_is_hinted_at_as_somebody_pastes_it() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    for (typed, written) in [
        (
            &["config", "set", "test.command", "make test"][..],
            r#"git hotfix config set test.command '["make", "test"]'"#,
        ),
        (
            &["config", "set", "notify.events", "opened,closed", "--repository"],
            r#"git hotfix config set --repository notify.events '["opened", "closed"]'"#,
        ),
    ] {
        let said = repo.hotfix(typed).exits_with(2);
        assert!(said.stderr().contains(&format!("hint: {written}\n")), "{said}");
        let _ = repo.run(repo.command("sh").args(["-c", written])).success();
    }
}

#[test]
fn a_dry_run_sets_nothing() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    let own = fs::read(sandbox.git_config_file()).expect("it is there");
    repo.ok(["config", "set", "guard.max_files", "5", "--dry-run"]);
    repo.ok(["config", "set", "guard.max_files", "5", "--repository", "--dry-run"]);
    assert_eq!(
        (fs::read(sandbox.git_config_file()).expect("it is there"), repo.read("hotfix.toml").as_str()),
        (own, RULES)
    );
}

#[test]
fn init_says_what_makes_the_rules_count() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let written = repo.hotfix(["init", "--force"]).success();
    assert!(written.stderr().ends_with("hotfix.toml && git push origin main\n"), "{written}");
    repo.git_ok(["add", "hotfix.toml"]);
    repo.git_ok(["commit", "--quiet", "-m", "Set the rules"]);
    let committed = repo.hotfix(["init"]).success();
    insta::assert_snapshot!(committed, @"
    hotfix.toml is written and committed; push it, to make it count
    ------- stderr -------

    next: git push origin main
    ");
    repo.git_ok(["switch", "--quiet", "--create", "elsewhere"]);
    let elsewhere = repo.hotfix(["init"]).success();
    assert_eq!(elsewhere.stdout(), "hotfix.toml is written and committed; it counts once it is on origin/main\n");
}

/// The sample, with a remote whose production was never fetched, and no manual page.
fn unprepared<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["update-ref", "-d", "refs/remotes/origin/main"]);
    repo
}

#[test]
fn the_doctor_runs_the_safe_remedies_and_leaves_the_others() {
    let sandbox = sandbox!();
    let repo = unprepared(&sandbox);
    repo.write("hotfix.toml", "[guard]\nmax_files = 1\n");
    let state = repo.state();
    let advised = repo.hotfix(["doctor"]);
    assert!(advised.stderr().contains("hint: git hotfix doctor --fix   # does it for you: production"), "{advised}");
    let unasked = repo.hotfix(["doctor", "--fix"]).exits_with(2);
    assert!(unasked.stderr().contains("error: Run git fetch"), "{unasked}");
    assert!(unasked.stderr().contains("hint: git hotfix doctor --fix --yes\n"), "{unasked}");
    assert_eq!(repo.state(), state);
    let mended = repo.hotfix(["doctor", "--fix", "--yes"]).success();
    assert!(mended.stderr().contains("✓ run git fetch\n"), "{mended}");
    assert!(mended.stdout().contains("✓ ok       production  origin/main at "), "{mended}");
    assert!(mended.stderr().contains("hint: left to you: config"), "{mended}");
    assert_eq!(repo.read("hotfix.toml"), "[guard]\nmax_files = 1\n");
    let document = repo.hotfix(["doctor", "--fix", "--yes", "--json"]).success().json();
    crate::schema::assert_valid(&document);
    assert!(document["hints"].to_string().contains("left to you: config"), "{document:#}");
}

#[test]
fn a_remedy_that_fails_is_told_and_stops_no_other() {
    let sandbox = sandbox!();
    let repo = unprepared(&sandbox);
    fs::write(sandbox.root().join("home/.local"), "in the way").expect("the sandbox is ours");
    let told = repo.run(repo.command("git").args(["hotfix", "doctor", "--fix", "--yes"]).env("MANPATH", "/nowhere"));
    assert!(told.stderr().contains("✓ run git fetch\n"), "{told}");
    if told.stderr().contains("git hotfix man") {
        assert!(told.stderr().contains("✗ run git hotfix man --install"), "{told}");
        assert!(told.stderr().contains("hint: left to you: man"), "{told}");
    }
}
