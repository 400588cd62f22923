//! What is detected, which files are tests, and how `{files}` is put in.

use super::*;

fn detected(files: &[(&str, &str)], prefer_cargo: bool) -> String {
    let names: Vec<String> = files.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
    let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
    match detect(&Project::of_files(&names, &read), prefer_cargo) {
        Some(runner) => format!("{} ({})", runner.command(&[]).unwrap().join(" "), runner.why),
        None => "none".to_owned(),
    }
}

#[test]
fn runners_are_detected() {
    const SCRIPT: (&str, &str) = ("package.json", r#"{"scripts": {"test": "jest"}}"#);
    let projects: [&[(&str, &str)]; 37] = [
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
        &[("package.json", r#"{"scripts": {"test": "bun test"}}"#)],
        &[("package.json", "{}"), ("bun.lock", "")],
        &[SCRIPT, ("bun.lock", "")],
        &[("deno.json", r#"{"tasks": {"test": "deno test -A"}}"#)],
        &[("deno.jsonc", "// none\n{}")],
        &[("Shop.sln", "")],
        &[(".rspec", ""), ("Gemfile", "")],
        &[("Rakefile", "Rake::TestTask.new"), ("test/cart_test.rb", "")],
        &[("Gemfile", ""), ("test/test_helper.rb", ""), ("bin/rails", "")],
        &[("phpunit.xml.dist", "")],
        &[("composer.json", r#"{"require-dev": {"phpunit/phpunit": "^11"}}"#)],
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
    bun test (package.json tests with bun)
    bun test (there is a bun.lock)
    npm test (package.json has a test script)
    env NO_COLOR=1 deno task test (there is a deno.json)
    env NO_COLOR=1 deno test (there is a deno.jsonc)
    dotnet test (there is a Shop.sln)
    bundle exec rspec (there is a .rspec)
    rake test (there is a Ruby project with tests)
    bin/rails test -v (there is a Ruby project with tests)
    phpunit (there is a phpunit.xml.dist)
    vendor/bin/phpunit (composer.json asks for PHPUnit)
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
    assert_eq!(runner.command(&files).unwrap().to_vec(), expanded);
    assert_eq!(runner.command(&[]), Err(NoFiles));
    assert_eq!(expand(&strings(&["make", "test"]), &[]), Ok(strings(&["make", "test"]).into()));
    let with =
        |command: &[&str], arguments: &[&str]| with_arguments(strings(command).into(), &strings(arguments)).join(" ");
    assert_eq!(with(&["npm", "test"], &["-t", "cart"]), "npm test -- -t cart");
    assert_eq!(with(&["npm", "test", "--", "a.test.js"], &["-t", "cart"]), "npm test -- a.test.js -t cart");
    assert_eq!((with(&["npm", "test"], &[]), with(&["go", "test"], &["-v"])), ("npm test".into(), "go test -v".into()));
}

/// What a configured `{files}` becomes, in a project of this kind.
fn given(project: &[(&str, &str)], files: &[&str], changed: &[&str], regression: &[&str]) -> String {
    let names: Vec<String> = project.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
    let read = |path: &str| project.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
    let project = Project::of_files(&names, &read);
    let runner = detect(&project, false);
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let regression = Globs::new(regression.iter().copied()).unwrap();
    let (files, why) = affected_files(runner.as_ref(), &project, &owned(changed), &owned(files), &regression);
    format!("{}\n  {}\n", files.join(" "), why.join("\n  "))
}

#[test]
fn a_command_is_given_the_tests_named_after_what_changed_and_all_where_names_do_not_tell() {
    let node = [("package.json", r#"{"scripts": {"test": "node --test"}}"#)];
    let jest = [("package.json", r#"{"scripts": {"test": "jest"}}"#)];
    let files = ["src/cart.js", "src/price.js", "test/cart.test.js", "test/order.test.js", "README.md"];
    let shown = [
        given(&node, &files, &["src/cart.js"], &[]),
        given(&node, &files, &["src/cart.js", "test/order.test.js", "README.md"], &[]),
        given(&node, &files, &["src/price.js", "test/cart.test.js"], &[]),
        given(&node, &files, &["src/cart.js", "src/gone.js"], &[]),
        given(&node, &files, &["package.json"], &[]),
        given(&jest, &files, &["src/cart.js"], &[]),
        given(&jest, &files, &["test/cart.test.js"], &[]),
    ];
    insta::assert_snapshot!(shown.concat(), @"
    test/cart.test.js
      test/cart.test.js: named after src/cart.js
    test/order.test.js test/cart.test.js
      test/cart.test.js: named after src/cart.js
      test/order.test.js: it changed
    test/cart.test.js test/order.test.js
      all test files: no test file is named after src/price.js
    test/cart.test.js test/order.test.js
      all test files: src/gone.js is gone, and nothing tells who needed it
    test/cart.test.js test/order.test.js
      all test files: package.json changed
    test/cart.test.js test/order.test.js
      all test files: src/cart.js changed, and a command cannot be asked, as jest can, who imports it
    test/cart.test.js
      test/cart.test.js: it changed
    ");
    let shell = ["total.sh", "checks/total.sh", "checks/tax.sh", "rates.json"];
    let shown = [
        given(&[], &shell, &["total.sh"], &["checks/*"]),
        given(&[], &shell, &["rates.json"], &["checks/*"]),
        given(&[], &["lib/cart.rb", "spec/cart_spec.rb", "spec/tax_spec.rb"], &["lib/cart.rb"], &["spec/**"]),
        given(
            &[("pom.xml", "")],
            &["src/main/java/Cart.java", "src/test/java/CartTest.java"],
            &["src/main/java/Cart.java"],
            &[],
        ),
        given(&[("go.mod", "")], &["cart.go", "cart_test.go", "tax_test.go"], &["cart.go"], &[]),
        given(&[("pytest.ini", "")], &["cart.py", "tests/test_cart.py", "tests/test_tax.py"], &["cart.py"], &[]),
        given(&[], &shell, &["total.sh"], &[]),
    ];
    insta::assert_snapshot!(shown.concat(), @"
    checks/total.sh
      checks/total.sh: named after total.sh
    checks/total.sh checks/tax.sh
      all test files: no test file is named after rates.json
    spec/cart_spec.rb
      spec/cart_spec.rb: named after lib/cart.rb
    src/test/java/CartTest.java
      src/test/java/CartTest.java: named after src/main/java/Cart.java
    cart_test.go tax_test.go
      all test files: cart.go changed, and a command cannot be asked, as go can, who imports it
    tests/test_cart.py
      tests/test_cart.py: named after cart.py

      all test files: no test file is named after total.sh
    ");
}

#[test]
fn every_file_of_the_folder_is_used() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/runner");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| {
        !matches!(
            file.as_str(),
            "mod.rs"
                | "module.rs"
                | "naming.rs"
                | "progress.rs"
                | "watch.rs"
                | "watch.cjs"
                | "results.rs"
                | "test_paths.rs"
                | "tests.rs"
        )
    });
    files.sort();
    let list = include_str!("mod.rs");
    for file in &files {
        let module = file.trim_end_matches(".rs");
        let is_listed = module == "command" || list.contains(&format!("&{module}::"));
        assert!(is_listed && list.contains(&format!("mod {module};")), "{file} is not in ECOSYSTEMS");
    }
    assert_eq!(files.len(), ECOSYSTEMS.len() + 1);
}
