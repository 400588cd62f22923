//! The rules of the house that no compiler knows (ARCHITECTURE.md, invariants).

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

/// What each module of the core may name, the lowest first: the module that it stands on with all that this one may name, and
/// what it lists besides. The adapters know ports and domain only, and only `front/wire.rs` knows adapters.
const MAY_NAME: [(&str, &str, &[&str]); 19] = [
    ("domain", "", &[]),
    ("port", "domain", &[]),
    ("ledger", "port", &[]),
    ("document", "port", &[]),
    ("evidence", "port", &[]),
    ("config", "document", &[]),
    ("runner", "port", &["config"]),
    ("proof", "port", &["runner"]),
    ("guard", "proof", &["config"]),
    ("workflow", "guard", &["ledger", "document", "evidence"]),
    ("production", "workflow", &[]),
    ("worktree", "production", &[]),
    ("release", "worktree", &[]),
    ("step", "release", &[]),
    ("execute", "release", &[]),
    ("drive", "step", &["execute"]),
    ("adapter", "port", &[]),
    ("front", "drive", &[]),
    ("front/wire.rs", "workflow", &["adapter"]),
];

/// What tells whether a branch has a fix, and who may ask it beside `release/presence.rs`, which has the one answer: each file
/// with what it asks instead.
const TELLS_WHAT_LANDED: [(&str, &[(&str, &str)]); 3] = [
    (r"\.brought_by\(", &[("release/commits.rs", "which merge a part of the fix is told apart by")]),
    (
        r"\.find_message\(|CommitFilter::Says\(|\.marked\(|\bstanding_revert\(",
        &[
            ("release/commits.rs", "reads what messages say, for the answer"),
            ("release/preview.rs", "whether a conflict was settled by a pick"),
            ("release/exact_revert.rs", "what the fix itself reverts"),
            ("release/untold.rs", "which merge another clone's hotfix made, of which nothing is recorded"),
            ("step/revert.rs", "whether the branch of the fix has the revert"),
            ("step/propagation/check.rs", "which hotfixes production has, of which nothing is recorded"),
        ],
    ),
    (
        r"Applied::Clean\(.*tree_of\(|[!=]= .*\btree_of\(|\btree_of\(.*[!=]= ",
        &[
            ("release/commits.rs", "whether the commits of a merge add up to it"),
            ("release/preview.rs", "whether a merge would bring anything"),
            ("release/revert.rs", "whether a revert would change anything"),
            ("release/merge.rs", "whether the fix changes anything, and whether a merge is made already"),
        ],
    ),
];

/// All that a module may name; `None` where it has no row.
fn may_name(module: &str) -> Option<BTreeSet<&'static str>> {
    let (_, below, besides) = MAY_NAME.iter().find(|(name, ..)| *name == module)?;
    let below = Some(*below).filter(|below| !below.is_empty());
    let mut names = below.map(|below| may_name(below).expect("it stands on a module")).unwrap_or_default();
    names.extend(below.into_iter().chain(besides.iter().copied()));
    Some(names)
}

/// The rows of [`MAY_NAME`] as the code map shows them.
fn table_of_modules() -> String {
    let row = |(module, below, besides): &(&str, &str, &[&str])| {
        let file = if module.contains('.') { "" } else { "/" };
        let below = if below.is_empty() { "–".to_owned() } else { format!("`{below}/`") };
        let besides: Vec<String> = besides.iter().map(|name| format!("`{name}/`")).collect();
        format!("| `{module}{file}` | {below} | {} |\n", besides.join(", "))
    };
    let rows: String = MAY_NAME.iter().map(row).collect();
    format!("| module | stands on | names besides |\n|---|---|---|\n{rows}")
}

/// Names that several types of the core have, and why: a search for any other finds one type.
const SHARED_NAMES: [(&str, &str); 4] = [
    ("Config", "the command that shows the configuration is called as it is"),
    ("FollowUp", "the command is called as what it records"),
    ("Note", "the command is called as what it records"),
    ("Status", "the command is called as what it shows"),
];

const LONGEST_FILE: usize = 600;
const LONGEST_BIN: usize = 250;
const MOST_METHODS_OF_A_TRAIT: usize = 12;
const MOST_CRATES_WITHOUT_FEATURES: usize = 30;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").to_path_buf()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).expect("the file is there")
}

/// What git tracks or would track, by patterns; paths relative to the top.
fn files(patterns: &[&str]) -> Vec<String> {
    list_files(&["--cached", "--others", "--exclude-standard", "--deduplicate"], patterns)
}

fn list_files(options: &[&str], patterns: &[&str]) -> Vec<String> {
    let mut git = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    let listed = git.current_dir(root()).arg("ls-files").args(options).arg("--").args(patterns).output();
    let listed = listed.expect("git is installed");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("our files have plain names");
    listed.lines().filter(|path| root().join(path).exists()).map(String::from).collect()
}

