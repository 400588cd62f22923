//! Findings in the Static Analysis Results Interchange Format (SARIF) 2.1.0, which code-scanning services read.

use serde_json::{Value, json};

use crate::domain::{Finding, Level};

/// What a finding can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SarifRule {
    /// Its name in findings.
    pub id: &'static str,
    /// How serious its findings are.
    pub level: Level,
    /// What it looks for, one line.
    pub what: &'static str,
    /// Why that is a danger.
    pub why: &'static str,
    /// How to fix a finding.
    pub fix: &'static str,
}

/// The log of one run of `tool`; ends with a newline. Services want a location for every result: those about no file
/// are shown at the file `otherwise`.
pub fn sarif(tool: &str, rules: &[SarifRule], findings: &[Finding], otherwise: &str) -> String {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": tool,
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "the top of the work tree" } } },
            "results": findings.iter().map(|finding| result(rules, finding, otherwise)).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule(rule: &SarifRule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.what },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.fix },
        "defaultConfiguration": { "level": level(rule.level) },
    })
}

fn result(rules: &[SarifRule], finding: &Finding, otherwise: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.check,
        "level": level(finding.level),
        "message": { "text": format!("{}; {}", finding.message, finding.help) },
        "locations": [location(finding.file.as_deref().unwrap_or(otherwise), finding.line)],
    });
    // A finding of an older version may be of a check that is gone.
    let index = rules.iter().position(|rule| rule.id == finding.check);
    if let (Value::Object(result), Some(index)) = (&mut result, index) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

fn location(file: &str, line: Option<u32>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(file), "uriBaseId": "SRCROOT" } });
    if let (Value::Object(physical), Some(line)) = (&mut physical, line.filter(|line| *line > 0)) {
        physical.insert("region".to_owned(), json!({ "startLine": line }));
    }
    json!({ "physicalLocation": physical })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

/// A path as a relative reference: everything but plain characters is encoded.
pub(crate) fn uri(path: &str) -> String {
    let encode = |byte: u8| match byte {
        // A `#` or `%` in a file's name would cut the address.
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &str, level: Level, file: Option<&str>, line: Option<u32>) -> Finding {
        Finding {
            check: check.to_owned(),
            level,
            file: file.map(str::to_owned),
            line,
            message: "found".to_owned(),
            help: "fix it".to_owned(),
        }
    }

    #[test]
    fn has_the_shape_that_the_standard_asks_for() {
        let rule = SarifRule { id: "big", level: Level::Error, what: "is big", why: "it is", fix: "cut it" };
        let findings = [
            finding("big", Level::Error, None, None),
            finding("big", Level::Warning, Some("src/a b#ü.rs"), Some(7)),
            finding("other", Level::Warning, Some("gone"), Some(0)),
        ];
        let log =
            sarif("hotfix guard", &[rule], &findings, "hotfix.toml").replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        insta::assert_snapshot!(log, @r#"
        {
          "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "originalUriBaseIds": {
                "SRCROOT": {
                  "description": {
                    "text": "the top of the work tree"
                  }
                }
              },
              "results": [
                {
                  "level": "error",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "hotfix.toml",
                          "uriBaseId": "SRCROOT"
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "found; fix it"
                  },
                  "ruleId": "big",
                  "ruleIndex": 0
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "src/a%20b%23%C3%BC.rs",
                          "uriBaseId": "SRCROOT"
                        },
                        "region": {
                          "startLine": 7
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "found; fix it"
                  },
                  "ruleId": "big",
                  "ruleIndex": 0
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "gone",
                          "uriBaseId": "SRCROOT"
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "found; fix it"
                  },
                  "ruleId": "other"
                }
              ],
              "tool": {
                "driver": {
                  "name": "hotfix guard",
                  "rules": [
                    {
                      "defaultConfiguration": {
                        "level": "error"
                      },
                      "fullDescription": {
                        "text": "it is"
                      },
                      "help": {
                        "text": "cut it"
                      },
                      "id": "big",
                      "shortDescription": {
                        "text": "is big"
                      }
                    }
                  ],
                  "version": "[VERSION]"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
        "#);
    }
}
