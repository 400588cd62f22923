//! What people did at once in two clones and cannot both hold: told with both sides, until somebody who knew both decided.

use super::event::{DeployPart, Ending, ExplainTopic};
use super::lineage::{Lineage, Past};
use super::way_back::Retractions;
use super::{CarriedBy, Event, EventId, EventKind, Milestone, one_line};

/// An event that could not legally follow the ones before it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Anomaly {
    /// The event.
    pub event: EventId,
    /// What is odd about it.
    pub text: String,
    /// The event that it does not go with, where that was recorded at once in another clone.
    pub against: Option<EventId>,
    /// What several people answered at once, where that is it.
    pub topic: Option<Contested>,
    /// The command that decides, without the name of the program.
    pub help: Option<String>,
}

impl Anomaly {
    pub(super) fn of(event: &Event, text: String) -> Self {
        Self { event: event.id.clone(), text, against: None, topic: None, help: None }
    }
}

/// What is odd about an incident that several clones went on with.
pub(super) fn anomalies(events: &[Event], lineage: &Lineage, retractions: &Retractions<'_>) -> Vec<Anomaly> {
    // Nothing is at once where each knew all before.
    if lineage.is_line() {
        return Vec::new();
    }
    let apart = Apart { events, lineage, retractions };
    let mut found = apart.ends();
    for topic in Contested::all() {
        found.extend(apart.about(topic));
    }
    found
}

/// What only one of several may be true about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contested {
    /// How bad it is.
    Severity,
    /// What is broken for users.
    Impact,
    /// How many users are affected.
    Scope,
    /// How it became known.
    Source,
    /// When a milestone was reached.
    Reached(Milestone),
    /// A part of the postmortem.
    Explained(ExplainTopic),
    /// What production got.
    Landing,
    /// Who ran a part of the deployment.
    Deployment(DeployPart),
}

impl Contested {
    fn all() -> impl Iterator<Item = Self> {
        let answers = [Self::Severity, Self::Impact, Self::Scope, Self::Source, Self::Landing];
        let topics = [ExplainTopic::RootCause, ExplainTopic::Fix, ExplainTopic::Prevention];
        let explained = topics.map(Self::Explained);
        let marks = Milestone::ALL.into_iter().map(Self::Reached);
        answers.into_iter().chain(explained).chain(marks).chain(DeployPart::ALL.into_iter().map(Self::Deployment))
    }

    /// What an event says about it; equal words do not contradict each other.
    fn said_by(self, event: &Event) -> Option<String> {
        match (self, &event.fact.kind) {
            (Self::Severity, EventKind::Triaged(triaged)) => triaged.severity.as_ref().map(ToString::to_string),
            (Self::Impact, EventKind::Triaged(triaged)) => triaged.impact.clone(),
            (Self::Scope, EventKind::Triaged(triaged)) => triaged.scope.clone(),
            (Self::Source, EventKind::Triaged(triaged)) => triaged.source.clone(),
            (Self::Reached(about), EventKind::Marked { milestone, reached_at }) => {
                (about == *milestone).then(|| reached_at.to_string())
            }
            (Self::Explained(about), EventKind::Explained { topic, text }) => (about == *topic).then(|| text.clone()),
            (Self::Landing, EventKind::Merged(landing)) => landing.on_production().map(ToString::to_string),
            // Whatever they deployed: it ran twice.
            (Self::Deployment(part), EventKind::DeployStarted(started)) => {
                (part == started.part).then(|| event.id.as_str().to_owned())
            }
            _ => None,
        }
    }

    /// Whether an event that knew both sides decides between them.
    fn is_settled_by(self, event: &Event) -> bool {
        let is_looked_at = matches!(event.fact.kind, EventKind::Verified(_));
        is_end(&event.fact.kind)
            || match self {
                Self::Landing => is_looked_at,
                Self::Deployment(part) => match &event.fact.kind {
                    EventKind::DeployFinished(finished) => finished.part == part,
                    _ => is_looked_at,
                },
                _ => self.said_by(event).is_some(),
            }
    }

    /// The command that decides.
    fn help(self) -> &'static str {
        match self {
            Self::Severity => "triage --severity LEVEL   # says which it is",
            Self::Impact => "triage --impact TEXT   # says which it is",
            Self::Scope => "triage --scope TEXT   # says which it is",
            Self::Source => "triage --source TEXT   # says which it is",
            Self::Reached(_) => "mark MILESTONE --at TIME   # says which it is",
            Self::Explained(ExplainTopic::RootCause) => "postmortem --root-cause TEXT   # says which it is",
            Self::Explained(ExplainTopic::Fix) => "pr --fix TEXT   # says which it is",
            Self::Explained(ExplainTopic::Prevention) => "postmortem --prevention TEXT   # says which it is",
            Self::Landing => "verify   # once production has both fixes, or the right one",
            Self::Deployment(_) => "verify   # looks at what came of both",
        }
    }
}

struct Apart<'a> {
    events: &'a [Event],
    lineage: &'a Lineage,
    retractions: &'a Retractions<'a>,
}

type Placed<'a> = (usize, &'a Event);

