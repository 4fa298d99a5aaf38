//! Response compression: gzip or identity.
//!
//! Every block of a body is compressed independently, so that no connection holds the state of an
//! encoder (a third of a mebibyte) while its client does not read.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use hyper::body::{Body as _, Frame};

use super::pieces::PIECE;
use super::plain;

/// Compresses a response for a client that accepts gzip; rejects a request that accepts neither
/// gzip nor identity.
pub(super) async fn encode(request: Request, next: Next) -> Response {
    let accepted = Accepted::of(request.headers());
    if !accepted.gzip && !accepted.identity {
        let text = "Accept-Encoding excludes gzip and identity; allow one of them\n";
        return with_vary(plain(StatusCode::NOT_ACCEPTABLE, text));
    }
    let response = next.run(request).await;
    let is_tiny = response.body().size_hint().upper().is_some_and(|size| size < WORTH_IT);
    let is_encoded = response.headers().contains_key(header::CONTENT_ENCODING);
    if !accepted.gzip || is_encoded || is_tiny && accepted.identity {
        return with_vary(response);
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    with_vary((parts, Body::new(Gzip::new(body))).into_response())
}

fn with_vary(mut response: Response) -> Response {
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    response
}

/// The encodings that `Accept-Encoding` allows (RFC 9110, 12.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Accepted {
    /// Accepted, and not less preferred than identity.
    gzip: bool,
    identity: bool,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let (mut gzip, mut identity, mut any) = (None, None, None);
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        for coding in values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')) {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = match parameters.trim().split_once('=') {
                Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
                    weight.trim().parse().unwrap_or(0.0)
                }
                _ => 1.0_f32,
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight),
                "identity" => identity = Some(weight),
                "*" => any = Some(weight),
                _ => {}
            }
        }
        let gzip = gzip.or(any).unwrap_or(0.0);
        let preferred = identity.is_none_or(|identity| gzip >= identity);
        let identity = identity.or_else(|| any.filter(|any| *any == 0.0)).is_none_or(|q| q > 0.0);
        Self { gzip: gzip > 0.0 && preferred, identity }
    }
}

/// A body as one gzip member (RFC 1952).
struct Gzip {
    body: Body,
    /// The rest of a frame that is larger than a block, such as an embedded file.
    rest: Bytes,
    sum: Crc,
    /// The header, until it is sent.
    begin: Vec<u8>,
    has_ended: bool,
}

impl Gzip {
    fn new(body: Body) -> Self {
        let begin = HEADER.to_vec();
        Self { body, rest: Bytes::new(), sum: Crc::new(), begin, has_ended: false }
    }

    /// Returns the next block of the body; an empty one at its end. A block ends early if another
    /// piece of a page might not fit, so that nothing else is buffered.
    fn poll_block(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, axum::Error>> {
        let mut block = Vec::new();
        loop {
            let taken = self.rest.split_to(self.rest.len().min(BLOCK - block.len()));
            block.extend_from_slice(&taken);
            if block.len() > BLOCK - 2 * PIECE {
                return Poll::Ready(Ok(block));
            }
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(frame)) => self.rest = frame?.into_data().unwrap_or_default(),
                Poll::Ready(None) => return Poll::Ready(Ok(block)),
                Poll::Pending if block.is_empty() => return Poll::Pending,
                Poll::Pending => return Poll::Ready(Ok(block)),
            }
        }
    }
}

impl hyper::body::Body for Gzip {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let block = ready!(self.poll_block(context))?;
        self.sum.update(&block);
        let begin = std::mem::take(&mut self.begin);
        let mut piece = compress(&block, begin).map_err(axum::Error::new)?;
        if block.is_empty() {
            self.has_ended = true;
            piece.extend_from_slice(&self.sum.sum().to_le_bytes());
            piece.extend_from_slice(&self.sum.amount().to_le_bytes());
        }
        piece.shrink_to_fit();
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended
    }
}

/// Returns `begin` and behind it `block`, compressed independently of earlier blocks.
fn compress(block: &[u8], begin: Vec<u8>) -> io::Result<Vec<u8>> {
    let idle = || ENCODERS.lock().unwrap_or_else(PoisonError::into_inner);
    let encoder = idle().pop();
    let mut encoder =
        encoder.unwrap_or_else(|| DeflateEncoder::new(Vec::new(), Compression::fast()));
    // Ends what an earlier block began; nothing reads the rest of it.
    encoder.reset(begin)?;
    encoder.write_all(block)?;
    // The end of the body ends the compressed data, too.
    if block.is_empty() {
        encoder.try_finish()?;
    } else {
        encoder.flush()?;
    }
    let piece = std::mem::take(encoder.get_mut());
    let mut idle = idle();
    if idle.len() < ENCODERS_KEPT {
        idle.push(encoder);
    }
    Ok(piece)
}

static ENCODERS: Mutex<Vec<DeflateEncoder<Vec<u8>>>> = Mutex::new(Vec::new());
const ENCODERS_KEPT: usize = 2;
/// No file name, no time, created on Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// The window of deflate, so metrics compress as well as in one piece.
const BLOCK: usize = 32 * 1024;
/// In bytes; below that, the header costs more than compression saves.
const WORTH_IT: u64 = 128;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::Body;
    use flate2::read::GzDecoder;

    use super::{BLOCK, Gzip, PIECE};

    #[tokio::test]
    async fn a_block_holds_no_more_than_is_compressed() {
        // No frame is requested while another is buffered.
        let frame = bytes::Bytes::from(vec![0; 2 * PIECE - 1]);
        let frames =
            futures_util::stream::iter(vec![frame; 9].into_iter().map(Ok::<_, axum::Error>));
        let mut gzip = Gzip::new(Body::from_stream(frames));
        let mut sizes = Vec::new();
        loop {
            let block = std::future::poll_fn(|context| gzip.poll_block(context)).await.unwrap();
            assert!(gzip.rest.is_empty() && block.len() <= BLOCK);
            if block.is_empty() {
                break;
            }
            sizes.push(block.len());
        }
        assert_eq!(sizes.iter().sum::<usize>(), 9 * (2 * PIECE - 1));
    }

    #[tokio::test]
    async fn what_is_compressed_reads_the_same() {
        let noise = |length: usize| -> Vec<u8> {
            let next =
                |seed: &u64| Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            let seeds = std::iter::successors(Some(length as u64), next);
            seeds.map(|seed| (seed >> 33) as u8).take(length).collect()
        };
        for length in [0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 1_000_000] {
            for body in [noise(length), "abcdefgh".repeat(length / 8).into_bytes()] {
                let gzip = Body::new(Gzip::new(Body::from(body.clone())));
                let compressed = axum::body::to_bytes(gzip, usize::MAX).await.unwrap();
                let mut read = Vec::new();
                GzDecoder::new(&compressed[..]).read_to_end(&mut read).unwrap();
                assert!(read == body, "{length}");
            }
        }
    }
}