/// A source file of the core, without comments and without what is compiled for tests only.
pub(crate) struct Source {
    /// Relative to `hotfix-core/src`.
    pub(crate) path: String,
    pub(crate) code: String,
}

pub(crate) fn core_sources() -> Vec<Source> {
    let sources = sources_under("hotfix-core/src");
    assert!(sources.len() > 10, "the core's sources are not found");
    sources
}

fn sources_under(folder: &str) -> Vec<Source> {
    let is_test = |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/");
    let paths = files(&[&format!("{folder}/*.rs")]);
    let paths = paths.iter().filter(|path| !is_test(path));
    paths
        .map(|path| Source { path: path.replacen(folder, "", 1).split_off(1), code: product_code(&read(path)) })
        .collect()
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed")
}

/// Test modules stand at the end of a file, so what follows the first with a body is left out.
fn product_code(text: &str) -> String {
    static DECLARED: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?m)^#\[cfg\(test\)\]\n(?:pub\(\w+\) )?(?:mod|use) [^;{]*;\n"));
    static TESTS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^#\[cfg\(test\)\]\n(?:#\[.*\]\n)?mod "));
    let text = DECLARED.replace_all(text, "");
    let product = TESTS.split(&text).next().unwrap_or_default();
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    product.lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

/// Where `pattern` occurs in sources that `is_place` does not name.
fn found_outside(sources: &[Source], pattern: &str, is_place: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = regex(pattern);
    let elsewhere = sources.iter().filter(|source| !is_place(&source.path));
    elsewhere
        .flat_map(|source| source.code.lines().map(move |line| (source, line)))
        .filter(|(_, line)| pattern.is_match(line))
        .map(|(source, line)| format!("{}: {}", source.path, line.trim()))
        .collect()
}

fn nothing() -> Vec<String> {
    Vec::new()
}

/// The modules that a file declares.
fn declared_modules(text: &str) -> BTreeSet<String> {
    static MODULE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^\s*(?:pub(?:\([a-z ]+\))? )?mod ([a-z_0-9]+);"));
    MODULE.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The top-level modules of the core that a piece of code names.
fn named_modules(code: &str) -> BTreeSet<String> {
    static SINGLE: LazyLock<Regex> = LazyLock::new(|| regex(r"\bcrate::([a-z_]+)"));
    static GROUP: LazyLock<Regex> = LazyLock::new(|| regex(r"\bcrate::\{((?s).*?)\};"));
    static FIRST_WORDS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:^|,)\s*([a-z_]+)"));
    let mut named: BTreeSet<String> = SINGLE.captures_iter(code).map(|found| found[1].to_owned()).collect();
    for found in GROUP.captures_iter(code) {
        let flat = without_inner_braces(&found[1]);
        named.extend(FIRST_WORDS.captures_iter(&flat).map(|word| word[1].to_owned()));
    }
    named
}

fn without_inner_braces(list: &str) -> String {
    let mut depth = 0;
    let mut flat = String::new();
    for character in list.chars() {
        depth += i32::from(character == '{');
        if depth == 0 {
            flat.push(character);
        }
        depth -= i32::from(character == '}');
    }
    flat
}

#[test]
fn every_suite_file_is_listed() {
    let listed = declared_modules(&read("tests/suite/main.rs"));
    let there: BTreeSet<String> = files(&["tests/suite/*.rs"])
        .iter()
        .filter_map(|path| path.strip_prefix("tests/suite/")?.strip_suffix(".rs"))
        .filter(|name| *name != "main" && !name.contains('/'))
        .map(String::from)
        .collect();
    assert_eq!(there, listed);
}

#[test]
fn every_file_of_the_core_is_part_of_it() {
    let forgotten: Vec<String> = files(&["hotfix-core/src/*.rs"])
        .into_iter()
        .filter(|path| !path.ends_with("/lib.rs"))
        .filter(|path| {
            let path = Path::new(path);
            let is_folder = path.ends_with("mod.rs");
            let module = if is_folder { path.parent().expect("it has a folder") } else { path };
            let name = module.file_stem().expect("it has a name").to_string_lossy().into_owned();
            let folder = module.parent().expect("it has a folder");
            let parents = [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")];
            !parents
                .iter()
                .any(|parent| root().join(parent).exists() && declared_modules(&read(parent)).contains(&name))
        })
        .collect();
    assert_eq!(forgotten, nothing(), "declare it in its folder's mod.rs");
}

#[test]
fn modules_of_the_core_name_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for source in core_sources().iter().filter(|source| source.path != "lib.rs") {
        let module = source.path.split(['/', '.']).next().unwrap_or_default();
        let Some(allowed) = may_name(&source.path).or_else(|| may_name(module)) else {
            wrong.push(format!("{module}: it has no row in MAY_NAME yet"));
            continue;
        };
        let named = named_modules(&source.code).into_iter();
        let named = named.filter(|name| name != module && !allowed.contains(name.as_str()));
        wrong.extend(named.map(|name| format!("{}: names {name}", source.path)));
    }
    assert_eq!(wrong, nothing());
}

