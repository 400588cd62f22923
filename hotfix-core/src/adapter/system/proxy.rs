//! The proxy that a URL is asked by, as curl reads the environment: ureq would take one for every scheme, and compare the
//! hosts of `no_proxy` as a whole.

use ureq::Proxy;
use ureq::http::Uri;

/// The proxy for this URL; `None` where it is asked directly.
pub(super) fn of(url: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<Proxy>, ureq::Error> {
    let Ok(url) = url.parse::<Uri>() else { return Ok(None) };
    // `HTTP_PROXY` is left out: a web server sets it to what a stranger's request has as its header `Proxy`.
    let names: &[&str] = match url.scheme_str() {
        Some("https") => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        _ => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let Some(proxy) = names.iter().find_map(|name| environment(name)) else { return Ok(None) };
    let direct = ["no_proxy", "NO_PROXY"].iter().find_map(|name| environment(name)).unwrap_or_default();
    if is_direct(url.host().unwrap_or_default(), &direct) {
        return Ok(None);
    }
    Proxy::new(&proxy).map(Some)
}

/// Whether this host is asked directly: it, or a domain that it is in, is in the list.
fn is_direct(host: &str, list: &str) -> bool {
    // The list names addresses of IPv6 without their brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    list.split([',', ' ']).any(|entry| {
        // curl takes `.example.com` and `example.com` alike.
        let entry = entry.trim_start_matches('.').to_ascii_lowercase();
        let is_within = || host.strip_suffix(&entry).is_some_and(|rest| rest.ends_with('.'));
        !entry.is_empty() && (entry == "*" || entry == host || is_within())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, variables: &[(&str, &str)], expected: Option<&str>) {
        let environment =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let proxy = of(url, &environment).unwrap();
        let shown = proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        assert_eq!(shown.as_deref(), expected, "{url} {variables:?}");
    }

    #[test]
    fn each_scheme_has_its_own() {
        let both = [("http_proxy", "http://plain:1"), ("https_proxy", "http://me:secret@encrypted:2")];
        check("http://shop.example.com/health", &both, Some("plain:1"));
        check("https://shop.example.com/health", &both, Some("encrypted:2"));
        check("https://shop.example.com/health", &both[..1], None);
        check("http://shop.example.com/health", &[("HTTP_PROXY", "http://stranger:1")], None);
        check("http://shop.example.com/health", &[("ALL_PROXY", "all:3")], Some("all:3"));
        check("https://shop.example.com/health", &[], None);
    }

    #[test]
    fn a_host_in_no_proxy_is_asked_directly_and_all_below_it() {
        let by = |list: &str| is_direct("shop.example.com", list);
        assert!(by("example.com") && by("intern, .example.com") && by("SHOP.example.com") && by("*"));
        assert!(!by("") && !by("ample.com") && !by("example.org,") && !by("www.shop.example.com"));
        assert!(is_direct("[::1]", "::1") && is_direct("127.0.0.1", "localhost,127.0.0.1"));
        check("http://127.0.0.1:8080/", &[("all_proxy", "http://proxy:1"), ("no_proxy", "127.0.0.1")], None);
    }

    #[test]
    fn what_is_no_proxy_is_an_error() {
        let environment = |name: &str| (name == "all_proxy").then(|| "ftp://proxy".to_owned());
        assert!(matches!(of("http://shop/", &environment), Err(ureq::Error::InvalidProxyUrl)));
    }
}
