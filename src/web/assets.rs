//! The static files of the pages: stylesheet, script, icon.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::plain;

/// An embedded file.
#[derive(Debug)]
pub(super) struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
}

pub(super) static STYLE: Asset = Asset {
    name: "style.css",
    kind: "text/css; charset=utf-8",
    content: concat!(include_str!("assets/style.css"), include_str!("assets/origin.css")),
};
pub(super) static SCRIPT: Asset = Asset {
    name: "script.js",
    kind: "text/javascript; charset=utf-8",
    content: include_str!("assets/script.js"),
};
pub(super) static ICON: Asset =
    Asset { name: "icon.svg", kind: "image/svg+xml", content: include_str!("assets/icon.svg") };

impl Asset {
    /// Returns the path, which changes with the content, so that browsers may cache it permanently.
    pub(super) fn path(&self) -> String {
        format!("/assets/{}?{}", self.name, self.version())
    }

    fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.content.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// Responds with the file of that name.
pub(super) async fn respond(Path(name): Path<String>, RawQuery(version): RawQuery) -> Response {
    let all = [&STYLE, &SCRIPT, &ICON];
    let Some(asset) = all.into_iter().find(|asset| asset.name == name) else {
        return plain(StatusCode::NOT_FOUND, "file not found\n");
    };
    // During an update, a page of one process may name a version that another process receives.
    let is_this = version.as_deref() == Some(&*asset.version());
    let keep = if is_this { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, keep),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.content).into_response()
}
