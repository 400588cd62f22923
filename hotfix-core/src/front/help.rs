//! What `-h` shows: commands by when one needs them, and of each command what is its own, with an example.

use clap::Command;

use super::{Program, examples, fold, wire};

/// The headings under which commands stand, in the order in which a person meets them.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "At night",
        &[
            "open", "status", "note", "mark", "triage", "attach", "suspects", "ship", "revert", "undo", "abort",
            "list", "show", "log",
        ],
    ),
    ("Before the night", &["init", "doctor", "drill", "config", "completions", "man"]),
    ("Afterwards", &["close", "postmortem", "follow-up", "reopen", "sync", "ledger", "propagation"]),
    ("Parts of ship, alone", &["guard", "test", "pr", "deploy", "verify", "backport"]),
];

/// As wide as clap's own help where no screen says how wide it is.
const COLUMNS: usize = 100;

/// The command line with help that a person finds their way in.
pub(super) fn add(tree: Command, program: Program) -> Command {
    let screens = [console::Term::stdout(), console::Term::stderr()];
    let columns = screens.iter().find_map(|screen| Some(usize::from(screen.size_checked()?.1)));
    add_at(tree, program, columns.or_else(wire::told_columns).unwrap_or(COLUMNS))
}

fn add_at(tree: Command, program: Program, columns: usize) -> Command {
    let commands = grouped(&tree, columns);
    let heading = headed(&tree, "Every command takes");
    // Of each command they are hidden, so here they have to be shown.
    let options = tree
        .clone()
        .mut_args(|argument| argument.hide_short_help(false).help_heading(None))
        .help_template("{options}")
        .render_help();
    let four = fold::text(&four(program), columns);
    let template =
        format!("{{about}}\n\n{four}\n{{usage-heading}} {{usage}}\n\n{commands}{heading}\n{}", options.ansi());
    let tree = tree.help_template(template);
    tree.mut_subcommands(|below| add_below(below, String::new(), program, columns))
}

/// The four commands that are enough.
fn four(program: Program) -> String {
    let name = program.name;
    let four = [
        (format!("{name} open \"what is broken\""), ""),
        ("git commit".to_owned(), "the fix and its regression test"),
        (format!("{name} ship"), ""),
        (format!("{name} close"), "tomorrow"),
    ];
    // Only what something is said of: on a narrow screen that would else begin in its right half.
    let said = four.iter().filter(|(_, when)| !when.is_empty());
    let widest = said.map(|(typed, _)| typed.len()).max().unwrap_or_default();
    let lines = four.iter().map(|(typed, when)| format!("  {typed:<widest$}  {when}").trim_end().to_owned() + "\n");
    format!("At night four commands are enough:\n\n{}", lines.collect::<String>())
}

/// A heading as clap shows its own.
fn headed(tree: &Command, heading: &str) -> String {
    let style = tree.get_styles().get_header();
    format!("{style}{heading}:{style:#}")
}

/// The commands under their headings; one that has none stands at the end.
fn grouped(tree: &Command, columns: usize) -> String {
    let known = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let others: Vec<&str> = tree.get_subcommands().map(Command::get_name).filter(|name| !known(name)).collect();
    let groups = GROUPS.iter().map(|(heading, names)| (*heading, names.to_vec()));
    let groups = groups.chain((!others.is_empty()).then_some(("More", others)));
    let group = |(heading, names): (&str, Vec<&str>)| {
        let lines = names.iter().filter_map(|name| tree.find_subcommand(name)).map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            format!("  {:<11}  {about}\n", command.get_name())
        });
        format!("{}\n{}\n", headed(tree, heading), fold::text(&lines.collect::<String>(), columns))
    };
    groups.map(group).collect()
}

/// Help as it is shown: with the line of usage broken, which clap does not fold as all the rest, between what a command takes.
pub(super) fn shown(help: &str, columns: Option<usize>) -> String {
    fold_usage(help, columns).replace(UNBROKEN, " ")
}

fn fold_usage(help: &str, columns: Option<usize>) -> String {
    let columns = columns.unwrap_or(usize::MAX);
    let fold = |line: &str| {
        let is_wide = console::measure_text_width(line.trim_end()) > columns;
        if !is_wide || !console::strip_ansi_codes(line).starts_with(USAGE) {
            return line.to_owned();
        }
        let (mut lines, mut width) = (String::new(), 0);
        for word in line.split_inclusive(' ') {
            let word_width = console::measure_text_width(word);
            if width > USAGE.len() && width + console::measure_text_width(word.trim_end()) > columns {
                let ended = lines.trim_end().len();
                lines.truncate(ended);
                lines.push_str(&format!("\n{:width$}", "", width = USAGE.len()));
                width = USAGE.len();
            }
            lines.push_str(word);
            width += word_width;
        }
        lines
    };
    help.split_inclusive('\n').map(fold).collect()
}

