//! Response bodies that are generated only as fast as the client reads them.
//!
//! A connection never holds more than one unread piece of a body, whatever the size of the page.
//! Additional buffer space is shared by all connections and bounded in total. It only saves work:
//! slow clients that use it up do not delay others.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::chain::printable_lines;
use crate::limits::memory_limit;

/// A part of a page, in reading order.
pub(super) enum Part {
    Text(Bytes),
    /// Text of any size. It is rendered when the client gets there, and again for every piece if
    /// there is no space to keep it, so rendering must be repeatable.
    Render(Box<dyn Fn() -> String + Send>),
}

impl Part {
    pub(super) fn render(render: impl Fn() -> String + Send + 'static) -> Self {
        Self::Render(Box::new(render))
    }

    /// Escapes characters that could change how the text is displayed.
    pub(super) fn printable(self) -> Self {
        let printable = |text: &str| printable_lines(text).into_owned();
        match self {
            Self::Text(text) => Self::from(printable(&String::from_utf8_lossy(&text))),
            Self::Render(render) => Self::render(move || printable(&render())),
        }
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// Returns the body that consists of `parts`.
pub(super) fn body(parts: impl Iterator<Item = Part> + Send + 'static) -> Body {
    let room = Arc::clone(&ROOM);
    let pieces = Pieces { parts, room, text: Vec::new(), kept: None, again: None };
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}

/// Returns the body that consists of texts of about [`PIECE`].
pub(super) fn body_of_pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}

/// Returns the body of one text; without free buffer space, only a piece is held at a time.
pub(super) fn rendered(render: impl Fn() -> String + Send + 'static) -> Body {
    body(std::iter::once(Part::render(render)))
}

/// Returns how many bytes of responses may wait for slow clients, over all connections and
/// including the operating system's buffers.
pub(super) fn waiting_bytes() -> usize {
    let share = memory_limit().map_or(u64::MAX, |limit| limit / 8);
    usize::try_from(share).unwrap_or(usize::MAX).min(MOST_WAITING)
}

/// The buffer for texts larger than a piece until they are read: an eighth of the waiting bytes.
/// The rest is for the pieces that connections hold and for the operating system's buffers.
static ROOM: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(waiting_bytes() / 8)));

/// The parts, cut into pieces of [`PIECE`] to twice that size.
struct Pieces<I> {
    parts: I,
    /// The number of bytes that may be kept, over all bodies.
    room: Arc<Semaphore>,
    /// Read next; shorter than a piece.
    text: Vec<u8>,
    /// Read after `text`.
    kept: Option<(Bytes, Option<OwnedSemaphorePermit>)>,
    /// Read after `text`, starting at this byte.
    again: Option<(Box<dyn Fn() -> String + Send>, usize)>,
}

impl<I: Iterator<Item = Part>> Iterator for Pieces<I> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        while self.text.len() < PIECE {
            let free = PIECE - self.text.len();
            if let Some((kept, _)) = &mut self.kept {
                let piece = kept.split_to(free.min(kept.len()));
                self.text.extend_from_slice(&piece);
                if kept.is_empty() {
                    self.kept = None;
                }
            } else if let Some((render, read)) = self.again.take() {
                let text = render();
                let rest = text.as_bytes().get(read..).unwrap_or_default();
                let (piece, rest) = rest.split_at(free.min(rest.len()));
                self.text.extend_from_slice(piece);
                self.again = (!rest.is_empty()).then(|| (render, read + piece.len()));
            } else {
                match self.parts.next() {
                    Some(Part::Text(text)) => self.take(text, None),
                    Some(Part::Render(render)) => self.take(render().into(), Some(render)),
                    None => break,
                }
            }
        }
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then(|| Bytes::from(text))
    }
}

impl<I> Pieces<I> {
    fn take(&mut self, text: Bytes, render: Option<Box<dyn Fn() -> String + Send>>) {
        if text.len() <= PIECE {
            self.text.extend_from_slice(&text);
            return;
        }
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok();
        match (permit, render) {
            (None, Some(render)) => self.again = Some((render, 0)),
            // A text that cannot be rendered again is the frame of a page or one object of JSON.
            (permit, _) => self.kept = Some((text, permit)),
        }
    }
}

/// Large enough that the overhead per piece is negligible, small enough that every connection may
/// hold one.
pub(super) const PIECE: usize = 8 * 1024;
/// For all responses, if there is no memory limit.
const MOST_WAITING: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use tokio::sync::Semaphore;

    use super::{PIECE, Part, Pieces};

    fn pieces<I: Iterator<Item = Part>>(parts: I, room: &Arc<Semaphore>) -> Pieces<I> {
        Pieces { parts, room: Arc::clone(room), text: Vec::new(), kept: None, again: None }
    }

    fn large() -> String {
        (0..20_000).map(|number| format!("{number}é ")).collect()
    }

    #[test]
    fn parts_of_any_size_come_whole_and_in_pieces() {
        for (room, large_part) in [
            (0, Part::render(large)),
            (10 << 20, Part::render(large)),
            (0, Part::from(large())),
            (10 << 20, Part::from(large())),
        ] {
            let room = Arc::new(Semaphore::new(room));
            let free = room.available_permits();
            let small = |number: usize| Part::from(format!("<{number}>"));
            let parts = (0..5000).map(small).chain([large_part]).chain((0..9).map(small));
            let mut body = Vec::new();
            for piece in pieces(parts, &room) {
                assert!(piece.len() < 2 * PIECE, "{}", piece.len());
                body.extend_from_slice(&piece);
            }
            let text = |range: std::ops::Range<usize>| -> String {
                range.map(|number| format!("<{number}>")).collect()
            };
            assert!(body == (text(0..5000) + &large() + &text(0..9)).into_bytes());
            assert_eq!(room.available_permits(), free, "all permits are returned");
        }
    }

    #[test]
    fn a_text_is_rendered_once_more_only_when_the_room_is_used_up() {
        let rendered = Arc::new(AtomicUsize::new(0));
        let part = || {
            let rendered = Arc::clone(&rendered);
            std::iter::once(Part::render(move || {
                rendered.fetch_add(1, Ordering::Relaxed);
                large()
            }))
        };
        let room = Arc::new(Semaphore::new(large().len()));
        let mut first = pieces(part(), &room);
        let begin: Bytes = first.next().unwrap();
        assert_eq!(room.available_permits(), 0);
        let second: usize = pieces(part(), &room).map(|piece| piece.len()).sum();
        assert_eq!(second, large().len());
        assert!(rendered.swap(0, Ordering::Relaxed) > large().len() / PIECE);
        assert_eq!(begin.len() + first.map(|piece| piece.len()).sum::<usize>(), large().len());
        assert_eq!(rendered.load(Ordering::Relaxed), 0);
        assert_eq!(room.available_permits(), large().len());
    }
}
