//! Response bodies that are produced only as the client reads them.
//!
//! A connection never holds more than one piece of a body that its client has not read, whatever
//! the size of the page. Room beyond that is shared by all connections and bounded in total; it
//! only saves work, so that slow readers who use it up delay no other.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::LazyLock;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::limits::memory_limit;
use crate::report::printable_lines;

/// A part of a page, in the order in which parts are read.
pub(super) enum Part {
    Text(Bytes),
    /// A text of any size: it is rendered when the client gets there, and once more for every
    /// piece if there is no room to keep it. Each time it must be the same.
    Render(Box<dyn Fn() -> String + Send>),
}

impl Part {
    pub(super) fn render(render: impl Fn() -> String + Send + 'static) -> Self {
        Self::Render(Box::new(render))
    }

    /// Escapes what could change how the text is shown.
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

/// Returns the body of one text; only a piece is held if there is no room for more.
pub(super) fn rendered(render: impl Fn() -> String + Send + 'static) -> Body {
    body(std::iter::once(Part::render(render)))
}

/// Returns how many bytes of responses may wait for slow readers, over all connections, with those
/// that wait in the system's buffers.
pub(super) fn waiting_bytes() -> usize {
    let share = memory_limit().map_or(u64::MAX, |limit| limit / 8);
    usize::try_from(share).unwrap_or(usize::MAX).min(MOST_WAITING)
}

/// Texts larger than a piece that are kept until they are read: an eighth of what may wait. What
/// connections hold and what the system holds for them is the rest.
static ROOM: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(waiting_bytes() / 8)));

/// The parts cut into pieces of [`PIECE`] to twice as much.
struct Pieces<I> {
    parts: I,
    /// How many bytes may be kept, over all bodies.
    room: Arc<Semaphore>,
    /// Read next, less than a piece.
    text: Vec<u8>,
    /// Read after `text`.
    kept: Option<(Bytes, Option<OwnedSemaphorePermit>)>,
    /// Read after `text`, from this byte on.
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
            // A text that cannot be rendered once more is one of metrics, and only a little larger.
            (permit, _) => self.kept = Some((text, permit)),
        }
    }
}

/// Large enough that the cost of a piece does not count, small enough that every connection may
/// hold one.
pub(super) const PIECE: usize = 8 * 1024;
/// Of responses, without a memory limit.
const MOST_WAITING: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    use bytes::Bytes;
    use tokio::sync::Semaphore;

    use super::PIECE;
    use super::Part;
    use super::Pieces;

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
            assert_eq!(room.available_permits(), free, "everything is given back");
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
