//! What a configuration may hold, whose word counts, and what each mistake is told.

mod families;
mod setting;
mod starter;

use super::*;

fn nobody(_: &str) -> Option<String> {
    None
}

fn file(text: &str) -> Result<Config, ConfigError> {
    Config::resolve(Some(("hotfix.toml at 1a2b3c4d5", text)), &nobody, &nobody)
}

fn environment(name: &str, value: &str) -> Result<Config, ConfigError> {
    Config::resolve(None, &nobody, &|asked| (asked == name).then(|| value.to_owned()))
}

fn refusals(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{}\n", file(text).expect_err(text).doing())).collect()
}

#[test]
fn nothing_is_needed() {
    assert_eq!(file(""), Ok(Config::default()));
    assert_eq!(Config::default().origin_of("test.command"), ConfigSource::Default);
}

#[test]
fn all_keys_are_read() {
    let text = r#"
        [production]
        branch = "release/2.x"
        remote = "upstream"
        tag = "v*"
        deployed = ["./running.sh"]
        [branch]
        prefix = "team/fix-"
        [release]
        lines = ["main", "develop", "release/*"]
        tag = "v{version}"
        version_files = ["VERSION", "CHANGELOG.md:both"]
        [test]
        command = ["./node_modules/.bin/jest", "{files}"]
        e2e = ["npm", "run", "e2e"]
        e2e_paths = ["web/**"]
        regression = ["checks/*.sh"]
        setup = ["npm", "ci"]
        link = ["node_modules"]
        timeout = "90s"
        [deploy]
        command = ["deploy", "--ref", "main"]
        migrate = ["migrate"]
        migrate_paths = []
        verify = "https://example.com/health"
        rollback = ["deploy", "--previous"]
        timeout = "24h"
        [guard]
        max_files = 3
        max_lines = 1_000
        forbid = ["**/*.pem"]
        [documents]
        postmortem = "docs/postmortems/"
        status = "STATUS.md"
        tech_debt = ".github/TECH-DEBT.md"
        preset = "default"
        [records]
        deliver = "leave"
        [severity.low]
        label = "Low (slow lane)"
        aliases = [" P3 ", "sev3"]
        urgency = 7
        definition = "an annoyance"
        postmortem_due_days = 10
        max_files = 20
        max_lines = 400
        [hooks]
        merged = ["./notify.sh", "--all"]
        [notify]
        events = ["opened", "closed"]
        format = "slack"
        [ledger]
        share = true
        remote = "backup"
        sign = true
        [hotfix]
        requires = ">=0.1, <9"

        [forge]
        kind = "local"
        api = "https://github.example.com/api/v3/"
        repository = "acme/shop.git"
    "#;
    let mut config = file(text).unwrap();
    assert!(KEYS.iter().all(|key| config.origin_of(&key.example_name()) == ConfigSource::Repository));
    assert!(config.test.regression.is_match("checks/a.sh") && !config.test.regression.is_match("checks/b/a.sh"));
    config.origins.clear();
    insta::assert_debug_snapshot!(config, @r#"
    Config {
        requires: Some(
            ">=0.1, <9",
        ),
        production: ProductionConfig {
            branch: Some(
                "release/2.x",
            ),
            remote: Some(
                "upstream",
            ),
            tag: Some(
                "v*",
            ),
            deployed: Some(
                Command(
                    [
                        "./running.sh",
                    ],
                ),
            ),
        },
        release: ReleaseConfig {
            lines: [
                "main",
                "develop",
                "release/*",
            ],
            tag: Some(
                "v{version}",
            ),
            version_files: VersionFiles {
                given: [
                    "VERSION",
                    "CHANGELOG.md:both",
                ],
                keep_version: ["VERSION"],
                keep_both: ["CHANGELOG.md"],
            },
        },
        test: TestConfig {
            command: Some(
                [
                    "./node_modules/.bin/jest",
                    "{files}",
                ],
            ),
            e2e: Some(
                [
                    "npm",
                    "run",
                    "e2e",
                ],
            ),
            e2e_paths: ["web/**"],
            regression: ["checks/*.sh"],
            setup: Some(
                [
                    "npm",
                    "ci",
                ],
            ),
            link: [
                "node_modules",
            ],
            timeout: 90s,
        },
        deploy: DeployConfig {
            command: Some(
                [
                    "deploy",
                    "--ref",
                    "main",
                ],
            ),
            migrate: Some(
                [
                    "migrate",
                ],
            ),
            migrate_paths: [],
            verify: Some(
                Url(
                    "https://example.com/health",
                ),
            ),
            rollback: Some(
                [
                    "deploy",
                    "--previous",
                ],
            ),
            timeout: 86400s,
        },
        guard: GuardConfig {
            max_files: 3,
            max_lines: 1000,
            forbid: ["**/*.pem"],
        },
        documents: DocumentsConfig {
            postmortem: "docs/postmortems",
            status: "STATUS.md",
            tech_debt: ".github/TECH-DEBT.md",
            preset: "default",
        },
        records: Leave,
        severities: Severities {
            levels: [
                SeverityLevel {
                    severity: Critical,
                    label: "Critical",
                    aliases: [
                        "p0",
                        "sev1",
                        "sev-1",
                    ],
                    urgency: 0,
                    definition: "down, or data at risk, for many users",
                    postmortem_due_days: None,
                    max_files: None,
                    max_lines: None,
                },
                SeverityLevel {
                    severity: High,
                    label: "High",
                    aliases: [
                        "p1",
                        "sev2",
                        "sev-2",
                    ],
                    urgency: 1,
                    definition: "a main function is broken for a part of the users",
                    postmortem_due_days: None,
                    max_files: None,
                    max_lines: None,
                },
                SeverityLevel {
                    severity: Medium,
                    label: "Medium",
                    aliases: [
                        "p2",
                        "sev-3",
                    ],
                    urgency: 2,
                    definition: "users are hindered but can work",
                    postmortem_due_days: None,
                    max_files: None,
                    max_lines: None,
                },
                SeverityLevel {
                    severity: Custom(
                        SeverityKey(
                            "low",
                        ),
                    ),
                    label: "Low (slow lane)",
                    aliases: [
                        "p3",
                        "sev3",
                    ],
                    urgency: 7,
                    definition: "an annoyance",
                    postmortem_due_days: Some(
                        10,
                    ),
                    max_files: Some(
                        20,
                    ),
                    max_lines: Some(
                        400,
                    ),
                },
            ],
        },
        hooks: {
            "merged": [
                "./notify.sh",
                "--all",
            ],
        },
        branch: BranchConfig {
            prefix: "team/fix-",
        },
        forge: ForgeConfig {
            kind: Some(
                Local,
            ),
            api: Some(
                "https://github.example.com/api/v3",
            ),
            repository: Some(
                "acme/shop",
            ),
        },
        ledger: LedgerConfig {
            share: true,
            remote: Some(
                "backup",
            ),
            sign: true,
        },
        notify: NotifyConfig {
            events: [
                "opened",
                "closed",
            ],
            format: Slack,
            webhook: None,
        },
        origins: {},
    }
    "#);
}

#[test]
fn byte_order_mark_and_carriage_returns_are_accepted() {
    let config = file("\u{feff}[production]\r\nbranch = \"main\"\r\n").unwrap();
    assert_eq!(config.production.branch.as_deref(), Some("main"));
}

#[test]
fn mistakes_are_told_with_file_line_and_key() {
    insta::assert_snapshot!(refusals(&[
        "prodution_branch = \"main\"",
        "\n[production]\nbranc = \"main\"",
        "[tests]\ncommand = []",
        "[tset]",
        "[hotfix]\nxyz = 1",
        "[test]\ncommand = [\"a\"\n",
        "[test]\ncommand = [\"a\"]\ncommand = [\"b\"]",
        "[test]\ncommand = \"npm run test -- {files}\"",
        "[test]\ncommand = \"npm \\\"run\"",
        "[test]\ncommand = \"\"",
        "[test]\ncommand = []",
        "[test]\ncommand = [\" \"]",
        "[test]\ncommand = [\"npm\", 1]",
        "[test]\ncommand = [\"npm\", \"{flies}\"]",
        "[test]\ncommand = [\"npm\", \"--files={files}\"]",
        "[test]\ncommand = [\"{files}\"]",
        "[deploy]\ncommand = [\"deploy\", \"{files}\"]",
        "[test]\ntimeout = \"1e999\"",
        "[test]\ntimeout = \"0\"",
        "[test]\ntimeout = 90",
        "[test]\ntimeout = \"25h\"",
        "[test]\ntimeout = \"-1s\"",
        "[test]\nregression = \"tests/**\"",
        "[test]\nregression = [\"[\"]",
        "[deploy]\nverify = \"curl -f https://example.com\"",
        "[deploy]\nverify = \"file:///etc/passwd\"",
        "[guard]\nmax_files = -1",
        "[guard]\nmax_files = 0x10",
        "\"\\u001b[2J\" = 1",
        "[guard]\nmax_files = \"3\"",
        "[documents]\npreset = \"defualt\"",
        "[records]\ndeliver = \"mail\"",
        "[branch]\nprefix = \"feature\"",
        "[branch]\nprefix = \".fix/\"",
        "[forge]\nkind = \"gitbuh\"",
        "[forge]\napi = \"http://github.example.com\"",
        "[forge]\napi = \"https://me:pw@github.example.com\"",
        "[forge]\nrepository = \"shop\"",
        "[production]\nbranch = \"--force\"",
        "[production]\nremote = \"https://evil.example\"",
    ]), @r#"
    read `prodution_branch` (hotfix.toml at 1a2b3c4d5, line 1): there is no such key; did you mean `production.branch`?
    read `production.branc` (hotfix.toml at 1a2b3c4d5, line 3): there is no such key; did you mean `production.branch`?
    read `tests.command` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `test.command`?
    read `tset` (hotfix.toml at 1a2b3c4d5, line 1): there is no such key; did you mean `test`?
    read `hotfix.xyz` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `hotfix`?
    read `hotfix.toml` (hotfix.toml at 1a2b3c4d5, line 2): it is no TOML: unclosed array, expected `]`
    read `hotfix.toml` (hotfix.toml at 1a2b3c4d5, line 3): it is no TOML: duplicate key
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it must be a list of texts, not one text; write ["npm", "run", "test", "--", "{files}"]
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it must be a list of texts, not one text; write ["sh", "-c", "npm \"run"]
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it is empty
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it is empty
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it is empty
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): it must be a list of texts, not a list with something that is no text
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): `{flies}` is no placeholder here; did you mean `{files}`?
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): `{files}` must be an argument of its own, not a part of `--files={files}`
    read `test.command` (hotfix.toml at 1a2b3c4d5, line 2): `{files}` is no placeholder here
    read `deploy.command` (hotfix.toml at 1a2b3c4d5, line 2): `{files}` is no placeholder here
    read `test.timeout` (hotfix.toml at 1a2b3c4d5, line 2): `1e999` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    read `test.timeout` (hotfix.toml at 1a2b3c4d5, line 2): `0` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    read `test.timeout` (hotfix.toml at 1a2b3c4d5, line 2): `90` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    read `test.timeout` (hotfix.toml at 1a2b3c4d5, line 2): `25h` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    read `test.timeout` (hotfix.toml at 1a2b3c4d5, line 2): `-1s` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    read `test.regression` (hotfix.toml at 1a2b3c4d5, line 2): it must be a list of texts, not one text; write ["tests/**"]
    read `test.regression` (hotfix.toml at 1a2b3c4d5, line 2): `[` is no glob: unclosed character class; missing ']'
    read `deploy.verify` (hotfix.toml at 1a2b3c4d5, line 2): `curl -f https://example.com` is no http or https URL; write a command as a list of arguments
    read `deploy.verify` (hotfix.toml at 1a2b3c4d5, line 2): `file:///etc/passwd` is no http or https URL; write a command as a list of arguments
    read `guard.max_files` (hotfix.toml at 1a2b3c4d5, line 2): `-1` is no whole number from 0 to 4294967295
    read `guard.max_files` (hotfix.toml at 1a2b3c4d5, line 2): it must be a whole number, not a number that is not decimal
    read `` (hotfix.toml at 1a2b3c4d5, line 1): there is no such key
    read `guard.max_files` (hotfix.toml at 1a2b3c4d5, line 2): it must be a whole number, not a text
    read `documents.preset` (hotfix.toml at 1a2b3c4d5, line 2): `defualt` is none of: default; did you mean `default`?
    read `records.deliver` (hotfix.toml at 1a2b3c4d5, line 2): `mail` is none of: push, pull-request, leave
    read `branch.prefix` (hotfix.toml at 1a2b3c4d5, line 2): `feature` is no beginning of a branch's name such as "hotfix/" or "fix-"
    read `branch.prefix` (hotfix.toml at 1a2b3c4d5, line 2): `.fix/` is no beginning of a branch's name such as "hotfix/" or "fix-"
    read `forge.kind` (hotfix.toml at 1a2b3c4d5, line 2): `gitbuh` is none of: github, local; did you mean `github`?
    read `forge.api` (hotfix.toml at 1a2b3c4d5, line 2): `http://github.example.com` is no https address, such as https://github.example.com/api/v3; http is for this machine only
    read `forge.api` (hotfix.toml at 1a2b3c4d5, line 2): `https://me:pw@github.example.com` is no https address, such as https://github.example.com/api/v3; http is for this machine only
    read `forge.repository` (hotfix.toml at 1a2b3c4d5, line 2): `shop` is no repository; write owner/name
    read `production.branch` (hotfix.toml at 1a2b3c4d5, line 2): `--force` is no name of a branch or remote
    read `production.remote` (hotfix.toml at 1a2b3c4d5, line 2): `https://evil.example` is no name of a branch or remote
    "#);
}

