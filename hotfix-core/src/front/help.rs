//! What `-h` shows: commands by when one needs them, and of each command what is its own, with an example.

use clap::Command;

use super::{Program, examples, fold};

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
    let columns = console::Term::stdout().size_checked().map_or(COLUMNS, |(_, columns)| usize::from(columns));
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
    tree.mut_subcommands(|below| add_below(below, String::new(), program))
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

/// Breaks the line of usage, which clap does not fold as all the rest, between what a command takes.
pub(super) fn fold_usage(help: &str, columns: Option<usize>) -> String {
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

/// A command shows what is its own; what every command takes is one line, and an example says more than a list.
fn add_below(command: Command, prefix: String, program: Program) -> Command {
    let path = format!("{prefix}{}", command.get_name());
    let example = examples::first(&path, program);
    let example = example.map(|typed| format!("Example: {typed}\n")).unwrap_or_default();
    let has_examples = command.get_after_long_help().is_some();
    let long = (!has_examples).then(|| example.replacen(": ", "s:\n  ", 1));
    let command = long.into_iter().fold(command, Command::after_long_help);
    let command = command.after_help(format!("{example}What every command takes: {} -h", program.name));
    command.mut_subcommands(|below| add_below(below, format!("{path} "), program))
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
}
