//! The command line that both programs share: what was typed becomes a step, a step's plans are carried out, and what
//! came of it is told as text or JSON.
//!
//! Only `wire` names adapters; only `terminal` prints.

mod arguments;
mod completions;
mod drill;
mod examples;
mod exit;
mod failure;
mod json;
mod man;
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
    #[arg(short = 'C', global = true, value_name = "DIR", help_heading = "Every command")]
    pub directory: Option<std::path::PathBuf>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = "Every command")]
    pub json: bool,
    /// Print the plan; change nothing and fetch nothing
    #[arg(long, global = true, help_heading = "Every command")]
    pub dry_run: bool,
    /// Ask for no confirmation
    #[arg(short = 'y', long, global = true, help_heading = "Every command")]
    pub yes: bool,
    /// Print results only: no progress, no hints
    #[arg(short = 'q', long, global = true, help_heading = "Every command")]
    pub quiet: bool,
    /// Say more: which rules are used, causes of errors
    #[arg(short = 'v', long, global = true, help_heading = "Every command")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Every command")]
    pub color: Color,
    /// The incident meant, instead of the one whose branch is checked out or the only open one
    #[arg(long, global = true, value_name = "ID", allow_hyphen_values = true, help_heading = "Every command")]
    pub incident: Option<String>,
    /// Run no hooks after events
    #[arg(long, global = true, help_heading = "Every command")]
    pub no_hooks: bool,
    /// Use no network
    #[arg(long, global = true, help_heading = "Every command")]
    pub offline: bool,
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

/// What a person can ask for; without any, `status`.
#[derive(Debug, Clone, clap::Subcommand)]
#[expect(missing_docs, reason = "each variant's documentation, which is its help, is on its struct")]
pub enum Command {
    Open(step::Open),
    Triage(step::Triage),
    Status(step::Status),
    List(step::List),
    Show(step::Show),
    Log(step::Log),
    Note(step::Note),
    Attach(step::Attach),
    Suspects(step::Suspects),
    Mark(step::Mark),
    Guard(step::Guard),
    Test(step::Test),
    Pr(step::Pr),
    Ship(step::Ship),
    Backport(step::Backport),
    Propagation(step::Propagation),
    Revert(step::Revert),
    Deploy(step::Deploy),
    Verify(step::Verify),
    Postmortem(step::Postmortem),
    FollowUp(step::FollowUp),
    Close(step::Close),
    Abort(step::Abort),
    Init(step::Init),
    Doctor(step::Doctor),
    Config(step::Config),
    Drill(Drill),
    Completions(Completions),
    Man(Man),
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
    /// What carries the command out.
    fn work(&mut self) -> Work<'_> {
        let step: &mut dyn crate::workflow::Step = match self {
            Self::Open(step) => step,
            Self::Triage(step) => step,
            Self::Status(step) => step,
            Self::List(step) => step,
            Self::Show(step) => step,
            Self::Log(step) => step,
            Self::Note(step) => step,
            Self::Attach(step) => step,
            Self::Suspects(step) => step,
            Self::Mark(step) => step,
            Self::Guard(step) => step,
            Self::Test(step) => step,
            Self::Pr(step) => step,
            Self::Ship(step) => step,
            Self::Backport(step) => step,
            Self::Propagation(step) => step,
            Self::Revert(step) => step,
            Self::Deploy(step) => step,
            Self::Verify(step) => step,
            Self::Postmortem(step) => step,
            Self::FollowUp(step) => step,
            Self::Close(step) => step,
            Self::Abort(step) => step,
            Self::Init(step) => step,
            Self::Doctor(step) => step,
            Self::Config(step) => step,
            Self::Drill(drill) => return Work::Drill(drill),
            Self::Completions(completions) => return Work::Completions(completions),
            Self::Man(man) => return Work::Man(man),
        };
        Work::Step(step)
    }

    /// Whether it asks for JSON by a flag of its own.
    fn wants_json(&self) -> bool {
        matches!(self, Self::Guard(step::Guard { format: step::GuardFormat::Json, .. }))
    }
}

/// Parses arguments of a program whose `Parser` flattens [`Globals`] and [`Command`], and carries the command out.
pub fn main<P: clap::Parser>(
    program: Program,
    arguments: impl IntoIterator<Item = OsString>,
    split: impl Fn(P) -> (Globals, Option<Command>),
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Not `P::parse`: the examples and the values with hyphens have to be there before clap reads anything.
    let (tree, arguments) = arguments::with_values(examples::add(P::command(), program), &arguments);
    match tree.clone().try_get_matches_from(&arguments).and_then(|matches| P::from_arg_matches(&matches)) {
        Ok(parsed) => {
            let (mut globals, command) = split(parsed);
            let mut command = command.unwrap_or_default();
            globals.json |= command.wants_json();
            run::run(program, &globals, &mut command, tree)
        }
        Err(error) => failure::arguments(program, &arguments, &error),
    }
}
