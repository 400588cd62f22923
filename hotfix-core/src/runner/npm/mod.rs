//! npm, pnpm and yarn, for JavaScript and TypeScript, with the test tools that their scripts start.

mod ended;
mod output;
mod results;
mod tool;

use crate::domain::event::TestCounts;
use crate::domain::{file_name, is_among};

use super::naming::{Convention, TestReach, tested_by_data};
use super::{Affected, Ecosystem, Project, Runner, TestResult, folders};

use tool::{NpmTool, Tool};

/// What npm writes into a new `package.json`: a script that only fails.
// `npm init` writes it; running that would call every project broken.
const NO_TESTS: &str = "no test specified";
pub(super) const EXTENSIONS: [&str; 8] = ["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts"];
/// Files any of whose changes can change any test.
const WIDENING: &str = "\
    package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml lerna.json \
    nx.json turbo.json .npmrc .swcrc .nvmrc";
/// How the names of such files begin.
// By prefix, as each comes with half a dozen extensions.
const WIDENING_PREFIXES: &str = "\
    tsconfig jsconfig jest. vitest. vite.config. .mocharc babel.config. .babelrc .yarnrc .pnp.";
/// Files in a folder of tests that are none, by their stems.
const HELPERS: [&str; 13] = [
    "helper", "helpers", "util", "utils", "setup", "teardown", "common", "fixture", "fixtures", "index", "support",
    "mock", "mocks",
];
const TEST_FOLDERS: [&str; 3] = ["__tests__", "tests", "test"];

pub(super) struct Npm;

