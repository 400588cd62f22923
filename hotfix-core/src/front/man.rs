//! `man`: a manual page for each command, where `man` finds them: `git hotfix --help` is taken by git, which asks `man`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::port::{FilesRead as _, FilesWrite as _};
use crate::workflow::{Action, ActionView, Code, FileAction, Outcome, Refusal};

use super::{Globals, Program, Terminal, examples, tell, wire};

/// Print the manual page, or write the pages of all commands
///
/// Git shows them for `git hotfix --help`. Without an option the first page is printed, as roff; in a terminal it is said how to read it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Man {
    /// Write all pages into DIR
    #[arg(long, value_name = "DIR", conflicts_with = "install")]
    pub out: Option<PathBuf>,
    /// Write all pages where `man` looks: beside this program if possible, else for you alone
    #[arg(long)]
    pub install: bool,
}

/// A page: its file's name and its roff.
struct Page {
    name: String,
    text: Vec<u8>,
}

/// Carries the command out.
pub(super) fn run(
    program: Program,
    globals: &Globals,
    man: &Man,
    tree: clap::Command,
    terminal: &Terminal,
) -> ExitCode {
    let result = folder(man).and_then(|folder| match folder {
        None if terminal.shows_results() => Ok((Vec::new(), how_to_read(program))),
        None => Ok((Vec::new(), printed(&pages(program, tree)))),
        Some(folder) => written(program, globals, &pages(program, tree), &folder),
    });
    let (actions, outcome) = result.unwrap_or_else(|refusal| (Vec::new(), Outcome::failed(refusal)));
    tell::tell(globals, terminal, "man", &actions, outcome)
}

/// Where the pages go; `None` where they are not written.
fn folder(man: &Man) -> Result<Option<PathBuf>, Refusal> {
    match (&man.out, man.install) {
        (Some(folder), _) => Ok(Some(folder.clone())),
        (None, false) => Ok(None),
        (None, true) => wire::man_folder().map(Some).ok_or_else(|| {
            Refusal::precondition(Code::ManFolder, "no folder for manual pages was found: HOME is not set")
                .hint("name one: --out DIR")
        }),
    }
}

fn printed(pages: &[Page]) -> Outcome {
    Outcome::text(pages.first().map(|page| String::from_utf8_lossy(&page.text).into_owned()).unwrap_or_default())
        .verbatim()
}

/// What shows a page that comes from a pipe.
const READER: &str = if cfg!(target_os = "macos") { "mandoc -a" } else { "man -l -" };

/// Nobody reads roff on a screen.
fn how_to_read(program: Program) -> Outcome {
    let (name, page) = (program.name, program.name.replace(' ', "-"));
    Outcome::text("the page is roff, which `man` shows\n")
        .hint(format!("{name} man | {READER}   # to read it now"))
        .hint(format!("{name} man --install   # then: man {page}"))
}

/// Writes the pages that are not there yet as they should be.
fn written(
    program: Program,
    globals: &Globals,
    pages: &[Page],
    folder: &Path,
) -> Result<(Vec<ActionView>, Outcome), Refusal> {
    let (top, below) = wire::files_below(folder)?;
    let mut actions = Vec::new();
    for Page { name, text } in pages {
        let path = below.join(name).to_string_lossy().into_owned();
        let there = top.read(&path)?;
        // Installing again after an update writes what changed, and says nothing else.
        if there.as_ref() == Some(text) {
            continue;
        }
        if !globals.dry_run {
            top.write(&path, there.as_deref(), text)?;
        }
        let path = folder.join(name).to_string_lossy().into_owned();
        // Only for its text and JSON; the executor never sees it.
        actions.push(Action::File(FileAction::Write { path, expected: None, content: Vec::new() }).view());
    }
    let did = if globals.dry_run { "would write" } else { "wrote" };
    let text = match actions.len() {
        0 => format!("all {} pages are in {}", pages.len(), folder.display()),
        written => format!("{did} {written} pages to {}", folder.display()),
    };
    let page = program.name.replace(' ', "-");
    // The colon at the end keeps the system's own pages.
    let hint = format!("if `man {page}` finds nothing: export MANPATH=\"{}:\"", manpath(folder).display());
    Ok((actions, Outcome::text(text).hint(hint)))
}

/// The folder that `MANPATH` names for pages in `folder`.
fn manpath(folder: &Path) -> &Path {
    // `MANPATH` lists folders that hold `man1`, not `man1` itself.
    if folder.ends_with("man1") { folder.parent().unwrap_or(folder) } else { folder }
}

