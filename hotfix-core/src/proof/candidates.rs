//! Which of the tests that were built are meant by a change: macros and parameters make several, or none, of one function.

use crate::runner::{TestOutcome, TestResult};

use super::part::RustTests;
use super::rust::TestFunction;

/// A test program that was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestBinary {
    /// Its name: `<package>`, `<package>::<test>`, `<package>::bin/<name>`.
    pub id: String,
    /// The source that it begins with, relative to the top of the work tree.
    pub root: String,
    /// All sources that it is built of, relative to the top; empty where they are not known.
    pub sources: Vec<String>,
    /// The tests in it.
    pub tests: Vec<String>,
    /// Those of them that do not run unless asked for.
    pub ignored: Vec<String>,
    /// Whether it brings a `main` of its own, and so is one test as a whole.
    pub is_whole: bool,
}

impl TestBinary {
    /// The whole name of a test in it, as `--regression` takes it.
    pub fn test_id(&self, test: &str) -> String {
        format!("{}::{test}", self.id)
    }

    fn holds(&self, file: &str) -> bool {
        // Not known is not "no": then names alone decide.
        self.sources.is_empty() || self.sources.iter().any(|source| source == file)
    }
}

/// A test to be run on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The index of its program.
    pub binary: usize,
    /// Its name there.
    pub test: String,
    /// What keeps it from running on its own.
    pub gates: Vec<String>,
}

/// The tests that a change means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those that were built.
    pub found: Vec<Candidate>,
    /// Those that were not, each with its file.
    pub missing: Vec<(String, TestFunction)>,
}

/// Finds the touched tests, and those that a person named, among the tests that were built.
pub fn candidates(touched: &[RustTests], named: &[String], binaries: &[TestBinary]) -> Candidates {
    let mut candidates = Candidates::default();
    for file in touched {
        // A program with a `main` of its own lists no tests: it runs as one.
        candidates.found.extend(whole(&file.file, binaries));
        for function in &file.touched.tests {
            let found = find(&file.file, function, binaries);
            // What a macro may have made need not exist.
            if found.is_empty() && !function.is_guess {
                candidates.missing.push((file.file.clone(), function.clone()));
            }
            candidates.found.extend(found);
        }
        candidates.found.extend(made_by_macros(file, binaries));
    }
    for name in named {
        let all = all_tests(binaries);
        candidates.found.extend(all.into_iter().filter(|candidate| is_named(name, candidate, binaries)));
    }
    candidates.found.sort();
    // Touched and named by the person is still one test.
    candidates.found.dedup_by(|one, other| (one.binary, &one.test) == (other.binary, &other.test));
    candidates
}

/// All tests of the programs that hold one of these files; of all programs where none does.
pub fn wide(files: &[String], binaries: &[TestBinary]) -> Vec<Candidate> {
    let known = |binary: &TestBinary| files.iter().any(|file| binary.sources.contains(file));
    // Where no program is known to hold the file, each of them may.
    let any_known = binaries.iter().any(known);
    let of_files = |candidate: &Candidate| !any_known || binaries.get(candidate.binary).is_some_and(known);
    all_tests(binaries).into_iter().filter(of_files).collect()
}

/// Those of the tests of one program that are to be looked at one by one, after all of them ran at once; and how many passed.
pub(crate) fn sift(all: Vec<&Candidate>, results: &[TestResult], is_whole: bool) -> (Vec<Candidate>, u32) {
    let ended = |test: &str| results.iter().find(|result| result.name == test).map(|result| result.outcome);
    let (mut left, mut passed) = (Vec::new(), 0);
    for candidate in all {
        match ended(&candidate.test) {
            Some(TestOutcome::Passed) => passed += 1,
            Some(TestOutcome::Ignored) => {}
            Some(TestOutcome::Failed) => left.push(candidate.clone()),
            // Something ended the program: this one may be what did it.
            None if !is_whole => left.push(candidate.clone()),
            None => {}
        }
    }
    (left, passed)
}

fn all_tests(binaries: &[TestBinary]) -> Vec<Candidate> {
    let of = |(index, binary): (usize, &TestBinary)| {
        let candidate = move |test: &String| Candidate { binary: index, test: test.clone(), gates: Vec::new() };
        binary.tests.iter().map(candidate).collect::<Vec<_>>()
    };
    binaries.iter().enumerate().flat_map(of).collect()
}

/// The tests that macros make of words that are new in a file.
fn made_by_macros(file: &RustTests, binaries: &[TestBinary]) -> Vec<Candidate> {
    let words = &file.touched.macro_words;
    let is_of_file = |candidate: &Candidate| {
        let holds = binaries.get(candidate.binary).is_some_and(|binary| binary.holds(&file.file));
        holds && candidate.test.rsplit("::").next().is_some_and(|name| words.contains(name))
    };
    if words.is_empty() { Vec::new() } else { all_tests(binaries).into_iter().filter(is_of_file).collect() }
}

/// The programs that are one test and begin with a touched file.
fn whole(file: &str, binaries: &[TestBinary]) -> Vec<Candidate> {
    let whole = binaries.iter().enumerate().filter(|(_, binary)| binary.is_whole && binary.root == file);
    let candidate = |(binary, own): (usize, &TestBinary)| {
        Some(Candidate { binary, test: own.tests.first()?.clone(), gates: Vec::new() })
    };
    whole.filter_map(candidate).collect()
}

