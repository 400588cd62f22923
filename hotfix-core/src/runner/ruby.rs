//! RSpec and minitest, for Ruby; `bin/rails test` where there is Rails.

use serde_json::Value;

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult, folders, not_an_option};

/// Loads test files and hands minitest what else was asked for.
// minitest has no program of its own that is given files; it reads its options from what is left of them.
const LOAD: &str = "files, options = ARGV.partition { |word| word.end_with?('.rb') }; \
    ARGV.replace(['-v', *options]); files.each { |file| require File.expand_path(file) }";
/// The same for every test file there is.
const LOAD_ALL: &str = "ARGV.unshift('-v'); \
    Dir['test/**/{*_test,test_*}.rb'].sort.each { |file| require File.expand_path(file) }";

pub(super) struct Ruby;

impl Ecosystem for Ruby {
    fn runners(&self) -> &'static [&'static str] {
        &["rspec", "minitest"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let (name, why) = detected(project)?;
        let arguments = match name {
            "rspec" => [bundled(project), vec!["rspec".to_owned()]].concat(),
            _ if is_rails(project) => ["bin/rails", "test", "-v"].map(str::to_owned).to_vec(),
            _ if has_task(project) => [bundled(project), ["rake", "test"].map(str::to_owned).to_vec()].concat(),
            _ => [minitest(project), vec![LOAD_ALL.to_owned()]].concat(),
        };
        Some(Runner { name, why, arguments: arguments.into() })
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test(path) || (path.ends_with(".rb") && folders(path).any(|folder| matches!(folder, "spec" | "test")))
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        is_test(path)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { widens: &widens, is_test: &is_test, ..super::command::convention() }
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        let affected = naming::affected(self, project, changed, files)?;
        // For people; the other form is for us.
        let command =
            affected.command.into_iter().map(|word| if word == "json" { "documentation".into() } else { word });
        Some(Affected { command: command.collect(), why: affected.why })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let mut command = match detected(project)?.0 {
            "rspec" => {
                [bundled(project), ["rspec", "--no-color", "--format", "json"].map(str::to_owned).to_vec()].concat()
            }
            _ if is_rails(project) => ["bin/rails", "test", "-v"].map(str::to_owned).to_vec(),
            _ => [minitest(project), vec![LOAD.to_owned()]].concat(),
        };
        command.extend(files.iter().map(|file| not_an_option(file)));
        Some(command)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        let is_of_ruby = output.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("An error occurred while loading ") || (line.contains(".rb:") && line.contains("Error)"))
        });
        let is_loaded = report(output).is_none_or(|report| examples(&report).next().is_some());
        let words = ["cannot load such file", "SyntaxError", "syntax error", "uninitialized constant"];
        (is_of_ruby || !is_loaded) && words.iter().any(|word| output.contains(word)) && summary(output).is_none()
    }

    fn is_missing_api(&self, output: &str) -> bool {
        let is_missing = |message: &str| {
            message.contains("uninitialized constant ")
                || (message.contains("undefined method ") && !message.contains(" for nil"))
        };
        if let Some(report) = report(output) {
            let mut failed = examples(&report).filter_map(message_of).peekable();
            return failed.peek().is_some() && failed.all(is_missing);
        }
        let told = output.lines().filter(|line| line.contains("Error: ") && is_missing(line)).count();
        summary(output).is_some_and(|counts| counts.failed > 0 && told >= counts.failed as usize)
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        if let Some(report) = report(output) {
            let message = examples(&report).find_map(message_of);
            return Some(lines(message?.lines()));
        }
        let mut rest = output.lines().skip_while(|line| !is_head_of_failure(line));
        rest.next()?;
        // minitest says the test's name first, rspec where it failed.
        let told = rest.take_while(|line| !is_head_of_failure(line) && !line.trim_start().starts_with("# ./"));
        let told = told.skip_while(|line| line.trim().is_empty());
        Some(lines(told.take_while(|line| !line.contains(" runs, ")))).filter(|told| !told.is_empty())
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        if let Some(report) = report(output) {
            // An example that ends the process is counted as one without a failure, and has no status.
            let open = examples(&report).find(|example| text(example, "status") == Some(""));
            return open.map(|example| text(example, "full_description").unwrap_or("an example").to_owned());
        }
        let is_rspec = command.iter().any(|word| file_name(word) == "rspec");
        let is_minitest =
            command.iter().any(|word| word == LOAD || word == LOAD_ALL) || output.contains("\n# Running:\n");
        let is_done = summary(output).is_some();
        match (is_rspec, is_minitest, is_done) {
            (true, _, false) => Some("rspec".to_owned()),
            (true, _, true) => shown_examples(output)
                .filter(|shown| rspec_summary(output).is_some_and(|told| told.all > *shown))
                .map(|shown| format!("what followed example {shown}")),
            (false, true, false) => Some(begun(output).unwrap_or("minitest").to_owned()),
            _ => None,
        }
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        if let Some(report) = report(output) {
            return examples(&report).filter_map(example_result).collect();
        }
        output.lines().filter_map(ended).collect()
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        let results = self.results(output);
        if results.is_empty() { summary(output) } else { Some(super::count(&results)) }
    }
}