#[test]
fn a_type_of_the_core_has_its_name_alone() {
    // What an `impl` names has its name from the trait.
    const OF_TRAITS: [&str; 5] = ["Err", "Error", "Item", "Output", "Target"];
    let declared = regex(r"(?m)^\s*(?:pub(?:\([a-z ]+\))? )?(?:struct|enum|trait|type|union) (\w+)");
    let mut seen = BTreeSet::new();
    let mut several = BTreeSet::new();
    for source in core_sources() {
        let names = declared.captures_iter(&source.code).map(|found| found[1].to_owned());
        let names = names.filter(|name| !OF_TRAITS.contains(&name.as_str()));
        several.extend(names.filter(|name| !seen.insert(name.clone())));
    }
    let expected: BTreeSet<String> = SHARED_NAMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(several, expected, "rename one, or give a reason for the name that they share");
}

#[test]
fn libraries_of_the_outside_are_named_in_adapters_only() {
    let libraries = r"\b(gix|git2|octocrab|ureq|process_wrap|signal_hook|rustix)::";
    assert_eq!(found_outside(&core_sources(), libraries, |path| path.starts_with("adapter/")), nothing());
}

/// Two answers to "does this branch have the fix?" once named two commits, and the wrong one was tagged and deployed.
#[test]
fn one_file_says_what_landed() {
    for (pattern, others) in TELLS_WHAT_LANDED {
        let may = |path: &str| {
            let is_below = path.starts_with("adapter/") || path.starts_with("port/");
            is_below || path == "release/presence.rs" || others.iter().any(|(other, _)| *other == path)
        };
        assert_eq!(found_outside(&core_sources(), pattern, may), nothing(), "ask `presence::of`");
    }
}

#[test]
fn programs_start_in_two_places_only() {
    let is_place = |path: &str| path == "adapter/git/child.rs" || path.starts_with("adapter/system/");
    let sources = ["hotfix-core/src", "git-hotfix/src", "cargo-hotfix/src"].map(sources_under);
    // Clap has a type of that name too.
    let starts = r"(^|[^:\w]|process::)Command::new\(";
    assert_eq!(found_outside(&sources.into_iter().flatten().collect::<Vec<_>>(), starts, is_place), nothing());
}

#[test]
fn a_trait_of_git_is_small_enough_to_implement() {
    let method = regex(r"(?m)^    fn ");
    let traits = regex(r"(?ms)^pub trait (\w+)[^\n]*\{\n(.*?)^\}");
    let sources = core_sources();
    let found: Vec<(String, usize)> = sources
        .iter()
        .filter(|source| source.path.starts_with("port/git/"))
        .flat_map(|source| traits.captures_iter(&source.code))
        .map(|found| (found[1].to_owned(), method.find_iter(&found[2]).count()))
        .collect();
    assert!(found.len() > 5, "the traits are not found: {found:?}");
    let large: Vec<_> = found.into_iter().filter(|(_, methods)| *methods > MOST_METHODS_OF_A_TRAIT).collect();
    assert_eq!(large, [], "split it by what is asked of git");
}