#[test]
fn documents_stay_inside_the_repository_and_out_of_git() {
    let paths = [
        "",
        "/etc",
        "../x",
        "docs/../x",
        "docs//x",
        "./x",
        "~/.ssh",
        "docs/x:stream",
        "docs\\\\x",
        ".git/hooks",
        "a/.GIT/x",
        "git~1/hooks",
        "GIT~2",
        ".git./hooks",
        ".g\\u200cit/x",
        "docs/con/x",
        "docs/NUL.md",
        "com1",
        "lpt9.txt",
        "a./b",
        "a /b",
        "-x",
        "a\\u202eb",
    ];
    for path in paths {
        let error = file(&format!("[documents]\npostmortem = \"{path}\"")).expect_err(path);
        assert!(matches!(*error.problem, ConfigProblem::BadPath { .. } | ConfigProblem::Empty), "{error}");
    }
    for path in ["docs/decisions", ".github/x", "docs/.gitkeep", "dócs/com10", "console/x", "git~x"] {
        assert!(file(&format!("[documents]\npostmortem = \"{path}\"")).is_ok(), "{path}");
    }
}

#[test]
fn documents_have_room_beside_each_other_and_the_rules() {
    for rules in [
        "status = \"docs/REC.md\"\ntech_debt = \"docs/rec.md\"",
        "status = \"docs/a.md\"\ntech_debt = \"docs/a.md/b.md\"",
        "postmortem = \"docs/planning/STATUS.md\"",
        "tech_debt = \"docs/x.md\"\npostmortem = \"docs/x.md/y\"",
        "status = \"docs/decisions/POSTMORTEM-2026-11-29-x.md\"",
        "status = \"docs/decisions\"",
        "status = \"Gemfile\"",
        "tech_debt = \"bin/deploy\"",
        "postmortem = \"hotfix.toml\"",
        "status = \"HOTFIX.toml/x.md\"",
    ] {
        let error = file(&format!("[documents]\n{rules}")).expect_err(rules);
        assert!(
            matches!(*error.problem, ConfigProblem::BadPath { .. }) && error.to_string().contains("line "),
            "{error}"
        );
    }
    for rules in ["postmortem = \"docs/planning\"", "postmortem = \"docs\"", "status = \"docs/decisions/README.md\""] {
        assert!(file(&format!("[documents]\n{rules}")).is_ok(), "{rules}");
    }
}

