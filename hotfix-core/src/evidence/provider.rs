//! Tokens that providers mark by how they begin. Most shapes are those that gitleaks (MIT) publishes.

use std::sync::OnceLock;

use regex::Regex;

use super::span::Span;

/// A shape of token. Its pattern is compiled when one of its anchors occurs for the first time.
struct TokenPattern {
    name: &'static str,
    /// What a text must contain for the pattern to match.
    anchors: &'static [&'static str],
    pattern: &'static str,
    // Compiling a pattern costs far more than looking for its anchor, and texts seldom hold one.
    compiled: OnceLock<Option<Regex>>,
}

const fn rule(name: &'static str, anchors: &'static [&'static str], pattern: &'static str) -> TokenPattern {
    TokenPattern { name, anchors, pattern, compiled: OnceLock::new() }
}

static RULES: [TokenPattern; 34] = [
    rule("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"gh[pousr]_[A-Za-z0-9]{16,}"),
    rule("github-token", &["github_pat_"], r"github_pat_[A-Za-z0-9_]{16,}"),
    rule(
        "gitlab-token",
        &["glpat-", "gldt-", "glptt-", "glrt-", "glcbt-", "glsoat-", "glagent-", "gloas-", "glft-"],
        r"gl(?:pat|dt|ptt|rt|cbt|soat|agent|oas|ft)-[A-Za-z0-9_.-]{16,}",
    ),
    rule("aws-access-key", &["AKIA", "ASIA", "ABIA", "ACCA"], r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    rule(
        "slack-token",
        &["xoxa-", "xoxb-", "xoxe", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
        r"xox[abeoprs][.-][A-Za-z0-9.-]{10,}",
    ),
    rule("slack-token", &["xapp-"], r"xapp-[A-Za-z0-9-]{10,}"),
    rule(
        "slack-webhook",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{8,}",
    ),
    rule("discord-webhook", &["/api/webhooks/"], r"discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{8,}"),
    rule("teams-webhook", &["webhook.office.com/"], r"webhook\.office\.com/[A-Za-z0-9@/_-]{8,}"),
    rule("stripe-key", &["k_live_", "k_test_"], r"\b[rsp]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    rule("stripe-key", &["whsec_"], r"whsec_[A-Za-z0-9+/=]{16,}"),
    rule("npm-token", &["npm_"], r"\bnpm_[A-Za-z0-9]{30,}"),
    rule("pypi-token", &["pypi-"], r"\bpypi-[A-Za-z0-9_-]{30,}"),
    rule("crates-io-token", &["cio"], r"\bcio[A-Za-z0-9]{32}\b"),
    rule("google-key", &["AIza"], r"\bAIza[A-Za-z0-9_-]{30,}"),
    rule("google-token", &["ya29."], r"\bya29\.[A-Za-z0-9_-]{16,}"),
    rule("google-secret", &["GOCSPX-"], r"GOCSPX-[A-Za-z0-9_-]{16,}"),
    rule("sendgrid-key", &["SG."], r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    rule("mailgun-key", &["key-"], r"\bkey-[0-9a-f]{32}\b"),
    rule("twilio-key", &["SK"], r"\bSK[0-9a-f]{32}\b"),
    rule("openai-key", &["sk-"], r"\bsk-[A-Za-z0-9_-]{20,}"),
    rule("huggingface-token", &["hf_"], r"\bhf_[A-Za-z0-9]{30,}"),
    rule("digitalocean-token", &["_v1_"], r"\bdo[opr]_v1_[a-f0-9]{64}"),
    rule("docker-token", &["dckr_"], r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    rule("vault-token", &["hvs.", "hvb."], r"\bhv[sb]\.[A-Za-z0-9_-]{20,}"),
    rule("shopify-token", &["shpat_", "shpca_", "shppa_", "shpss_"], r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    rule("grafana-token", &["glc_", "glsa_"], r"\bgl(?:c|sa)_[A-Za-z0-9_+/=]{30,}"),
    rule("databricks-token", &["dapi"], r"\bdapi[a-f0-9]{32}\b"),
    rule("newrelic-key", &["NRAK-"], r"\bNRAK-[A-Z0-9]{20,}"),
    rule("linear-key", &["lin_api_"], r"lin_api_[A-Za-z0-9]{30,}"),
    rule("atlassian-token", &["ATATT3"], r"ATATT3[A-Za-z0-9_=-]{50,}"),
    rule("age-key", &["AGE-SECRET-KEY-1"], r"AGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    rule("telegram-token", &[":AA"], r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}"),
    rule("jwt", &["eyJ"], r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"),
];

/// Finds tokens by their shapes.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    // A plain search first: a report of 8 MB goes through every rule.
    for rule in RULES.iter().filter(|rule| rule.anchors.iter().any(|anchor| text.contains(anchor))) {
        let Some(pattern) = rule.compiled.get_or_init(|| Regex::new(rule.pattern).ok()) else { continue };
        spans.extend(pattern.find_iter(text).map(|found| (found.range(), rule.name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_has_its_anchors() {
        for rule in &RULES {
            assert!(Regex::new(rule.pattern).is_ok(), "{}", rule.pattern);
            assert!(!rule.anchors.is_empty(), "{}", rule.name);
            assert!(rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.name);
        }
    }
}
