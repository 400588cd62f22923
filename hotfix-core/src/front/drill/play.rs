//! Plays the story: each act is carried out and shown, and what the commands say in JSON tells which steps are done.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::domain::Printable;
use crate::port::{ErrorKind, Finished, PortError};
use crate::workflow::{Code, Refusal};

use super::super::fold;
use super::super::terminal::{PROMPT, Printout};
use super::story::{FELT, SETTLED, SHOP, STORY, StoryAct, StoryCommand, StoryFile, StoryScene, Who};
use super::{Program, Terminal, exit, wire};

/// What came of the drill.
#[derive(Default)]
pub(super) struct Played {
    /// The steps that are done, in the order of the workflow; last the one that failed.
    pub(super) steps: Vec<StepPlayed>,
    /// How long its commands took.
    pub(super) milliseconds: u64,
    /// The folder, when it was left.
    pub(super) folder: Option<PathBuf>,
    /// The postmortem, from the top of the work tree.
    pub(super) postmortem: Option<String>,
    /// What the command that failed printed.
    pub(super) output: Option<String>,
    /// Why the drill stopped.
    pub(super) stopped: Option<Refusal>,
}

/// A step of the workflow, and the command that did it.
#[derive(Serialize)]
pub(super) struct StepPlayed {
    pub(super) step: String,
    pub(super) state: &'static str,
    pub(super) command: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exit_code: Option<i32>,
    pub(super) milliseconds: u64,
}

/// Plays everything; `quietly` for JSON.
pub(super) fn play(program: Program, terminal: &Terminal, quietly: bool, keep: bool) -> Played {
    let sealed = match wire::Sealed::new(terminal.drill_columns()) {
        Ok(sealed) => sealed,
        Err(error) => return Played { stopped: Some(error.into()), ..Played::default() },
    };
    let mut play = Play { program, terminal, quietly, sealed: &sealed, steps: Vec::new(), played: Played::default() };
    let stopped = play.all().err();
    let mut played = play.played;
    played.stopped = stopped;
    // What went wrong can only be looked at while the folder is there.
    let failed = played.stopped.is_some() && wire::interrupted().is_none();
    if keep || failed {
        played.folder = Some(sealed.keep());
    } else if let Err(error) = sealed.remove() {
        played.stopped = played.stopped.or(Some(error.into()));
    }
    played
}

/// Plays what happens until users feel it, and leaves the rest to the person, who types it with a configuration of their own.
pub(super) fn begin(program: Program, terminal: &Terminal, quietly: bool) -> Played {
    let sealed = match wire::Sealed::new(terminal.drill_columns()) {
        Ok(sealed) => sealed,
        Err(error) => return Played { stopped: Some(error.into()), ..Played::default() },
    };
    let mut play = Play { program, terminal, quietly, sealed: &sealed, steps: Vec::new(), played: Played::default() };
    let stopped = play.scenes(until_felt()).and_then(|()| play.settle()).err();
    let mut played = play.played;
    played.stopped = stopped;
    // A signal takes it along.
    if wire::interrupted().is_none() {
        played.folder = Some(sealed.keep());
    }
    played
}

/// The scenes in which nothing is done about it yet.
fn until_felt() -> &'static [StoryScene] {
    let end = STORY.iter().position(|scene| scene.heading == FELT).map_or(STORY.len(), |felt| felt + 1);
    STORY.get(..end).unwrap_or(STORY)
}

/// A drill under way.
struct Play<'a> {
    program: Program,
    terminal: &'a Terminal,
    quietly: bool,
    sealed: &'a wire::Sealed,
    /// The steps as the record had them last, with their states.
    steps: Vec<(String, String)>,
    played: Played,
}