#[test]
fn the_nearer_source_counts() {
    let user = |key: &str| match key {
        "hotfix.guard.max-files" => Some("1".to_owned()),
        "hotfix.guard.max-lines" => Some("2".to_owned()),
        "hotfix.production.remote" => Some("fork".to_owned()),
        _ => None,
    };
    let environment = |name: &str| match name {
        "HOTFIX_GUARD_MAX_LINES" => Some("4".to_owned()),
        "HOTFIX_TEST_COMMAND" => Some(r#"["make", "test"]"#.to_owned()),
        "HOTFIX_TEST_TIMEOUT" => Some(String::new()),
        "HOTFIX_TOKEN" => Some("tok\nX-Evil: 1".to_owned()),
        _ => None,
    };
    let text = "[guard]\nmax_files = 3\nmax_lines = 3\n";
    let mut config = Config::resolve(Some(("hotfix.toml", text)), &user, &environment).unwrap();
    assert_eq!((config.guard.max_files, config.origin_of("guard.max_files")), (3, ConfigSource::Repository));
    assert_eq!((config.guard.max_lines, config.origin_of("guard.max_lines")), (4, ConfigSource::Environment));
    assert_eq!(config.production.remote.as_deref(), Some("fork"));
    assert_eq!(config.origin_of("production.remote"), ConfigSource::User);
    assert_eq!(config.test.command, Some(["make", "test"].into()));
    assert_eq!(config.origin_of("test.timeout"), ConfigSource::Default);

    config.set_by_flag("deploy.verify", "http://localhost:8080/").unwrap();
    assert_eq!(config.deploy.verify, Some(ProductionCheck::Url("http://localhost:8080/".to_owned())));
    assert_eq!(config.origin_of("deploy.verify"), ConfigSource::Flag);
    assert!(ConfigSource::Default < ConfigSource::User && ConfigSource::Repository < ConfigSource::Environment);
}

#[test]
fn mistakes_in_other_sources_name_them() {
    let told = [
        environment("HOTFIX_TEST_COMMAND", "make test"),
        environment("HOTFIX_TEST_COMMAND", "[make]"),
        environment("HOTFIX_NOTIFY_EVENTS", "opened, closed"),
        environment("HOTFIX_TEST_E2E_PATHS", "web/{a,b}/**"),
        environment("HOTFIX_GUARD_MAX_FILES", "many"),
        Config::resolve(None, &|key| (key == "hotfix.test.e2e-paths").then(|| "web".to_owned()), &nobody),
        Config::default().set_by_flag("deploy.comand", "[]").map(|()| Config::default()),
    ];
    let told: String = told.into_iter().map(|result| format!("{}\n", result.unwrap_err().doing())).collect();
    insta::assert_snapshot!(told, @r#"
    read `test.command` (environment variable HOTFIX_TEST_COMMAND): it must be a list of texts, not one text; write ["make", "test"]
    read `test.command` (environment variable HOTFIX_TEST_COMMAND): it must be a JSON array of texts such as ["make", "test"]: expected value at line 1 column 2
    read `notify.events` (environment variable HOTFIX_NOTIFY_EVENTS): it must be a list of texts, not one text; write ["opened", "closed"]
    read `test.e2e_paths` (environment variable HOTFIX_TEST_E2E_PATHS): it must be a list of texts, not one text; write ["web/{a,b}/**"]
    read `guard.max_files` (environment variable HOTFIX_GUARD_MAX_FILES): `many` is no whole number from 0 to 4294967295
    read `test.e2e_paths` (git config hotfix.test.e2e-paths): it must be a list of texts, not one text; write ["web"]
    read `deploy.comand` (command line): there is no such key; did you mean `deploy.command`?
    "#);
}
