//! What an alert says of the incident, where it is among the reports: the person's own words go before.

use crate::domain::{Severities, Severity, one_line};
use crate::evidence::{self, AlertNotification};
use crate::workflow::Context;

use super::Open;

impl Open {
    /// The request with what the first notification among the reports says, where the person does not; and what of it a person
    /// should hear.
    pub(super) fn with_alert(&self, context: &Context<'_>) -> (Self, Option<String>) {
        let mut told = self.clone();
        let Some(alert) = self.alert(context) else { return (told, None) };
        // An incident that goes on has its answers: the same alert once more must not take a person's place.
        if context.incident.is_some() {
            told.title = told.title.or(alert.title);
            return (told, None);
        }
        let mut note = None;
        if told.severity.is_none() && !context.answers.can_ask {
            if let Some(severity) = in_our_words(&alert, &context.config.severities) {
                note = Some(format!("severity {}, as the alert says", severity.key()));
                told.severity = Some(severity.key().to_owned());
            } else if !alert.severities.is_empty() {
                let said: Vec<String> = alert.severities.iter().map(|word| one_line(word)).collect();
                note = Some(format!("the alert's severity, {}, is not taken: it is not in our words", said.join(", ")));
            }
        }
        told.title = told.title.or(alert.title);
        told.source = told.source.or(Some(alert.source));
        // A clock that is ahead of ours must not make it a time to come, which would be refused.
        let started_at = alert.started_at.filter(|at| *at <= context.now);
        told.started_at = told.started_at.or_else(|| started_at.map(|at| at.to_string()));
        (told, note)
    }

    /// What the alert's severity is among ours, as the answer that stands if a person types none.
    pub(super) fn alerted_severity(&self, context: &Context<'_>) -> Option<Severity> {
        meant(&self.alert(context)?, &context.config.severities)
    }

    /// The first notification among the reports; one that cannot be read is told where it is attached.
    fn alert(&self, context: &Context<'_>) -> Option<AlertNotification> {
        let reports = self.report.iter().filter_map(|name| context.look.reports.report(name).ok());
        reports.into_iter().find_map(|report| evidence::alert(&report.bytes, context.redactor))
    }
}

/// The worst of the severities that its labels name, by our words for them or what else we call them.
fn meant(alert: &AlertNotification, severities: &Severities) -> Option<Severity> {
    let named: Vec<Severity> = alert.severities.iter().filter_map(|word| severities.parse(word).ok()).collect();
    severities.levels().iter().map(|level| &level.severity).find(|severity| named.contains(severity)).cloned()
}

/// The same where every label is exactly one of ours: what nobody confirms must not be a guess.
fn in_our_words(alert: &AlertNotification, severities: &Severities) -> Option<Severity> {
    let is_ours = |word: &String| severities.levels().iter().any(|level| level.severity.key() == word);
    if alert.severities.iter().all(is_ours) { meant(alert, severities) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(severities: &[&str]) -> AlertNotification {
        let severities = severities.iter().map(|word| (*word).to_owned()).collect();
        AlertNotification { title: None, source: String::new(), started_at: None, severities }
    }

    #[test]
    fn a_label_counts_where_it_is_a_severity_of_ours() {
        let key = |severity: Option<Severity>| severity.map(|severity| severity.key().to_owned());
        let ours = Severities::default();
        for (labels, offered, taken) in [
            (&["high"][..], Some("high"), Some("high")),
            (&["medium", "critical"], Some("critical"), Some("critical")),
            // Another spelling is a person's to confirm, and so is one label that is ours beside one that is not.
            (&["sev1"], Some("critical"), None),
            (&["high", "page"], Some("high"), None),
            (&["High"], Some("high"), None),
            (&["page"], None, None),
            (&[], None, None),
        ] {
            assert_eq!(key(meant(&alert(labels), &ours)).as_deref(), offered, "{labels:?}");
            assert_eq!(key(in_our_words(&alert(labels), &ours)).as_deref(), taken, "{labels:?}");
        }
    }
}