impl Play<'_> {
    /// Makes the shop work in the person's own shell, whatever git is told there: it has an identity of its own, signs nothing and
    /// runs no hooks.
    fn settle(&self) -> Result<(), Refusal> {
        for line in SETTLED {
            let finished = self.sealed.run(wire::Actor::Named("git"), line, SHOP)?;
            if finished.exit_code != Some(0) {
                let what = format!("the drill could not be set up: `git {}` failed", line.join(" "));
                return Err(Refusal::new(ErrorKind::CheckFailed, Code::Drill, what));
            }
        }
        Ok(())
    }

    fn scenes(&mut self, scenes: &'static [StoryScene]) -> Result<(), Refusal> {
        for (number, scene) in scenes.iter().enumerate() {
            if !self.quietly {
                self.terminal.heading(number + 1, scene.heading, scene.says).map_err(unprinted)?;
            }
            for act in scene.acts {
                match act {
                    StoryAct::Edit(files) => self.edit(files, scene)?,
                    StoryAct::Type(line) => self.carry_out(line, scene)?,
                }
            }
        }
        Ok(())
    }

    fn all(&mut self) -> Result<(), Refusal> {
        self.scenes(STORY)?;
        if !self.quietly {
            // What people read was not parsed on the way, so the record is asked once.
            let finished = self.ask_the_record()?;
            self.learn(&finished.output, "show", &finished)?;
        }
        let missing: Vec<&str> =
            self.steps.iter().filter(|(_, state)| state != "done").map(|(step, _)| step.as_str()).collect();
        // A rehearsal that leaves a step out would pass for a ready machine.
        if self.steps.is_empty() || !missing.is_empty() {
            let what = format!("the drill ended, and not every step is done: {}", missing.join(", "));
            return Err(Refusal::new(ErrorKind::Internal, Code::Drill, what));
        }
        Ok(())
    }

    fn edit(&self, files: &[StoryFile], scene: &StoryScene) -> Result<(), Refusal> {
        for StoryFile(path, content) in files {
            self.sealed.write(path, content)?;
        }
        if self.quietly || !scene.is_shown {
            return Ok(());
        }
        let inside = files.iter().filter_map(|StoryFile(path, _)| path.strip_prefix(SHOP)?.strip_prefix('/'));
        let typed = std::iter::once("$EDITOR").chain(inside).collect::<Vec<_>>().join(" ");
        self.terminal.typed(&fold::typed(PROMPT, &typed, self.terminal.drill_columns())).map_err(unprinted)
    }

    fn carry_out(&mut self, line: &StoryCommand, scene: &StoryScene) -> Result<(), Refusal> {
        let words = line.words(self.program);
        let is_shown = scene.is_shown && !self.quietly;
        if is_shown {
            self.terminal.typed(&folded(&words, self.terminal.drill_columns())).map_err(unprinted)?;
        }
        let command = joined(&words);
        // A person watches the commands themselves; a program gets one document at the end.
        let in_json: &[&str] = if self.quietly && line.program == Who::Hotfix { &["--json", "--quiet"] } else { &[] };
        let arguments: Vec<&str> = line.arguments.iter().chain(in_json).copied().collect();
        let finished = self.sealed.run(line.actor(), &arguments, SHOP)?;
        self.played.milliseconds += finished.milliseconds;
        if is_shown {
            let output = Printable::from_bytes(&finished.output);
            self.terminal.printed(&output, line.prints(), finished.exit_code.unwrap_or(-1)).map_err(unprinted)?;
        }
        if finished.exit_code != Some(line.exits) {
            // A script or git that exits otherwise would make the rest of the story untrue.
            return Err(self.failed(scene, line, &command, &finished));
        }
        match line.program {
            Who::Hotfix if self.quietly => self.learn(&finished.output, &command, &finished),
            // A commit by git finishes a step, too, and prints no JSON. Before `open` there is no incident.
            Who::Other(_) if self.quietly && !self.steps.is_empty() => {
                let asked = self.ask_the_record()?;
                self.learn(&asked.output, &command, &finished)
            }
            Who::Hotfix | Who::Other(_) => Ok(()),
        }
    }

    /// Asks which steps are done, after a command that does not say so itself.
    fn ask_the_record(&self) -> Result<Finished, Refusal> {
        Ok(self.sealed.run(wire::Actor::Ourselves, &["show", "--json", "--quiet"], SHOP)?)
    }

    /// Takes the steps that a document shows as done, and that were not before, as done by `command`.
    fn learn(&mut self, document: &[u8], command: &str, finished: &Finished) -> Result<(), Refusal> {
        let document = parsed(document, command)?;
        let Some(incident) = document.get("incident") else { return Ok(()) };
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let steps = incident.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        self.steps = steps.iter().map(|step| (text(step, "step"), text(step, "state"))).collect();
        self.played.postmortem = incident.get("postmortem").and_then(Value::as_str).map(str::to_owned);
        for (step, state) in &self.steps {
            if state == "done" && !self.played.steps.iter().any(|played| played.step == *step) {
                self.played.steps.push(step_played(step, "done", command, finished));
            }
        }
        // A later command may finish an earlier step.
        let order = &self.steps;
        self.played.steps.sort_by_key(|played| order.iter().position(|(step, _)| *step == played.step));
        Ok(())
    }

    fn failed(&mut self, scene: &StoryScene, line: &StoryCommand, command: &str, finished: &Finished) -> Refusal {
        // Before `open` there are no steps; what fails then is the machine's set-up.
        let next = self.steps.iter().find(|(_, state)| state != "done").map_or("preflight", |(step, _)| step);
        self.played.steps.push(step_played(next, "failed", command, finished));
        // Programs say last what went wrong.
        self.played.output = Some(Printable::from_bytes(&finished.output).tail(40, 8 * 1024).to_string());
        let how = match finished.exit_code {
            Some(code) => format!("exited with {code}, not {}", line.exits),
            None => "was ended by a signal or took too long".to_owned(),
        };
        // A failing shell or git is the machine's; only our own bug has the exit code of one.
        let is_ours = line.program == Who::Hotfix && is_a_bug(finished.exit_code);
        let kind = if is_ours { ErrorKind::Internal } else { ErrorKind::CheckFailed };
        Refusal::new(kind, Code::Drill, format!("the drill stopped at \"{}\": `{command}` {how}", scene.heading))
    }
}

