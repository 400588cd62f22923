//! The tokens of providers, one row each: how they are recognised, and where that is known from.
//!
//! Shapes are looser than the sources say: a token that grew by a character must not stay readable. A shape that begins
//! with `\b` is no token inside of a longer word; one that begins with `..` is found by a mark in its middle.

/// Where a shape is known from, and the day on which it was compared with that; empty where it was not.
pub(super) struct Source {
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and for the test of this table"))]
    pub(super) name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and for the test of this table"))]
    pub(super) compared: &'static str,
}

/// What a provider's tokens look like.
pub(super) struct Provider {
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and for the test of this table"))]
    pub(super) name: &'static str,
    /// What is named in place of a token.
    pub(super) rule: &'static str,
    /// One of these must be there, separated by blanks; a token begins with it.
    pub(super) marks: &'static str,
    pub(super) shape: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and for the test of this table"))]
    pub(super) source: &'static Source,
}

/// A public scanner, whose shapes (facts, not its patterns) were compared with these.
static SCANNER: Source = Source { name: "https://github.com/gitleaks/gitleaks 8.30.1", compared: "2026-11-29" };
/// The prefix that the provider made to be recognised by, as it is commonly known: no page of the provider was compared.
static PREFIX: Source = Source { name: "the provider's prefix, as it is commonly known", compared: "" };
static TAILSCALE: Source = Source { name: "https://tailscale.com/docs/reference/key-prefixes", compared: "2026-11-29" };
static BUILDKITE: Source =
    Source { name: "https://buildkite.com/docs/platform/security/tokens", compared: "2026-11-29" };
static RFC_7468: Source = Source { name: "https://www.rfc-editor.org/rfc/rfc7468", compared: "" };
static RFC_7519: Source = Source { name: "https://www.rfc-editor.org/rfc/rfc7519", compared: "" };

const fn row(
    name: &'static str,
    rule: &'static str,
    marks: &'static str,
    shape: &'static str,
    source: &'static Source,
) -> Provider {
    Provider { name, rule, marks, shape, source }
}

