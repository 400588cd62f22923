//! The examples of each command's long help and manual page. A test parses every one of them.

use super::{Program, fold};

/// What is typed after the program, and what that does; the first words name the command.
const EXAMPLES: &[(&str, &str)] = &[
    ("open \"Coupons take off too much\" --severity high", "the night begins"),
    (
        "open \"Login fails\" --severity sev1 --started-at \"15m ago\" --scope \"all of EU\"",
        "with what is known already",
    ),
    ("open \"Search is down\" --severity high --worktree", "beside uncommitted work, which stays as it is"),
    ("open \"Coupons take off too much\" --severity high --carry", "what you changed already is the fix"),
    ("open --severity high --report alert.json", "what Alertmanager posted: title, source and since when are in it"),
    ("triage --severity critical --scope \"every customer\"", "it is worse than it seemed"),
    ("status", "what is next?"),
    ("status --json", "the same for a program"),
    ("status --short", "one line, for your prompt"),
    ("list", "what is open"),
    ("list --all --severity critical --since 2026-01-01", "the year's worst"),
    ("show", "the incident at hand"),
    ("show HF-2026-7k3mq2xa", "another one"),
    ("log", "who did what, and when"),
    ("sync", "others see the incident, and you see theirs"),
    ("sync backup --restore", "that remote lost events: it gets them back"),
    ("sync --setup", "let `git fetch` bring the record, too"),
    ("log --ids", "each event by its id, for `ledger forget`"),
    ("list --grep coupon --path src/price", "was it broken before?"),
    ("ledger export > incidents.ndjson", "every event, for other programs"),
    ("ledger export --format csv", "a row an incident, for a spreadsheet"),
    ("ledger import incidents.ndjson", "what is not here of it"),
    ("ledger forget 1f3c9a20b --reason \"it held a password\"", "the text goes, for good; the rest of the event stays"),
    ("ledger verify", "who signed it, what cannot be read, what remotes had"),
    ("ledger repair", "a fetch pruned the record, or set it back: it has all again"),
    ("note \"restarted the queue\"", ""),
    ("note \"first call from support\" --at 02:40", "it was earlier"),
    ("attach boot.log", "what the service wrote"),
    ("attach -", "what a pipe brings: kubectl logs … | git hotfix attach -"),
    ("suspects", "who changed the lines that the stack trace names"),
    ("suspects --since v1.4.0 --limit 3", "since that release, the best three"),
    ("mark started --at \"40m ago\"", "when users began to feel it"),
    ("mark mitigated", "just now"),
    ("guard", "is the fix minimal?"),
    ("guard --waive too-big --reason \"generated client\"", "it may be, for this reason"),
    ("guard --base origin/main", "without an incident, for example in CI"),
    ("guard --base origin/main --format sarif", "for a code scanning service"),
    ("test", "what the fix touches"),
    ("test -- --verbose", "with an argument for the test runner"),
    ("test --smoke \"paid with a coupon by hand\"", "where no test can tell"),
    ("pr", "guard, test, push, propose"),
    ("pr --draft --fix \"Take the percentage off once\"", "not ready yet"),
    ("ship", "all that is missing, after one question"),
    ("ship --yes", "without the question"),
    ("ship --wait", "on GitHub: once checks and reviews are there"),
    ("ship --admin --reason \"nobody is awake to review\"", "on GitHub: without them"),
    ("ship --dry-run", "only say what would be done"),
    ("backport", "to every release branch that lacks the fix"),
    ("backport --to release/1.4 --resolve", "one of them, its conflict laid out"),
    ("propagation", "which release branches have the fix"),
    ("propagation --waive release/1.2 --reason \"it never had coupons\"", "this one need not"),
    ("propagation --check", "in CI: did every hotfix reach every release branch?"),
    ("revert 1a2b3c4 --severity critical", "the fix is to take that commit out"),
    ("revert HEAD~2", "a merge too; on a hotfix branch it joins that incident"),
    ("config --show-origin", "every rule, and who set it"),
    ("config guard.max_files", "one of them"),
    ("config set test.timeout 20m", "for yourself, in every repository"),
    ("config set guard.max_files 5 --repository", "in hotfix.toml"),
    ("deploy", "the merged fix"),
    ("deploy --rollback", "production as it was before"),
    ("verify", "as hotfix.toml says"),
    ("verify --verify-command https://shop.example/health", "by a URL"),
    ("postmortem --edit", "draft it and open it in your editor"),
    ("postmortem --root-cause \"the coupon was applied per item\"", "say why it happened"),
    ("postmortem --prevention \"a test of two items\"", "and what keeps it from happening again"),
    ("follow-up add \"Price by one function\" --band-aid --owner ada", "the proper fix is still owed"),
    ("follow-up add \"Check totals in the nightly job\" --issue", "as an issue on GitHub, too"),
    ("follow-up add \"Alert on negative totals\" --gap monitoring --due 2026-02-01", "what would have told us"),
    ("follow-up list", "what is still owed"),
    ("follow-up done 1", "the first one is done"),
    ("close", "write the records, and end it"),
    (
        "close --root-cause \"applied per item\" --impact \"carts too cheap\" --prevention \"a test of two items\"",
        "with all that the postmortem has to say, where nobody is there to be asked",
    ),
    ("close --edit", "the whole postmortem in your editor first"),
    ("close --reason \"duplicate\"", "although a step is missing"),
    ("undo", "the note, mark or exception that you just gave; also an `open` or a `pr`"),
    ("undo 3fa9c1e0b", "another one, by its id: `log --ids` shows them"),
    ("reopen", "the incident that ended last: users feel it again"),
    ("reopen HF-2026-7k3mq2xa --reason \"it was no false alarm\"", "another one"),
    ("abort --reason \"false alarm\"", "as if it had not been, but recorded"),
    ("init", "write hotfix.toml"),
    ("init --force", "over the one that is there"),
    ("doctor", "before the night"),
    ("doctor --offline", "what can be told without a network"),
    ("doctor --hooks", "try the hook pre-push too"),
    ("doctor --fix", "and run what mends it, where that is safe"),
    ("drill", "watch a whole night in seconds"),
    ("drill --keep", "and look around in it afterwards"),
    ("drill --play", "have the alarm go off, and type the rest yourself"),
    ("completions bash > ~/.local/share/bash-completion/completions/{page}", ""),
    ("completions zsh > ~/.zfunc/_{page}", "in a folder of fpath"),
    ("completions fish > ~/.config/fish/conf.d/{page}.fish", ""),
    ("man --install", "git hotfix --help shows them"),
    ("man --out packaging/man1", "for a package"),
];

