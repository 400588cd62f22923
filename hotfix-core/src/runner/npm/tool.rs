//! The test tool that a project's script starts, and its commands for single files.

use serde_json::Value;

use crate::domain::{file_name, is_among};

use super::super::{Project, not_an_option};

/// How many scripts are followed that only start another.
// Scripts may start each other in a circle.
const DEEPEST: usize = 4;
/// What a shell makes more of than one command.
// No shell is imitated: what one would do more is left to the script.
const SHELL: [char; 11] = ['|', ';', '&', '<', '>', '$', '`', '(', ')', '\\', '\n'];
/// Programs that look at code without running it: a script may begin with them.
const LINTERS: [&str; 7] = ["eslint", "prettier", "standard", "xo", "biome", "tsc", "echo"];
/// Options that do not fit the run of single files: they select tests, watch, measure or print in another way.
// A reporter of the project's may print nothing that can be read, and `--watch` never ends.
const DROPPED: &str = "\
    --watch --watchAll --coverage --collectCoverage --coverageReporters --coverageThreshold \
    --collectCoverageFrom --passWithNoTests --pass-with-no-tests --onlyChanged --changedSince --findRelatedTests \
    --reporter --reporters --run --verbose --silent --spec --recursive -R";
/// Options whose value is the next word.
// Taken for an option without a value, its value would be passed on as a test file.
const VALUED: &str = "\
    -r -c -u -t -R -w -g -C --require --import --loader --experimental-loader --conditions --env-file \
    --test-reporter --test-concurrency --test-timeout --test-name-pattern --config --rootDir --root --dir \
    --project --projects --selectProjects --env --environment --testEnvironment --testTimeout --maxWorkers \
    --pool --reporter --reporters --coverageReporters --coverageThreshold --collectCoverageFrom --changedSince \
    --spec --extension --ui --timeout --file";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NpmTool {
    Jest,
    Vitest,
    Mocha,
    Node,
}

/// A test tool with the options that the project gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) kind: NpmTool,
    environment: Vec<String>,
    program: Vec<String>,
    options: Vec<String>,
    /// Whether its configuration names files too, so that it runs more than it is asked to.
    names_files: bool,
    /// What of its configuration is written into files, as text.
    configuration: String,
    /// Whether it is told to report in a way of the project's own, so that its output may say nothing.
    pub(super) has_own_reporters: bool,
}

impl Tool {
    /// The one tool that the test script starts; `None` where it does more, or something else.
    pub(super) fn of(project: &Project<'_>) -> Option<Self> {
        let package: Value = serde_json::from_str(&project.text("package.json")).ok()?;
        let mut tool = of_script(package.get("scripts")?, "test", DEEPEST)?;
        if let [program] = tool.program.as_mut_slice()
            && program != "node"
        {
            let name = program.clone();
            // Yarn's Plug'n'Play has no `node_modules/.bin`.
            tool.program = match project.has(".pnp.cjs") {
                true => vec!["yarn".to_owned(), name],
                false => vec![format!("node_modules/.bin/{name}")],
            };
        }
        tool.configuration = configuration(project, &package, tool.kind);
        // The text is searched, not read: the file may be a program.
        tool.names_files = tool.kind == NpmTool::Mocha && tool.configuration.contains("spec");
        let script = package.get("scripts").and_then(|scripts| scripts.get("test")).and_then(Value::as_str);
        tool.has_own_reporters =
            names_own_reporters(&tool.configuration) || names_own_reporters(script.unwrap_or_default());
        Some(tool)
    }

