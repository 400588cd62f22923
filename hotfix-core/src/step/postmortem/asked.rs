//! What a person is asked for the postmortem, one question a round: an answer is recorded before the next is asked, so that
//! none is lost to a terminal that goes away.

use crate::document::Required;
use crate::domain::event::{FollowUpAdded, PreventionGap, Triaged};
use crate::domain::{EventKind, Incident};
use crate::workflow::{Action, Context, Plan, Question, TextQuestion, TextTopic};

use super::told;

/// In this order.
const TOPICS: [TextTopic; 7] = [
    TextTopic::RootCause,
    TextTopic::Impact { is_over: true },
    TextTopic::UsersAffected,
    TextTopic::Prevention,
    TextTopic::Gap(PreventionGap::Test),
    TextTopic::Gap(PreventionGap::Monitoring),
    TextTopic::Gap(PreventionGap::Validation),
];

/// What is still to be asked, and to be recorded first; `None` where all is. What `said` answers already, which is the
/// postmortem as somebody wrote it, is not asked.
pub(in crate::step) fn ask(context: &Context<'_>, incident: &Incident, said: &str) -> Option<Plan> {
    let mut events = Vec::new();
    for topic in TOPICS {
        match context.answers.text(topic) {
            Some(answer) => events.extend(news(topic, answer, incident)),
            None if is_answered_by_hand(topic, incident, said) || !is_due(topic, incident, said) => {}
            None => {
                let question = Question::Text(question(topic, incident));
                return Some(Plan { actions: record(events), ..Plan::ask(question) });
            }
        }
    }
    (!events.is_empty()).then(|| Plan::then_look_again(record(events)))
}

fn record(events: Vec<EventKind>) -> Vec<Action> {
    if events.is_empty() { Vec::new() } else { vec![Action::record(events)] }
}

/// The answer, unless the record has it.
fn news(topic: TextTopic, answer: &str, incident: &Incident) -> Option<EventKind> {
    if answer.is_empty() || recorded(topic, incident).as_deref() == Some(answer) {
        return None;
    }
    match (required(topic), topic) {
        (Some(required), _) => Some(told::event(required, answer)),
        (None, TextTopic::Gap(gap)) => Some(EventKind::FollowUpAdded(FollowUpAdded {
            text: answer.to_owned(),
            band_aid: false,
            gap: Some(gap),
            owner: None,
            due: None,
        })),
        (None, _) => Some(EventKind::Triaged(Triaged { scope: Some(answer.to_owned()), ..Triaged::default() })),
    }
}

fn required(topic: TextTopic) -> Option<Required> {
    match topic {
        TextTopic::RootCause => Some(Required::RootCause),
        TextTopic::Impact { .. } => Some(Required::Impact),
        TextTopic::Prevention => Some(Required::Prevention),
        TextTopic::UsersAffected | TextTopic::Gap(_) | TextTopic::Title | TextTopic::Source => None,
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

/// Whether it may be asked: of the gaps only those that are open.
fn is_due(topic: TextTopic, incident: &Incident, said: &str) -> bool {
    let TextTopic::Gap(gap) = topic else { return true };
    recorded(topic, incident).is_none() && crate::document::asks_for_gap(said, gap)
}

fn question(topic: TextTopic, incident: &Incident) -> TextQuestion {
    TextQuestion { about: topic, default: recorded(topic, incident), may_skip: required(topic).is_none() }
}
