//! `drill`: the whole workflow, open to close, rehearsed with the real commands in a sealed folder.
//!
//! [`story`] says what happens, [`play`] does it; here is the command, and what is told at its end.

mod play;
mod story;

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::workflow::{Outcome, Refusal};

use super::{Globals, Program, Terminal, exit, failure, fold, json as document, wire};
use play::Played;

/// Rehearse the whole workflow, in a repository of its own
///
/// Opens, fixes, ships and closes an incident with the real commands: in a throwaway folder with a shop, a bug, a remote,
/// a production and an identity of its own. Needs git and a shell, no network; touches nothing of yours.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Drill {
    /// Leave the folder, to look around in it afterwards
    #[arg(long)]
    pub keep: bool,
    /// Stop where users feel it and leave the folder: the rest is yours to type
    #[arg(long, conflicts_with = "keep")]
    pub play: bool,
}

/// Carries the drill out.
pub(super) fn run(program: Program, globals: &Globals, drill: &Drill, terminal: &Terminal) -> ExitCode {
    if globals.dry_run {
        return foresee(program, globals, drill, terminal);
    }
    let mut played = match drill.play {
        true => play::begin(program, terminal, globals.json),
        false => play::play(program, terminal, globals.json, drill.keep),
    };
    // Asked before the view: whatever failed did so because a signal ended it.
    if let Some(code) = wire::interrupted() {
        let left = played.folder.as_ref().map(|folder| format!("; left as it is: {}", folder.display()));
        terminal.error(&format!("interrupted{}", left.unwrap_or_default()));
        return ExitCode::from(code);
    }
    let view = view(program, drill, &played);
    let stopped = played.stopped.take().map(|stopped| with_folder(stopped, &played));
    let text = match (&stopped, &played.folder) {
        (Some(_), _) => String::new(),
        (None, Some(folder)) if drill.play => handover(program, folder, terminal.drill_columns()),
        (None, _) => ending(program, &played, terminal.drill_columns()),
    };
    tell(globals, terminal, &view, &Outcome::text(text), stopped)
}

/// Says what would be done.
fn foresee(program: Program, globals: &Globals, drill: &Drill, terminal: &Terminal) -> ExitCode {
    let scenes = play::scenes(program, drill.play);
    let view = scenes.iter().map(|(heading, commands)| json!({ "scene": heading, "commands": commands }));
    let view = json!({ "scenes": view.collect::<Vec<Value>>() });
    let mut text = String::new();
    for (heading, commands) in &scenes {
        let columns = terminal.columns().unwrap_or(usize::MAX);
        let heading = fold::line(heading, columns);
        let commands: String = commands.iter().map(|command| fold::typed("  $ ", command, columns) + "\n").collect();
        text.push_str(&format!("{heading}\n{commands}"));
    }
    tell(globals, terminal, &view, &Outcome::text(text), None)
}

fn tell(globals: &Globals, terminal: &Terminal, view: &Value, outcome: &Outcome, refusal: Option<Refusal>) -> ExitCode {
    let printed = match globals.json {
        true => terminal.result(&document::drill(globals.dry_run, view, refusal.as_ref()), &[]),
        false => terminal.folded(&outcome.text),
    };
    if let Err(error) = printed {
        terminal.error(&format!("failed to write to standard output: {error}"));
        terminal.hint("Make room where it goes; a drill can be run again at any time.");
        return ExitCode::from(exit::PRECONDITION);
    }
    match refusal {
        // The document tells the error already.
        Some(refusal) if globals.json => exit::code(refusal.kind),
        Some(refusal) => failure::tell(terminal, &refusal),
        None => ExitCode::from(exit::DONE),
    }
}

/// The drill as JSON shows it.
fn view(program: Program, drill: &Drill, played: &Played) -> Value {
    let mut view = Map::new();
    view.insert("ok".to_owned(), json!(played.stopped.is_none()));
    view.insert("milliseconds".to_owned(), json!(played.milliseconds));
    view.insert("steps".to_owned(), json!(played.steps));
    if let Some(folder) = &played.folder {
        view.insert("folder".to_owned(), json!(folder.to_string_lossy()));
    }
    if let (true, None, Some(folder)) = (drill.play, &played.stopped, &played.folder) {
        view.insert("next".to_owned(), json!(to_type(program, folder)));
    }
    if let Some(output) = &played.output {
        view.insert("output".to_owned(), json!(output));
    }
    Value::Object(view)
}

fn with_folder(stopped: Refusal, played: &Played) -> Refusal {
    match &played.folder {
        Some(folder) => {
            stopped.hint(format!("everything is left as it was then: cd {}", folder.join(story::SHOP).display()))
        }
        None => stopped,
    }
}

/// What the person types from where users feel it, to the end.
fn to_type(program: Program, folder: &Path) -> Vec<String> {
    let shop = folder.join(story::SHOP);
    let ours = |command: &str| format!("{} {command}", program.name);
    vec![
        format!("cd {}", shell_words::quote(&shop.to_string_lossy())),
        ours(r#"open "Coupons raise prices" --severity critical"#),
        "$EDITOR coupon.sh test/coupon_test.sh".to_owned(),
        r#"git add --all && git commit --message "Take coupons off the price""#.to_owned(),
        ours("ship"),
        ours("close"),
    ]
}

/// The last words where the person takes over: what to type, and where the bug is.
fn handover(program: Program, folder: &Path, columns: usize) -> String {
    let typed = |line: &str| fold::typed("  ", line, columns) + "\n";
    let lines: String = to_type(program, folder).iter().map(|line| typed(line)).collect();
    let said = format!(
        "The shop is yours now; no other repository is touched. Type, and look at\n`{} status` in between:",
        program.name
    );
    let bug = "The bug is in coupon.sh, line 8: a plus that should be a minus. A test for it\n\
               is a file test/coupon_test.sh that ends with an error while it is there, as\n\
               test/order_test.sh does. When you have seen enough:";
    let remove = typed(&format!("rm -rf {}", shell_words::quote(&folder.to_string_lossy())));
    format!("\n{}\n\n{lines}\n{}\n\n{remove}", fold::paragraph(&said, columns), fold::paragraph(bug, columns))
}

/// The last words: how it went, and where to look.
fn ending(program: Program, played: &Played, columns: usize) -> String {
    let (seconds, tenths) = (played.milliseconds / 1000, played.milliseconds % 1000 / 100);
    let done = format!(
        "✓ Open to close: all {} steps done in {seconds}.{tenths} s. Nothing of yours was touched.",
        played.steps.len()
    );
    let done = fold::line(&done, columns);
    let Some(folder) = &played.folder else {
        let removed = format!("  The folder is removed; to look around: {} drill --keep", program.name);
        return format!("\n{done}\n{}\n", fold::line(&removed, columns));
    };
    let look = [
        format!("cd {}", shell_words::quote(&folder.join(story::SHOP).to_string_lossy())),
        format!("cat {}", played.postmortem.as_deref().unwrap_or("docs/decisions/*")),
        "cat docs/planning/STATUS.md".to_owned(),
        "git log --graph --stat".to_owned(),
        format!("{} log", program.name),
    ];
    let look: String = look.iter().map(|command| fold::typed("  ", command, columns) + "\n").collect();
    format!("\n{done}\n  Look around:\n\n{look}")
}