#[rustfmt::skip]
pub(super) static PROVIDERS: [Provider; 115] = [
    row("1Password", "onepassword-key", "A3-", r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}", &SCANNER),
    row("1Password service accounts", "onepassword-token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9+/_-]{100,}=*", &SCANNER),
    row("Adobe", "adobe-secret", "p8e-", r"\bp8e-[A-Za-z0-9_-]{32,}", &SCANNER),
    row("age", "age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{20,}", &SCANNER),
    row("Airtable", "airtable-token", "pat", r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}", &SCANNER),
    row("Alibaba Cloud", "alibaba-key", "LTAI", r"\bLTAI[A-Za-z0-9]{12,}", &SCANNER),
    row("Anthropic", "anthropic-key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,}", &SCANNER),
    row("Artifactory", "artifactory-token", "AKCp cmVmd", r"\b(?:AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{59,})", &SCANNER),
    row("Atlassian", "atlassian-token", "ATATT3 ATCTT3 ATBB", r"ATATT3[A-Za-z0-9_=-]{50,}|ATCTT3[A-Za-z0-9_=-]{50,}|ATBB[A-Za-z0-9_=-]{24,}", &PREFIX),
    row("Authress", "authress-key", "sc_ ext_ scauth_ authress_", r"\b[a-z]+_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,}", &SCANNER),
    row("AWS", "aws-access-key", "AKIA ASIA ABIA ACCA A3T", r"\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b", &SCANNER),
    row("AWS Bedrock", "aws-bedrock-key", "ABSK bedrock-api-key-", r"\b(?:ABSK[A-Za-z0-9+/]{100,}=*|bedrock-api-key-[A-Za-z0-9+/_-]{20,}=*)", &SCANNER),
    row("AWS sessions", "aws-session-token", "IQoJb3JpZ2lu", r"IQoJb3JpZ2lu[A-Za-z0-9+/]{40,}=*", &PREFIX),
    row("Azure AD", "azure-secret", "0Q~ 1Q~ 2Q~ 3Q~ 4Q~ 5Q~ 6Q~ 7Q~ 8Q~ 9Q~", r"..[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,}", &SCANNER),
    row("Azure DevOps", "azure-devops-token", "AZDO", r"..[A-Za-z0-9]{60,}AZDO[A-Za-z0-9]{4}", &PREFIX),
    row("Azure storage", "azure-storage-key", "+ASt", r"..[A-Za-z0-9+/]{70,}\+ASt[A-Za-z0-9+/]{4,}==", &PREFIX),
    row("Brevo", "brevo-key", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16,}", &SCANNER),
    row("Buildkite", "buildkite-token", "bkua_ bkaa_ bkaj_ bkct_ bkat_ bkcq_ bkps_ bkpi_ bkpt_ bkrt_", r"\bbk[a-z]{2}_[A-Za-z0-9_-]{32,}", &BUILDKITE),
    row("CircleCI", "circleci-token", "CCIPAT_ CCIPRJ_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{16,}_[a-f0-9]{40}", &PREFIX),
    row("ClickHouse Cloud", "clickhouse-key", "4b1d", r"\b4b1d[A-Za-z0-9]{38}\b", &SCANNER),
    row("Clojars", "clojars-token", "CLOJARS_", r"CLOJARS_[A-Za-z0-9]{60}", &SCANNER),
    row("Cloudflare", "cloudflare-key", "v1.0-", r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{100,}", &SCANNER),
    row("Cloudflare tokens", "cloudflare-key", "cfut_ cfat_ cfk_", r"\bcf(?:ut|at|k)_[A-Za-z0-9_-]{37,}", &PREFIX),
    row("Contentful", "contentful-token", "CFPAT-", r"CFPAT-[A-Za-z0-9_-]{40,}", &PREFIX),
    row("crates.io", "crates-io-token", "cio", r"\bcio[A-Za-z0-9]{32}\b", &PREFIX),
    row("Databricks", "databricks-token", "dapi", r"\bdapi[a-f0-9]{32}(?:-[0-9])?\b", &SCANNER),
    row("DigitalOcean", "digitalocean-token", "doo_v1_ dop_v1_ dor_v1_", r"do[opr]_v1_[A-Fa-f0-9]{64}", &SCANNER),
    row("Discord bots", "discord-token", "MT Mj Mz MD ND NT Nj Nz OD OT", r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}", &PREFIX),
    row("Discord webhooks", "discord-webhook", "discord.com/api/webhooks/ discordapp.com/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{8,}", &PREFIX),
    row("Docker", "docker-token", "dckr_", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", &PREFIX),
    row("Docker configuration in base64", "docker-config", "eyJhdXRocyI6", r"eyJhdXRocyI6[A-Za-z0-9+/]{20,}=*", &PREFIX),
    row("Doppler", "doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"dp\.[a-z]+\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}", &SCANNER),
    row("Dropbox", "dropbox-token", "sl.", r"\bsl\.(?:u\.)?[A-Za-z0-9_-]{100,}", &PREFIX),
    row("Duffel", "duffel-token", "duffel_", r"duffel_(?:test|live)_[A-Za-z0-9_=-]{40,}", &SCANNER),
    row("Dynatrace", "dynatrace-token", "dt0", r"\bdt0[a-z][0-9]{2}\.[A-Za-z0-9]{8,}\.[A-Za-z0-9]{64}", &SCANNER),
    row("EasyPost", "easypost-key", "EZAK EZTK", r"\bEZ[AT]K[A-Za-z0-9]{54}", &SCANNER),
    row("ElevenLabs", "elevenlabs-key", "sk_", r"\bsk_[a-f0-9]{48}\b", &PREFIX),
    row("Facebook apps", "facebook-token", "0| 1| 2| 3| 4| 5| 6| 7| 8| 9| 0% 1% 2% 3% 4% 5% 6% 7% 8% 9%", r"..\b[0-9]{15,16}[|%][A-Za-z0-9_-]{27,40}", &SCANNER),
    row("Facebook", "facebook-token", "EAAM EAAC EAAB EAAG EAAD EAAE EAAF EAAJ", r"\bEAA[A-Z][A-Za-z0-9]{80,}", &SCANNER),
    row("Figma", "figma-token", "figd_ figu_ figo_", r"fig[duo]_[A-Za-z0-9_-]{30,}", &PREFIX),
    row("Fireworks AI", "fireworks-key", "fw_", r"\bfw_[A-Za-z0-9]{22,24}\b", &PREFIX),
    row("Flutterwave", "flutterwave-key", "FLWSECK FLWPUBK", r"FLW(?:SEC|PUB)K(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?", &SCANNER),
    row("Fly.io", "fly-token", "fo1_ fm1a_ fm1r_ fm2_", r"\b(?:fo1_[A-Za-z0-9_-]{43}|fm[12][ar]?_[A-Za-z0-9+/_-]{80,}=*)", &SCANNER),
    row("Frame.io", "frameio-token", "fio-u-", r"fio-u-[A-Za-z0-9_=-]{60,}", &SCANNER),
    row("GitHub", "github-token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}", &SCANNER),
    row("GitLab", "gitlab-token", "glpat- gldt- glptt- glrt- glrtr- glcbt- glsoat- glagent- gloas- glft- glffct- glimt- glwt- GR1348941", r"gl[a-z]{2,5}-[A-Za-z0-9_.-]{16,}|GR1348941[A-Za-z0-9_-]{16,}", &SCANNER),
    row("GitLab sessions", "gitlab-token", "_gitlab_session=", r"_gitlab_session=[0-9a-z]{32}", &SCANNER),
    row("Google keys", "google-key", "AIza", r"\bAIza[A-Za-z0-9_-]{30,}", &SCANNER),
    row("Google OAuth", "google-token", "ya29. 1//0", r"\b(?:ya29\.[A-Za-z0-9_.-]{16,}|1//0[A-Za-z0-9_-]{40,})", &PREFIX),
    row("Google OAuth clients", "google-secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{16,}", &PREFIX),
    row("Grafana", "grafana-token", "glc_ glsa_ eyJrIjoi", r"\b(?:gl(?:c|sa)_[A-Za-z0-9_+/=]{30,}|eyJrIjoi[A-Za-z0-9+/]{40,}=*)", &SCANNER),
    row("Groq", "groq-key", "gsk_", r"\bgsk_[A-Za-z0-9]{40,}", &PREFIX),
    row("Harness", "harness-key", "pat. sat.", r"\b[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}", &SCANNER),
    row("Heroku", "heroku-key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{36,}", &SCANNER),
    row("HubSpot", "hubspot-token", "pat-na1- pat-na2- pat-na3- pat-eu1- pat-eu2- pat-ap1-", r"\bpat-[a-z]{2}[0-9]-[a-f0-9]{8}-[a-f0-9-]{27}", &PREFIX),
    row("Hugging Face", "huggingface-token", "hf_ api_org_", r"\b(?:hf_|api_org_)[A-Za-z0-9]{30,}", &SCANNER),
    row("Infracost", "infracost-token", "ico-", r"\bico-[A-Za-z0-9]{32}\b", &SCANNER),
    row("Intra 42", "intra-secret", "s-s4t2ud- s-s4t2af-", r"\bs-s4t2(?:ud|af)-[A-Fa-f0-9]{64}", &SCANNER),
    row("JSON Web Tokens", "jwt", "ey", r"\b(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*|ey[A-Za-z0-9]{17,}\.ey[A-Za-z0-9/\\_-]{17,}(?:\.[A-Za-z0-9/\\_-]*=*)*)", &RFC_7519),
    row("JSON Web Tokens in base64", "jwt", "ZXlK", r"\bZXlK[A-Za-z0-9+/_-]{40,}=*", &RFC_7519),
    row("LangSmith", "langsmith-key", "lsv2_", r"\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", &PREFIX),
    row("Linear", "linear-key", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_[A-Za-z0-9]{30,}", &SCANNER),
    row("Mailchimp", "mailchimp-key", "-us1 -us2 -us3 -us4 -us5 -us6 -us7 -us8 -us9", r"..\b[a-f0-9]{32}-us[0-9]{1,2}\b", &SCANNER),
    row("Mailgun", "mailgun-key", "key-", r"\bkey-[0-9a-f]{32}\b", &SCANNER),
    row("MaxMind", "maxmind-key", "_mmk", r"..[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", &SCANNER),
    row("Microsoft Teams", "teams-webhook", "webhook.office.com/", r"webhook\.office\.com/[A-Za-z0-9@/_-]{8,}", &SCANNER),
    row("Neon", "neon-key", "napi_", r"\bnapi_[A-Za-z0-9]{40,}", &PREFIX),
    row("Netlify", "netlify-token", "nfp_ nfc_ nfo_ nfu_ nfb_", r"\bnf[pcoub]_[A-Za-z0-9_]{36,}", &PREFIX),
    row("New Relic", "newrelic-key", "NRAK- NRII- NRAA- NRRA- NRSP- NRJS-", r"\bNR[A-Z]{2}-[A-Za-z0-9_-]{19,}", &SCANNER),
    row("New Relic licenses", "newrelic-key", "NRAL", r"..\b[a-z0-9]{30,40}NRAL\b", &PREFIX),
    row("Notion", "notion-token", "ntn_", r"\bntn_[A-Za-z0-9]{40,}", &SCANNER),
    row("Notion (before 2024)", "notion-token", "secret_", r"\bsecret_[A-Za-z0-9]{43}\b", &PREFIX),
    row("npm", "npm-token", "npm_", r"\bnpm_[A-Za-z0-9]{30,}", &SCANNER),
    row("Octopus Deploy", "octopus-key", "API-", r"\bAPI-[A-Z0-9]{26}\b", &SCANNER),
    row("OpenAI", "openai-key", "sk-", r"\bsk-[A-Za-z0-9_-]{20,}", &SCANNER),
    row("OpenShift", "openshift-token", "sha256~", r"\bsha256~[A-Za-z0-9_-]{43}", &SCANNER),
    row("Perplexity", "perplexity-key", "pplx-", r"\bpplx-[A-Za-z0-9]{40,}", &SCANNER),
    row("Pinecone", "pinecone-key", "pcsk_", r"\bpcsk_[A-Za-z0-9_]{40,}", &PREFIX),
    row("PlanetScale", "planetscale-token", "pscale_", r"\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_=.-]{32,}", &SCANNER),
    row("PostHog", "posthog-key", "phx_", r"\bphx_[A-Za-z0-9]{40,}", &PREFIX),
    row("Postman", "postman-key", "PMAK-", r"\bPMAK-[A-Fa-f0-9]{24}-[A-Fa-f0-9]{34}", &SCANNER),
    row("Prefect", "prefect-token", "pnu_", r"\bpnu_[A-Za-z0-9]{36}", &SCANNER),
    row("Private keys in base64", "private-key", "LS0tLS1CRUdJTi", r"LS0tLS1CRUdJTi(?:BQUklW|BSU0E|BFQy|BPUEVO|BFTkNS|BEU0E|BQR1Ag)[A-Za-z0-9+/=]{16,}(?:\s+[A-Za-z0-9+/=]{48,76})*", &RFC_7468),
    row("Pulumi", "pulumi-token", "pul-", r"\bpul-[a-f0-9]{40}", &SCANNER),
    row("PyPI", "pypi-token", "pypi-", r"\bpypi-[A-Za-z0-9_-]{30,}", &SCANNER),
    row("ReadMe", "readme-key", "rdme_", r"\brdme_[a-z0-9]{60,}", &SCANNER),
    row("Render", "render-key", "rnd_", r"\brnd_[A-Za-z0-9]{28,}", &PREFIX),
    row("Replicate", "replicate-token", "r8_", r"\br8_[A-Za-z0-9]{37,}", &PREFIX),
    row("Resend", "resend-key", "re_", r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b", &PREFIX),
    row("RubyGems", "rubygems-key", "rubygems_", r"\brubygems_[a-f0-9]{48}", &SCANNER),
    row("Salesforce", "salesforce-token", "00D", r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,}", &PREFIX),
    row("Scalingo", "scalingo-token", "tk-us-", r"\btk-us-[A-Za-z0-9_-]{48}", &SCANNER),
    row("SendGrid", "sendgrid-key", "SG.", r"\bSG\.(?:[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|[A-Za-z0-9=_.-]{66})", &SCANNER),
    row("Sentry", "sentry-token", "sntrys_ sntryu_", r"\bsntry(?:s_eyJ[A-Za-z0-9+/=_-]{60,}|u_[a-f0-9]{64})", &SCANNER),
    row("SettleMint", "settlemint-token", "sm_aat_ sm_pat_ sm_sat_", r"\bsm_[aps]at_[A-Za-z0-9]{16,}", &SCANNER),
    row("Shippo", "shippo-token", "shippo_", r"\bshippo_(?:live|test)_[A-Fa-f0-9]{40}", &SCANNER),
    row("Shopify", "shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}", &SCANNER),
    row("Slack", "slack-token", "xoxa- xoxb- xoxc- xoxd- xoxe xoxo- xoxp- xoxr- xoxs-", r"xox[abcdeoprs][.-][A-Za-z0-9.%/+=_-]{8,}", &SCANNER),
    row("Slack apps", "slack-token", "xapp-", r"xapp-[A-Za-z0-9-]{10,}", &SCANNER),
    row("Slack webhooks", "slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{8,}", &SCANNER),
    row("SonarQube", "sonar-token", "sqp_ squ_ sqa_ sqb_", r"\bsq[puab]_[a-f0-9]{40}", &PREFIX),
    row("Sourcegraph", "sourcegraph-token", "sgp_", r"\bsgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}", &SCANNER),
    row("Square", "square-token", "EAAA sq0", r"\b(?:EAAA|sq0[a-z]{3}-)[A-Za-z0-9_-]{22,}", &SCANNER),
    row("Stripe", "stripe-key", "sk_ rk_ pk_", r"\b(?:[rsp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|sk_org_(?:live|test)_[A-Za-z0-9]{10,})", &SCANNER),
    row("Stripe webhooks", "stripe-key", "whsec_", r"whsec_[A-Za-z0-9+/=]{16,}", &PREFIX),
    row("Supabase", "supabase-key", "sbp_ sb_secret_", r"\b(?:sbp_[A-Za-z0-9_]{36,}|sb_secret_[A-Za-z0-9_-]{20,})", &PREFIX),
    row("Tailscale", "tailscale-key", "tskey-", r"\btskey-[a-z]+-[A-Za-z0-9]{8,}(?:-[A-Za-z0-9]{10,})?", &TAILSCALE),
    row("Telegram", "telegram-token", ":A", r"..\b[0-9]{5,16}:A[A-Za-z0-9_-]{32,}", &SCANNER),
    row("Terraform Cloud", "terraform-token", ".atlasv1.", r"..[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}", &SCANNER),
    row("Twilio", "twilio-key", "SK", r"\bSK[0-9a-fA-F]{32}\b", &SCANNER),
    row("Typeform", "typeform-token", "tfp_", r"\btfp_[A-Za-z0-9_=.-]{40,}", &SCANNER),
    row("Vault", "vault-token", "hvs. hvb. hvr.", r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}", &SCANNER),
    row("Vault before 1.10", "vault-token", "s.", r"\bs\.[A-Za-z]{0,12}[0-9][A-Za-z0-9]{11,23}\b", &SCANNER),
    row("Vercel Blob", "vercel-token", "vercel_blob_rw_", r"\bvercel_blob_rw_[A-Za-z0-9]{12,}_[A-Za-z0-9]{20,}", &PREFIX),
    row("xAI", "xai-key", "xai-", r"\bxai-[A-Za-z0-9]{60,}", &PREFIX),
];
