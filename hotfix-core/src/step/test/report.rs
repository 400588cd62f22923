//! What a person reads of test runs and their proof.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::domain::event::{Ending, TestCounts, TestRun};
use crate::domain::{Profile, Proof, ProvenTest, TestState, Verdict, one_line};
use crate::runner::TestResult;
use crate::workflow::{Code, Context, Outcome, Refusal, Report, named};

use super::needed::Wanted;
use super::proof::state_text;
use super::{Test, is_excused_from_proof};

/// So many tests are in the table; the rest is counted.
const MOST_ROWS: usize = 20;
const HEADINGS: [&str; 4] = ["test", "on production", "with the fix", "verdict"];
/// The widest name in the table, in characters.
const WIDEST: usize = 60;
/// What is said where this compiler warns of what a crate denies.
const LINTS: &str = "if production is not built by this compiler: it warns of what the crate denies";
/// What is said of a test whose process ended too soon.
const EARLY: &str = "ended its process with 0 before it was done";

/// Test runs that passed, and what is known of the proof.
pub(super) struct FinishedTests {
    pub(super) runs: Vec<TestRun>,
    pub(super) proof: Option<Proof>,
    pub(super) notes: Vec<String>,
    /// Whether nothing had to be run for it.
    pub(super) was_known: bool,
}

/// After the runs: what they came to, and what the proof says.
pub(super) fn passed(context: &Context<'_>, test: &Test, done: FinishedTests) -> Outcome {
    let mut text = String::new();
    if done.was_known {
        text.push_str("this tree was tested already\n");
    }
    text.push_str(&totals(&done.runs));
    for run in &done.runs {
        let _ = writeln!(text, "  {}", line(run)); // Writing to a `String` cannot fail.
    }
    if let Some(run) = done.runs.iter().find(|run| !run.ignored.is_empty()) {
        let _ = writeln!(text, "  ignored files took part, which are in no commit: {}", named::listed(&run.ignored));
    }
    let mut outcome = Outcome::default();
    match &done.proof {
        Some(proof) => {
            let _ = write!(text, "\n{}", proof_text(proof, context.reader.columns));
            outcome.failure = refusal(context, proof);
        }
        None if test.no_proof => text.push_str("\nnot proven: --no-proof\n"),
        None => text.push_str("\nnot proven: nothing here can run the tests of the change alone\n"),
    }
    outcome.text = text;
    if outcome.failure.is_none() && context.incident.is_some() {
        outcome.next = Some(format!("{} ship", context.program));
    }
    let proof = done.proof.as_ref();
    let file = test.junit.clone().map(|path| (path, super::junit::document(&results(context), &done.runs, proof)));
    outcome.report =
        Report { test_runs: done.runs, proof: done.proof, selection: done.notes, file, ..Report::default() };
    outcome
}

/// After a run that did not pass: its output, and what was not run for it.
pub(super) fn failed(
    context: &Context<'_>,
    test: &Test,
    run: &TestRun,
    wanted: &Wanted,
    missing: usize,
    proof: Option<Proof>,
) -> Outcome {
    // Where a proof was made meanwhile, a person saw the output before it.
    let shown = proof.as_ref().map(|proof| proof_text(proof, context.reader.columns));
    let mut text = format!("{}\n", shown.unwrap_or_else(|| run.output.clone()));
    let waiting = missing.saturating_sub(1);
    if waiting > 0 {
        let noun = if waiting == 1 { "run" } else { "runs" };
        text.push_str(&format!("not run after this: {waiting} more {noun}\n"));
    }
    let runs: Vec<TestRun> = super::needed::results(context, wanted);
    let file = test.junit.clone().map(|path| (path, super::junit::document(&results(context), &runs, proof.as_ref())));
    let report = Report { test_runs: runs, proof, selection: wanted.notes.clone(), file, ..Report::default() };
    Outcome { text, report, ..Outcome::failed(failure(run, context.program)) }
}

