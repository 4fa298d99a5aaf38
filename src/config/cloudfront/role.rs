//! The role to assume in an account, and its external ID.

use crate::config::error_kind::ErrorKind;
use crate::config::scalar::{Secret, printable_text};
use crate::config::value::Scalar;

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `arn:aws:iam::123456789012:role/name`
    pub arn: Box<str>,
    pub external_id: Option<ExternalId>,
}

/// The external ID that the role's trust policy requires (IAM guide,
/// `id_roles_common-scenarios_third-party`). It is never displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalId(Secret);

impl ExternalId {
    /// Returns the secret text, to be sent to AWS only.
    pub fn expose(&self) -> &str {
        &self.0.0
    }
}

/// The syntax of an external ID is in the STS reference, `AssumeRole`, "ExternalId".
impl Scalar for ExternalId {
    const KIND: &'static str = Secret::KIND;
    const WANTED: &'static str = Secret::WANTED;

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let wanted = "a valid external ID; use 2 to 1224 letters, digits and _+=,.@:/-";
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
        match (2..=1_224).contains(&text.len()) && text.bytes().all(allowed) {
            true => Secret::parse(text).map(Self),
            false => Err(ErrorKind::MalformedSecret { wanted }),
        }
    }

    fn text(&self) -> String {
        self.0.text()
    }
}

/// The ARN of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleArn(pub(super) String);

impl Scalar for RoleArn {
    const VALID: &'static str = "an ARN such as arn:aws:iam::123456789012:role/origin-probe";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let text = printable_text(text)?;
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let is_role = match parts.as_slice() {
            ["arn", partition, "iam", "", account, role] => {
                partition.starts_with("aws")
                    && account.len() == 12
                    && account.bytes().all(|byte| byte.is_ascii_digit())
                    && role.len() > ROLE.len()
                    && role.starts_with(ROLE)
            }
            _ => false,
        };
        match is_role {
            true => Ok(Self(text.to_owned())),
            false => Err(Self::malformed(text, "a role ARN")),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

const ROLE: &str = "role/";
