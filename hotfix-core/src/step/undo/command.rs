//! Which events the last command of a person recorded.

use jiff::Timestamp;

use crate::domain::{Incident, IncidentId, Person, Printable, RecordedEvent, TimelineEntry, WayBack, one_line};
use crate::workflow::{Code, Context, Refusal, Result};

/// So much of each text is shown, in characters.
const SHOWN: usize = 200;

/// The events of one command, oldest first, and where the last of them stands.
pub(super) struct LastCommand<'a> {
    pub(super) events: Vec<&'a RecordedEvent>,
    at: usize,
    /// Whether tests or the guard looked at the fix since.
    pub(super) is_looked_at: bool,
}

impl<'a> LastCommand<'a> {
    /// The last command of this person; `None` where they said nothing.
    pub(super) fn of(incident: &'a Incident, who: &Person) -> Option<Self> {
        let mut own = incident.events.iter().enumerate().rev().filter(|(_, event)| is_by(event, who));
        // A look is no word: nobody means it who wants a word back.
        let is_word = |event: &RecordedEvent| !matches!(event.way_back, WayBack::Needless | WayBack::Seen);
        let (at, _) = own.find(|(_, event)| is_word(event) && !event.is_retracted)?;
        Some(Self::ending_at(incident, at))
    }

    /// The command of the event whose id begins so.
    pub(super) fn named(context: &Context<'_>, incident: &'a Incident, prefix: &str) -> Result<Self> {
        let wanted = prefix.trim().to_ascii_lowercase();
        let is_it = |event: &RecordedEvent| !wanted.is_empty() && event.id.as_str().starts_with(&wanted);
        let found: Vec<usize> =
            (0..).zip(&incident.events).filter(|(_, event)| is_it(event)).map(|(at, _)| at).collect();
        let message = match found.as_slice() {
            [at] => return Ok(Self::ending_at(incident, *at)),
            [] => format!("EVENT: {} has no event {}", incident.id, one_line(prefix)),
            several => format!("EVENT: {} is the beginning of {} ids", one_line(prefix), several.len()),
        };
        let refusal = Refusal::usage(Code::Event, message);
        Err(match prefix.trim().parse::<IncidentId>() {
            Ok(id) => refusal.hint(format!("{} undo --incident {id}   # your last command there", context.program)),
            Err(_) => refusal.hint(format!("{} log --ids", context.program)),
        })
    }

    fn ending_at(incident: &'a Incident, at: usize) -> Self {
        let (before, after) = incident.events.split_at(at.saturating_add(1).min(incident.events.len()));
        let is_looked_at = after.iter().any(|event| event.way_back == WayBack::Seen);
        let mut events: Vec<&RecordedEvent> = Vec::new();
        for event in before.iter().rev() {
            if events.last().is_some_and(|later| !are_of_one_command(event, later)) {
                break;
            }
            events.push(event);
        }
        events.reverse();
        Self { events, at, is_looked_at }
    }

    /// When it was recorded.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.events.last().map(|last| last.at)
    }

    /// What it did, in words.
    pub(super) fn told(&self, incident: &Incident) -> String {
        match self.way_back() {
            WayBack::Abort => format!("the opening of {}", incident.id),
            _ => words_of(incident, &self.events),
        }
    }

    /// The opening of the pull request that it closed.
    pub(super) fn closed(&self, incident: &'a Incident) -> Option<&'a RecordedEvent> {
        self.events.iter().find(|event| event.kind == "pull-request-closed")?;
        incident.events.iter().take(self.at).rev().find(|event| event.way_back == WayBack::ClosePullRequest)
    }

    /// How it is taken back.
    pub(super) fn way_back(&self) -> WayBack {
        match self.events.last() {
            Some(last) if last.is_retracted => WayBack::Again,
            Some(last) => last.way_back,
            None => WayBack::Needless,
        }
    }

    /// Whether an incident that it opened may go without a further word: nothing came of it since, and nobody else is at it.
    pub(super) fn may_be_given_up(&self, context: &Context<'_>, incident: &Incident) -> bool {
        let since = incident.events.iter().skip(self.at.saturating_add(1));
        let is_alone = since.clone().all(|event| self.events.iter().all(|own| own.by == event.by));
        let is_here = incident.driver.as_ref().is_none_or(|driver| driver.workplace == *context.workplace);
        is_alone && is_here && !self.is_looked_at
    }

    /// The issue that a follow-up was filed as.
    pub(super) fn issue(&self, incident: &'a Incident) -> Option<(u64, String)> {
        let added = |event: &&RecordedEvent| event.kind == "follow-up-added";
        self.events.iter().copied().find(added)?;
        let before = incident.events.iter().take(self.at.saturating_add(1));
        // Numbers count all that were added, also what was taken back since.
        let number = before.filter(added).count();
        let owed = incident.follow_ups.iter().find(|owed| usize::try_from(owed.number) == Ok(number))?;
        owed.issue.as_ref().map(|(number, url)| (*number, one_line(url)))
    }

    /// The word of the same person before this one that still stands.
    pub(super) fn earlier(&self, incident: &'a Incident) -> Option<&'a RecordedEvent> {
        let who = &self.events.last()?.by;
        let before = incident.events.iter().take(self.at).rev();
        let closed = self.closed(incident).map(|opening| &opening.id);
        before
            .filter(|event| is_by(event, who) && !event.is_retracted && Some(&event.id) != closed)
            .find(|event| !matches!(event.way_back, WayBack::Needless | WayBack::Seen | WayBack::Again))
    }
}

/// What the timeline says of these events.
pub(super) fn words_of(incident: &Incident, events: &[&RecordedEvent]) -> String {
    let taken_back = incident.taken_back.iter().map(|taken_back| &taken_back.entry);
    let entries: Vec<&TimelineEntry> = incident.timeline.iter().chain(taken_back).collect();
    let by_it = |event: &RecordedEvent| {
        let gone = incident.taken_back.iter().filter(|gone| gone.retraction == event.id);
        gone.map(|gone| shown(&gone.entry.text)).collect::<Vec<_>>()
    };
    let words = events.iter().flat_map(|event| {
        let retracted = by_it(event);
        if !retracted.is_empty() {
            return retracted;
        }
        let told = entries.iter().find(|entry| entry.event == event.id);
        vec![told.map_or_else(|| event.kind.replace('-', " "), |entry| shown(&entry.text))]
    });
    words.collect::<Vec<String>>().join("; ")
}

fn shown(text: &str) -> String {
    Printable::new(text).at_most(SHOWN).into()
}

fn is_by(event: &RecordedEvent, who: &Person) -> bool {
    match event.by.email.is_empty() || who.email.is_empty() {
        true => event.by.name == who.name,
        false => event.by.email == who.email,
    }
}

/// Whether a command recorded both at once: those that say two things.
fn are_of_one_command(earlier: &RecordedEvent, later: &RecordedEvent) -> bool {
    let is_pair = matches!(
        (earlier.kind, later.kind),
        // `mark deployed` ends what is in doubt, and sets the time.
        ("deploy-finished", "deploy-finished" | "marked")
            // `test --defer` leaves the test as work.
            | ("test-deferred", "follow-up-added")
    ) && earlier.way_back == WayBack::Retraction;
    // One push took it to several release branches.
    let is_carried = [earlier, later].iter().all(|event| event.kind == "carried" && event.way_back == WayBack::Revert);
    (is_pair || is_carried)
        && (earlier.at, &earlier.by, earlier.is_retracted) == (later.at, &later.by, later.is_retracted)
}