impl StoryCommand {
    fn words(&self, program: Program) -> Vec<&str> {
        let name = match self.program {
            Who::Hotfix => program.name,
            Who::Other(name) => name,
        };
        name.split(' ').chain(self.arguments.iter().copied()).collect()
    }

    fn prints(&self) -> Printout {
        match (self.program, self.arguments.first()) {
            (Who::Hotfix, _) => Printout::Folded,
            (Who::Other("git"), Some(&"diff")) => Printout::Diff,
            (Who::Other("cat"), _) => Printout::Verbatim,
            (Who::Other(_), _) => Printout::Prose,
        }
    }

    fn actor(&self) -> wire::Actor {
        match self.program {
            Who::Hotfix => wire::Actor::Ourselves,
            Who::Other(name) => wire::Actor::Named(name),
        }
    }
}

/// The headings with their commands, without the stage; of those where nothing is done yet, or of all.
pub(super) fn scenes(program: Program, until: bool) -> Vec<(&'static str, Vec<String>)> {
    let typed = |act: &StoryAct| match act {
        StoryAct::Type(line) => Some(joined(&line.words(program))),
        StoryAct::Edit(_) => None,
    };
    let scenes = if until { until_felt() } else { STORY };
    let shown = scenes.iter().filter(|scene| scene.is_shown);
    shown.map(|scene| (scene.heading, scene.acts.iter().filter_map(typed).collect())).collect()
}

fn step_played(step: &str, state: &'static str, command: &str, finished: &Finished) -> StepPlayed {
    StepPlayed {
        step: step.to_owned(),
        state,
        command: command.to_owned(),
        exit_code: finished.exit_code,
        milliseconds: finished.milliseconds,
    }
}

