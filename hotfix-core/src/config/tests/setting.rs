//! Values that a person sets: refused where they cannot be meant, and written without touching anything else.

use super::super::{Config, Detected, FILE_NAME, KEYS, Setting, starter};

fn set(text: &str, key: &str, value: &str) -> String {
    match Setting::new(key, value).and_then(|setting| setting.in_file(text)) {
        Ok(changed) => changed,
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn only_the_value_changes() {
    let file =
        "# ours\n[guard]\nmax_files = 3   # few\n\nmax_lines=9\n[test]\ncommand = [\n  \"make\", # all\n]\n# end";
    insta::assert_snapshot!(set(file, "guard.max_files", "5"), @r#"
    # ours
    [guard]
    max_files = 5   # few

    max_lines=9
    [test]
    command = [
      "make", # all
    ]
    # end
    "#);
    assert_eq!(
        set(file, "test.command", r#"["make", "test"]"#),
        file.replace("[\n  \"make\", # all\n]", r#"["make", "test"]"#)
    );
    assert_eq!(set(file, "guard.forbid", r#"["*.sql"]"#), file.replace("lines=9\n", "lines=9\nforbid = [\"*.sql\"]\n"));
    assert_eq!(set(file, "test.timeout", " 90s "), file.replace("]\n# end", "]\ntimeout = \"90s\"\n# end"));
    assert_eq!(
        set(file, "deploy.verify", "http://localhost/"),
        format!("{file}\n\n[deploy]\nverify = \"http://localhost/\"\n")
    );
    assert_eq!(set("", "guard.max_files", "5"), "[guard]\nmax_files = 5\n");
    assert_eq!(set("[guard]", "guard.max_files", "5"), "[guard]\nmax_files = 5\n");
}

#[test]
fn line_ends_and_marks_of_others_stay() {
    let file = "\u{feff}[guard]\r\nmax_files = 3\r\n\r\n[ \"test\" ]\r\n";
    assert_eq!(set(file, "guard.max_files", "5"), file.replace('3', "5"));
    assert_eq!(set(file, "guard.max_lines", "5"), file.replace("3\r\n", "3\r\nmax_lines = 5\r\n"));
    assert_eq!(set(file, "test.timeout", "1h"), format!("{file}timeout = \"1h\"\r\n"));
    assert_eq!(set(file, "ledger.share", "true"), format!("{file}\r\n[ledger]\r\nshare = true\r\n"));
}

#[test]
fn every_form_of_a_table_is_changed_or_left_alone() {
    assert_eq!(set("guard = { max_files = 3 }\n", "guard.max_files", "5"), "guard = { max_files = 5 }\n");
    assert_eq!(set("guard.max_files = 3\n", "guard.max_files", "5"), "guard.max_files = 5\n");
    insta::assert_snapshot!(
        set("guard = { max_files = 3 }\n", "guard.max_lines", "5") + &set("guard.max_files = 3\n", "guard.max_lines", "5"),
        @"
    failed to read `guard.max_lines` (command line): the file has no place for it that leaves all else as it is; write it by hand: guard.max_lines = 5
    failed to read `guard.max_lines` (command line): the file has no place for it that leaves all else as it is; write it by hand: guard.max_lines = 5
    "
    );
    // What looks like a table may be a text.
    let text = "[documents]\nstatus = '''\n[guard]'''\n";
    insta::assert_snapshot!(set(text, "guard.max_files", "5"), @"failed to read `guard.max_files` (command line): the file has no place for it that leaves all else as it is; write it by hand: guard.max_files = 5");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let refused = [
        ("guard.max_fils", "5"),
        ("guard", "5"),
        ("guard.max_files", "many"),
        ("guard.max_files", " "),
        ("test.command", "make test"),
        ("test.timeout", "90"),
        ("records.deliver", "pul-request"),
        ("hooks.mergd", r#"["true"]"#),
    ];
    insta::assert_snapshot!(refused.map(|(key, value)| set("", key, value)).concat(), @r#"
    failed to read `guard.max_fils` (command line): there is no such key; did you mean `guard.max_files`?
    failed to read `guard` (command line): it is a section, with the keys max_files, max_lines, forbid
    failed to read `guard.max_files` (command line): `many` is no whole number from 0 to 4294967295
    failed to read `guard.max_files` (command line): ` ` is no whole number from 0 to 4294967295
    failed to read `test.command` (command line): it must be a list of texts, not one text; write ["make", "test"]
    failed to read `test.timeout` (command line): `90` is no duration from 1 s to 24 h, such as "90s", "10m" or "1h"
    failed to read `records.deliver` (command line): `pul-request` is none of: push, pull-request, leave; did you mean `pull-request`?
    failed to read `hooks.mergd` (command line): there is no such key; did you mean `hooks.merged`?
    "#);
    insta::assert_snapshot!(
        [set("[guard]\nmax_fils = 3\n", "guard.max_files", "5"), set("[guard\n", "guard.max_files", "5")].concat(),
        @"
    failed to read `guard.max_fils` (hotfix.toml, line 2): there is no such key; did you mean `guard.max_files`?
    failed to read `hotfix.toml` (hotfix.toml, line 1): it is no TOML: unclosed table, expected `]`
    "
    );
    // By itself it is fine; with the rest of the file it has no place.
    insta::assert_snapshot!(set("[documents]\nstatus = \"docs/A.md\"\n", "documents.tech_debt", "docs/A.md"), @"failed to read `documents.tech_debt` (hotfix.toml, line 3): `docs/A.md` is no path for a document: the status page is there");
}

#[test]
fn every_key_goes_where_the_starter_explains_it() {
    let text = starter(&Detected::default());
    for key in KEYS.iter().filter(|key| !key.name.contains('<')) {
        // Examples are written as JSON would write them, and texts are typed without their quotes.
        let typed = serde_json::from_str::<String>(key.example).unwrap_or_else(|_| key.example.to_owned());
        let setting = Setting::new(key.name, &typed).unwrap();
        let changed = setting.in_file(&text).unwrap();
        let line = format!("{} = {}\n", key.short_name(), setting.written());
        assert!(changed.contains(&format!("#{} = {}\n{line}", key.short_name(), key.example)), "{}", key.name);
        assert_eq!(changed.len(), text.len() + line.len(), "{}", key.name);
        let config = Config::resolve(Some((FILE_NAME, &changed)), &|_| None, &|_| None).unwrap();
        assert_eq!(config.entries_of(key.name).unwrap()[0].written().as_ref(), Some(&setting.written()));
    }
}
