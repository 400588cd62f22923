//! A webhook that is told of events. One that fails is told to the person, and never stops a hotfix.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};

use crate::config::{NotifyConfig, NotifyFormat, Webhook};
use crate::domain::{Event, EventKind, Incident, Printable, one_line};
use crate::evidence::Redactor;
use crate::ledger::Ledger;
use crate::port::{Act, with_causes};

/// A webhook that hangs must not keep a fix from production.
const DEADLINE: Duration = Duration::from_secs(5);

/// So much of a text is told, in characters.
const LONGEST: usize = 500;

/// What a webhook is told, and whether it still is in this run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notifier<'a> {
    config: &'a NotifyConfig,
    /// One that failed is left alone until the next command: each further event would wait as long.
    has_failed: &'a Cell<bool>,
}

impl<'a> Notifier<'a> {
    /// Tells what these rules choose.
    pub(crate) fn new(config: &'a NotifyConfig, has_failed: &'a Cell<bool>) -> Self {
        Self { config, has_failed }
    }

    /// Whether it tells anything.
    pub(super) fn is_listening(self) -> bool {
        self.config.told().is_some() && !self.has_failed.get()
    }

    /// Tells those of these events that are chosen; what a person should know of what failed.
    pub(super) fn tell(
        self,
        act: &Act<'_>,
        ledger: &Ledger<'_>,
        redactor: &Redactor,
        events: &[Event],
    ) -> Option<String> {
        let webhook = self.config.told()?;
        for event in events {
            let name = event.fact.kind.name();
            if self.has_failed.get() || !self.config.events.iter().any(|chosen| chosen == name) {
                continue;
            }
            // The event is recorded already; there is nothing left to stop.
            if let Err(why) = self.tell_one(act, ledger, redactor, (webhook, event)) {
                self.has_failed.set(true);
                let host = webhook.host().unwrap_or("the webhook");
                // Whatever a server says may hold what it was asked with.
                let why = one_line(&redactor.redact(&why).text);
                return Some(format!(
                    "{host} was not told of `{name}`: {why}; the hotfix goes on, and tells it nothing more"
                ));
            }
        }
        None
    }

    fn tell_one(
        self,
        act: &Act<'_>,
        ledger: &Ledger<'_>,
        redactor: &Redactor,
        (webhook, event): (&Webhook, &Event),
    ) -> Result<(), String> {
        if webhook.host().is_none() {
            return Err("its address is no http or https URL".to_owned());
        }
        let incident = ledger.load(&event.incident).map_err(|error| with_causes(error.to_string(), &error))?.incident;
        // Masked when it was recorded, and again: a rule may be newer than the record.
        let told =
            |text: &str| -> String { Printable::new(&redactor.redact(text).text).one_line().at_most(LONGEST).into() };
        let document = match self.config.format {
            NotifyFormat::Json => for_programs(event, &incident, &told),
            NotifyFormat::Slack => json!({ "text": for_a_chat(event, &incident, &told) }),
        };
        act.webhook
            .post(webhook.address(), document.to_string().as_bytes(), DEADLINE)
            .map_err(|error| error.source.map_or(error.doing, |why| why.to_string()))
    }
}

fn for_programs(event: &Event, incident: &Incident, told: &dyn Fn(&str) -> String) -> Value {
    let pull_request = incident.pull_request.as_ref();
    json!({
        "v": 1,
        "event": event.fact.kind.name(),
        "id": event.id,
        "at": event.fact.at,
        "by": told(&event.fact.by.name),
        "text": told(&what_happened(event, incident)),
        "incident": {
            "id": incident.id,
            "title": told(&incident.title.to_string()),
            "slug": incident.slug,
            "severity": incident.severity,
            "status": incident.status,
            "impact": incident.impact.as_deref().map(told),
            "branch": incident.branch(),
            "pull_request": pull_request.and_then(|known| known.url.as_deref()).map(told),
        },
    })
}

/// One line of text, in which nothing calls people or becomes a link that it does not show.
fn for_a_chat(event: &Event, incident: &Incident, told: &dyn Fn(&str) -> String) -> String {
    let (title, who) = (told(&incident.title.to_string()), told(&event.fact.by.name));
    // Title and severity stand before it.
    let what = match &event.fact.kind {
        EventKind::Opened(_) => {
            let impact = incident.impact.as_deref().map(|impact| format!("; impact: {}", told(impact)));
            format!("incident opened on {}{}", incident.branch(), impact.unwrap_or_default())
        }
        _ => told(&what_happened(event, incident)),
    };
    let link = incident.pull_request.as_ref().and_then(|known| known.url.as_deref());
    let link = link.map(|url| format!(" {}", told(url))).unwrap_or_default();
    let line = format!("{title} ({}, {}): {what} ({who}, {}){link}", incident.severity, incident.status, incident.id);
    // As Slack asks for; a mark without width keeps `@channel` from calling everybody.
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "@\u{200b}")
}

/// What the timeline says of the event; of what was taken back, what that was.
fn what_happened(event: &Event, incident: &Incident) -> String {
    let gone = incident.taken_back.iter().filter(|gone| gone.retraction == event.id);
    let gone: Vec<&str> = gone.map(|gone| gone.entry.text.as_str()).collect();
    if !gone.is_empty() {
        return format!("taken back: {}", gone.join("; "));
    }
    event.fact.kind.sentence().unwrap_or_else(|| event.fact.kind.name().replace('-', " "))
}
