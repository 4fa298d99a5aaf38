//! JSON as a tree that holds only what is read from it: no custom header's value comes into it.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::Error as _;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;

use super::LARGEST;
use super::error::Problem;

/// Returns the documents that stand one after the other.
pub(super) fn documents(bytes: &[u8]) -> Result<Vec<Value>, Problem> {
    if bytes.len() > LARGEST {
        return Err(Problem::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let left = Cell::new(MOST_VALUES);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut documents = Vec::new();
    while json.end().is_err() {
        let document = Kept { left: &left }.deserialize(&mut json);
        documents.push(document.map_err(|error| match left.get() {
            0 => Problem::TooManyValues { limit: MOST_VALUES },
            _ => syntax(&error),
        })?);
    }
    if documents.is_empty() { Err(Problem::Empty) } else { Ok(documents) }
}

fn syntax(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let detail = text.rsplit_once(" at line ").map_or(&*text, |(detail, _)| detail).to_owned();
    Problem::Syntax { line: error.line(), column: error.column(), detail }
}

/// How many values are kept: the largest account has some three million.
const MOST_VALUES: usize = 4_000_000;

/// Keeps the values under known keys and counts them.
#[derive(Clone, Copy)]
struct Kept<'a> {
    left: &'a Cell<usize>,
}

impl Kept<'_> {
    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        let left = self.left.get().checked_sub(1).filter(|left| *left > 0);
        self.left.set(left.unwrap_or(0));
        left.map(drop).ok_or_else(|| E::custom("too many values"))
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if KEYS.binary_search(&key.as_str()).is_ok() {
                entries.insert(key, map.next_value_seed(self)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        // A document of nothing but unknown keys is still an object.
        if self.left.get() == 0 {
            Err(A::Error::custom("too many values"))
        } else {
            Ok(entries.into())
        }
    }
}

/// Every key that is read from, in alphabetical order. `CustomHeaders` is none of them.
const KEYS: [&str; 74] = [
    "Aliases",
    "AllowedMethods",
    "CacheBehaviors",
    "CachePolicy",
    "CachePolicyConfig",
    "CachePolicyId",
    "CachePolicyList",
    "ClientCertificateArn",
    "ConnectionAttempts",
    "ConnectionMode",
    "ConnectionTimeout",
    "CustomOriginConfig",
    "DefaultCacheBehavior",
    "DefaultValue",
    "Definition",
    "Distribution",
    "DistributionConfig",
    "DistributionConfigWithTags",
    "DistributionId",
    "DistributionIdList",
    "DistributionList",
    "DistributionTenant",
    "DistributionTenantList",
    "Domain",
    "DomainName",
    "Domains",
    "Enabled",
    "EventType",
    "FailoverCriteria",
    "ForwardedValues",
    "FunctionAssociations",
    "GrpcConfig",
    "HTTPSPort",
    "HeaderBehavior",
    "Headers",
    "HeadersConfig",
    "Id",
    "IpAddressType",
    "IsTruncated",
    "Items",
    "LambdaFunctionAssociations",
    "Members",
    "Name",
    "NextToken",
    "OriginAccessControlId",
    "OriginGroups",
    "OriginId",
    "OriginMtlsConfig",
    "OriginProtocolPolicy",
    "OriginRequestPolicy",
    "OriginRequestPolicyConfig",
    "OriginRequestPolicyId",
    "OriginRequestPolicyList",
    "OriginSslProtocols",
    "Origins",
    "ParameterDefinitions",
    "Parameters",
    "ParametersInCacheKeyAndForwardedToOrigin",
    "PathPattern",
    "Quantity",
    "S3OriginConfig",
    "Staging",
    "Status",
    "StatusCodes",
    "StringSchema",
    "TargetOriginId",
    "TenantConfig",
    "Value",
    "ViewerProtocolPolicy",
    "VpcOrigin",
    "VpcOriginConfig",
    "VpcOriginEndpointConfig",
    "VpcOriginId",
    "VpcOriginList",
];