#[test]
fn binaries_are_thin() {
    for folder in ["git-hotfix/src", "cargo-hotfix/src"] {
        let lines: usize = files(&[&format!("{folder}/*.rs")]).iter().map(|path| read(path).lines().count()).sum();
        assert!(lines < LONGEST_BIN, "{folder} has {lines} lines");
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let lengths = files(&["*.rs"]).into_iter().map(|path| (read(&path).lines().count(), path));
    let long: Vec<_> = lengths.filter(|(lines, _)| *lines > LONGEST_FILE).collect();
    assert_eq!(long, [], "split them by idea");
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    let allow = regex(&format!(r"\b{}\(", "allow"));
    let attribute = regex(r"#!?\[");
    let mut wrong = Vec::new();
    for path in files(&["*.rs"]) {
        let text = read(&path);
        let lines = text.lines().filter(|line| attribute.is_match(line) && allow.is_match(line));
        wrong.extend(lines.map(|line| format!("{path}: {}", line.trim())));
    }
    assert_eq!(wrong, nothing());
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    assert!(read("Cargo.toml").contains("\nunsafe_code = \"forbid\"\n"));
    for manifest in files(&["*/Cargo.toml"]).iter().filter(|path| path.split('/').count() == 2) {
        assert!(
            read(manifest).contains("\n[lints]\nworkspace = true\n"),
            "{manifest} leaves the workspace's lints out"
        );
    }
}

#[test]
fn the_map_names_every_module_of_the_core() {
    let map = read("ARCHITECTURE.md");
    for module in declared_modules(&product_code(&read("hotfix-core/src/lib.rs"))) {
        assert!(map.contains(&format!("`{module}/`")), "ARCHITECTURE.md does not name `{module}/`");
    }
}

#[test]
fn the_map_says_who_may_name_whom() {
    const MARK: &str = "<!-- generated: UPDATE_BOOK=1 cargo test -p hotfix-tests the_map -->\n";
    let map = read("ARCHITECTURE.md");
    let (before, rest) = map.split_once(MARK).expect("the table has a mark");
    let (_, after) = rest.split_once("\n\n").expect("a blank line ends it");
    let should_be = format!("{before}{MARK}{}\n{after}", table_of_modules());
    if env::var_os("UPDATE_BOOK").is_some() {
        fs::write(root().join("ARCHITECTURE.md"), should_be).expect("the map can be written");
    } else {
        assert_eq!(map, should_be, "UPDATE_BOOK=1 cargo test -p hotfix-tests the_map");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = regex(r"\]\(([^)\s#]+)[^)]*\)");
    let mut broken = Vec::new();
    for document in files(&["*.md"]) {
        let folder = root().join(&document).parent().expect("it has a folder").to_path_buf();
        for found in link.captures_iter(&read(&document)) {
            let target = &found[1];
            let is_ours = !target.contains(':') && !target.contains('{');
            if is_ours && !folder.join(target).exists() {
                broken.push(format!("{document}: {target}"));
            }
        }
    }
    assert_eq!(broken, nothing());
}

#[test]
fn the_changelog_has_a_place_for_the_next_release() {
    assert!(read("CHANGELOG.md").contains("\n## [Unreleased]\n"));
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let lines: Vec<&str> = section.expect("the workspace lists its dependencies").lines().collect();
    let is_crate = |line: &str| line.contains('=') && !line.starts_with('#') && !line.contains("path =");
    let bare: Vec<&str> = lines
        .windows(2)
        .filter(|pair| is_crate(pair[1]) && !pair[1].contains(" # ") && !pair[0].starts_with('#'))
        .map(|pair| pair[1])
        .collect();
    assert_eq!(bare, Vec::<&str>::new(), "give a reason, or head a group whose comment is one");
}

#[test]
fn the_core_without_features_stays_light() {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--locked", "--offline", "-p", "hotfix-core", "-e", "normal", "--prefix", "none"]);
    let tree = cargo.current_dir(root()).output().expect("cargo is installed");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    let crates: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("serde") && crates.len() <= MOST_CRATES_WITHOUT_FEATURES, "{}: {crates:?}", crates.len());
}

#[test]
fn no_pending_snapshot_is_committed() {
    assert_eq!(list_files(&["--cached"], &["*.snap.new", "*.pending-snap"]), nothing());
}

#[test]
fn the_rules_see_what_they_forbid() {
    let names = |code: &str| named_modules(code).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("use crate::port::Look;\nlet x = crate::adapter::system::SystemClock;"), "adapter port");
    assert_eq!(names("use crate::{domain::{Slug, event}, front,\n    step};"), "domain front step");
    assert_eq!(product_code("a(); // crate::front\n#[cfg(test)]\nmod tests {}"), "a(); ");
    let source = |code: &str| [Source { path: "step/open.rs".into(), code: code.into() }];
    let starts = r"(^|[^:\w]|process::)Command::new\(";
    assert_eq!(found_outside(&source("let c = Command::new(\"sh\");"), starts, |_| false).len(), 1);
    assert_eq!(found_outside(&source("std::process::Command::new(x)"), starts, |_| false).len(), 1);
    assert_eq!(found_outside(&source("clap::Command::new(x)"), starts, |_| false).len(), 0);
    for (code, pattern) in [
        ("let by = git.brought_by(head, tip)?;", 0),
        ("git.find_message(None, tip, &trailer)?", 1),
        ("commits::standing_revert(context, &id, &tip)?", 1),
        ("Ok(git.merge(tip, head, rules)? == Applied::Clean(git.tree_of(tip)?))", 2),
        ("Applied::Clean(tree) if tree == git.tree_of(&tip)? => Some(tip),", 2),
    ] {
        assert_eq!(found_outside(&source(code), TELLS_WHAT_LANDED[pattern].0, |_| false).len(), 1, "{code}");
    }
}