impl<'a> Apart<'a> {
    /// The events that stand, each with its place.
    fn standing(&self) -> impl Iterator<Item = Placed<'a>> {
        self.events.iter().enumerate().filter(|(_, event)| !self.retractions.has(&event.id))
    }

    /// Those of these events that no other of them knew of, in the order of replay.
    fn last_words(&self, of: impl Fn(&Event) -> bool) -> Vec<Placed<'a>> {
        let mut last: Vec<Placed<'a>> = Vec::new();
        for (place, event) in self.standing().filter(|(_, event)| of(event)) {
            let past = self.lineage.past(place);
            last.retain(|(earlier, _)| !past.knows(*earlier));
            last.push((place, event));
        }
        last
    }

    /// What several said about a topic, where the last of them counts.
    fn about(&self, topic: Contested) -> Vec<Anomaly> {
        let mut said = self.last_words(|event| topic.said_by(event).is_some());
        let Some(last) = said.pop() else { return Vec::new() };
        let words = topic.said_by(last.1);
        said.retain(|other| topic.said_by(other.1) != words && !self.is_settled([*other, last], topic));
        let about = |other: Placed<'_>| Anomaly { topic: Some(topic), ..anomaly(last.1, other.1, "", topic.help()) };
        said.into_iter().map(about).collect()
    }

    fn is_settled(&self, sides: [Placed<'a>; 2], topic: Contested) -> bool {
        self.standing().filter(|(_, event)| topic.is_settled_by(event)).any(|(place, _)| {
            let past = self.lineage.past(place);
            sides.iter().all(|(side, _)| *side < place && past.knows(*side))
        })
    }

    /// Ends that did not know of what was done meanwhile, or of another end.
    fn ends(&self) -> Vec<Anomaly> {
        let moves = |event: &Event| is_end(&event.fact.kind) || matches!(event.fact.kind, EventKind::Reopened { .. });
        let mut ends = self.last_words(moves);
        ends.retain(|(_, event)| is_end(&event.fact.kind));
        let deeds: Vec<Placed<'a>> = self.standing().filter(|(_, event)| is_deed(&event.fact.kind)).collect();
        let is_merge = |(_, deed): &&Placed<'a>| matches!(deed.fact.kind, EventKind::Merged(_));
        let missed = |(at, _): &Placed<'a>| -> Vec<&Placed<'a>> {
            let past = self.lineage.past(*at);
            let at_once = |(place, _): &&Placed<'a>| {
                place != at && if place < at { !past.knows(*place) } else { !self.past_of(*place).knows(*at) }
            };
            deeds.iter().filter(at_once).collect()
        };
        let mut found = Vec::new();
        // By an end that knew all, it is over.
        let stays_open = ends.iter().all(|end| !missed(end).is_empty());
        for placed @ (_, end) in ends.iter().filter(|_| stays_open) {
            let missed = missed(placed);
            // What landed says most; else what was done last.
            if let Some((_, deed)) = missed.iter().copied().rfind(is_merge).or_else(|| missed.last().copied()) {
                let help = match end.fact.kind {
                    EventKind::Canceled { .. } if deeds.iter().any(|deed| is_merge(&deed)) => {
                        "ship   # goes on: what landed cannot be given up"
                    }
                    EventKind::Canceled { .. } => "abort   # if it is still to be given up; else go on from here",
                    _ => "close   # again, once that is looked at",
                };
                found.push(anomaly(end, deed, "; it stays open", help));
            }
        }
        let both = |[one, other]: &[Placed<'a>; 2]| one.1.fact.kind.name() != other.1.fact.kind.name();
        if let [first, .., last] = ends[..]
            && both(&[first, last])
        {
            found.push(anomaly(last.1, first.1, "", "log   # tells who did what"));
        }
        found
    }

    fn past_of(&self, place: usize) -> Past<'_> {
        self.lineage.past(place)
    }
}

/// What an end must have known of to be one.
pub(super) fn is_deed(kind: &EventKind) -> bool {
    match kind {
        EventKind::Verified(verified) => verified.ending != Ending::Passed,
        EventKind::Carried(carried) => matches!(carried.by, CarriedBy::Merge | CarriedBy::Pick | CarriedBy::Proposal),
        EventKind::LandingStarted(_)
        | EventKind::Merged(_)
        | EventKind::CarryStarted(_)
        | EventKind::DeployStarted(_)
        | EventKind::DeployFinished(_)
        | EventKind::Reopened { .. } => true,
        _ => false,
    }
}

fn is_end(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Closed { .. } | EventKind::Canceled { .. })
}

fn anomaly(event: &Event, against: &Event, so: &str, help: &str) -> Anomaly {
    let text = format!("at once in two clones: {}, and {}{so}", side(event), side(against));
    Anomaly { against: Some(against.id.clone()), help: Some(help.to_owned()), ..Anomaly::of(event, text) }
}

fn side(event: &Event) -> String {
    let what = event.fact.kind.sentence().unwrap_or_else(|| event.fact.kind.name().replace('-', " "));
    format!("{what} ({})", one_line(&event.fact.by.name))
}