/// The refusal where no test matched, which is never green.
pub(in crate::step) fn no_tests(program: &str) -> Refusal {
    Refusal::check_failed(Code::NoTests, "no test was run: none is there, or none matches the arguments")
        .hint("add the regression test that fails without the fix")
        .hint(format!("{program} test --smoke \"what you checked by hand\""))
}

/// After runs without a test.
pub(super) fn nothing_ran(context: &Context<'_>, test: &Test, runs: Vec<TestRun>) -> Outcome {
    let file = test.junit.clone().map(|path| (path, super::junit::document(&[], &runs, None)));
    let report = Report { test_runs: runs, file, ..Report::default() };
    Outcome { report, ..Outcome::failed(no_tests(context.program)) }
}

/// The failure of a test run.
pub(in crate::step) fn failure(run: &TestRun, program: &str) -> Refusal {
    let how = match (run.ending, run.exit_code) {
        (Ending::TimedOut, _) => "ran out of time".to_owned(),
        (_, Some(code)) => format!("exited with {code}"),
        (_, None) => "was ended by a signal".to_owned(),
    };
    let how = match &run.unfinished {
        Some(what) if run.exit_code == Some(0) => format!("{how}, but {} {EARLY}", one_line(what)),
        Some(what) => format!("{how}: {} {EARLY}", one_line(what)),
        None => how,
    };
    let refusal = Refusal::check_failed(
        Code::Test,
        format!("the tests do not pass: `{}` {how}", run.words(&run.command.to_string())),
    );
    // Cargo exits with 101 for a failed build as for a failed test.
    let is_lint = run.exit_code == Some(101) && is_only_lints(&run.output);
    let refusal =
        if is_lint { refusal.hint(format!("RUSTFLAGS=--cap-lints=warn {program} test   # {LINTS}")) } else { refusal };
    refusal
        .hint("correct the fix, commit, and run the same command again")
        .hint(format!("{program} ship --no-test \"why it ships although they fail\""))
}

/// Whether a build failed for lints alone that the crate denies, as the compiler prints it.
fn is_only_lints(output: &str) -> bool {
    let denies = ["#[deny(", "#![deny(", "`-D ", "#[forbid(", "#![forbid("];
    // An error of the compiler has a code; a denied lint has none.
    !output.contains("error[E")
        && output.contains("error: could not compile")
        && denies.iter().any(|word| output.contains(word))
}

/// Where the tests cannot be built with the fix, although they passed where the person works: what is committed lacks
/// something. `None` where they can.
pub(in crate::step) fn not_built(context: &Context<'_>, proof: &Proof) -> Option<Outcome> {
    let test = proof.tests.iter().find(|test| test.fix == TestState::BuildFail)?;
    let message = format!("with the fix, {} cannot be built from what is committed", one_line(&test.id));
    let refusal = Refusal::check_failed(Code::NotBuilt, message)
        .hint("git status --short --ignored   # what it needs may lie here, and be in no commit")
        .hint(format!("{} ship --no-proof   # the pull request says so", context.program));
    let report = Report { proof: Some(proof.clone()), ..Report::default() };
    Some(Outcome { text: proof_text(proof, context.reader.columns), report, ..Outcome::failed(refusal) })
}

/// Milliseconds as people read them.
fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        _ => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
    }
}

/// The tests of all runs of this command, one by one.
fn results(context: &Context<'_>) -> Vec<TestResult> {
    context.known.test_results().cloned().collect()
}

fn totals(runs: &[TestRun]) -> String {
    let time = seconds(runs.iter().map(|run| run.milliseconds).sum());
    let known: Vec<TestCounts> = runs.iter().filter_map(|run| run.counts).collect();
    // The regression tests run once more among all others.
    let first = runs.iter().zip(&known).filter(|(run, _)| run.part.as_deref() != Some("regression tests"));
    let passed: u32 = first.map(|(_, counts)| counts.passed).sum();
    match known.len() == runs.len() && passed > 0 {
        true => format!("{passed} {} passed in {time}\n", if passed == 1 { "test" } else { "tests" }),
        false => format!("tests passed in {time}\n"),
    }
}

