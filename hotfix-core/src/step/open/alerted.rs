//! What an alert says of the incident, where it is among the reports: the person's own words go before.

use crate::evidence;
use crate::workflow::Context;

use super::Open;

impl Open {
    /// The request with what the first notification among the reports says, where the person does not.
    pub(super) fn with_alert(&self, context: &Context<'_>) -> Self {
        let mut told = self.clone();
        // One that cannot be read is told where it is attached.
        let reports = self.report.iter().filter_map(|name| context.look.reports.report(name).ok());
        let mut alerts = reports.filter_map(|report| evidence::alert(&report.bytes, context.redactor));
        let Some(alert) = alerts.next() else { return told };
        told.title = told.title.or(alert.title);
        // An incident that goes on has its answers: the same alert once more must not take a person's place.
        if context.incident.is_none() {
            told.source = told.source.or(Some(alert.source));
            // A clock that is ahead of ours must not make it a time to come, which would be refused.
            let started_at = alert.started_at.filter(|at| *at <= context.now);
            told.started_at = told.started_at.or_else(|| started_at.map(|at| at.to_string()));
        }
        told
    }
}
