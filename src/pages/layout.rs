//! What all pages have in common: the frame, the colours, the headers.

use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;

/// Returns a whole page.
pub(super) fn page(title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · origin-probe" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav {
                    strong { "origin-probe" }
                    a href="/" { "Origins" }
                    a href="/rules" { "Rules" }
                    a href="/metrics" { "Metrics" }
                    a href="/config" { "Configuration" }
                }
                h1 { (title) }
                (content)
            }
        }
    }
}

/// Returns the answer that carries a page.
pub(super) fn respond(page: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, page.into_string()).into_response()
}

/// No script, nothing from elsewhere, in nobody's frame; only the style above.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "
:root { color-scheme: light dark; --line: #ccc; --quiet: #555;
  --fails: #b00020; --undecided: #8a5a00; --answers: #1b6e2c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444; --quiet: #aaa; --fails: #ff8a8a; --undecided: #f0c060; --answers: #7fd08f; }
}
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; }
nav a { margin-left: 1rem; }
h1 { font-size: 1.4rem; }
.wide { overflow-x: auto; }
.refused { border-left: 4px solid var(--fails); padding-left: 1rem; }
.refused pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  border-bottom: 1px solid var(--line); }
p.cause { margin: 0 0 .4rem; min-width: 24rem; max-width: 60rem; overflow-wrap: anywhere; }
time { white-space: nowrap; }
p.quiet::first-letter { text-transform: uppercase; }
.quiet { color: var(--quiet); }
.fails { color: var(--fails); font-weight: 600; }
.undecided { color: var(--undecided); font-weight: 600; }
.answers { color: var(--answers); }
";