fn line(run: &TestRun) -> String {
    let what = run.part.as_deref().map(|part| format!("{part}: ")).unwrap_or_default();
    let many = if let Some(counts) = run.counts { format!("{} passed", counts.passed) } else { "passed".to_owned() };
    let many = if run.is_by_exit_code() { format!("{many} by exit code") } else { many };
    let left_out = run.counts.filter(|counts| counts.ignored > 0);
    let left_out = left_out.map(|counts| format!(", {} ignored", counts.ignored)).unwrap_or_default();
    format!("{what}{many}{left_out} in {}: {}", seconds(run.milliseconds), run.words(&run.command.to_string()))
}

/// The proof as a table and a sentence, for a screen of so many columns.
fn proof_text(proof: &Proof, columns: Option<usize>) -> String {
    let mut text = table(proof, columns);
    let mark = match (proof.verdict.is_proof(), proof.verdict.is_no()) {
        (true, _) => "✓ proven",
        (_, true) => "✗ not proven",
        (false, false) => "! not proven",
    };
    let subject = if proof.verdict == Verdict::NoRegressionTest { "a regression test" } else { "the regression test" };
    let _ = writeln!(text, "{mark}: {subject} {}{}", proof.verdict.meaning(), how(proof));
    if let Some(symptom) = proof.deciding().and_then(symptom_lines) {
        text.push_str(&symptom);
    }
    if let Some(gate) = proof.deciding().and_then(|test| test.gate.as_ref()) {
        let _ = writeln!(text, "  gate: {}", one_line(gate));
    }
    if proof.lints_capped {
        let _ =
            writeln!(text, "  ! built with lints capped, on both sides: this compiler warns of what the crate denies");
    }
    for part in &proof.unproven {
        let _ = writeln!(text, "  ! {}: no test notices when this part of the fix is taken back", one_line(part));
    }
    for remark in &proof.remarks {
        let _ = writeln!(text, "  {}", one_line(remark));
    }
    text
}

/// How sure it is: the profile, and how often the deciding test ran.
fn how(proof: &Proof) -> String {
    let runs = proof.deciding().map(|test| test.runs).filter(|runs| *runs > 1);
    let parts = [
        proof.profile.filter(|_| proof.verdict.is_proof()).map(|profile| match profile {
            Profile::Dev => "dev build".to_owned(),
            Profile::Release => "release build".to_owned(),
        }),
        runs.map(|runs| format!("{runs} of {runs} runs on each side")),
        proof.deciding().filter(|test| test.by_exit_code).map(|_| "by exit code".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn symptom_lines(test: &ProvenTest) -> Option<String> {
    let symptom = test.symptom.as_ref()?;
    let mut text = String::new();
    for line in symptom.lines() {
        let _ = writeln!(text, "    {}", line.trim_end());
    }
    Some(text)
}

fn table(proof: &Proof, columns: Option<usize>) -> String {
    if proof.tests.is_empty() {
        return String::new();
    }
    let state = |state: TestState, cause: Option<&String>| match cause {
        Some(cause) if matches!(state, TestState::Crash | TestState::EndedEarly) => {
            format!("{}, {}", state_text(state), one_line(cause))
        }
        _ => state_text(state).to_owned(),
    };
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(proof.tests.iter().take(MOST_ROWS).map(|test| {
        let of_fix = test.fix != TestState::Pass;
        [
            short(&test.id),
            state(test.base, test.cause.as_ref().filter(|_| !of_fix)),
            state(test.fix, test.cause.as_ref().filter(|_| of_fix)),
            format!("{} ({})", test.verdict.in_short(), test.verdict.key()),
        ]
    }));
    let mut text = laid_out(&rows, columns);
    let more = proof.tests.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
    if proof.unchanged > 0 {
        let _ = writeln!(text, "and {} that pass on both sides", proof.unchanged);
    }
    text.push('\n');
    text
}

/// Rows under their headings; on a screen that is too narrow for them, a line of each heading and its cell.
fn laid_out(rows: &[[String; 4]], columns: Option<usize>) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let [first, second, third] = [width(0), width(1), width(2)].map(Option::unwrap_or_default);
    let pad = |cell: &str, width: usize| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())));
    let line = |[name, base, fix, verdict]: &[String; 4]| {
        format!("{}  {}  {}  {verdict}\n", pad(name, first), pad(base, second), pad(fix, third))
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    let [_, headings @ ..] = HEADINGS;
    match columns {
        Some(columns) if lines.iter().any(|line| line.trim_end().width() > columns) => {
            let widest = headings.map(str::len).into_iter().max().unwrap_or_default();
            let of_row = |[name, cells @ ..]: &[String; 4]| {
                let cells = headings.iter().zip(cells).map(|(heading, cell)| format!("  {heading:<widest$}  {cell}\n"));
                format!("{name}\n{}", cells.collect::<String>())
            };
            rows.iter().skip(1).map(of_row).collect()
        }
        _ => lines.concat(),
    }
}