    /// Its name, for people.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            NpmTool::Jest => "jest",
            NpmTool::Vitest => "vitest",
            NpmTool::Mocha => "mocha",
            NpmTool::Node => "node --test",
        }
    }

    /// Whether it finds the tests that import a source.
    pub(super) fn finds_related(&self) -> bool {
        matches!(self.kind, NpmTool::Jest | NpmTool::Vitest)
    }

    /// Whether it knows a source as a module. jest does by extension, and only below the folders that it is told to look at.
    pub(super) fn loads(&self, path: &str) -> bool {
        let top = path.split('/').next().unwrap_or_default();
        // jest answers "no tests" for a source outside of its roots, and exits with 0.
        let has_roots = ["roots", "rootDir:", "\"rootDir\""].iter().any(|key| self.configuration.contains(key));
        let is_outside = has_roots && !self.configuration.contains(top);
        self.kind != NpmTool::Jest || !(path.ends_with(".mts") || path.ends_with(".cts") || is_outside)
    }

    /// The command that runs these test files; `None` where it would run others too.
    pub(super) fn run(&self, files: &[String]) -> Option<Vec<String>> {
        let options: &[&str] = match self.kind {
            NpmTool::Jest => &["--runTestsByPath"],
            NpmTool::Vitest => &["run"],
            NpmTool::Mocha => &[],
            NpmTool::Node => &["--test"],
        };
        (!self.names_files).then(|| self.command(options, files))
    }

    /// The same, which tells of each test.
    pub(super) fn run_telling(&self, files: &[String]) -> Option<Vec<String>> {
        let options: &[&str] = match self.kind {
            // A coverage threshold fails any run of a few files; by path, since a name is a pattern otherwise.
            NpmTool::Jest => &["--verbose", "--coverage=false", "--runTestsByPath"],
            NpmTool::Vitest => &["run", "--reporter=verbose"],
            NpmTool::Mocha => &["--reporter=tap"],
            NpmTool::Node => &["--test"],
        };
        (!self.names_files).then(|| self.command(options, files))
    }

    /// The command that runs the tests which import these files, and those among them.
    pub(super) fn related(&self, files: &[String]) -> Vec<String> {
        match self.kind {
            NpmTool::Jest => self.command(&["--findRelatedTests"], files),
            NpmTool::Vitest => self.command(&["related", "--run"], files),
            NpmTool::Mocha | NpmTool::Node => self.command(&[], files),
        }
    }

    fn command(&self, options: &[&str], files: &[String]) -> Vec<String> {
        let mut command: Vec<String> = Vec::new();
        if !self.environment.is_empty() {
            command.push("env".to_owned());
            command.extend(self.environment.iter().cloned());
        }
        // The tool itself, not the script: npm would add what the script names.
        command.extend(self.program.iter().cloned());
        let reports = options.iter().any(|option| option.starts_with("--reporter"));
        let reporter = match self.kind {
            NpmTool::Jest => Some("--reporters=default"),
            NpmTool::Vitest => Some("--reporter=default"),
            NpmTool::Mocha => Some("--reporter=spec"),
            NpmTool::Node => None,
        };
        let reporter = reporter.filter(|_| self.has_own_reporters && !reports);
        // What vitest is to do comes before its options.
        let first = options.first().filter(|option| !option.starts_with('-'));
        command.extend(first.map(|option| (*option).to_owned()));
        command.extend(self.options.iter().cloned());
        command.extend(reporter.map(str::to_owned));
        command.extend(options.iter().skip(usize::from(first.is_some())).map(|option| (*option).to_owned()));
        command.extend(files.iter().map(|file| not_an_option(file)));
        command
    }
}

/// Whether a text names reporters, and none of those that print totals.
fn names_own_reporters(text: &str) -> bool {
    const TELLING: [&str; 9] = ["default", "verbose", "spec", "dot", "basic", "tap", "min", "list", "junit"];
    // Configuration may be code, so only the words around each mention are looked at.
    text.split("reporter").skip(1).any(|rest| !TELLING.iter().any(|name| rest.contains(name)))
}

/// The files in which each tool is configured.
pub(super) const CONFIGURATION: [(NpmTool, &[&str]); 3] = [
    (NpmTool::Jest, &["jest.config.js", "jest.config.cjs", "jest.config.mjs", "jest.config.ts", "jest.config.json"]),
    (
        NpmTool::Vitest,
        &["vitest.config.ts", "vitest.config.js", "vitest.config.mts", "vite.config.ts", "vite.config.js"],
    ),
    (
        NpmTool::Mocha,
        &[".mocharc.json", ".mocharc.js", ".mocharc.cjs", ".mocharc.yml", ".mocharc.yaml", ".mocharc.jsonc"],
    ),
];

/// The configuration of a tool: its own files, and its part of `package.json`.
fn configuration(project: &Project<'_>, package: &Value, kind: NpmTool) -> String {
    let names = CONFIGURATION.iter().filter(|(of, _)| *of == kind).flat_map(|(_, names)| names.iter());
    let key = match kind {
        NpmTool::Jest => Some("jest"),
        NpmTool::Mocha => Some("mocha"),
        NpmTool::Vitest | NpmTool::Node => None,
    };
    let own = key.and_then(|key| package.get(key)).map(Value::to_string);
    names.map(|name| project.text(name)).chain(own).collect()
}

fn of_script(scripts: &Value, name: &str, deepest: usize) -> Option<Tool> {
    let text = scripts.get(name)?.as_str()?;
    // What has to be made first is left to the script.
    // npm runs `pretest` by itself; we would not.
    let before = scripts.get(format!("pre{name}")).and_then(Value::as_str).unwrap_or_default();
    if deepest == 0 || !commands(before)?.iter().all(|words| is_linter(words)) {
        return None;
    }
    let commands = commands(text)?;
    let mut tools = commands.iter().filter(|words| !is_linter(words)).map(|words| of_words(scripts, words, deepest));
    match (tools.next(), tools.next()) {
        (Some(tool), None) => tool,
        _ => None,
    }
}

