//! Why a call of the API failed, in words that repeat nothing of what the other side said: that
//! may name accounts.

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudfront::config::http::HttpResponse;
use aws_sdk_cloudfront::error::ProvideErrorMetadata;
use aws_sdk_cloudfront::error::SdkError;

use crate::telemetry::ApiFault;
use crate::telemetry::Operation;

use super::answer::AnswerFault;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallFailure {
    pub(super) operation: Operation,
    pub(super) fault: ApiFault,
    /// Whether the answer held more than is read, so that a smaller page might do.
    pub(super) is_too_large: bool,
    /// What else is known; empty, or fit to be shown.
    detail: String,
}

impl CallFailure {
    /// Returns what an error of the SDK means.
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

    /// Returns the failure of an answer that contradicts itself.
    pub(super) fn malformed(operation: Operation, detail: String) -> Self {
        Self { operation, fault: ApiFault::Malformed, is_too_large: false, detail }
    }

    /// Tells whether the account's owner withholds the permission.
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
            ApiFault::Throttled => f.write_str("; the next refresh comes later"),
            ApiFault::ExpiredCredentials => f.write_str("; renew them, or correct the clock here"),
            ApiFault::NoCredentials => f.write_str(
                "; give the process a role (IRSA, EKS Pod Identity, instance profile), a profile, or \
                 the variables of the environment; a profile that signs on needs aws sso login",
            ),
            ApiFault::RefusedCredentials => {
                f.write_str("; AWS does not know them: see that they are of this partition")
            }
            ApiFault::TimedOut | ApiFault::Unreachable => {
                f.write_str("; see that the endpoint can be reached from here")
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

/// What the error codes mean (CloudFront API, `CommonErrors`; STS reference, `CommonErrors`).
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
        // Without a code the answer is no error of the API's, but somebody else's page.
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

/// Returns what it means where no credentials could be had, or no role be assumed.
fn of_credentials(error: &(dyn StdError + 'static)) -> Option<(ApiFault, String)> {
    let found = find::<CredentialsError>(error)?;
    // What STS said stands further down, in a type of a crate that is not ours to know.
    let mut text = String::new();
    let mut cause = Some(found as &(dyn StdError + 'static));
    while let Some(error) = cause {
        text.push_str(&format!("{error:?}"));
        cause = error.source();
    }
    let codes = [
        ("AccessDenied", ApiFault::AccessDenied, "sts:AssumeRole; see the role's trust policy"),
        ("ExpiredToken", ApiFault::ExpiredCredentials, "those that a role is assumed with"),
        ("InvalidClientTokenId", ApiFault::RefusedCredentials, "by STS"),
        ("SignatureDoesNotMatch", ApiFault::RefusedCredentials, "by STS"),
        ("InvalidIdentityToken", ApiFault::RefusedCredentials, "the web identity token"),
    ];
    if let Some((_, fault, detail)) = codes.into_iter().find(|(code, ..)| text.contains(code)) {
        return Some((fault, detail.to_owned()));
    }
    let detail = match found {
        CredentialsError::CredentialsNotLoaded(_) => "none are given",
        CredentialsError::ProviderTimedOut(_) => "their provider did not answer in time",
        CredentialsError::InvalidConfiguration(_) => {
            "the shared AWS files or the environment are not valid"
        }
        _ => "their provider failed",
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
