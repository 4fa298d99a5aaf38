//! The common parts of all pages: frame, navigation, headers.
//!
//! The stylesheet and the script are separate files, so that the content security policy can forbid
//! everything inline. A page has no `style` and no `on…` attribute; an SVG uses presentation
//! attributes and classes. Attributes request the functions of the script:
//!
//! | attribute | function |
//! |---|---|
//! | `data-refresh="15"` on elements with an id | reloads them every 15 seconds while the page is visible, unless the button `#pause` pauses it |
//! | `data-live` on a GET form | submits the form while the user fills it in, and replaces the elements above instead of the page |
//! | `data-copy="ID"` on a hidden button | shows the button, which copies the text of the element with that id |

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::report::NOT_COVERED;

use super::format::capital;
use super::pieces::Part;
use super::{assets, pieces};

/// The section of the site that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Origins,
    Rules,
}

/// Returns a whole page; `title` is also its heading.
pub(super) fn page(place: Place, title: &str, content: Markup) -> Markup {
    framed(place, title, html! { h1 { (title) } (content) })
}

/// Returns a whole page whose content has its own heading.
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

/// Returns the response with a page. The page may be rendered several times, so rendering must be
/// repeatable.
pub(super) fn respond(page: impl Fn() -> Markup + Send + 'static) -> Response {
    respond_with(StatusCode::OK, page)
}

/// Returns the response with such a page and another status.
pub(super) fn respond_with(
    status: StatusCode,
    page: impl Fn() -> Markup + Send + 'static,
) -> Response {
    respond_in_parts(status, std::iter::once(Part::render(move || page().into_string())))
}

/// Returns the response with the parts of a page.
///
/// Names from outside are escaped here, wherever they appear on the page; markup itself has no
/// invisible characters.
pub(super) fn respond_in_parts(
    status: StatusCode,
    parts: impl Iterator<Item = Part> + Send + 'static,
) -> Response {
    let headers =
        [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];
    let body = pieces::body(parts.map(Part::printable));
    (headers, super::respond(status, "text/html; charset=utf-8", body)).into_response()
}

/// No inline content, nothing from other sites, no embedding in frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Returns a table with these columns that scrolls sideways where the screen is narrow.
pub(super) fn table(class: &str, label: &str, columns: &[&str], rows: Markup) -> Markup {
    html! {
        div.wide.(class) tabindex="0" role="region" aria-label=(label) {
            table {
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Returns the causes of errors that a good verdict does not rule out.
pub(super) fn not_covered() -> Markup {
    html! { p.uncovered.small.quiet { (capital(NOT_COVERED)) "." } }
}