/// The commands of a script, which run one after the other; `None` where a shell makes more of it.
fn commands(script: &str) -> Option<Vec<Vec<String>>> {
    let commands = script.split("&&").filter(|command| !command.trim().is_empty());
    let words = |command: &str| if command.contains(SHELL) { None } else { shell_words::split(command).ok() };
    commands.map(words).collect()
}

fn is_linter(words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else { return true };
    match program.as_str() {
        // Otherwise it builds what the tests load.
        "tsc" => rest.iter().any(|word| word == "--noEmit"),
        "npm" | "pnpm" | "yarn" => {
            let script = rest.iter().find(|word| !matches!(word.as_str(), "run" | "-s" | "--silent"));
            script.is_some_and(|script| ["lint", "format", "type"].iter().any(|part| script.contains(part)))
        }
        program => LINTERS.contains(&program),
    }
}

fn of_words(scripts: &Value, words: &[String], deepest: usize) -> Option<Tool> {
    let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let mut words: Vec<&String> = words.iter().collect();
    let mut environment = Vec::new();
    while let Some(word) = words.first().copied() {
        match word.as_str() {
            "cross-env" | "npx" | "--no-install" | "nyc" | "c8" => {}
            _ if is_assignment(word) => environment.push(word.clone()),
            _ => break,
        }
        words.remove(0);
        // Coverage is not what is asked here, and its options are its own.
        while matches!(word.as_str(), "nyc" | "c8") && words.first().is_some_and(|word| word.starts_with('-')) {
            words.remove(0);
        }
    }
    let (program, rest) = words.split_first()?;
    let tool = |kind, program: Vec<String>, rest: &[&String]| {
        let options = options(rest);
        Some(Tool {
            kind,
            environment: environment.clone(),
            program,
            options,
            names_files: false,
            configuration: String::new(),
            has_own_reporters: false,
        })
    };
    match file_name(program) {
        "npm" | "pnpm" | "yarn" => {
            let rest: Vec<&&String> = rest.iter().filter(|word| !matches!(word.as_str(), "run" | "-s")).collect();
            match rest.as_slice() {
                [name] => of_script(scripts, name, deepest - 1).map(|tool| tool.with(environment)),
                _ => None,
            }
        }
        "jest" => tool(NpmTool::Jest, vec!["jest".to_owned()], rest),
        "vitest" => tool(NpmTool::Vitest, vec!["vitest".to_owned()], rest),
        "mocha" => tool(NpmTool::Mocha, vec!["mocha".to_owned()], rest),
        "tsx" if rest.iter().any(|word| *word == "--test") => tool(NpmTool::Node, vec!["tsx".to_owned()], rest),
        "node" => of_node(rest).and_then(|(kind, program, rest)| tool(kind, program, rest)),
        _ => None,
    }
}

/// `node --test`, or node with the program of a tool.
fn of_node<'a>(rest: &'a [&'a String]) -> Option<(NpmTool, Vec<String>, &'a [&'a String])> {
    let node = || "node".to_owned();
    if rest.iter().any(|word| *word == "--test") {
        return Some((NpmTool::Node, vec![node()], rest));
    }
    let of = |word: &str| match word {
        word if word.contains("jest/bin/jest") || word.ends_with(".bin/jest") => Some(NpmTool::Jest),
        word if word.contains("mocha/bin/") || word.ends_with(".bin/mocha") => Some(NpmTool::Mocha),
        word if word.contains("vitest/vitest") || word.ends_with(".bin/vitest") => Some(NpmTool::Vitest),
        _ => None,
    };
    // Options of node stand before the program and must stay there.
    let (place, kind) = rest.iter().enumerate().find_map(|(place, word)| Some((place, of(word)?)))?;
    let (program, rest) = rest.split_at(place + 1);
    Some((kind, std::iter::once(node()).chain(program.iter().map(|word| (*word).clone())).collect(), rest))
}

impl Tool {
    fn with(mut self, environment: Vec<String>) -> Self {
        self.environment.splice(0..0, environment);
        self
    }
}

/// The options among a tool's words: without those that do not fit, and without the files it is given.
fn options(words: &[&String]) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if !word.starts_with('-') || matches!(word.as_str(), "--" | "--test") {
            continue;
        }
        let has_value = is_among(VALUED, word) && words.peek().is_some_and(|next| !next.starts_with('-'));
        let value = has_value.then(|| words.next()).flatten();
        let is_dropped = is_among(DROPPED, name) || name.starts_with("--coverage.") || name.starts_with("--watch");
        if !is_dropped {
            options.push((*word).clone());
            options.extend(value.map(|value| (*value).clone()));
        }
    }
    options
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}
