//! `git hotfix`: the command line of [`hotfix_core`] as a git subcommand.

use std::process::ExitCode;

use clap::Parser;
use hotfix_core::front::{self, Command, Globals, Program};

/// From "production is broken" to fixed, proven, shipped and written up
///
/// At night four commands are enough: open "what is broken", commit the fix, ship, and tomorrow close.
/// Without a command: status.
#[derive(Debug, Parser)]
#[command(name = "git-hotfix", bin_name = "git hotfix", version, infer_subcommands = false)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let program = Program { name: "git hotfix", prefer_cargo: false };
    front::main(program, std::env::args_os(), |arguments: Arguments| (arguments.globals, arguments.command))
}
