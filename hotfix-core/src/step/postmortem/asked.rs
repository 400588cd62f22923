//! What a person is asked for the postmortem, one question a round: an answer is recorded before the next is asked, so that
//! none is lost to a terminal that goes away.

use crate::document::{self, Required};
use crate::domain::event::{FollowUpAdded, PreventionGap, Triaged};
use crate::domain::{EventKind, Incident, Milestone};
use crate::workflow::{Action, Context, Plan, Question, Result, TextQuestion, TextTopic, time};

use super::told;

/// In this order.
const TOPICS: [TextTopic; 9] = [
    TextTopic::RootCause,
    TextTopic::Impact { is_over: true },
    TextTopic::UsersAffected,
    TextTopic::Started,
    TextTopic::Over,
    TextTopic::Prevention,
    TextTopic::Gap(PreventionGap::Test),
    TextTopic::Gap(PreventionGap::Monitoring),
    TextTopic::Gap(PreventionGap::Validation),
];

/// What is still to be asked, and to be recorded first; `None` where all is. What `said` answers already, which is the
/// postmortem as somebody wrote it, is not asked; neither is what flags tell.
pub(in crate::step) fn ask(
    context: &Context<'_>,
    incident: &Incident,
    said: &str,
    is_told: impl Fn(Required) -> bool,
) -> Option<Plan> {
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    for topic in TOPICS {
        let asks = match context.answers.text(topic) {
            Some(answer) => match news(topic, answer, context, incident) {
                Ok((event, guess)) => {
                    events.extend(event);
                    notes.extend(guess);
                    false
                }
                Err(no_time) => {
                    notes.push(std::iter::once(no_time.message).chain(no_time.hints).collect::<Vec<_>>().join("; "));
                    true
                }
            },
            None => {
                let is_answered = is_answered_by_hand(topic, incident, said) || required(topic).is_some_and(&is_told);
                !is_answered && is_due(topic, incident, said)
            }
        };
        if asks {
            let question = Question::Text(question(topic, incident));
            return Some(Plan { actions: record(events), ..Plan::ask(question) }.notes(notes));
        }
    }
    (!events.is_empty()).then(|| Plan::then_look_again(record(events)).notes(notes))
}

fn record(events: Vec<EventKind>) -> Vec<Action> {
    if events.is_empty() { Vec::new() } else { vec![Action::record(events)] }
}

/// The answer, unless the record has it, and what was guessed of a time.
fn news(
    topic: TextTopic,
    answer: &str,
    context: &Context<'_>,
    incident: &Incident,
) -> Result<(Option<EventKind>, Option<String>)> {
    if answer.is_empty() || recorded(topic, incident).as_deref() == Some(answer) {
        return Ok((None, None));
    }
    if let Some(milestone) = milestone(topic) {
        if incident.milestones.contains_key(&milestone) {
            return Ok((None, None));
        }
        let typed = time::parse(answer.trim_matches(['"', '\'']), milestone.key(), context)?;
        return Ok((Some(EventKind::Marked { milestone, reached_at: typed.at }), typed.guess));
    }
    let event = match (required(topic), topic) {
        (Some(required), _) => told::event(required, answer),
        (None, TextTopic::Gap(gap)) => EventKind::FollowUpAdded(FollowUpAdded {
            text: answer.to_owned(),
            band_aid: false,
            gap: Some(gap),
            owner: None,
            due: None,
        }),
        (None, _) => EventKind::Triaged(Triaged { scope: Some(answer.to_owned()), ..Triaged::default() }),
    };
    Ok((Some(event), None))
}

/// The milestone whose time is asked for.
fn milestone(topic: TextTopic) -> Option<Milestone> {
    match topic {
        TextTopic::Started => Some(Milestone::Started),
        TextTopic::Over => Some(Milestone::Resolved),
        _ => None,
    }
}

fn required(topic: TextTopic) -> Option<Required> {
    match topic {
        TextTopic::RootCause => Some(Required::RootCause),
        TextTopic::Impact { .. } => Some(Required::Impact),
        TextTopic::Prevention => Some(Required::Prevention),
        TextTopic::UsersAffected
        | TextTopic::Started
        | TextTopic::Over
        | TextTopic::Gap(_)
        | TextTopic::Title
        | TextTopic::Source => None,
    }
}

fn recorded(topic: TextTopic, incident: &Incident) -> Option<String> {
    match (required(topic), topic) {
        (Some(required), _) => required.recorded(incident).map(str::to_owned),
        (None, TextTopic::UsersAffected) => incident.scope.clone(),
        (None, TextTopic::Gap(gap)) => {
            let of_gap = incident.follow_ups.iter().filter(|follow_up| follow_up.added.gap == Some(gap));
            of_gap.map(|follow_up| follow_up.added.text.clone()).next_back()
        }
        (None, _) => None,
    }
}

fn is_answered_by_hand(topic: TextTopic, incident: &Incident, said: &str) -> bool {
    required(topic).is_some_and(|required| required.recorded(incident).is_none() && required.is_answered_in(said))
}

/// Whether it may be asked: of times and gaps only those that are open.
fn is_due(topic: TextTopic, incident: &Incident, said: &str) -> bool {
    match topic {
        TextTopic::Started => document::asks_for_start(said),
        TextTopic::Over => document::asks_for_end(said),
        TextTopic::Gap(gap) => recorded(topic, incident).is_none() && document::asks_for_gap(said, gap),
        _ => true,
    }
}

fn question(topic: TextTopic, incident: &Incident) -> TextQuestion {
    TextQuestion { about: topic, default: recorded(topic, incident), may_skip: required(topic).is_none() }
}
