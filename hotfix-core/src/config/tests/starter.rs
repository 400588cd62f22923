//! The file that `init` writes, and the examples in it.

use super::*;

#[test]
fn the_starter_says_what_was_detected_and_every_key_of_it_holds() {
    let detected = Detected {
        production_branch: Some("main".to_owned()),
        remote: Some("origin".to_owned()),
        test_command: Some(vec!["npm".to_owned(), "test".to_owned()]),
        test_because: Some("package.json has a test script".to_owned()),
    };
    let text = starter(&detected);
    insta::assert_snapshot!(text, @r#"
    # How hotfixes work here. Nothing is needed: what is absent is detected or has a default.
    # It is read from the production branch on the remote, so a hotfix cannot loosen its own rules.

    [hotfix]
    # The versions of hotfix that this file is written for; read before all other keys.
    #requires = ">=0.1"

    [production]
    # The branch that production is built from; detected if absent.
    branch = "main"
    # The remote that holds it; detected if absent.
    remote = "origin"
    # The tags of releases, with one *: production runs the newest of them, not the branch's tip.
    #tag = "v*"
    # Tells which commit production runs: a command or a URL that gives it.
    #deployed = "https://example.com/version"

    [branch]
    # What the branches of incidents begin with, for hosts with rules about names; an open incident keeps its own.
    #prefix = "hotfix/"

    [release]
    # The branches that need every fix, each with at most one *; git-flow's own if absent.
    #lines = ["main", "develop", "release/*"]
    # The tag that ship makes, {version} being the next patch of the newest one.
    #tag = "v{version}"
    # Files in which every release branch keeps its own version; with :both, what both sides added stays.
    #version_files = ["VERSION", "package.json", "CHANGELOG.md:both"]

    [test]
    # Runs the affected tests; {files} becomes their files, each an argument of its own.
    # Detected: package.json has a test script.
    #command = ["npm", "test"]
    # Runs the end-to-end tests when the fix touches e2e_paths.
    #e2e = ["npm", "run", "test:e2e", "--", "{files}"]
    # The paths that need end-to-end tests.
    #e2e_paths = ["web/**"]
    # Test files that the usual conventions do not tell.
    #regression = ["checks/**"]
    # Prepares a fresh work tree in which the regression test is proven.
    #setup = ["npm", "ci"]
    # What such a work tree links to instead of making it anew, relative to the top; what the runner is known to need if absent.
    #link = ["node_modules"]
    # When a test run is ended, from 1s to 24h.
    #timeout = "10m"

    [deploy]
    # Brings the merged commit to production; without it, ship merges and says so.
    #command = ["./deploy.sh", "production"]
    # Runs migrations after the deployment when the fix touches migrate_paths.
    #migrate = ["./migrate.sh"]
    # The paths that need migrations.
    #migrate_paths = ["migrations/**"]
    # Looks at production afterwards: a URL that answers 2xx, or a command.
    #verify = "https://example.com/health"
    # Takes a deployment back when production does not verify.
    #rollback = ["./deploy.sh", "--previous"]
    # When each of these commands is ended, from 1s to 24h.
    #timeout = "30m"

    [guard]
    # The most files a minimal fix changes, tests and lock files aside.
    #max_files = 10
    # The most lines it adds and removes, tests and lock files aside.
    #max_lines = 200
    # The paths that a hotfix may not touch.
    #forbid = [".github/**", "**/*.pem"]

    [documents]
    # The folder of the postmortems.
    #postmortem = "docs/decisions"
    # The status page.
    #status = "docs/planning/STATUS.md"
    # The list of technical debt.
    #tech_debt = "docs/planning/TECH-DEBT.md"
    # The house style of the postmortem.
    #preset = "default"

    [records]
    # How the records get to the production branch: push, pull-request (a branch of their own), or leave (in the work tree).
    #deliver = "push"

    #[severity.low]
    # What documents call this severity; <name> is its key in flags, JSON and the ledger.
    #label = "Low"
    # Other spellings of it that are understood.
    #aliases = ["p3", "sev4"]
    # How urgent it is, 0 is the worst; critical, high and medium have 0, 1 and 2.
    #urgency = 3
    # One line that helps to choose it.
    #definition = "an annoyance for few users"
    # How many days after the incident is resolved its postmortem is due.
    #postmortem_due_days = 5
    # Its own guard.max_files.
    #max_files = 20
    # Its own guard.max_lines.
    #max_lines = 400

    [hooks]
    # Runs after an event of this kind is recorded, with the event's JSON on standard input.
    #merged = ["./notify.sh"]

    [notify]
    # The kinds of events that a webhook is told; its address is yours alone: HOTFIX_NOTIFY_URL, or git config hotfix.notify.url.
    #events = ["opened", "merged", "deploy-finished", "verified", "closed"]
    # What it is told in: json, or slack, which Mattermost and Discord's /slack take too.
    #format = "json"

    [ledger]
    # Whether the ledger is shared around every command that records; each person is asked once.
    #share = false
    # The remote that the ledger is shared with; production's if absent.
    #remote = "origin"
    # Whether what is recorded is signed, as git signs your commits (user.signingKey, gpg.format); nobody is asked for a passphrase.
    #sign = false

    [forge]
    # Who hosts the repository: github, or local for nobody; detected if absent.
    #kind = "github"
    # The address of its interface, for GitHub Enterprise; told by the remote's URL if absent.
    #api = "https://github.example.com/api/v3"
    # The repository there; told by the remote's URL if absent.
    #repository = "acme/shop"
    "#);
    let config = file(&text).unwrap();
    assert_eq!(config.test.command, None, "what was detected goes on being detected");
    assert_eq!(config.production.branch.as_deref(), Some("main"));

    let uncommented: String = text
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n")
        .collect();
    let config = file(&uncommented).unwrap();
    assert!(KEYS.iter().all(|key| config.origin_of(&key.example_name()) == ConfigSource::Repository));
    assert_eq!(file(&starter(&Detected::default())), Ok(Config::default()));
}

#[test]
fn examples_of_keys_with_a_default_are_that_default() {
    for key in KEYS.iter().filter(|key| {
        matches!(key.section(), "guard" | "documents" | "records") && key.name != "guard.forbid"
            || key.name.ends_with("timeout")
    }) {
        let mut config = file(&format!("[{}]\n{} = {}", key.section(), key.short_name(), key.example)).unwrap();
        config.origins.clear();
        assert_eq!(config, Config::default(), "{}", key.name);
    }
}

/// A file is taken, or refused by a text that is safe to print and says where.
#[test]
fn fuzz_config() {
    crate::tests::fuzz("config", |input| {
        let text = String::from_utf8_lossy(input);
        let Err(error) = file(&text) else { return };
        let error = error.to_string();
        assert!(error.contains("hotfix.toml at 1a2b3c4d5, line "), "{error}");
        assert!(!error.chars().any(|c| c.is_control() && c != '\n'), "{error:?}");
    });
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in proptest::prelude::any::<String>(), key in 0..KEYS.len()) {
        let _ = file(&text);
        let name = KEYS[key].example_name();
        let (section, short_name) = name.rsplit_once('.').unwrap();
        let _ = environment(&format!("HOTFIX_{}", name.replace('.', "_").to_uppercase()), &text);
        let quoted = value::quoted(&text);
        for value in [quoted.clone(), format!("[{quoted}]")] {
            if let Err(error) = file(&format!("[{section}]\n{short_name} = {value}")) {
                assert!(!matches!(*error.problem, ConfigProblem::Syntax(_)), "{error}");
                assert!(error.to_string().contains("line 2"), "{error}");
            }
        }
    }
}
