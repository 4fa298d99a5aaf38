//! Failures of API calls. Messages never contain text from responses, which may include account
//! data.

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudfront::config::http::HttpResponse;
use aws_sdk_cloudfront::error::{ProvideErrorMetadata, SdkError};

use crate::telemetry::{ApiFault, Operation};

use super::answer::AnswerFault;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallFailure {
    pub(super) operation: Operation,
    pub(super) fault: ApiFault,
    /// Whether the response exceeded a limit, so that a smaller page might work.
    pub(super) is_too_large: bool,
    /// Details for display; may be empty.
    detail: String,
}

impl CallFailure {
    /// Returns the failure for an error of the SDK.
    pub(super) fn of<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let (fault, detail) = classify(error);
        let is_too_large = matches!(
            find::<AnswerFault>(error),
            Some(AnswerFault::TooLarge | AnswerFault::TooMany { .. })
        );
        Self { operation, fault, is_too_large, detail }
    }

    /// Returns the failure for an inconsistent response.
    pub(super) fn malformed(operation: Operation, detail: String) -> Self {
        Self { operation, fault: ApiFault::Malformed, is_too_large: false, detail }
    }

    /// Returns whether the permission is missing.
    pub(super) fn is_denied(&self) -> bool {
        self.fault == ApiFault::AccessDenied
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.as_str();
        write!(f, "{operation}: {}", self.fault.as_str())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        match self.fault {
            ApiFault::AccessDenied if self.detail.is_empty() => {
                write!(f, "; allow the action cloudfront:{operation}")
            }
            ApiFault::AccessDenied => Ok(()),
            ApiFault::Throttled => f.write_str("; the next refresh is delayed"),
            ApiFault::ExpiredCredentials => {
                f.write_str("; renew the credentials or correct the clock of this machine")
            }
            ApiFault::NoCredentials => f.write_str(
                "; provide a role (IRSA, EKS Pod Identity, instance profile), a profile or \
                 environment variables; an SSO profile requires `aws sso login`",
            ),
            ApiFault::RefusedCredentials => {
                f.write_str("; use credentials of the configured AWS partition")
            }
            ApiFault::TimedOut | ApiFault::Unreachable => {
                f.write_str("; check that the endpoint is reachable from this machine")
            }
            ApiFault::Malformed | ApiFault::ServerFault | ApiFault::Refused => Ok(()),
        }
    }
}

fn classify<E>(error: &SdkError<E, HttpResponse>) -> (ApiFault, String)
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let Some(fault) = of_credentials(error) {
        return fault;
    }
    let plain = |fault| (fault, String::new());
    if let Some(fault) = find::<AnswerFault>(error) {
        return (ApiFault::Malformed, fault.to_string());
    }
    match error {
        SdkError::TimeoutError(_) => plain(ApiFault::TimedOut),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => plain(ApiFault::TimedOut),
        SdkError::DispatchFailure(_) => plain(ApiFault::Unreachable),
        SdkError::ResponseError(_) => plain(ApiFault::Malformed),
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            of_code(context.err().code().unwrap_or_default(), status)
        }
        _ => plain(ApiFault::Refused),
    }
}

/// Classifies an error code (CloudFront API, `CommonErrors`; STS reference, `CommonErrors`).
fn of_code(code: &str, status: u16) -> (ApiFault, String) {
    let fault = match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "BandwidthLimitExceeded"
        | "SlowDown" => ApiFault::Throttled,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            ApiFault::AccessDenied
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
            ApiFault::ExpiredCredentials
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => ApiFault::RefusedCredentials,
        _ if status == 429 => ApiFault::Throttled,
        // A response without a code is not from the API but, for example, from a proxy.
        "" if status < 500 => ApiFault::Malformed,
        _ if status >= 500 => ApiFault::ServerFault,
        _ => ApiFault::Refused,
    };
    match fault {
        ApiFault::ServerFault | ApiFault::Refused | ApiFault::Malformed => {
            let is_word = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let code: String = code.chars().take(LONGEST_CODE).collect();
            let code = if is_word { format!("{code}, ") } else { String::new() };
            (fault, format!("{code}status {status}"))
        }
        _ => (fault, String::new()),
    }
}

const LONGEST_CODE: usize = 64;

/// Classifies a failure to get credentials or to assume a role.
fn of_credentials(error: &(dyn StdError + 'static)) -> Option<(ApiFault, String)> {
    let found = find::<CredentialsError>(error)?;
    // The STS error code is deeper in the source chain, in a type that is not public.
    let mut text = String::new();
    let mut cause = Some(found as &(dyn StdError + 'static));
    while let Some(error) = cause {
        text.push_str(&format!("{error:?}"));
        cause = error.source();
    }
    let codes = [
        ("AccessDenied", ApiFault::AccessDenied, "sts:AssumeRole; check the role's trust policy"),
        ("ExpiredToken", ApiFault::ExpiredCredentials, "the credentials for assuming the role"),
        ("InvalidClientTokenId", ApiFault::RefusedCredentials, "by STS"),
        ("SignatureDoesNotMatch", ApiFault::RefusedCredentials, "by STS"),
        ("InvalidIdentityToken", ApiFault::RefusedCredentials, "the web identity token"),
    ];
    if let Some((_, fault, detail)) = codes.into_iter().find(|(code, ..)| text.contains(code)) {
        return Some((fault, detail.to_owned()));
    }
    let detail = match found {
        CredentialsError::CredentialsNotLoaded(_) => "none found",
        CredentialsError::ProviderTimedOut(_) => "credentials provider timed out",
        CredentialsError::InvalidConfiguration(_) => {
            "invalid shared AWS files or environment variables"
        }
        _ => "credentials provider failed",
    };
    Some((ApiFault::NoCredentials, detail.to_owned()))
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