const USAGE: &str = "Usage: ";

/// A blank in what is folded already. clap would break a command at one, without the backslash that a shell needs.
const UNBROKEN: char = '\u{a0}';

fn unbroken(text: &str) -> String {
    text.replace(' ', &UNBROKEN.to_string())
}

/// A command shows what is its own; what every command takes is one line, and an example says more than a list.
fn add_below(command: Command, prefix: String, program: Program, columns: usize) -> Command {
    let path = format!("{prefix}{}", command.get_name());
    let first = examples::first(&path, program);
    let typed = |lead: &str| first.iter().map(|typed| fold::typed(lead, typed, columns)).collect::<String>();
    let long = match command.get_after_long_help() {
        Some(_) => examples::folded(&path, program, columns),
        None => first.is_some().then(|| format!("Examples:\n{}", typed("  "))),
    };
    let command = long.into_iter().fold(command, |command, long| command.after_long_help(unbroken(&long)));
    let example = if first.is_some() { unbroken(&typed("Example: ")) + "\n" } else { String::new() };
    let command = command.after_help(format!("{example}What every command takes: {} -h", program.name));
    command.mut_subcommands(|below| add_below(below, format!("{path} "), program, columns))
}

#[cfg(test)]
mod tests {
    use super::super::examples::tests::tree;
    use super::*;

    #[test]
    fn the_usage_is_as_narrow_as_the_screen() {
        let styled = "\u{1b}[1mUsage:\u{1b}[0m \u{1b}[1mgit hotfix config set\u{1b}[0m [OPTIONS] <KEY> <VALUE>";
        let help = format!("Set a key of the configuration\n\n{styled}\n\nUsage is not told twice\n");
        assert_eq!(fold_usage(&help, None), help);
        assert_eq!(fold_usage(&help, Some(52)), help);
        let folded = fold_usage(&help, Some(40));
        assert!(folded.lines().all(|line| console::measure_text_width(line) <= 40), "{folded}");
        insta::assert_snapshot!(console::strip_ansi_codes(&folded), @"
        Set a key of the configuration

        Usage: git hotfix config set [OPTIONS]
               <KEY> <VALUE>

        Usage is not told twice
        ");
        // One piece that is wider than the screen stays whole.
        assert_eq!(fold_usage("Usage: git hotfix x\n", Some(5)), "Usage: git\n       hotfix\n       x\n");
    }

    #[test]
    fn every_command_stands_under_a_heading() {
        let tree = tree();
        let listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        for name in &listed {
            assert!(tree.find_subcommand(name).is_some(), "{name} is no command");
            assert_eq!(listed.iter().filter(|other| *other == name).count(), 1, "{name} stands twice");
        }
        for command in tree.get_subcommands() {
            assert!(listed.contains(&command.get_name()), "{} stands under no heading", command.get_name());
        }
    }

    #[test]
    fn every_example_is_one_command_at_any_width() {
        let program = Program { name: "git hotfix", prefer_cargo: false };
        let shown = |path: &[&str], columns: usize, long: bool| {
            let mut tree = add_at(tree().term_width(columns), program, columns);
            tree.build();
            let command = path.iter().try_fold(&mut tree, |tree, name| tree.find_subcommand_mut(name));
            let command = command.expect("it is there");
            let help = if long { command.render_long_help() } else { command.render_help() };
            shown(&help.to_string(), Some(columns))
        };
        let words = |example: &str| shell_words::split(example).expect("a shell would read it");
        let examples = |help: &str| {
            let (_, examples) = help.split_once("Example: ").expect("it has one");
            words(examples.split_once("\nWhat every").expect("that comes after it").0)
        };
        for path in [&["completions"][..], &["follow-up"], &["follow-up", "add"], &["close"]] {
            let whole = examples(&shown(path, 1000, false));
            for columns in [20, 40, 50, 80] {
                let folded = shown(path, columns, false);
                assert_eq!(examples(&folded), whole, "{folded}");
            }
        }
        let long = |columns| {
            let help = shown(&["completions"], columns, true);
            help.split_once("Examples:\n").expect("it has some").1.to_owned()
        };
        insta::assert_snapshot!(long(60), @r"
        mkdir -p ~/.local/share/bash-completion/completions && \
            git hotfix completions bash > \
            ~/.local/share/bash-completion/completions/git-hotfix
        mkdir -p ~/.zfunc && git hotfix completions zsh > \
            ~/.zfunc/_git-hotfix
            in a folder of fpath
        mkdir -p ~/.config/fish/conf.d && git hotfix completions \
            fish > ~/.config/fish/conf.d/git-hotfix.fish
        ");
    }
}
