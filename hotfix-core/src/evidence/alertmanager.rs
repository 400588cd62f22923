//! Notifications of Prometheus' Alertmanager, as it posts them to webhooks: what is wrong, since when, and its labels and
//! annotations as text.
//!
//! The form is <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, version 4. What else comes is read
//! as any other report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::Printable;

/// The longest title, in characters: it names the branch, too.
const LONGEST_TITLE: usize = 120;

/// So many kinds of alerts are named in the source.
const MOST_NAMED: usize = 3;

/// The annotations that say in a line what is wrong, the best first.
const SUMMARIES: [&str; 4] = ["summary", "title", "message", "description"];

type Words = BTreeMap<String, String>;

/// A notification, with what an incident takes from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertNotification {
    /// What is wrong, one line; absent where nothing in it says so.
    pub title: Option<String>,
    /// Who says so, one line.
    pub source: String,
    /// Since when, of what still fires (UTC).
    pub started_at: Option<Timestamp>,
    /// What its labels called `severity` say, each word once; of what still fires.
    pub severities: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    version: String,
    alerts: Vec<Alert>,
    group_key: String,
    #[serde(default)]
    common_labels: Words,
    #[serde(default)]
    common_annotations: Words,
    #[serde(default, rename = "externalURL")]
    external_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    status: String,
    #[serde(default)]
    labels: Words,
    #[serde(default)]
    annotations: Words,
    starts_at: String,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
}

impl Alert {
    fn is_firing(&self) -> bool {
        self.status == "firing"
    }

    fn name(&self) -> &str {
        self.labels.get("alertname").map_or("an alert without a name", String::as_str)
    }

    fn started_at(&self) -> Option<Timestamp> {
        // The year 1 stands for none.
        self.starts_at.parse().ok().filter(|at: &Timestamp| at.as_second() > 0)
    }
}

/// Reads a notification, and writes its alerts down as text; `None` where the text is something else.
pub(super) fn read(text: &str) -> Option<(AlertNotification, String)> {
    if !text.trim_start().starts_with('{') {
        return None; // Most reports are logs: they are not parsed for nothing.
    }
    let notification: Notification = serde_json::from_str(text).ok()?;
    if notification.version.is_empty() || notification.alerts.is_empty() || notification.group_key.is_empty() {
        return None;
    }
    let alerts = &notification.alerts;
    // What is resolved tells nothing of what is wrong now, unless all is.
    let is_over = !alerts.iter().any(Alert::is_firing);
    let firing = || alerts.iter().filter(|alert| is_over || alert.is_firing());
    let mut names: Vec<&str> = firing().map(Alert::name).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named: Vec<&str> = names.iter().copied().take(MOST_NAMED).collect();
    let severities: BTreeSet<&String> = firing().filter_map(|alert| alert.labels.get("severity")).collect();
    let told = AlertNotification {
        title: title(&notification, firing()),
        source: line(&format!("Alertmanager: {}{more}", named.join(", "))),
        started_at: firing().filter_map(Alert::started_at).min(),
        severities: severities.iter().map(|word| line(word)).collect(),
    };
    Some((told, written(&notification)))
}

/// What all alerts say is wrong, else what the first one says, else its name.
fn title<'a>(notification: &'a Notification, firing: impl Iterator<Item = &'a Alert>) -> Option<String> {
    let of = |annotations: &Words| {
        let said = SUMMARIES.iter().filter_map(|key| annotations.get(*key)).map(|said| line(said));
        said.into_iter().find(|said| !said.is_empty())
    };
    let first = firing.into_iter().next();
    let name = || {
        let name =
            notification.common_labels.get("alertname").or(first.and_then(|alert| alert.labels.get("alertname")));
        name.map(|name| line(name)).filter(|name| !name.is_empty())
    };
    of(&notification.common_annotations).or_else(|| first.and_then(|alert| of(&alert.annotations))).or_else(name)
}

fn line(text: &str) -> String {
    Printable::new(text).one_line().at_most(LONGEST_TITLE).into()
}

