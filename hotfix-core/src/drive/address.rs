//! Which incident the commands that are told mean: the one that was spoken of, whatever else is open.

use crate::domain::IncidentId;
use crate::workflow::{Outcome, Refusal};

/// The commands that are about no incident that is there, about all, or about one that they name.
const OF_NONE: [&str; 14] = [
    "completions",
    "config",
    "doctor",
    "drill",
    "init",
    "ledger",
    "list",
    "man",
    "open",
    "reopen",
    "report",
    "revert",
    "sync",
    "template",
];

/// What came of a command, with the incident named in the commands of its hints.
pub(super) fn name_in(result: Result<Outcome, Refusal>, program: &str, id: &IncidentId) -> Result<Outcome, Refusal> {
    let all = |hints: Vec<String>| -> Vec<String> { hints.iter().map(|hint| naming(hint, program, id)).collect() };
    let refused = |refusal: Refusal| Refusal { hints: all(refusal.hints), ..refusal };
    match result {
        Ok(outcome) => Ok(Outcome { hints: all(outcome.hints), failure: outcome.failure.map(&refused), ..outcome }),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// A hint with the incident named in each of our commands.
fn naming(hint: &str, program: &str, id: &IncidentId) -> String {
    if hint.contains("--incident") {
        return hint.to_owned();
    }
    let call = format!("{program} ");
    let mut parts = hint.split(&call);
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let word = part.split(|letter: char| !letter.is_ascii_lowercase() && letter != '-').next().unwrap_or_default();
        named.push_str(&call);
        if !word.is_empty() && !OF_NONE.contains(&word) {
            named.push_str(&format!("--incident {id} "));
        }
        named.push_str(part);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_about_an_incident_names_it() {
        let id: IncidentId = "HF-2026-7k3mq2xa".parse().unwrap();
        let hints = [
            "look at production; if the fix is there: git hotfix mark deployed",
            "done by hand? git hotfix ship --skip-deploy, then git hotfix mark deployed",
            "git hotfix follow-up add TEXT   # what remains",
            "git hotfix list shows them all",
            "git hotfix open \"what is broken\"",
            "git switch hotfix/a",
            "--incident HF-2026-00000000   # git hotfix ship",
        ];
        let named: Vec<String> = hints.iter().map(|hint| naming(hint, "git hotfix", &id)).collect();
        insta::assert_snapshot!(named.join("\n"), @r#"
        look at production; if the fix is there: git hotfix --incident HF-2026-7k3mq2xa mark deployed
        done by hand? git hotfix --incident HF-2026-7k3mq2xa ship --skip-deploy, then git hotfix --incident HF-2026-7k3mq2xa mark deployed
        git hotfix --incident HF-2026-7k3mq2xa follow-up add TEXT   # what remains
        git hotfix list shows them all
        git hotfix open "what is broken"
        git switch hotfix/a
        --incident HF-2026-00000000   # git hotfix ship
        "#);
    }
}