impl Ecosystem for Npm {
    fn runners(&self) -> &'static [&'static str] {
        &["npm", "pnpm", "yarn"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["node_modules"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let package: serde_json::Value = serde_json::from_str(&project.text("package.json")).ok()?;
        test_script(project)?;
        let manager = manager(project, &package);
        Some(Runner::new(manager, "package.json has a test script", [manager, "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_script(path) && (is_named(path) || is_in_test_folder(path))
    }

    fn is_test(&self, project: &Project<'_>, path: &str) -> bool {
        is_test(Tool::of(project).map(|tool| tool.kind), path)
    }

    fn test_of(&self, data: &str) -> Option<String> {
        tested_by_data(data)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { widens: &widens, is_test: &is_named, subject: &subject, names: &names }
    }

    fn finder(&self, project: &Project<'_>) -> Option<&'static str> {
        Tool::of(project).filter(Tool::finds_related).map(|tool| tool.name())
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        // A script that does more than test cannot be cut down to some files.
        let Some(tool) = Tool::of(project) else {
            return Some(everything(project, "the test script starts no single tool that is known"));
        };
        let is_test = |path: &str| is_test(Some(tool.kind), path);
        let convention = Convention { is_test: &is_test, ..self.convention() };
        // A tool that finds who imports a source needs no name for it, once any test is known to be reached.
        let is_for_the_tool =
            |path: &str| is_script(path) && !widens(path) && !is_in_test_folder(path) && !is_test(path);
        let is_known = |path: &&String| {
            !tool.finds_related() || !is_for_the_tool(path) || !convention.named_after(path, files).is_empty()
        };
        let is_gone_helper =
            |path: &&String| !files.contains(path) && is_script(path) && is_in_test_folder(path) && !is_named(path);
        // jest and vitest pass over a path that is not there, without a word.
        if let Some(path) = changed.iter().find(is_gone_helper) {
            return Some(everything(project, &format!("{path} is gone, and any test may have needed it")));
        }
        // A source that is not there can be asked about no more, and one of a kind that the tool does not load has no answer.
        let unknown = |path: &&String| is_for_the_tool(path) && (!files.contains(path) || !tool.loads(path));
        if let Some(path) = changed.iter().find(unknown).filter(|_| tool.finds_related()) {
            let what = if files.contains(path) { "is none of its modules" } else { "is gone" };
            let why = format!("{path} {what}, and {} cannot be asked who imports it", tool.name());
            return Some(everything(project, &why));
        }
        let known: Vec<String> = changed.iter().filter(is_known).cloned().collect();
        Some(match convention.reach(&known, files) {
            // Imports tell more than names do.
            TestReach::Files { tests, .. } if tool.finds_related() => related(&tool, changed, files, &tests),
            TestReach::Files { tests, why } => match tool.run(&tests) {
                Some(command) => Affected { command, why },
                // mocha adds `spec` of its configuration to whatever it is given.
                None => everything(project, "the configuration of the test tool names files too"),
            },
            TestReach::Everything(why) => everything(project, &why),
        })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        Tool::of(project)?.run_telling(files)
    }

    fn links(&self, project: &Project<'_>) -> &'static [&'static str] {
        // The packages of a workspace are linked into node_modules: production's tests would import the fix from there.
        let package: Option<serde_json::Value> = serde_json::from_str(&project.text("package.json")).ok();
        let is_workspace =
            project.has("pnpm-workspace.yaml") || package.is_some_and(|it| it.get("workspaces").is_some());
        if is_workspace { &[] } else { &["node_modules"] }
    }

    fn is_build_failure(&self, output: &str) -> bool {
        output::is_build_failure(output)
    }

    fn is_missing_api(&self, output: &str) -> bool {
        let failed = results::counts(output).map_or(0, |counts| counts.failed);
        failed > 0 && output::missing_calls(output) >= failed
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        output::failure_of(output)
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        ended::unfinished(command, output)
    }

    fn cut_short(&self, output: &str) -> Option<String> {
        ended::cut_short(output)
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        results::results(output)
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        results::counts(output)
    }
}

/// Whether the test tool is told to report in a way of the project's own, into a file for example.
pub(super) fn tells_elsewhere(file: &dyn Fn(&str) -> Option<Vec<u8>>) -> bool {
    let is_there = |name: &&str| file(name).is_some();
    // The run asks by file, so the list of what may be there is asked for instead of a folder.
    let names = tool::CONFIGURATION.iter().flat_map(|(_, names)| names.iter().copied()).chain(["package.json"]);
    let top_level_names: Vec<String> = names.filter(is_there).map(str::to_owned).collect();
    Tool::of(&Project::of_files(&top_level_names, file)).is_some_and(|tool| tool.has_own_reporters)
}

/// The run of all tests, by the script.
fn everything(project: &Project<'_>, why: &str) -> Affected {
    let package = serde_json::from_str(&project.text("package.json")).unwrap_or_default();
    let command = [manager(project, &package), "test"].map(str::to_owned).to_vec();
    Affected { command, why: vec![format!("all of them: {why}")] }
}

/// The run of the tests that import what changed, as the tool itself finds them.
fn related(tool: &Tool, changed: &[String], files: &[String], tests: &[String]) -> Affected {
    let mut about = tests.to_vec();
    about.extend(changed.iter().filter(|path| is_script(path) && files.contains(path)).cloned());
    let mut unique: Vec<String> = Vec::new();
    for path in about {
        unique.extend((!unique.contains(&path)).then_some(path));
    }
    let why = vec![format!("{} finds those that import what changed: {}", tool.name(), listed(&unique))];
    Affected { command: tool.related(&unique), why }
}

fn listed(paths: &[String]) -> String {
    const MOST: usize = 4;
    let more = paths.len().saturating_sub(MOST);
    let shown = paths.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The package manager that the project says it uses, else the one whose lock file it has.
/// The script that tests, if there is one.
pub(super) fn test_script(project: &Project<'_>) -> Option<String> {
    let package: serde_json::Value = serde_json::from_str(&project.text("package.json")).ok()?;
    let script = package.get("scripts")?.get("test")?.as_str()?;
    (!script.trim().is_empty() && !script.contains(NO_TESTS)).then(|| script.to_owned())
}

fn manager(project: &Project<'_>, package: &serde_json::Value) -> &'static str {
    // corepack goes by it as well; several lock files may be left from a migration.
    let declared = package.get("packageManager").and_then(serde_json::Value::as_str);
    let declared = declared.and_then(|declared| declared.split('@').next());
    match declared {
        Some("pnpm") => "pnpm",
        Some("yarn") => "yarn",
        Some("npm") => "npm",
        _ if project.has("pnpm-lock.yaml") => "pnpm",
        _ if project.has("yarn.lock") => "yarn",
        _ => "npm",
    }
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    is_among(WIDENING, name) || (WIDENING_PREFIXES.split(' ').any(|prefix| name.starts_with(prefix)) && !is_named(path))
}

fn is_script(path: &str) -> bool {
    file_name(path).rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

/// `cart.test.ts`, `cart.spec.js`.
fn is_named(path: &str) -> bool {
    let mut parts = file_name(path).rsplit('.').skip(1);
    let is_named = parts.next().is_some_and(|part| matches!(part, "test" | "spec" | "e2e" | "cy"));
    is_named && parts.next().is_some_and(|stem| !stem.is_empty())
}

fn is_in_test_folder(path: &str) -> bool {
    folders(path).any(|folder| TEST_FOLDERS.contains(&folder))
}

/// Whether the tool takes a file for a test.
fn is_test(kind: Option<NpmTool>, path: &str) -> bool {
    let is_helper = HELPERS.contains(&stem(path).to_ascii_lowercase().as_str());
    let in_folder = match kind {
        Some(NpmTool::Jest) => folders(path).any(|folder| folder == "__tests__"),
        // Its default pattern goes by name alone.
        Some(NpmTool::Vitest) => false,
        Some(NpmTool::Mocha | NpmTool::Node) | None => is_in_test_folder(path),
    };
    is_script(path) && (is_named(path) || (in_folder && !is_helper) || (kind == Some(NpmTool::Node) && is_marked(path)))
}

/// `cart-test.js`, `test-cart.js`, `test.js`: node finds these too.
fn is_marked(path: &str) -> bool {
    let stem = stem(path);
    stem == "test" || stem.starts_with("test-") || stem.ends_with("-test") || stem.ends_with("_test")
}

/// The name of a file before its first dot.
fn stem(path: &str) -> &str {
    file_name(path).split('.').next().unwrap_or_default()
}

/// What a test is named after: `cart` for `cart.test.js`, `test-cart.js` and `test/cart.js`.
fn subject(path: &str) -> Option<String> {
    let stem = stem(path);
    let stem = ["test-", "test_"].iter().find_map(|prefix| stem.strip_prefix(prefix)).unwrap_or(stem);
    let stem = ["-test", "_test", "-spec", "_spec"].iter().find_map(|suffix| stem.strip_suffix(suffix)).unwrap_or(stem);
    (!stem.is_empty()).then(|| stem.to_ascii_lowercase())
}

/// What a source may be called there; the entry of a folder goes by the folder's name too.
fn names(path: &str) -> Vec<String> {
    if !is_script(path) {
        return Vec::new();
    }
    let stem = stem(path).to_ascii_lowercase();
    if stem != "index" {
        return vec![stem];
    }
    // The package's own entry: every test would be named after it.
    let folder = folders(path).next().filter(|folder| !matches!(*folder, "src" | "lib" | "app"));
    folder.map(|folder| folder.to_ascii_lowercase()).into_iter().collect()
}

#[cfg(test)]
mod tests;