/// The command line with the examples in its long help.
pub(super) fn add(tree: clap::Command, program: Program) -> clap::Command {
    add_below(tree, "", program)
}

fn add_below(command: clap::Command, prefix: &str, program: Program) -> clap::Command {
    command.mut_subcommands(|below| {
        let path = format!("{prefix}{}", below.get_name());
        // What is below a command that does nothing by itself has the examples that begin with its name.
        let help = if below.is_subcommand_required_set() { None } else { help(&path, program) };
        // In the long help only: `-h` is what one types at night.
        let below = if let Some(help) = help { below.after_long_help(help) } else { below };
        add_below(below, &format!("{path} "), program)
    })
}

/// The examples of a command as text.
fn help(path: &str, program: Program) -> Option<String> {
    folded(path, program, usize::MAX)
}

/// The same, as wide as a screen: each is one command for a shell.
pub(super) fn folded(path: &str, program: Program, columns: usize) -> Option<String> {
    let of_command = EXAMPLES.iter().filter(|(typed, _)| is_of(typed, path));
    let lines: Vec<String> = of_command
        .map(|(typed, does)| match (fold::typed("  ", &typed_in_full(typed, program), columns), *does) {
            (typed, "") => format!("{typed}\n"),
            (typed, does) => format!("{typed}\n{}\n", fold::line(&format!("      {does}"), columns)),
        })
        .collect();
    (!lines.is_empty()).then(|| format!("Examples:\n{}", lines.concat().trim_end()))
}

/// The first example of a command, or of what is below it.
pub(super) fn first(path: &str, program: Program) -> Option<String> {
    let (typed, _) = EXAMPLES.iter().find(|(typed, _)| is_of(typed, path))?;
    Some(typed_in_full(typed, program))
}