/// All of it for people: a value of several lines, such as a stack trace, keeps them.
fn written(notification: &Notification) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "Alertmanager at {}: {}", notification.external_url, notification.group_key);
    for alert in &notification.alerts {
        let _ = writeln!(text, "\n{}: {} since {}", alert.name(), alert.status, alert.starts_at);
        for (of, words) in [("label", &alert.labels), ("annotation", &alert.annotations)] {
            for (key, value) in words {
                let gap = if value.contains('\n') { '\n' } else { ' ' };
                let _ = writeln!(text, "{of} {key}:{gap}{value}");
            }
        }
        if !alert.generator_url.is_empty() {
            let _ = writeln!(text, "{}", alert.generator_url);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Alertmanager 0.25.0 posted it.
    const POSTED: &str = include_str!("fixtures/alerts/alertmanager.json");

    #[test]
    fn what_was_posted_says_what_is_wrong_and_since_when() {
        let (told, text) = read(POSTED).unwrap();
        insta::assert_debug_snapshot!(told, @r#"
        AlertNotification {
            title: Some(
                "Checkout answers 500 to a third of the customers",
            ),
            source: "Alertmanager: CheckoutErrors",
            started_at: Some(
                2026-03-01T02:00:00Z,
            ),
            severities: [
                "critical",
            ],
        }
        "#);
        insta::assert_snapshot!(text, @r#"
        Alertmanager at http://alerts.shop.example: {}:{alertname="CheckoutErrors"}

        CheckoutErrors: firing since 2026-03-01T02:00:00Z
        label alertname: CheckoutErrors
        label instance: web-1
        label service: shop
        label severity: critical
        annotation description:
        Traceback (most recent call last):
          File "shop/checkout.py", line 42, in pay
            total = cart.total()
        KeyError: "total"
        annotation runbook_url: https://wiki.shop.example/checkout
        annotation summary: Checkout answers 500 to a third of the customers
        http://prometheus.shop.example/graph?g0.expr=x

        CheckoutErrors: firing since 2026-03-01T02:03:00Z
        label alertname: CheckoutErrors
        label instance: web-2
        label service: shop
        label severity: critical
        annotation summary: Checkout answers 500 to a third of the customers
        "#);
    }

    #[test]
    fn what_still_fires_counts_and_a_name_is_a_title_too() {
        let one = |status: &str, name: &str, at: &str| {
            format!(r#"{{"status":"{status}","labels":{{"alertname":"{name}"}},"startsAt":"{at}"}}"#)
        };
        let read_all = |alerts: &[String]| {
            let body = format!(r#"{{"version":"4","groupKey":"k","alerts":[{}]}}"#, alerts.join(","));
            let told = read(&body)?.0;
            Some((told.title.unwrap_or_default(), told.source, told.started_at.map(|at| at.to_string())))
        };
        let over = one("resolved", "Old", "2026-03-01T01:00:00Z");
        let now = one("firing", "New", "2026-03-01T02:00:00.123Z");
        let never = one("firing", "Other", "0001-01-01T00:00:00Z");
        let told = read_all(&[over.clone(), now, never]).unwrap();
        let at = Some("2026-03-01T02:00:00.123Z".to_owned());
        assert_eq!(told, ("New".to_owned(), "Alertmanager: New, Other".to_owned(), at));
        assert_eq!(read_all(&[over]).unwrap().0, "Old");
        let many: Vec<String> = ["A", "B", "C", "D", "E"].map(|name| one("firing", name, "")).into();
        assert_eq!(read_all(&many).unwrap().1, "Alertmanager: A, B, C and 2 more");
        assert_eq!(read_all(&[]), None);
    }

    #[test]
    fn anything_else_is_no_notification() {
        for other in
            ["", "{", "{}", "[1]", "ERROR: {\"alerts\":[]}", r#"{"alerts":"many","version":"4","groupKey":"k"}"#]
        {
            assert!(read(other).is_none(), "{other}");
        }
        let (cut, _) = POSTED.split_at(POSTED.len() / 2);
        assert!(read(cut).is_none());
        assert!(read(&format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000))).is_none());
    }
}