/// The pages of a program, its own first.
fn pages(program: Program, tree: clap::Command) -> Vec<Page> {
    // clap's own `help` would get a page for every command once more.
    let mut tree = examples::add(tree, program).bin_name(program.name).disable_help_subcommand(true);
    // Hidden from `-h` alone, which names them in one line.
    tree = tree.mut_args(|argument| argument.hide_short_help(false));
    // Only a built tree has the global options in every subcommand.
    tree.build();
    let mut pages = Vec::new();
    add_pages(&program.name.replace(' ', "-"), &tree, &mut pages);
    pages
}

fn add_pages(name: &str, command: &clap::Command, pages: &mut Vec<Page>) {
    let title = name.to_uppercase();
    let page = clap_mangen::Man::new(command.clone().display_name(name.to_owned()))
        .title(title)
        .source(format!("hotfix {}", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text).expect("memory takes whatever is written");
    let text = with_examples(&with_synopsis(&String::from_utf8_lossy(&text), command)).into_bytes();
    // `git hotfix open --help` asks `man` for `git-hotfix-open`.
    pages.push(Page { name: format!("{name}.1"), text });
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        add_pages(&format!("{name}-{}", below.get_name()), below, pages);
    }
}

/// The generated synopsis leaves out what options take.
fn with_synopsis(page: &str, command: &clap::Command) -> String {
    // A later clap_mangen may write other pages; they are then left as they are.
    let Some((before, rest)) = page.split_once(SYNOPSIS) else { return page.to_owned() };
    let Some((_, after)) = rest.split_once("\n.SH ") else { return page.to_owned() };
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let (options, arguments): (Vec<_>, Vec<_>) = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
        .partition(|argument| !argument.is_positional());
    let mut parts = vec![format!("\\fB{}\\fR", escaped(name))];
    parts.extend(options.into_iter().map(option));
    parts.extend(arguments.into_iter().map(positional));
    if command.has_subcommands() {
        let wanted = command.is_subcommand_required_set();
        parts.push(if wanted { "<\\fICOMMAND\\fR>" } else { "[\\fICOMMAND\\fR]" }.to_owned());
    }
    format!("{before}{SYNOPSIS}{}\n.SH {after}", parts.join(" "))
}

const SYNOPSIS: &str = "\n.SH SYNOPSIS\n";

/// `[-C DIR]`, `[-q|--quiet]`, `[--worktree [DIR]]`, `[--report FILE]...`.
fn option(option: &clap::Arg) -> String {
    let short = option.get_short().map(|short| format!("-{short}"));
    let names: Vec<String> = short.into_iter().chain(option.get_long().map(|long| format!("--{long}"))).collect();
    let names: Vec<String> = names.iter().map(|name| format!("\\fB{}\\fR", escaped(name))).collect();
    let takes_value = option.get_action().takes_values();
    let is_optional = option.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value = match (takes_value, is_optional) {
        (false, _) => String::new(),
        (true, true) => format!(" [{}]", value(option)),
        (true, false) => format!(" {}", value(option)),
    };
    let repeated = if matches!(option.get_action(), clap::ArgAction::Append) { "..." } else { "" };
    format!("[{}{value}]{repeated}", names.join("|"))
}

fn positional(argument: &clap::Arg) -> String {
    let is_repeated = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
    let repeated = if is_repeated { "..." } else { "" };
    match argument.is_required_set() {
        true => format!("<{}>{repeated}", value(argument)),
        false => format!("[{}]{repeated}", value(argument)),
    }
}

fn value(argument: &clap::Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| format!("\\fI{}\\fR", escaped(name))).collect();
    names.join(" ")
}

/// A hyphen that stays one, so that what is shown can be pasted.
fn escaped(text: &str) -> String {
    // roff prints a bare one as a typographic hyphen, which no shell takes.
    text.replace('-', "\\-")
}

/// What stands after the help is a section of examples, whose lines stay as they are.
fn with_examples(page: &str) -> String {
    // clap_mangen puts what follows the help under EXTRA.
    let Some((before, rest)) = page.split_once("\n.SH EXTRA\nExamples:\n") else { return page.to_owned() };
    let (examples, after) = rest.split_once("\n.SH ").unwrap_or((rest, ""));
    let after = if after.is_empty() { "\n".to_owned() } else { format!("\n.SH {after}") };
    format!("{before}\n.SH EXAMPLES\n.nf\n{}\n.fi{after}", examples.trim_end())
}
