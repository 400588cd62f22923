//! The command line that both programs share: what was typed becomes a step, a step's plans are carried out, and what
//! came of it is told as text or JSON.
//!
//! Only `wire` names adapters; only `terminal` prints.

mod arguments;
mod ask;
mod complete;
mod completions;
mod drill;
mod examples;
mod exit;
mod failure;
mod fold;
mod help;
mod json;
mod looking;
mod man;
mod prompt;
mod run;
mod tell;
mod terminal;
mod wire;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::step;

pub use completions::Completions;
pub use drill::Drill;
pub use exit::{CHECK_FAILED, DONE, INTERNAL, INTERRUPTED, NEEDS_HUMAN, PRECONDITION, REFUSED, RETRY, USAGE};
pub use man::Man;
pub use terminal::Terminal;

/// How the program that embeds this front is called.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// As people type it: `git hotfix` or `cargo hotfix`.
    pub name: &'static str,
    /// Whether Cargo's own test runner is preferred.
    pub prefer_cargo: bool,
}

/// What every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Globals {
    /// Run as if started in DIR
    #[arg(short = 'C', global = true, hide_short_help = true, value_name = "DIR", help_heading = "Every command")]
    pub directory: Option<std::path::PathBuf>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub json: bool,
    /// Print the plan; change nothing and fetch nothing
    #[arg(long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub dry_run: bool,
    /// Ask for no confirmation
    #[arg(short = 'y', long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub yes: bool,
    /// Print results only: no progress, no hints
    #[arg(short = 'q', long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub quiet: bool,
    /// Say more: which rules are used, causes of errors
    #[arg(short = 'v', long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub verbose: bool,
    /// When to use colours
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Every command"
    )]
    pub color: Color,
    /// The incident meant, by its id, the beginning of that or its slug, instead of the one whose branch is checked out or the only open
    /// one
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "ID",
        allow_hyphen_values = true,
        help_heading = "Every command"
    )]
    pub incident: Option<String>,
    /// Run no hooks after events
    #[arg(long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub no_hooks: bool,
    /// Show and read times in UTC, as JSON and documents do, instead of by your clock
    #[arg(long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub utc: bool,
    /// Use no network
    #[arg(long, global = true, hide_short_help = true, help_heading = "Every command")]
    pub offline: bool,
    /// The values of incidents that JSON is narrowed to, where the command was told some.
    #[arg(skip)]
    pub fields: Option<Vec<String>>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// In a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands: those of the workflow, each a step of its name, and those of the program itself.
macro_rules! commands {
    ($($step:ident)+) => {
        /// What a person can ask for; without any, `status`.
        #[derive(Debug, Clone, clap::Subcommand)]
        #[expect(missing_docs, reason = "each variant's documentation, which is its help, is on its struct")]
        pub enum Command {
            $($step(step::$step),)+
            Drill(Drill),
            Completions(Completions),
            Man(Man),
        }

        impl Command {
            /// What carries the command out.
            fn work(&mut self) -> Work<'_> {
                match self {
                    $(Self::$step(step) => Work::Step(step),)+
                    Self::Drill(drill) => Work::Drill(drill),
                    Self::Completions(completions) => Work::Completions(completions),
                    Self::Man(man) => Work::Man(man),
                }
            }
        }
    };
}

commands! {
    Open Triage Status List Show Log Note Attach Suspects Mark Guard Test Pr Ship Backport Propagation Revert Deploy
    Verify Postmortem FollowUp Close Undo Reopen Abort Sync Ledger Init Doctor Config
}

/// What carries a command out.
enum Work<'a> {
    /// A step of the workflow, in the repository one stands in.
    Step(&'a mut dyn crate::workflow::Step),
    /// The drill, which needs no repository.
    Drill(&'a Drill),
    /// Completions, which come from the command line itself.
    Completions(&'a Completions),
    /// Manual pages, likewise.
    Man(&'a Man),
}

impl Default for Command {
    fn default() -> Self {
        Self::Status(step::Status::default())
    }
}

impl Command {
    /// Whether it asks for JSON by a flag of its own.
    fn wants_json(&self) -> bool {
        matches!(self, Self::Guard(step::Guard { format: step::GuardFormat::Json, .. })) || self.fields().is_some()
    }

    /// The values of incidents that it is narrowed to.
    fn fields(&self) -> Option<&Vec<String>> {
        match self {
            Self::Status(step::Status { fields, .. })
            | Self::List(step::List { fields, .. })
            | Self::Show(step::Show { fields, .. }) => fields.as_ref(),
            _ => None,
        }
    }
}

/// Parses arguments of a program whose `Parser` flattens [`Globals`] and [`Command`], and carries the command out.
pub fn main<P: clap::Parser>(
    program: Program,
    arguments: impl IntoIterator<Item = OsString>,
    split: impl Fn(P) -> (Globals, Option<Command>),
) -> ExitCode {
    keep_memory();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(asked) = complete::asked(&arguments) {
        return complete::run(program, P::command(), &asked);
    }
    // Not `P::parse`: help and the values with hyphens have to be there before clap reads anything.
    let (tree, arguments) = arguments::with_values(command_line::<P>(program, &arguments), &arguments);
    match tree.try_get_matches_from(&arguments).and_then(|matches| P::from_arg_matches(&matches)) {
        Ok(parsed) => {
            let (mut globals, command) = split(parsed);
            let mut command = command.unwrap_or_default();
            globals.json |= command.wants_json();
            globals.fields = command.fields().cloned();
            if let Command::Status(step::Status { short: true, .. }) = command
                && !globals.json
            {
                return prompt::run(&globals);
            }
            run::run(program, &globals, &mut command, P::command)
        }
        Err(error) => failure::arguments(program, &arguments, &error),
    }
}

/// The command line as clap knows it, with help where somebody asks for that: it costs more than most commands.
fn command_line<P: clap::CommandFactory>(program: Program, arguments: &[OsString]) -> clap::Command {
    let asks = |argument: &OsString| {
        let text = argument.to_string_lossy();
        text == "help" || text == "--help" || (text.starts_with('-') && !text.starts_with("--") && text.contains('h'))
    };
    let tree = P::command();
    if arguments.iter().any(asks) { help::add(examples::add(tree, program), program) } else { tree }
}

/// Lets freed memory stay with the process. What compresses objects takes 270 KB for each; glibc would give that back to the
/// system every time, and new pages are a tenth of what a command costs.
fn keep_memory() {
    // glibc gives back no more than twice the largest block that it was given back: mallopt(3), M_MMAP_THRESHOLD.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(8 * 1024 * 1024)));
}