/// RSpec or minitest, and what tells that it is the one.
fn detected(project: &Project<'_>) -> Option<(&'static str, String)> {
    let has = |path: &str| (project.file)(path).is_some();
    let asks_for = |what: &str| project.text("Gemfile").contains(what);
    if project.has(".rspec") {
        return Some(("rspec", "there is a .rspec".to_owned()));
    }
    if project.has("spec") && (has("spec/spec_helper.rb") || asks_for("rspec")) {
        return Some(("rspec", "there are specs for RSpec".to_owned()));
    }
    let is_ruby = ["Gemfile", "Rakefile", "config.ru"].iter().any(|name| project.has(name))
        || project.top_level_names.iter().any(|name| name.ends_with(".gemspec"));
    let is_tested = project.has("test") && (has("test/test_helper.rb") || has_task(project));
    (is_ruby && is_tested).then(|| ("minitest", "there is a Ruby project with tests".to_owned()))
}

/// Whether `rake test` is there.
fn has_task(project: &Project<'_>) -> bool {
    project.text("Rakefile").contains("TestTask")
}

fn is_rails(project: &Project<'_>) -> bool {
    project.has("bin") && (project.file)("bin/rails").is_some()
}

/// With the versions that the project pins, where it does.
fn bundled(project: &Project<'_>) -> Vec<String> {
    let words: &[&str] = if project.has("Gemfile") { &["bundle", "exec"] } else { &[] };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn minitest(project: &Project<'_>) -> Vec<String> {
    [bundled(project), ["ruby", "-Ilib", "-Itest", "-e"].map(str::to_owned).to_vec()].concat()
}

fn is_test(path: &str) -> bool {
    let stem = file_name(path).strip_suffix(".rb");
    stem.is_some_and(|stem| {
        stem.ends_with("_spec") || stem.ends_with("_test") || (stem.starts_with("test_") && stem != "test_helper")
    })
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    ["Gemfile", "Gemfile.lock", "Rakefile", ".rspec", "spec_helper.rb", "rails_helper.rb", "test_helper.rb"]
        .contains(&name)
        || name.ends_with(".gemspec")
}

/// What `--format json` prints, on one line.
fn report(output: &str) -> Option<Value> {
    let line =
        output.lines().rev().find(|line| line.starts_with("{\"version\":") && line.contains("\"examples\":["))?;
    serde_json::from_str(line.trim_end()).ok()
}

fn examples(report: &Value) -> impl Iterator<Item = &Value> {
    report.get("examples").and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(example: &'a Value, key: &str) -> Option<&'a str> {
    example.get(key)?.as_str()
}

fn message_of(example: &Value) -> Option<&str> {
    text(example.get("exception")?, "message")
}

fn example_result(example: &Value) -> Option<TestResult> {
    let outcome = match text(example, "status")? {
        "passed" => TestOutcome::Passed,
        "failed" => TestOutcome::Failed,
        "pending" => TestOutcome::Ignored,
        _ => return None,
    };
    Some(TestResult::new(text(example, "full_description")?, outcome))
}

/// `CartTest#test_adds = 0.00 s = F`
fn ended(line: &str) -> Option<TestResult> {
    let (name, rest) = line.split_once(" = ")?;
    let (time, letter) = rest.trim_end().rsplit_once(" = ")?;
    let outcome = match letter {
        "." => TestOutcome::Passed,
        "F" | "E" => TestOutcome::Failed,
        "S" => TestOutcome::Ignored,
        _ => return None,
    };
    (time.ends_with(" s") && name.contains("#test_")).then(|| TestResult::new(name, outcome))
}

/// The test that began and did not end.
fn begun(output: &str) -> Option<&str> {
    let last = output.lines().rev().find(|line| line.contains("#test_"))?;
    let (name, rest) = last.split_once(" = ")?;
    ended(&format!("{name} = {rest}")).is_none().then_some(name)
}

/// How many tests ended how, as the last lines of rspec or minitest have it.
fn summary(output: &str) -> Option<TestCounts> {
    if let Some(told) = rspec_summary(output) {
        return Some(told.counts);
    }
    let line = output.lines().rev().find(|line| line.contains(" runs, ") && line.contains(" assertions, "))?;
    let number = |unit: &str| number_before(line, unit);
    let (runs, ignored) = (number("runs")?, number("skips")?);
    let failed = number("failures")?.saturating_add(number("errors")?);
    Some(TestCounts { passed: runs.saturating_sub(failed).saturating_sub(ignored), failed, ignored })
}

/// What rspec says at its end: how many examples there were, and how they ended.
struct RspecSummary {
    all: u32,
    counts: TestCounts,
}

/// `6 examples, 2 failures, 2 pending, 1 error occurred outside of examples`
fn rspec_summary(output: &str) -> Option<RspecSummary> {
    let line = output.lines().rev().find(|line| line.contains(" example") && line.contains(" failure"))?;
    let number = |units: [&str; 2]| units.iter().find_map(|unit| number_before(line, unit));
    let all = number(["examples", "example"])?;
    let failed = number(["failures", "failure"])?;
    let errors = number(["errors", "error"]).unwrap_or(0);
    let ignored = number_before(line, "pending").unwrap_or(0);
    let passed = all.saturating_sub(failed).saturating_sub(ignored);
    Some(RspecSummary { all, counts: TestCounts { passed, failed: failed.saturating_add(errors), ignored } })
}

/// How many examples `--format documentation` named; `None` where the output has another form.
fn shown_examples(output: &str) -> Option<u32> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let body: Vec<&str> = output
        .lines()
        .take_while(|line| !["Pending: ", "Failures:", "Finished in "].iter().any(|start| line.starts_with(start)))
        .filter(|line| !line.trim().is_empty())
        .collect();
    // A group stands at the margin; one of dots has no groups.
    body.iter().any(|line| indent(line) > 0).then_some(())?;
    let next = body.iter().skip(1).map(|line| indent(line)).chain([0]);
    let examples = body.iter().zip(next).filter(|(line, next)| indent(line) > 0 && *next <= indent(line));
    u32::try_from(examples.count()).ok()
}

fn number_before(line: &str, unit: &str) -> Option<u32> {
    let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.windows(2).find_map(|pair| match pair {
        [number, word] if *word == unit => number.parse().ok(),
        _ => None,
    })
}

/// `  1) Failure:`, `  2) Cart adds`
fn is_head_of_failure(line: &str) -> bool {
    let rest = line.strip_prefix("  ").and_then(|rest| rest.split_once(") ")).map(|(number, _)| number);
    rest.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The first lines that say something.
fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).filter(|line| !line.is_empty()).take(12).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RSpec 3.12 of Debian.
    const JSON: &str = concat!(
        "hi\n",
        r#"{"version":"3.12.0","examples":[{"full_description":"Cart adds","status":"failed","exception":{"class":"E","message":"\nexpected: 3\n     got: -1\n\n(compared using ==)\n"}},"#,
        r#"{"full_description":"Cart is there","status":"passed"},{"full_description":"Cart later","status":"pending"}],"summary_line":"3 examples, 1 failure, 1 pending"}"#
    );
    const DOCUMENTATION: &str = "\nCart\n  adds (FAILED - 1)\n  with more\n    is there\n\nFailures:\n\n  1) Cart adds\n     Failure/Error: it { expect(total).to eq(3) }\n\n       expected: 3\n            got: -1\n     # ./spec/cart_spec.rb:3:in `block'\n\nFinished in 0.02577 seconds\n2 examples, 1 failure\n";
    /// minitest 5.17 of Debian.
    const MINITEST: &str = "Run options: -v --seed 1\n\n# Running:\n\nCartTest#test_there = 0.00 s = .\nCartTest#test_new = 0.00 s = E\nCartTest#test_adds = 0.00 s = F\nCartTest#test_later = 0.00 s = S\ncart spec#test_0001_works well = 0.00 s = .\n\nFinished in 0.002067s.\n\n  1) Error:\nCartTest#test_new:\nNoMethodError: undefined method `grand' for #<Cart:0x01>\n    test/cart_test.rb:7:in `test_new'\n\n  2) Failure:\nCartTest#test_adds [test/cart_test.rb:4]:\nExpected: 3\n  Actual: -1\n\n5 runs, 3 assertions, 1 failures, 1 errors, 1 skips\n";

    fn shown(output: &str) -> String {
        let results = Ruby.results(output);
        let results: String = results.iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        let counts = Ruby.counts(output).map(|counts| (counts.passed, counts.failed, counts.ignored));
        format!("{results}{counts:?}\n{}\n", Ruby.failure_of(output).unwrap_or_default())
    }

    #[test]
    fn what_they_print_is_understood() {
        insta::assert_snapshot!([JSON, DOCUMENTATION, MINITEST].map(shown).join("--\n"), @"
        Cart adds Failed
        Cart is there Passed
        Cart later Ignored
        Some((1, 1, 1))
        expected: 3
        got: -1
        (compared using ==)
        --
        Some((1, 1, 0))
        Failure/Error: it { expect(total).to eq(3) }
        expected: 3
        got: -1
        --
        CartTest#test_there Passed
        CartTest#test_new Failed
        CartTest#test_adds Failed
        CartTest#test_later Ignored
        cart spec#test_0001_works well Passed
        Some((2, 2, 1))
        CartTest#test_new:
        NoMethodError: undefined method `grand' for #<Cart:0x01>
        test/cart_test.rb:7:in `test_new'
        ");
    }

    #[test]
    fn what_never_ended_is_named() {
        let rspec = ["bundle", "exec", "rspec"].map(str::to_owned);
        let cut = r#"{"version":"3.12.0","examples":[{"full_description":"x exits","status":""}],"summary":{}}"#;
        assert_eq!(Ruby.unfinished(&rspec, cut).unwrap(), "x exits");
        assert_eq!(Ruby.unfinished(&rspec, JSON), None);
        assert_eq!(Ruby.unfinished(&rspec, DOCUMENTATION), None);
        let exits = "\nx\n  a\n\nFinished in 0.1 seconds\n2 examples, 0 failures\n";
        assert_eq!(Ruby.unfinished(&rspec, exits).unwrap(), "what followed example 1");
        assert_eq!(Ruby.unfinished(&rspec, "..\n\nFinished in 0.1 seconds\n2 examples, 0 failures\n"), None);
        assert_eq!(Ruby.unfinished(&rspec, "\nx\n").unwrap(), "rspec");
        let other = ["ruby".to_owned()];
        assert_eq!(Ruby.unfinished(&other, MINITEST), None);
        let cut = "Run options: -v\n\n# Running:\n\nA#test_b = 0.00 s = .\nA#test_a = ";
        assert_eq!(Ruby.unfinished(&other, cut).unwrap(), "A#test_a");
        assert_eq!(Ruby.unfinished(&other, "all is well\n"), None);
    }

    #[test]
    fn what_is_not_there_yet_is_told_from_what_fails() {
        let broken = "\nAn error occurred while loading ./spec/b_spec.rb.\n\nLoadError:\n  cannot load such file -- nope\nNo examples found.\n";
        assert!(Ruby.is_build_failure(broken));
        assert!(Ruby.is_build_failure("test/b_test.rb:1:in `require': cannot load such file -- nope (LoadError)\n"));
        assert!(
            !Ruby.is_build_failure(MINITEST) && !Ruby.is_build_failure(JSON) && !Ruby.is_build_failure(DOCUMENTATION)
        );
        let missing = MINITEST.replace("1 failures", "0 failures");
        assert!(Ruby.is_missing_api(&missing) && !Ruby.is_missing_api(MINITEST) && !Ruby.is_missing_api(JSON));
        assert!(!Ruby.is_missing_api(&missing.replace("#<Cart:0x01>", "nil")));
    }

    #[test]
    fn test_files_are_run_alone() {
        let run = |files: &[(&str, &str)], test: &str| {
            let names: Vec<String> = files.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
            let read =
                |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
            let project = Project::of_files(&names, &read);
            Ruby.run_files(&project, &[test.to_owned()]).unwrap().join(" ").replace(LOAD, "LOAD")
        };
        let commands = [
            run(&[(".rspec", "")], "spec/cart_spec.rb"),
            run(&[("Gemfile", "gem 'rspec'"), ("spec/cart_spec.rb", "")], "spec/cart_spec.rb"),
            run(&[("Rakefile", "Rake::TestTask.new"), ("test/cart_test.rb", "")], "test/cart_test.rb"),
            run(&[("Gemfile", ""), ("test/test_helper.rb", ""), ("bin/rails", "")], "test/cart_test.rb"),
        ];
        insta::assert_snapshot!(commands.join("\n"), @"
        rspec --no-color --format json spec/cart_spec.rb
        bundle exec rspec --no-color --format json spec/cart_spec.rb
        ruby -Ilib -Itest -e LOAD test/cart_test.rb
        bin/rails test -v test/cart_test.rb
        ");
    }
}