fn is_of(typed: &str, path: &str) -> bool {
    typed.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn typed_in_full(typed: &str, program: Program) -> String {
    let typed = format!("{} {}", program.name, typed.replace("{page}", &program.name.replace(' ', "-")));
    // Nobody made the folder in a new home.
    match typed.split_once(" > ~/").and_then(|(_, file)| file.rsplit_once('/')) {
        Some((folder, _)) => format!("mkdir -p ~/{folder} && {typed}"),
        None => typed,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::super::{Command, Globals, Work};
    use super::*;

    /// The whole command line, as both programs have it.
    #[derive(Debug, clap::Parser)]
    #[command(name = "git-hotfix", about = "Hotfix")]
    struct Arguments {
        #[command(flatten)]
        globals: Globals,
        #[command(subcommand)]
        command: Option<Command>,
    }

    const PROGRAM: Program = Program { name: "git hotfix", prefer_cargo: false };

    pub(in super::super) fn tree() -> clap::Command {
        let mut tree = add(Arguments::command(), PROGRAM).disable_help_subcommand(true);
        tree.build();
        tree
    }

    /// Every command with its path, `follow-up add` for a nested one.
    fn commands(tree: &clap::Command, prefix: &str) -> Vec<(String, clap::Command)> {
        let below = |command: &clap::Command| {
            let path = format!("{prefix}{}", command.get_name());
            let mut all = commands(command, &format!("{path} "));
            all.insert(0, (path, command.clone()));
            all
        };
        tree.get_subcommands().flat_map(below).collect()
    }

    #[test]
    fn every_command_has_examples_and_no_other() {
        let there: Vec<String> = commands(&tree(), "").into_iter().map(|(path, _)| path).collect();
        let has_them = |path: &&String| EXAMPLES.iter().any(|(typed, _)| is_of(typed, path));
        let mut listed: Vec<String> = there.iter().filter(has_them).cloned().collect();
        let mut sorted = there.clone();
        sorted.sort();
        listed.sort();
        assert_eq!(listed, sorted);
        for (path, command) in commands(&tree(), "") {
            let has_them = command.get_after_long_help().is_some() || command.has_subcommands();
            assert!(has_them, "{path} has no example");
        }
    }

    #[test]
    fn every_example_parses() {
        let mut parsed = 0;
        let there = commands(&tree(), "");
        for (typed, _) in EXAMPLES {
            let of_it = |(path, command): &&(String, clap::Command)| {
                is_of(typed, path) && !command.is_subcommand_required_set()
            };
            // What is below a command comes after it.
            let (path, _) = there.iter().rfind(of_it).expect("it begins with a command");
            let typed = typed_in_full(typed, PROGRAM);
            let typed = typed.split(" > ").next().expect("a split has a first part");
            let typed = typed.rsplit(" && ").next().expect("a split has a last part");
            let words = shell_words::split(typed.trim_start_matches("git ")).expect("a shell would read it");
            let matches = Arguments::command().try_get_matches_from(words);
            let matches = matches.unwrap_or_else(|error| panic!("{typed}: {error}"));
            let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| panic!("{typed}: {error}"));
            let name = match arguments.command.unwrap_or_default().work() {
                Work::Step(step) => step.name(),
                Work::Drill(_) => "drill",
                Work::Completions(_) => "completions",
                Work::Man(_) => "man",
            };
            assert_eq!(name, *path, "{typed}");
            let _ = arguments.globals;
            parsed += 1;
        }
        assert!(parsed > 30, "{parsed}");
    }

    /// A one-liner: there, capitalised, without a period.
    fn check(what: &str, help: Option<String>) {
        let help = help.unwrap_or_default();
        assert!(help.starts_with(char::is_uppercase), "{what}: `{help}` is no sentence's beginning");
        assert!(!help.ends_with('.') && !help.contains('\n'), "{what}: `{help}` is no one-liner");
    }

    #[test]
    fn every_command_and_flag_says_in_one_line_what_it_does() {
        let tree = tree();
        for (path, command) in commands(&tree, "") {
            check(&path, command.get_about().map(ToString::to_string));
            let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
            for argument in arguments {
                check(&format!("{path}: {}", argument.get_id()), argument.get_help().map(ToString::to_string));
            }
        }
        for argument in tree.get_arguments() {
            check(argument.get_id().as_str(), argument.get_help().map(ToString::to_string));
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
