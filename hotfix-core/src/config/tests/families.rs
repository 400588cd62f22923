//! Keys with a name of the team's own in them, and the list of all keys.

use super::*;

#[test]
fn mistakes_in_severities_and_hooks_are_told_with_the_nearest_name() {
    insta::assert_snapshot!(refusals(&[
        "[severity.low]\nlabl = \"Low\"",
        "[severity.low]",
        "[severity]\nlow = \"Low\"",
        "severity = 1",
        "[severity.Low]\nlabel = \"Low\"",
        "[severity.\"a.b\"]\nlabel = \"Low\"",
        "[severity.low]\nlabel = \"a | b\"",
        "[severity.low]\nurgency = -1",
        "[severity.low]\npostmortem_due_days = 4000",
        "[severity.low]\naliases = [\"high\"]",
        "[severity.low]\naliases = [\"x\"]\n[severity.x]\nurgency = 4",
        "[severity.low]\naliases = [\"x\"]\n[severity.minor]\naliases = [\"X\"]",
        "[severity.low]\naliases = [\"\"]",
        "[hooks]\nopend = [\"a\"]",
        "[hooks]\ndeploy_finished = [\"a\"]",
        "[hooks]\nopened = \"./notify.sh --now\"",
        "[hooks.opened]\ncommand = [\"a\"]",
    ]), @r#"
    read `severity.low.labl` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `severity.low.label`?
    read `severity.low` (hotfix.toml at 1a2b3c4d5, line 1): it is empty
    read `severity.low` (hotfix.toml at 1a2b3c4d5, line 2): it must be a table, not a text
    read `severity` (hotfix.toml at 1a2b3c4d5, line 1): it must be a table, not a number
    read `severity.Low.label` (hotfix.toml at 1a2b3c4d5, line 2): `Low` is no key of a severity: lower-case letters, digits, `-` and `_`, a letter first, at most 32
    read `severity.a.b.label` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `severity.a.label`?
    read `severity.low.label` (hotfix.toml at 1a2b3c4d5, line 2): `a | b` is no label: at most 40 letters, digits, spaces and `-.,/()`
    read `severity.low.urgency` (hotfix.toml at 1a2b3c4d5, line 2): `-1` is no whole number from 0 to 4294967295
    read `severity.low.postmortem_due_days` (hotfix.toml at 1a2b3c4d5, line 2): `4000` is no whole number from 0 to 3653
    read `severity.low.aliases` (hotfix.toml at 1a2b3c4d5, line 2): `high` means the severity `high` already
    read `severity.x.urgency` (hotfix.toml at 1a2b3c4d5, line 4): `x` means the severity `low` already
    read `severity.minor.aliases` (hotfix.toml at 1a2b3c4d5, line 4): `x` means the severity `low` already
    read `severity.low.aliases` (hotfix.toml at 1a2b3c4d5, line 2): it is empty
    read `hooks.opend` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `hooks.opened`?
    read `hooks.deploy_finished` (hotfix.toml at 1a2b3c4d5, line 2): there is no such key; did you mean `hooks.deploy-finished`?
    read `hooks.opened` (hotfix.toml at 1a2b3c4d5, line 2): it must be a list of texts, not one text; write ["./notify.sh", "--now"]
    read `hooks.opened` (hotfix.toml at 1a2b3c4d5, line 1): it must be a list of texts, not a table
    "#);
}

#[test]
fn built_in_severities_can_be_changed_by_every_source() {
    let user = |key: &str| (key == "hotfix.severity.high.max-files").then(|| "3".to_owned());
    let environment = |name: &str| match name {
        "HOTFIX_SEVERITY_LOW_2_LABEL" => Some("Slow".to_owned()),
        "HOTFIX_HOOKS_DEPLOY_FINISHED" => Some("[\"notify\"]".to_owned()),
        _ => None,
    };
    let text = "[severity.critical]\nlabel = \"Sev 1\"\n[severity.low-2]\nurgency = 0\n[severity.p0]\nurgency = 9\n";
    let config = Config::resolve(Some(("hotfix.toml", text)), &user, &environment).unwrap();
    let told: String = config
        .severities
        .levels()
        .iter()
        .map(|level| format!("{} {:?} {:?}\n", level.describe(), level.label, config.limits(Some(&level.severity))))
        .collect();
    insta::assert_snapshot!(told, @r#"
    critical (sev1, sev-1): down, or data at risk, for many users "Sev 1" (10, 200)
    low-2 "Slow" (10, 200)
    high (p1, sev2, sev-2): a main function is broken for a part of the users "High" (3, 200)
    medium (p2, sev3, sev-3): users are hindered but can work "Medium" (10, 200)
    p0 "P0" (10, 200)
    "#);
    assert_eq!(config.hooks, Hooks::from([("deploy-finished".to_owned(), ["notify"].into())]));
}

#[test]
fn every_key_is_shown_with_its_value_and_origin() {
    let user = |key: &str| (key == "hotfix.test.timeout").then(|| "90s".to_owned());
    let text = "[guard]\nmax_files = 3\n[severity.low]\naliases = [\"p3\"]\n[hooks]\nmerged = [\"a b\"]\n";
    let environment = |name: &str| (name == "HOTFIX_DEPLOY_VERIFY").then(|| "https://x/".to_owned());
    let config = Config::resolve(Some(("hotfix.toml at 1a2b3c4d5", text)), &user, &environment).unwrap();
    let shown =
        |entry: &ConfigEntry| format!("{} = {} ({})\n", entry.key, entry.written().unwrap_or_default(), entry.origin());
    insta::assert_snapshot!(config.entries().iter().map(shown).collect::<String>(), @r#"
    hotfix.requires =  (default)
    production.branch =  (default)
    production.remote =  (default)
    production.tag =  (default)
    production.deployed =  (default)
    branch.prefix = "hotfix/" (default)
    release.lines = [] (default)
    release.tag =  (default)
    release.version_files = [] (default)
    test.command =  (default)
    test.e2e =  (default)
    test.e2e_paths = [] (default)
    test.regression = [] (default)
    test.setup =  (default)
    test.link = [] (default)
    test.timeout = "90s" (git config hotfix.test.timeout)
    deploy.command =  (default)
    deploy.migrate =  (default)
    deploy.migrate_paths = [] (default)
    deploy.verify = "https://x/" (environment variable HOTFIX_DEPLOY_VERIFY)
    deploy.rollback =  (default)
    deploy.timeout = "30m" (default)
    guard.max_files = 3 (hotfix.toml at 1a2b3c4d5, line 2)
    guard.max_lines = 200 (default)
    guard.forbid = [] (default)
    documents.postmortem = "docs/decisions" (default)
    documents.status = "docs/planning/STATUS.md" (default)
    documents.tech_debt = "docs/planning/TECH-DEBT.md" (default)
    documents.preset = "default" (default)
    records.deliver = "push" (default)
    severity.critical.label = "Critical" (default)
    severity.critical.aliases = ["p0", "sev1", "sev-1"] (default)
    severity.critical.urgency = 0 (default)
    severity.critical.definition = "down, or data at risk, for many users" (default)
    severity.high.label = "High" (default)
    severity.high.aliases = ["p1", "sev2", "sev-2"] (default)
    severity.high.urgency = 1 (default)
    severity.high.definition = "a main function is broken for a part of the users" (default)
    severity.medium.label = "Medium" (default)
    severity.medium.aliases = ["p2", "sev3", "sev-3"] (default)
    severity.medium.urgency = 2 (default)
    severity.medium.definition = "users are hindered but can work" (default)
    severity.low.label = "Low" (default)
    severity.low.aliases = ["p3"] (hotfix.toml at 1a2b3c4d5, line 4)
    severity.low.urgency = 3 (default)
    hooks.merged = ["a b"] (hotfix.toml at 1a2b3c4d5, line 6)
    notify.events = [] (default)
    notify.format = "json" (default)
    ledger.share = false (default)
    ledger.remote =  (default)
    ledger.sign = false (default)
    forge.kind =  (default)
    forge.api =  (default)
    forge.repository =  (default)
    "#);
    let some = |name: &str| config.entries_of(name).map(|entries| entries.iter().map(shown).collect::<String>());
    assert_eq!(some("guard.max_files").unwrap(), "guard.max_files = 3 (hotfix.toml at 1a2b3c4d5, line 2)\n");
    assert_eq!(some("severity.low").unwrap().lines().count(), 3);
    assert_eq!(some("hooks.opened").unwrap(), "");
    assert_eq!(
        some("guard.max_file").unwrap_err().doing(),
        "read `guard.max_file` (command line): there is no such key; did you mean `guard.max_files`?"
    );
}

#[test]
fn what_is_shown_can_be_read_again() {
    let text = starter(&Detected::default());
    let uncommented: Vec<&str> =
        text.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)).collect();
    let config = file(&uncommented.join("\n")).unwrap();
    for entry in config.entries().iter().filter(|entry| entry.source() == ConfigSource::Repository) {
        let (section, name) = entry.key.rsplit_once('.').unwrap();
        let again = file(&format!("[{section}]\n{name} = {}", entry.written().unwrap())).unwrap();
        let shown = again.entries_of(&entry.key).unwrap();
        assert_eq!(shown[0].value, entry.value, "{}", entry.key);
    }
}