/// Whether one of our commands ended as only a bug makes it end; 101 is a panic's.
fn is_a_bug(exit_code: Option<i32>) -> bool {
    // No code at all means a signal or our deadline, and none of our commands should meet either.
    exit_code.is_none_or(|code| code == i32::from(exit::INTERNAL) || code == 101)
}

fn parsed(output: &[u8], command: &str) -> Result<Value, Refusal> {
    serde_json::from_slice(output).map_err(|error| {
        Refusal::new(ErrorKind::Internal, Code::Drill, format!("`{command}` did not print one JSON document"))
            .because(error)
    })
}

fn unprinted(error: std::io::Error) -> Refusal {
    PortError::new(ErrorKind::Precondition, "write to standard output", error).into()
}

/// The command behind its prompt, over as many lines as a terminal of so many columns needs: broken as a shell understands,
/// before options, and in a text that is wider than the terminal.
fn folded(words: &[&str], columns: usize) -> String {
    // The backslash behind each line.
    let room = columns.saturating_sub(2);
    let mut lines: Vec<String> = Vec::new();
    for part in parts(words) {
        match lines.last_mut() {
            None => lines.push(format!("{PROMPT}{part}")),
            Some(line) if line.len() + 1 + part.len() <= room => line.push_str(&format!(" {part}")),
            Some(_) => lines.push(format!("    {part}")),
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| fold::in_quotes(line, 0, room)).collect();
    let typed = lines.join(" \\\n");
    match typed.lines().all(|line| line.len() <= columns) {
        true => typed,
        false => fold::typed(PROMPT, &joined(words), columns),
    }
}

/// The words, quoted; an option with its values is one part.
fn parts(words: &[&str]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in words {
        match parts.last_mut() {
            Some(part) if !word.starts_with("--") => part.push_str(&format!(" {}", quoted(word))),
            _ => parts.push(quoted(word)),
        }
    }
    parts
}

/// The words as somebody types them.
fn joined(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<String>>().join(" ")
}

/// A word as somebody types it: between double quotes, where a shell leaves all in it as it is.
fn quoted(word: &str) -> String {
    let quoted = shell_words::quote(word);
    match quoted.starts_with('\'') && !word.contains(['"', '$', '`', '\\', '!']) {
        true => format!("\"{word}\""),
        false => quoted.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_is_broken_before_an_option() {
        let words =
            ["git", "hotfix", "open", "Coupons raise prices", "--severity", "critical", "--impact", "a b", "--x"];
        insta::assert_snapshot!(folded(&words, 80), @r#"
        $ git hotfix open "Coupons raise prices" --severity critical --impact "a b" \
            --x
        "#);
        insta::assert_snapshot!(folded(&words, 40), @r#"
        $ git hotfix open "Coupons raise \
        prices" \
            --severity critical --impact "a b" \
            --x
        "#);
    }

    #[test]
    fn every_line_of_the_story_fits_its_terminal() {
        let program = Program { name: "cargo hotfix", prefer_cargo: true };
        for columns in [80, 50, 40] {
            for scene in STORY {
                let says = fold::paragraph(scene.says, columns);
                assert!(says.lines().all(|line| line.len() <= columns), "{says}");
            }
            for act in STORY.iter().filter(|scene| scene.is_shown).flat_map(|scene| scene.acts) {
                let StoryAct::Type(line) = act else { continue };
                let words = line.words(program);
                let folded = folded(&words, columns);
                assert!(folded.lines().all(|line| line.len() <= columns), "{folded}");
                assert_eq!(shell_words::split(folded.trim_start_matches(PROMPT)).unwrap(), words);
            }
        }
    }

    #[test]
    fn only_our_own_failures_are_bugs() {
        assert!(is_a_bug(Some(70)) && is_a_bug(Some(101)) && is_a_bug(None));
        assert!(!is_a_bug(Some(1)) && !is_a_bug(Some(6)));
    }
}