fn find(file: &str, function: &TestFunction, binaries: &[TestBinary]) -> Vec<Candidate> {
    let mut loose = Vec::new();
    let mut exact = Vec::new();
    for (index, binary) in binaries.iter().enumerate().filter(|(_, binary)| binary.holds(file)) {
        let file_modules = modules_of(file, &binary.root);
        for test in &binary.tests {
            let parts: Vec<&str> = test.split("::").collect();
            let Some(before) = before_function(&parts, function) else { continue };
            let candidate = Candidate { binary: index, test: test.clone(), gates: function.gates.clone() };
            let is_exact = file_modules.as_deref().is_some_and(|modules| before == modules);
            if is_exact { exact.push(candidate) } else { loose.push(candidate) }
        }
    }
    // `#[path]` and macros move a module; then any test of that name may be meant.
    if exact.is_empty() { loose } else { exact }
}

/// What stands before the function and the modules around it in the path of a test, if it is of the function.
fn before_function<'p>(parts: &'p [&'p str], function: &TestFunction) -> Option<&'p [&'p str]> {
    // From the right: rstest puts cases behind the name.
    let at = parts.iter().rposition(|part| *part == function.name)?;
    let before = at.checked_sub(function.modules.len())?;
    let modules = parts.get(before..at)?;
    (modules.iter().copied().eq(function.modules.iter().map(String::as_str))).then(|| parts.get(..before)).flatten()
}

/// The modules that a file stands for, by its place beside the root of its program.
fn modules_of<'f>(file: &'f str, root: &str) -> Option<Vec<&'f str>> {
    if file == root {
        return Some(Vec::new());
    }
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = file.strip_prefix(folder)?.trim_start_matches('/').strip_suffix(".rs")?;
    // `a.rs` and `a/mod.rs` are the same module.
    let below = below.strip_suffix("/mod").unwrap_or(below);
    Some(below.split('/').collect())
}

/// Whether a person means this test: by its whole name, or by the end of it.
fn is_named(name: &str, candidate: &Candidate, binaries: &[TestBinary]) -> bool {
    let Some(binary) = binaries.get(candidate.binary) else { return false };
    let whole = binary.test_id(&candidate.test);
    whole == name || whole.ends_with(&format!("::{name}")) || candidate.test == name
}

#[cfg(test)]
mod tests {
    use super::super::rust::Touched;
    use super::*;

    fn binary(id: &str, root: &str, sources: &[&str], tests: &[&str]) -> TestBinary {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        TestBinary {
            id: id.to_owned(),
            root: root.to_owned(),
            sources: owned(sources),
            tests: owned(tests),
            ignored: Vec::new(),
            is_whole: false,
        }
    }

    fn shop() -> Vec<TestBinary> {
        vec![
            binary(
                "shop",
                "src/lib.rs",
                &["src/lib.rs", "src/cart.rs", "src/search.rs"],
                &["cart::tests::new", "search::tests::new", "cart::tests::rated::case_1", "cart::tests::rated::case_2"],
            ),
            binary("shop::it", "tests/it/main.rs", &["tests/it/main.rs", "tests/it/cart.rs"], &["cart::r12", "new"]),
        ]
    }

    fn found(file: &str, modules: &[&str], name: &str, named: &[&str]) -> String {
        let function = TestFunction {
            modules: modules.iter().map(|module| (*module).to_owned()).collect(),
            name: name.to_owned(),
            gates: Vec::new(),
            is_guess: false,
        };
        let tests = if name.is_empty() { Vec::new() } else { vec![function] };
        let touched = [RustTests { file: file.to_owned(), touched: Touched { tests, ..Touched::default() } }];
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let binaries = shop();
        let candidates = candidates(&touched, &named, &binaries);
        let ids = candidates.found.iter().map(|found| binaries[found.binary].test_id(&found.test));
        ids.chain(candidates.missing.iter().map(|(file, _)| format!("missing in {file}"))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn functions_are_found_by_file_module_and_name() {
        assert_eq!(found("src/cart.rs", &["tests"], "new", &[]), "shop::cart::tests::new");
        assert_eq!(found("src/search.rs", &["tests"], "new", &[]), "shop::search::tests::new");
        assert_eq!(
            found("src/cart.rs", &["tests"], "rated", &[]),
            "shop::cart::tests::rated::case_1 shop::cart::tests::rated::case_2"
        );
        assert_eq!(found("tests/it/cart.rs", &[], "r12", &[]), "shop::it::cart::r12");
        assert_eq!(found("tests/it/main.rs", &[], "new", &[]), "shop::it::new");
        assert_eq!(found("src/cart.rs", &["tests"], "gated", &[]), "missing in src/cart.rs");
    }

    #[test]
    fn a_person_may_name_the_end_of_a_test() {
        assert_eq!(found("", &[], "", &["search::tests::new"]), "shop::search::tests::new");
        assert_eq!(found("", &[], "", &["shop::it::new"]), "shop::it::new");
        assert_eq!(found("", &[], "", &["other"]), "");
    }

    #[test]
    fn a_helper_means_the_programs_that_hold_it() {
        let ids = |files: &[&str]| {
            let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
            wide(&files, &shop()).len()
        };
        assert_eq!((ids(&["tests/it/cart.rs"]), ids(&["src/cart.rs"]), ids(&["tests/data.json"])), (2, 4, 6));
    }
}
