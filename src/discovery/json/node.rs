//! One value of a tree, in eight bytes.

/// A value and its key.
///
/// From the highest bit: 4 bits for the kind of content, 7 for the key, 53 for the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node(u64);

/// The kind of a value. A start and a length are those of a text's bytes; `within` is the number of
/// nodes within the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Null,
    Flag(bool),
    Integer(i64),
    /// A number with a fraction, or further from zero than any that is read.
    OtherNumber,
    /// In the input.
    Text {
        start: usize,
        length: usize,
    },
    /// Among the texts that were written with escapes.
    Unescaped {
        start: usize,
        length: usize,
    },
    List {
        within: usize,
    },
    Object {
        within: usize,
    },
}

/// The key of a value that stands under none.
pub(super) const NO_KEY: usize = KEY_MASK as usize;

impl Node {
    pub(super) fn new(key: usize, content: Content) -> Self {
        let text = |start: usize, length: usize| (start as u64) << LENGTH_BITS | length as u64;
        let (kind, rest) = match content {
            Content::Null => (0, 0),
            Content::Flag(flag) => (1, u64::from(flag)),
            Content::Integer(integer) if integer.unsigned_abs() < 1 << (REST_BITS - 1) => {
                (2, integer.cast_unsigned() & REST_MASK)
            }
            Content::Integer(_) | Content::OtherNumber => (3, 0),
            Content::Text { start, length } => (4, text(start, length)),
            Content::Unescaped { start, length } => (5, text(start, length)),
            Content::List { within } => (6, within as u64),
            Content::Object { within } => (7, within as u64),
        };
        Self(kind << (KEY_BITS + REST_BITS) | (key as u64 & KEY_MASK) << REST_BITS | rest)
    }

    pub(super) fn key(self) -> usize {
        (self.0 >> REST_BITS & KEY_MASK) as usize
    }

    pub(super) fn content(self) -> Content {
        let rest = self.0 & REST_MASK;
        let start = (rest >> LENGTH_BITS) as usize;
        let length = (rest & ((1 << LENGTH_BITS) - 1)) as usize;
        let within = rest as usize;
        match self.0 >> (KEY_BITS + REST_BITS) {
            0 => Content::Null,
            1 => Content::Flag(rest == 1),
            2 => {
                let unused = 64 - REST_BITS;
                Content::Integer((rest << unused).cast_signed() >> unused)
            }
            3 => Content::OtherNumber,
            4 => Content::Text { start, length },
            5 => Content::Unescaped { start, length },
            6 => Content::List { within },
            _ => Content::Object { within },
        }
    }

    /// Returns how many nodes are within the value.
    pub(super) fn within(self) -> usize {
        match self.content() {
            Content::List { within } | Content::Object { within } => within,
            _ => 0,
        }
    }
}

const KEY_BITS: u32 = 7;
const KEY_MASK: u64 = (1 << KEY_BITS) - 1;
const REST_BITS: u32 = 53;
const REST_MASK: u64 = (1 << REST_BITS) - 1;
/// A text is shorter than the input, whose size is [`super::LARGEST`] at most: 26 bits.
const LENGTH_BITS: u32 = 26;

/// Every key that is read from, in alphabetical order. `CustomHeaders` is none of them.
pub(super) const KEYS: [&str; 74] = [
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

#[cfg(test)]
mod tests {
    use super::Content;
    use super::KEYS;
    use super::NO_KEY;
    use super::Node;
    use crate::discovery::LARGEST;

    #[test]
    fn a_node_holds_what_is_put_into_it() {
        let last = LARGEST - 1;
        let largest = (1 << 52) - 1;
        for content in [
            Content::Null,
            Content::Flag(false),
            Content::Flag(true),
            Content::Integer(0),
            Content::Integer(-1),
            Content::Integer(largest),
            Content::Integer(-largest),
            Content::OtherNumber,
            Content::Text { start: last, length: last },
            Content::Unescaped { start: 0, length: last },
            Content::Unescaped { start: last, length: 0 },
            Content::List { within: last },
            Content::Object { within: 0 },
        ] {
            for key in [0, 1, KEYS.len() - 1, NO_KEY] {
                let node = Node::new(key, content);
                assert_eq!((node.key(), node.content()), (key, content));
            }
        }
        for integer in [largest + 1, i64::MIN, i64::MAX] {
            assert_eq!(Node::new(0, Content::Integer(integer)).content(), Content::OtherNumber);
        }
    }

    #[test]
    fn keys_are_in_order_and_leave_a_place_for_none() {
        assert!(KEYS.is_sorted() && KEYS.len() < NO_KEY);
    }
}
