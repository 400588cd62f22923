//! A chat bot drives the workflow without a command line: it opens an incident, ships the fix that a developer commits, and
//! closes, in a throw-away repository.
//!
//! `cargo run -p hotfix-core --features workflow --example bot`

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use hotfix_core::adapter::Machine;
use hotfix_core::domain::{Severity, SeverityLevel};
use hotfix_core::drive::{Host, Options, drive};
use hotfix_core::step::{Close, Open, PrOptions, Ship};
use hotfix_core::workflow::{ActionView, Done, Refusal, Step, TextQuestion, TextTopic, Topic};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let repository = folder.path();
    git(repository, &["init", "--quiet", "--initial-branch", "main"])?;
    git(repository, &["config", "user.name", "Ada"])?;
    git(repository, &["config", "user.email", "ada@example.com"])?;
    git(repository, &["commit", "--quiet", "--allow-empty", "--message", "Sell"])?;

    let mut chat = Chat;
    let title = Some("Checkout total ignores the coupon".to_owned());
    command(&mut Open { title, ..Open::default() }, repository, &mut chat)?;

    commit(repository, "total.js", "const total = price - coupon\n", "Take the coupon off")?;

    let no_test = Some("the shop has no tests yet".to_owned());
    let options = PrOptions { no_test, ..PrOptions::default() };
    command(&mut Ship { options, ..Ship::default() }, repository, &mut chat)?;
    command(&mut Close::default(), repository, &mut chat)
}

/// Drives one command in the repository, and says what came of it.
fn command(step: &mut dyn Step, repository: &Path, chat: &mut Chat) -> Result<(), Box<dyn Error>> {
    say(&format!("ada: @bot {}", step.name()));
    let options = Options { program: "@bot", ..Options::default() };
    let run = drive(step, &options, chat, |reach| Machine::open(repository, reach));
    let outcome = run.result?;
    say(outcome.text.trim_end());
    outcome.failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// The channel: it shows what happens, and Ada answers.
struct Chat;

impl Host for Chat {
    fn can_ask(&self) -> bool {
        true
    }

    fn severity(&mut self, levels: &[SeverityLevel], _default: Option<&Severity>) -> Option<Severity> {
        let worst = levels.first()?;
        say(&format!("bot: how bad is it?\nada: {}", worst.label));
        Some(worst.severity.clone())
    }

    fn text(&mut self, question: &TextQuestion) -> Option<String> {
        let answer = match question.about {
            TextTopic::RootCause => "the total was added up before the coupon was read",
            TextTopic::Impact { .. } => "coupons are worth nothing",
            TextTopic::Prevention => "none because the shop has no tests yet",
            _ => return Some(String::new()), // Skipped.
        };
        say(&format!("bot: {}\nada: {answer}", question.about.words()));
        Some(answer.to_owned())
    }

    fn plan(&mut self, ahead: &[ActionView]) {
        ahead.iter().for_each(|action| say(&format!("  will {}", action.text)));
    }

    fn confirm(&mut self, _: Topic, text: &str) -> Option<bool> {
        say(&format!("bot: {text}\nada: yes"));
        Some(true)
    }

    fn note(&mut self, text: &str) {
        say(&format!("  note: {text}"));
    }

    fn ended(&mut self, action: &ActionView, result: Result<&Done, &Refusal>) {
        if action.is_bookkeeping {
            return;
        }
        let mark = if result.is_ok_and(Done::is_well) { "✓" } else { "✗" };
        say(&format!("  {mark} {}", action.text));
    }
}

fn say(text: &str) {
    // A channel that is gone is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[expect(clippy::disallowed_methods, reason = "it is the developer who writes here, in an editor")]
fn commit(repository: &Path, path: &str, text: &str, message: &str) -> Result<(), Box<dyn Error>> {
    std::fs::write(repository.join(path), text)?;
    git(repository, &["add", path])?;
    git(repository, &["commit", "--quiet", "--message", message])
}

#[expect(clippy::disallowed_methods, reason = "it is the developer who calls git here")]
fn git(repository: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = std::process::Command::new("git").current_dir(repository).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("git {} ended with {status}", arguments.join(" ")).into()) }
}
