//! What all pages have in common: the frame, the way around, the headers.
//!
//! The stylesheet and the script are files of their own, so that the policy can refuse everything
//! inline: a page has no `style` attribute and no `on…` attribute; an SVG in it is drawn with
//! presentation attributes and classes. What the script does is asked for by attributes:
//!
//! | attribute | what it does |
//! |---|---|
//! | `data-refresh="15"` on elements with an id | they are fetched anew every so many seconds, as long as the reader looks and does not pause it with the button `#pause` |
//! | `data-live` on a GET form | the form is sent while the reader fills it in, and the elements above are replaced, not the page |
//! | `data-copy="ID"` on a hidden button | the button is shown, and copies the text of the element with that id |

use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use maud::DOCTYPE;
use maud::Markup;
use maud::html;

use crate::report::NOT_COVERED;

use super::assets;
use super::pieces;
use super::pieces::Part;

/// Where in the whole a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Origins,
    Rules,
}

/// Returns a whole page: `title` is its heading, too.
pub(super) fn page(place: Place, title: &str, content: Markup) -> Markup {
    framed(place, title, html! { h1 { (title) } (content) })
}

/// Returns a whole page whose content has a heading of its own.
pub(super) fn framed(place: Place, title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · origin-probe" }
                link rel="icon" type="image/svg+xml" href=(assets::ICON.path());
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::SCRIPT.path()) defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header.top {
                    a.mark href="/" { "origin-probe" }
                    nav aria-label="Pages" {
                        (way("/", "Origins", place == Place::Origins))
                        (way("/rules", "Rules", place == Place::Rules))
                        (way("/config", "Configuration", false))
                        (way("/metrics", "Metrics", false))
                        (way("/api/v1/openapi.json", "API", false))
                    }
                }
                main #content tabindex="-1" { (content) }
                footer.bottom { "origin-probe " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

fn way(to: &str, name: &str, is_here: bool) -> Markup {
    html! { a href=(to) aria-current=[is_here.then_some("true")] { (name) } }
}

/// Returns the answer that carries a page, which may be rendered several times and must be the
/// same each time.
pub(super) fn respond(page: impl Fn() -> Markup + Send + 'static) -> Response {
    respond_with(StatusCode::OK, page)
}

/// Returns the answer that carries such a page with a status of its own.
pub(super) fn respond_with(
    status: StatusCode,
    page: impl Fn() -> Markup + Send + 'static,
) -> Response {
    respond_in_parts(status, std::iter::once(Part::render(move || page().into_string())))
}

/// Returns the answer that carries the parts of a page.
///
/// Names from outside are escaped here, whatever part of the page has them: markup has no
/// invisible characters of its own.
pub(super) fn respond_in_parts(
    status: StatusCode,
    parts: impl Iterator<Item = Part> + Send + 'static,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, pieces::body(parts.map(Part::printable))).into_response()
}

/// Nothing inline, nothing from elsewhere, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Returns what an answer does not cover.
pub(super) fn not_covered() -> Markup {
    html! { p.uncovered.small.quiet { (sentence_case(NOT_COVERED)) "." } }
}

fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
