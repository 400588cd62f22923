//! What is detected, which files are tests, and how `{files}` is put in.

use super::*;

fn detected(files: &[(&str, &str)], prefer_cargo: bool) -> String {
    let names: Vec<String> = files.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
    let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
    match detect(&Project { top_level_names: &names, file: &read }, prefer_cargo) {
        Some(runner) => format!("{} ({})", runner.command(&[]).unwrap().join(" "), runner.why),
        None => "none".to_owned(),
    }
}

#[test]
fn runners_are_detected() {
    const SCRIPT: (&str, &str) = ("package.json", r#"{"scripts": {"test": "jest"}}"#);
    let projects: [&[(&str, &str)]; 26] = [
        &[],
        &[("Cargo.toml", "")],
        &[SCRIPT],
        &[SCRIPT, ("pnpm-lock.yaml", "")],
        &[SCRIPT, ("yarn.lock", "")],
        &[("package.json", r#"{"packageManager": "pnpm@9.1.0", "scripts": {"test": "vitest"}}"#)],
        &[("package.json", r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#)],
        &[("package.json", r#"{"scripts": {"test": " "}}"#)],
        &[("package.json", r#"{"scripts": {"test": 1}}"#)],
        &[("package.json", "{")],
        &[SCRIPT, ("Cargo.toml", "")],
        &[("go.mod", "")],
        &[("pytest.ini", "")],
        &[("pyproject.toml", "[tool.pytest.ini_options]")],
        &[("requirements.txt", "pytest==8")],
        &[("tests/conftest.py", "")],
        &[("setup.py", ""), ("tests/test_x.py", "")],
        &[("setup.py", ""), ("tests/__init__.py", "")],
        &[("app.py", ""), ("test_app.py", "import unittest")],
        &[("app.py", ""), ("test_app.py", "def test_x(): pass")],
        &[("app.py", "")],
        &[("pytest.ini", ""), ("src", "")],
        &[("pom.xml", "")],
        &[("pom.xml", ""), ("mvnw", "")],
        &[("build.gradle.kts", ""), ("gradlew", "")],
        &[("settings.gradle", "")],
    ];
    let shown: String = projects.iter().map(|project| format!("{}\n", detected(project, false))).collect();
    insta::assert_snapshot!(shown, @"
    none
    cargo test (there is a Cargo.toml)
    npm test (package.json has a test script)
    pnpm test (package.json has a test script)
    yarn test (package.json has a test script)
    pnpm test (package.json has a test script)
    none
    none
    none
    none
    npm test (package.json has a test script)
    go test ./... (there is a go.mod)
    python3 -m pytest (pytest.ini configures pytest)
    python3 -m pytest (pyproject.toml configures pytest)
    python3 -m pytest (requirements.txt asks for pytest)
    python3 -m pytest (there is a conftest.py)
    python3 -m pytest (there is a Python project with tests)
    python3 -m unittest discover (there is a Python package of tests)
    python3 -m unittest discover (test_app.py uses unittest)
    python3 -m pytest (there is a test_app.py)
    none
    env PYTHONPATH=src python3 -m pytest (pytest.ini configures pytest)
    mvn --batch-mode test (there is a pom.xml)
    ./mvnw --batch-mode test (there is a pom.xml)
    ./gradlew test (there is a build.gradle.kts)
    gradle test (there is a settings.gradle)
    ");
    assert_eq!(detected(&[SCRIPT, ("Cargo.toml", "")], true), "cargo test (there is a Cargo.toml)");
    assert_eq!(detected(&[("go.mod", "")], true), "go test ./... (there is a go.mod)");
}

#[test]
fn test_files_are_known_by_convention_or_configuration() {
    let configured = Globs::new(["checks/**"]).unwrap();
    for path in [
        "src/login.test.ts",
        "-rf.test.ts",
        "a/b.spec.jsx",
        "src/__tests__/login.js",
        "test_app.py",
        "pkg/app_test.py",
        "tests/helpers.py",
        "pkg/app_test.go",
        "shop/src/test/java/a/CartTest.java",
        "tests/cli.rs",
        "src/ledger/tests.rs",
        "checks/a.sh",
        "$(touch pwned).test.ts",
    ] {
        assert!(is_test_file(path, &configured), "{path}");
    }
    for path in ["src/main.rs", "src/latest.rs", "test.ts.md", "contest.py", "src/testing.go", "tests/data.json"] {
        assert!(!is_test_file(path, &configured), "{path}");
    }
    assert!(is_test_material("tests/data.json", &configured) && !is_test_material("src/main.rs", &configured));
}

#[test]
fn deleted_tests_are_not_affected() {
    let change = |path: &str, kind| Change {
        path: path.to_owned(),
        renamed_from: None,
        kind,
        added: 1,
        removed: 1,
        first_line: 1,
        is_binary: false,
    };
    let changes = [
        change("src/a.rs", ChangeKind::Modified),
        change("tests/a.rs", ChangeKind::Added),
        change("tests/b.rs", ChangeKind::Deleted),
        change("tests/c.rs", ChangeKind::Modified),
    ];
    assert_eq!(affected_test_files(&changes, &Globs::default()), ["tests/a.rs", "tests/c.rs"]);
}

#[test]
fn files_become_whole_arguments() {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let runner = Runner::configured(&strings(&["npm", "run", "test", "--", "{files}", "x"]));
    let files = strings(&["a b.test.ts", "-rf.test.ts", "; touch pwned .test.ts"]);
    let expanded = ["npm", "run", "test", "--", "a b.test.ts", "./-rf.test.ts", "; touch pwned .test.ts", "x"];
    assert_eq!(runner.command(&files).unwrap(), expanded);
    assert_eq!(runner.command(&[]), Err(NoFiles));
    assert_eq!(expand(&strings(&["make", "test"]), &[]), Ok(strings(&["make", "test"])));
    let with = |command: &[&str], arguments: &[&str]| with_arguments(strings(command), &strings(arguments)).join(" ");
    assert_eq!(with(&["npm", "test"], &["-t", "cart"]), "npm test -- -t cart");
    assert_eq!(with(&["npm", "test", "--", "a.test.js"], &["-t", "cart"]), "npm test -- a.test.js -t cart");
    assert_eq!((with(&["npm", "test"], &[]), with(&["go", "test"], &["-v"])), ("npm test".into(), "go test -v".into()));
}

#[test]
fn every_file_of_the_folder_is_used() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/runner");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| !matches!(file.as_str(), "mod.rs" | "naming.rs" | "results.rs" | "test_paths.rs" | "tests.rs"));
    files.sort();
    let list = include_str!("mod.rs");
    for file in &files {
        let module = file.trim_end_matches(".rs");
        let is_listed = module == "command" || list.contains(&format!("&{module}::"));
        assert!(is_listed && list.contains(&format!("mod {module};")), "{file} is not in ECOSYSTEMS");
    }
    assert_eq!(files.len(), ECOSYSTEMS.len() + 1);
}
