//! One call of the API: how long it may take, how it is counted, and what an answer may weigh.

use std::sync::Arc;

use aws_sdk_cloudfront::config::ConfigBag;
use aws_sdk_cloudfront::config::Intercept;
use aws_sdk_cloudfront::config::RuntimeComponents;
use aws_sdk_cloudfront::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_cloudfront::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_cloudfront::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_cloudfront::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_cloudfront::error::BoxError;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use thiserror::Error;

use crate::telemetry::Operation;
use crate::telemetry::Telemetry;

/// Counts every request of one operation, those that are tried again included, and refuses an
/// answer that says itself that it is too large.
#[derive(Debug)]
pub(super) struct Attempts {
    pub(super) operation: Operation,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.telemetry.api_called(self.operation);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response().body().content_length() {
            Some(bytes) if bytes > LARGEST_ANSWER as u64 => Err(AnswerFault::TooLarge.into()),
            _ => Ok(()),
        }
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // One that does not say how large it is ends there.
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, LARGEST_ANSWER));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response().body().bytes() {
            Some(body) if context.response().status().is_success() && !is_whole(body) => {
                Err(AnswerFault::NoEnd.into())
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong with an answer that the SDK would take.
#[derive(Debug, Error)]
pub(super) enum AnswerFault {
    #[error("the answer is larger than any of the API's")]
    TooLarge,
    #[error("the answer has no end")]
    NoEnd,
}

/// Tells whether a document ends as it begins. The SDK's reader takes what is there of one that is
/// cut short, and would lose origins without a word.
fn is_whole(document: &[u8]) -> bool {
    let mut starts = document.split(|byte| *byte == b'<').skip(1);
    let Some(first) = starts.find(|start| start.first().is_some_and(u8::is_ascii_alphabetic))
    else {
        return false;
    };
    let name = first.split(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
    let is_empty = first.trim_ascii_end().ends_with(b"/>") && starts.next().is_none();
    let end = document.trim_ascii_end().strip_suffix(b">");
    let end = end.and_then(|rest| rest.trim_ascii_end().strip_suffix(name));
    is_empty || end.is_some_and(|rest| rest.ends_with(b"</"))
}

/// A page of 100 distributions, each with 100 origins and 75 behaviors, is some 40 MB.
const LARGEST_ANSWER: usize = 128 << 20;

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_document_is_whole_that_ends_as_it_begins() {
        for (document, expected) in [
            ("<?xml version=\"1.0\"?>\n<!-- a --><A b=\"c\"><B/></A>\n", true),
            ("<A/>", true),
            ("<A><A></A>", true),
            ("<A><B/>", false),
            ("<A><B></B>", false),
            ("<A></A", false),
            ("<AA></A>", false),
            ("<?xml version=\"1.0\"?>", false),
            ("{}", false),
            ("", false),
        ] {
            assert_eq!(is_whole(document.as_bytes()), expected, "{document}");
        }
    }
}
