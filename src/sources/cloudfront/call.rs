//! Counts API requests, and limits and validates responses.

use std::sync::Arc;

use aws_sdk_cloudfront::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_cloudfront::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_cloudfront::error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, LengthLimitError, Limited, StreamBody};

use crate::telemetry::{Operation, Telemetry};

use super::answer::{AnswerFault, LARGEST_ANSWER, check};

/// Counts every request of one operation, including retries, and validates every response.
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

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_success = context.response().status().is_success();
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(StreamBody::new(stream::once(checked(whole, is_success))));
        Ok(())
    }
}

/// Reads a response completely before the SDK does. Rejects responses over the size limit, even
/// without a content length, and validates successful ones.
async fn checked(body: SdkBody, is_success: bool) -> Result<Frame<Bytes>, BoxError> {
    let length = body.content_length().unwrap_or_default();
    if length > LARGEST_ANSWER as u64 {
        return Err(AnswerFault::TooLarge.into());
    }
    // One contiguous buffer, so that the SDK makes no copy.
    let mut bytes = Vec::with_capacity(length as usize);
    let mut limited = Limited::new(body, LARGEST_ANSWER);
    while let Some(frame) = limited.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => AnswerFault::TooLarge.into(),
            false => error,
        })?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    if is_success {
        check(&bytes)?;
    }
    Ok(Frame::data(bytes.into()))
}