/// A name that fits the table: its end says most.
fn short(id: &str) -> String {
    let id = one_line(id);
    let length = id.chars().count();
    if length <= WIDEST {
        return id;
    }
    let end: String = id.chars().skip(length - WIDEST + 1).collect();
    format!("…{end}")
}

/// Why the proof says no, where it does and no person's word stands in for it.
fn refusal(context: &Context<'_>, proof: &Proof) -> Option<Refusal> {
    let code = code(proof.verdict)?;
    if context.incident.is_some_and(|incident| is_excused_from_proof(incident, proof.verdict, &proof.tree)) {
        return None;
    }
    let program = context.program;
    let subject = if proof.verdict == Verdict::NoRegressionTest { "a regression test" } else { "the regression test" };
    let refusal = Refusal::check_failed(code, format!("{subject} {}", proof.verdict.meaning()));
    Some(match proof.verdict {
        Verdict::NoRegressionTest => refusal
            .hint("add a test that fails without the fix")
            .hint(format!("{program} test --regression ID   # if one is there already"))
            .hint(format!("{program} test --defer \"why there is no test now\""))
            .hint(format!("{program} test --smoke \"what you checked by hand\"")),
        Verdict::PassToPass => refusal
            .hint(format!("{program} test --show   # what it ran on"))
            .hint("make the test ask for what was broken, commit, and run the same command again"),
        Verdict::NotRun => not_run(context, proof).into_iter().fold(refusal, Refusal::hint),
        Verdict::Flaky => {
            refusal.hint("make the test say the same each time: fix its clock, its order, its random seed")
        }
        _ if proof.deciding().is_some_and(ProvenTest::is_cut_short_by_the_fix) => refusal
            .hint(format!("with the fix the test {EARLY}: look for what exits, and return instead"))
            .hint("correct the fix, commit, and run the same command again"),
        _ => refusal.hint("correct the fix, commit, and run the same command again"),
    })
}

/// What brings a test to run on both sides, in the words of the runner at hand.
fn not_run(context: &Context<'_>, proof: &Proof) -> Vec<String> {
    let is_cargo = super::needed::detected(context).is_ok_and(|runner| runner.is_some_and(|runner| runner.is_cargo()));
    if is_cargo {
        return vec![format!("{} test -- --all-features   # or what its gate asks for", context.program)];
    }
    let is_left_out = proof.deciding().is_some_and(|test| matches!(test.fix, TestState::Ignored | TestState::Absent));
    if is_left_out {
        return vec![
            "take away what keeps the test from running: a skip, a filter, a name that the runner does not find"
                .to_owned(),
        ];
    }
    let modules = context.look.git.file_at(&proof.tree, ".gitmodules").ok().flatten().unwrap_or_default();
    let modules = submodules(&String::from_utf8_lossy(&modules));
    if modules.is_empty() {
        return vec!["name what it needs in a fresh work tree in hotfix.toml: [test] setup, a command, or link, folders of yours".to_owned()];
    }
    let linked: Vec<String> = modules.iter().map(|path| format!("\"{}\"", one_line(path))).collect();
    vec![
        "in hotfix.toml: [test] setup = [\"git\", \"submodule\", \"update\", \"--init\"]".to_owned(),
        format!("or, as they are checked out here: [test] link = [{}]", linked.join(", ")),
    ]
}

