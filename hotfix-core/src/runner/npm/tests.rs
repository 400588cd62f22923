//! Which tool a project has, what a change reaches, and the commands for it.

use super::*;

const FILES: [&str; 12] = [
    "package.json",
    "src/cart.js",
    "src/coupon/index.ts",
    "src/price.js",
    "src/rates.json",
    "test/cart.test.js",
    "test/coupon.spec.ts",
    "test/helpers.js",
    "test/__snapshots__/cart.test.js.snap",
    "src/__tests__/cart.js",
    "README.md",
    "-x.test.js",
];

fn with_project<T>(package: &str, act: impl FnOnce(&Project<'_>) -> T) -> T {
    let names = ["package.json".to_owned()];
    let read = |path: &str| (path == "package.json").then(|| package.as_bytes().to_vec());
    act(&Project::of_files(&names, &read))
}

fn script(test: &str) -> String {
    serde_json::json!({ "scripts": { "test": test, "unit": "jest --ci", "lint": "eslint ." } }).to_string()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn affected(test: &str, changed: &[&str]) -> String {
    with_project(&script(test), |project| {
        let affected = Npm.affected(project, &owned(changed), &owned(&FILES)).unwrap();
        format!("{}\n  {}\n", affected.command.join(" "), affected.why.join("\n  "))
    })
}

#[test]
fn the_tool_of_a_script_keeps_its_options_and_loses_its_files() {
    let shown: String = [
        "jest",
        "jest --config jest.ci.js --coverage --watchAll=false src",
        "NODE_OPTIONS=--experimental-vm-modules npx jest",
        "node --experimental-vm-modules node_modules/jest/bin/jest.js --passWithNoTests",
        "cross-env NODE_ENV=test nyc --reporter=text mocha -r ts-node/register --reporter dot 'test/**/*.ts'",
        "vitest",
        "vitest run --coverage --environment jsdom",
        "node --import tsx --test test/*.ts",
        "tsx --test",
        "npm run lint && tsc --noEmit && npm run unit",
        "eslint . && vitest run",
        "tsc && node --test dist",
        "jest; echo done",
        "jest && mocha",
        "turbo run test",
        "node test.js",
        "npm run nothing",
        "npm test",
    ]
    .iter()
    .map(|test| {
        let run = |project: &Project<'_>| Npm.run_files(project, &owned(&["-x.test.js"]));
        let command = with_project(&script(test), run);
        format!("{test}\n  {}\n", command.map_or("the script".to_owned(), |command| command.join(" ")))
    })
    .collect();
    insta::assert_snapshot!(shown, @"
    jest
      node_modules/.bin/jest --verbose --coverage=false --runTestsByPath ./-x.test.js
    jest --config jest.ci.js --coverage --watchAll=false src
      node_modules/.bin/jest --config jest.ci.js --verbose --coverage=false --runTestsByPath ./-x.test.js
    NODE_OPTIONS=--experimental-vm-modules npx jest
      env NODE_OPTIONS=--experimental-vm-modules node_modules/.bin/jest --verbose --coverage=false --runTestsByPath ./-x.test.js
    node --experimental-vm-modules node_modules/jest/bin/jest.js --passWithNoTests
      node --experimental-vm-modules node_modules/jest/bin/jest.js --verbose --coverage=false --runTestsByPath ./-x.test.js
    cross-env NODE_ENV=test nyc --reporter=text mocha -r ts-node/register --reporter dot 'test/**/*.ts'
      env NODE_ENV=test node_modules/.bin/mocha -r ts-node/register --reporter=tap ./-x.test.js
    vitest
      node_modules/.bin/vitest run --reporter=verbose ./-x.test.js
    vitest run --coverage --environment jsdom
      node_modules/.bin/vitest run --environment jsdom --reporter=verbose ./-x.test.js
    node --import tsx --test test/*.ts
      node --import tsx --test ./-x.test.js
    tsx --test
      node_modules/.bin/tsx --test ./-x.test.js
    npm run lint && tsc --noEmit && npm run unit
      node_modules/.bin/jest --ci --verbose --coverage=false --runTestsByPath ./-x.test.js
    eslint . && vitest run
      node_modules/.bin/vitest run --reporter=verbose ./-x.test.js
    tsc && node --test dist
      the script
    jest; echo done
      the script
    jest && mocha
      the script
    turbo run test
      the script
    node test.js
      the script
    npm run nothing
      the script
    npm test
      the script
    ");
}

#[test]
fn a_script_that_needs_a_build_before_it_is_left_alone() {
    let run = |package: &str| with_project(package, |project| Npm.run_files(project, &owned(&["a.test.js"])));
    assert_eq!(run(r#"{"scripts": {"pretest": "tsc", "test": "jest"}}"#), None);
    assert!(run(r#"{"scripts": {"pretest": "eslint .", "test": "jest"}}"#).is_some());
    assert_eq!(run(r#"{"scripts": {"test": "mocha"}, "mocha": {"spec": "test"}}"#), None);
    assert_eq!(run(r#"{"scripts": {"test": 1}}"#), None);
}

#[test]
fn a_change_reaches_the_tests_named_after_it() {
    let test = "mocha";
    insta::assert_snapshot!(affected(test, &["src/cart.js", "test/coupon.spec.ts", "README.md"]), @"
    node_modules/.bin/mocha test/coupon.spec.ts test/cart.test.js src/__tests__/cart.js
      test/cart.test.js: named after src/cart.js
      src/__tests__/cart.js: named after src/cart.js
      test/coupon.spec.ts: it changed
    ");
    insta::assert_snapshot!(affected(test, &["src/coupon/index.ts"]), @"
    node_modules/.bin/mocha test/coupon.spec.ts
      test/coupon.spec.ts: named after src/coupon/index.ts
    ");
    insta::assert_snapshot!(affected(test, &["test/__snapshots__/cart.test.js.snap"]), @"
    node_modules/.bin/mocha test/cart.test.js
      test/cart.test.js: test/__snapshots__/cart.test.js.snap changed
    ");
}

#[test]
fn jest_and_vitest_find_who_imports_a_source() {
    insta::assert_snapshot!(affected("jest", &["src/cart.js", "src/price.js"]), @"
    node_modules/.bin/jest --findRelatedTests test/cart.test.js src/__tests__/cart.js src/cart.js src/price.js
      jest finds those that import what changed: test/cart.test.js, src/__tests__/cart.js, src/cart.js, src/price.js
    ");
    insta::assert_snapshot!(affected("vitest", &["test/cart.test.js"]), @"
    node_modules/.bin/vitest related --run test/cart.test.js
      vitest finds those that import what changed: test/cart.test.js
    ");
}

#[test]
fn what_names_do_not_tell_runs_everything_and_says_why() {
    for test in ["mocha", "jest"] {
        let shown: String = [
            ["package.json", "src/cart.js"].as_slice(),
            &["src/price.js"],
            &["src/rates.json", "src/cart.js"],
            &["test/helpers.js"],
            &["src/cart.js", "vitest.config.ts"],
            &["README.md"],
            &["test/gone.test.js"],
        ]
        .iter()
        .map(|changed| affected(test, changed))
        .collect();
        match test {
            "mocha" => insta::assert_snapshot!(shown, @"
            npm test
              all of them: package.json changed
            npm test
              all of them: no test file is named after src/price.js
            npm test
              all of them: no test file is named after src/rates.json
            npm test
              all of them: no test file is named after test/helpers.js
            npm test
              all of them: vitest.config.ts changed
            npm test
              all of them: no test file is named after what changed
            npm test
              all of them: no test file is named after what changed
            "),
            _ => insta::assert_snapshot!(shown, @"
            npm test
              all of them: package.json changed
            npm test
              all of them: no test file is named after what changed
            npm test
              all of them: no test file is named after src/rates.json
            npm test
              all of them: no test file is named after test/helpers.js
            npm test
              all of them: vitest.config.ts changed
            npm test
              all of them: no test file is named after what changed
            npm test
              all of them: no test file is named after what changed
            "),
        }
    }
    insta::assert_snapshot!(affected("turbo run test", &["src/cart.js"]), @"
    npm test
      all of them: the test script starts no single tool that is known
    ");
}

/// `files` are those of the fix: what it removes or moves is among the changed ones only.
#[test]
fn a_source_that_is_gone_runs_everything() {
    for test in ["jest", "vitest", "mocha", "node --test"] {
        for gone in ["src/old.js", "lib/cart.ts", "test/support/world.js"] {
            let shown = affected(test, &["src/cart.js", gone]);
            assert!(shown.starts_with("npm test\n") && shown.contains(gone), "{test}, {gone}: {shown}");
        }
        let control = affected(test, &["src/cart.js", "test/gone.test.js"]);
        assert!(!control.starts_with("npm test"), "{test}: a test that is gone is nobody's module: {control}");
    }
    insta::assert_snapshot!(affected("jest", &["src/old.js", "src/price.js", "src/cart.js"]), @"
    npm test
      all of them: src/old.js is gone, and jest cannot be asked who imports it
    ");
}

#[test]
fn jest_is_not_asked_about_what_it_does_not_load() {
    let files = owned(&["src/cart.js", "test/cart.test.js", "tools/gen.js", "src/money.mts"]);
    let with = |package: &str, path: &str| {
        with_project(package, |project| {
            Npm.affected(project, &owned(&["src/cart.js", path]), &files).unwrap().why.join(", ")
        })
    };
    let roots = r#"{"scripts": {"test": "jest"}, "jest": {"roots": ["<rootDir>/src", "<rootDir>/test"]}}"#;
    assert!(with(roots, "tools/gen.js").contains("tools/gen.js is none of its modules"));
    assert!(with(roots, "src/cart.js").starts_with("jest finds those"));
    assert!(with(&script("jest"), "tools/gen.js").starts_with("jest finds those"));
    assert!(with(&script("jest"), "src/money.mts").contains("src/money.mts is none of its modules"));
    assert!(with(&script("vitest"), "src/money.mts").starts_with("vitest finds those"));
}

#[test]
fn texts_beside_tests_are_data_and_texts_for_people_are_not() {
    let files = owned(&["src/cart.js", "test/cart.test.js", "test/fixtures/order.md", "docs/use.md"]);
    let why = |path: &str| {
        with_project(&script("mocha"), |project| {
            Npm.affected(project, &owned(&["src/cart.js", path]), &files).unwrap().why.join(", ")
        })
    };
    assert_eq!(why("test/fixtures/order.md"), "all of them: no test file is named after test/fixtures/order.md");
    assert_eq!(why("docs/use.md"), "test/cart.test.js: named after src/cart.js");
}

#[test]
fn packages_of_a_workspace_are_not_linked() {
    let links = |package: &str| with_project(package, |project| Npm.links(project));
    assert_eq!(links(r#"{"scripts": {"test": "jest"}}"#), ["node_modules"]);
    assert!(links(r#"{"workspaces": ["packages/*"], "scripts": {"test": "jest"}}"#).is_empty());
}
