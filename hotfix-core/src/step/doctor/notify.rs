//! Whom does a webhook tell, and of what? Nothing is posted; of its address only the host is shown.

use crate::config::{NOTIFY_KEY, NOTIFY_VARIABLE};

use super::{CheckVerdict, Halt, Setup};

#[expect(clippy::unnecessary_wraps, reason = "it is a judge")]
pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let notify = &setup.context.config.notify;
    let events = notify.events.join(", ");
    let Some(webhook) = &notify.webhook else {
        return Ok(match notify.events.is_empty() {
            true => CheckVerdict::ok("no webhook is told of anything"),
            false => CheckVerdict::warning(
                format!("[notify] chooses {events}, and no address is set here"),
                format!("git config --global {NOTIFY_KEY} URL   # or set {NOTIFY_VARIABLE}"),
            ),
        });
    };
    let Some(host) = webhook.host() else {
        let message = "the address of the webhook is no http or https URL";
        return Ok(CheckVerdict::warning(message, format!("set {NOTIFY_VARIABLE}, or git config {NOTIFY_KEY}")));
    };
    Ok(match notify.events.is_empty() {
        true => CheckVerdict::warning(
            format!("a webhook at {host} is set, and is told of nothing"),
            "choose [notify] events in hotfix.toml",
        ),
        false => CheckVerdict::ok(format!("{host} is told of {events}, as {}", notify.format.key())),
    })
}