/// The folders that `.gitmodules` names.
fn submodules(text: &str) -> Vec<String> {
    let path = |line: &str| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "path").then(|| value.trim().to_owned())
    };
    text.lines().filter_map(path).collect()
}

/// The name of the refusal, as programs know refusals; `None` where the verdict is no refusal.
fn code(verdict: Verdict) -> Option<Code> {
    Some(match verdict {
        Verdict::NoRegressionTest => Code::NoRegressionTest,
        Verdict::PassToPass => Code::PassToPass,
        Verdict::FailToFail => Code::FailToFail,
        Verdict::PassToFail => Code::PassToFail,
        Verdict::NotRun => Code::NotRun,
        Verdict::Flaky => Code::Flaky,
        Verdict::FailToPass
        | Verdict::CrashToPass
        | Verdict::HangToPass
        | Verdict::BuildFailToPass
        | Verdict::BaseBuildBroken => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(verdict: Verdict, tests: Vec<ProvenTest>) -> Proof {
        Proof {
            tree: "a".repeat(40).parse().unwrap(),
            base: "b".repeat(40).parse().unwrap(),
            verdict,
            profile: Some(Profile::Dev),
            lints_capped: false,
            tests,
            unchanged: 0,
            arguments: Vec::new(),
            unproven: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn test(id: &str, base: TestState, cause: Option<&str>, symptom: Option<&str>) -> ProvenTest {
        ProvenTest {
            id: id.to_owned(),
            base,
            fix: TestState::Pass,
            verdict: Verdict::of(base, TestState::Pass),
            runs: 3,
            symptom: symptom.map(str::to_owned),
            cause: cause.map(str::to_owned),
            gate: None,
            by_exit_code: false,
        }
    }

    #[test]
    fn a_proof_is_a_table_and_a_sentence() {
        let symptom =
            "thread 'coupon' panicked at src/cart.rs:7:5:\nassertion `left == right` failed\n  left: 0\n right: 90";
        let mut proof = proof(
            Verdict::FailToPass,
            vec![
                test("shop::cart::tests::coupon", TestState::Fail, None, Some(symptom)),
                test("shop::it::deep", TestState::Crash, Some("stack overflow (SIGABRT)"), None),
            ],
        );
        proof.unproven.push("src/cart.rs:12".to_owned());
        insta::assert_snapshot!(proof_text(&proof, None), @"
        test                       on production                      with the fix  verdict
        shop::cart::tests::coupon  fails                              passes        catches the bug (fail_to_pass)
        shop::it::deep             crashes, stack overflow (SIGABRT)  passes        catches the bug (crash_to_pass)

        ✓ proven: the regression test fails on production and passes with the fix (dev build, 3 of 3 runs on each side)
            thread 'coupon' panicked at src/cart.rs:7:5:
            assertion `left == right` failed
              left: 0
             right: 90
          ! src/cart.rs:12: no test notices when this part of the fix is taken back
        ");
        insta::assert_snapshot!(table(&proof, Some(80)), @"
        shop::cart::tests::coupon
          on production  fails
          with the fix   passes
          verdict        catches the bug (fail_to_pass)
        shop::it::deep
          on production  crashes, stack overflow (SIGABRT)
          with the fix   passes
          verdict        catches the bug (crash_to_pass)
        ");
    }

    #[test]
    fn what_is_no_proof_says_so() {
        let useless = proof(Verdict::PassToPass, vec![test("shop::a", TestState::Pass, None, None)]);
        insta::assert_snapshot!(proof_text(&useless, None), @"
        test     on production  with the fix  verdict
        shop::a  passes         passes        does not catch the bug (pass_to_pass)

        ✗ not proven: the regression test passes on production too: it does not catch the bug (3 of 3 runs on each side)
        ");
        insta::assert_snapshot!(proof_text(&proof(Verdict::NoRegressionTest, Vec::new()), None), @"✗ not proven: a regression test is missing: the change touches no test");
    }
}
