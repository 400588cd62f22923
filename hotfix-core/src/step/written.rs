//! The text of a command that was typed without one: its person writes it in an editor, as a commit message.

use crate::domain::{Incident, one_line};
use crate::workflow::{Action, Code, Context, FileAction, Plan, Refusal, Result};

/// The file in git's directory that the editor shows.
const NAME: &str = "HOTFIX_EDITMSG";

/// What is known of the text.
pub(super) enum ComposedText {
    /// This is it.
    Text(String),
    /// It is to be asked for first.
    First(Plan),
}

/// The text of a command: as it was typed, else as it was written in the editor, where `what` says what is wanted.
///
/// # Errors
/// When nothing was typed or written but blanks.
pub(super) fn text(
    context: &Context<'_>,
    incident: &Incident,
    typed: Option<&String>,
    what: &str,
) -> Result<ComposedText> {
    let (text, otherwise) = match (typed, context.known.composed()) {
        (Some(typed), _) => (typed.clone(), "TEXT: there is no text in it"),
        (None, Some(composed)) => {
            (without_comments(composed), "nothing was written in the editor; nothing is recorded")
        }
        (None, None) => {
            let text = template(incident, what);
            let compose = Action::File(FileAction::Compose { name: NAME, text });
            return Ok(ComposedText::First(Plan::then_look_again(vec![compose])));
        }
    };
    match one_line(&text).is_empty() {
        true => Err(Refusal::usage(Code::Text, otherwise)),
        false => Ok(ComposedText::Text(text.trim().to_owned())),
    }
}

fn template(incident: &Incident, what: &str) -> String {
    let title = one_line(incident.title.as_given());
    format!(
        "\n# {what}\n# {id}: {title}\n# Lines that begin with # are left out. Without any other, nothing is recorded.\n",
        id = incident.id
    )
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn what_git_leaves_out_of_a_message_is_left_out() {
        let written = "\n# What you see\n  restarted \n\n#1 is not a heading\n the queue # 2\r\n";
        assert_eq!(without_comments(written), "\n  restarted\n\n the queue # 2\n");
    }
}
