//! `cargo hotfix`: the command line of [`hotfix_core`] as a Cargo subcommand, with Cargo's own test runner first.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use hotfix_core::front::{self, Command, Globals, Program};

/// From "production is broken" to fixed, proven, shipped and written up
///
/// At night four commands are enough: open "what is broken", commit the fix, ship, and tomorrow close.
/// Without a command: status.
#[derive(Debug, Parser)]
#[command(name = "cargo-hotfix", bin_name = "cargo hotfix", version, infer_subcommands = false)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let program = Program { name: "cargo hotfix", prefer_cargo: true };
    front::main(program, without_subcommand(std::env::args_os()), |arguments: Arguments| {
        (arguments.globals, arguments.command)
    })
}

/// Cargo passes its subcommand's name on as the first argument; a person who starts the program directly does not.
fn without_subcommand(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|first| first == "hotfix") {
        arguments.remove(1);
    }
    arguments
}
