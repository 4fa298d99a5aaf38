//! Validates a response before the SDK parses it: it must be complete, have a bounded number of
//! items, and contain the required fields used here. The SDK would replace missing fields with
//! defaults, which could result in an origin without a name or an account without distributions.

use std::collections::BTreeMap;

use thiserror::Error;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// A fault in a response that the SDK would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum AnswerFault {
    #[error("response larger than {} MiB", LARGEST_ANSWER >> 20)]
    TooLarge,
    #[error("incomplete response")]
    NoEnd,
    #[error("more than {most} {what} on a page")]
    TooMany { most: usize, what: &'static str },
    #[error("required field {field} is missing")]
    Missing { field: &'static str },
    #[error("number of items in a list differs from its Quantity")]
    Miscounted,
}

/// Validates a response document.
///
/// # Errors
/// Returns the first fault.
pub(super) fn check(document: &[u8]) -> Result<(), AnswerFault> {
    let document = std::str::from_utf8(document).map_err(|_| AnswerFault::NoEnd)?;
    let mut answer = Answer::default();
    for token in Tokenizer::from(document) {
        match token.map_err(|_| AnswerFault::NoEnd)? {
            Token::ElementStart { local, .. } => answer.begin(local.as_str())?,
            Token::ElementEnd { end: ElementEnd::Empty, .. } => answer.end(None)?,
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                answer.end(Some(local.as_str()))?;
            }
            Token::Text { text } => answer.take_text(text.as_str()),
            Token::Cdata { text, .. } => answer.take_text(text.as_str()),
            _ => {}
        }
    }
    match answer.is_begun && answer.open.is_empty() {
        true => Ok(()),
        false => Err(AnswerFault::NoEnd),
    }
}

#[derive(Debug, Default)]
struct Answer<'a> {
    is_begun: bool,
    open: Vec<Element<'a>>,
    /// The number of items of each kind.
    counts: BTreeMap<&'static str, usize>,
}

/// An open element.
#[derive(Debug, Default)]
struct Element<'a> {
    name: &'a str,
    required: &'static [&'static str],
    /// One bit for each required field that is present.
    found: u32,
    quantity: Option<usize>,
    children: usize,
    /// The number of children of its `Items`.
    items: usize,
}

impl<'a> Answer<'a> {
    fn count(&mut self, most: usize, what: &'static str) -> Result<(), AnswerFault> {
        let count = self.counts.entry(what).or_default();
        *count += 1;
        if *count > most { Err(AnswerFault::TooMany { most, what }) } else { Ok(()) }
    }

    fn begin(&mut self, name: &'a str) -> Result<(), AnswerFault> {
        let depth = self.open.len();
        if (self.is_begun && depth == 0) || depth == DEEPEST {
            return Err(AnswerFault::NoEnd);
        }
        self.is_begun = true;
        let parent = self.open.last_mut().map_or("", |parent| {
            parent.children += 1;
            if let Some(bit) = parent.required.iter().position(|field| *field == name) {
                parent.found |= 1 << bit;
            }
            parent.name
        });
        if LISTS.contains(&parent) {
            self.count(MOST_PARTS, "parts")?;
            if depth == 2 {
                self.count(MOST_ITEMS, "items")?;
            }
            match name {
                "Origin" => self.count(MOST_ITEMS, "origins")?,
                "CacheBehavior" => self.count(MOST_ITEMS, "behaviors")?,
                "OriginGroup" => self.count(MOST_ITEMS, "origin groups")?,
                _ => {}
            }
        }
        self.open.push(Element { name, required: required(name, parent), ..Element::default() });
        Ok(())
    }

    fn take_text(&mut self, text: &str) {
        if let [.., list, quantity] = self.open.as_mut_slice()
            && quantity.name == QUANTITY
        {
            list.quantity = text.trim().parse().ok();
        }
    }

    /// Closes the innermost element; `name` is the name in its closing tag.
    fn end(&mut self, name: Option<&str>) -> Result<(), AnswerFault> {
        let Some(element) = self.open.pop() else { return Err(AnswerFault::NoEnd) };
        if name.is_some_and(|name| name != element.name) {
            return Err(AnswerFault::NoEnd);
        }
        let mut fields = element.required.iter().enumerate();
        if let Some((_, field)) = fields.find(|(bit, _)| element.found & (1 << bit) == 0) {
            return Err(AnswerFault::Missing { field });
        }
        // The quantities of paged lists are compared after they are read.
        let is_counted = element.required.contains(&QUANTITY) && self.open.len() > 1;
        if is_counted && element.quantity != Some(element.items) {
            return Err(AnswerFault::Miscounted);
        }
        if element.name == "Items"
            && let Some(list) = self.open.last_mut()
        {
            list.items += element.children;
        }
        Ok(())
    }
}

/// Returns the fields of an element that are used here and that the API requires (API reference,
/// "Data types"). `Staging` is omitted: moto does not send it, and its default is `false`.
fn required(name: &str, parent: &str) -> &'static [&'static str] {
    match name {
        "DistributionList" => &["IsTruncated", QUANTITY],
        "DistributionSummary" => &[
            "Id",
            "ARN",
            "DomainName",
            "Aliases",
            "Origins",
            "DefaultCacheBehavior",
            "CacheBehaviors",
            "Enabled",
        ],
        "DistributionConfig" => &["Enabled"],
        "Origins" | "Members" | "StatusCodes" | "AllowedMethods" | "OriginSslProtocols" => {
            &[QUANTITY, "Items"]
        }
        "Aliases"
        | "CacheBehaviors"
        | "OriginGroups"
        | "Headers"
        | "FunctionAssociations"
        | "LambdaFunctionAssociations"
        | "OriginRequestPolicyList"
        | "CachePolicyList" => &[QUANTITY],
        "Origin" => &["Id", "DomainName"],
        "CustomOriginConfig" => &["HTTPSPort", "OriginProtocolPolicy"],
        "VpcOriginConfig" => &["VpcOriginId"],
        "OriginMtlsConfig" => &["ClientCertificateArn"],
        "OriginGroup" => &["Id", "FailoverCriteria", "Members"],
        "FailoverCriteria" => &["StatusCodes"],
        "OriginGroupMember" => &["OriginId"],
        "DefaultCacheBehavior" => &["TargetOriginId", "ViewerProtocolPolicy"],
        "CacheBehavior" => &["PathPattern", "TargetOriginId", "ViewerProtocolPolicy"],
        "GrpcConfig" => &["Enabled"],
        "FunctionAssociation" | "LambdaFunctionAssociation" => &["EventType"],
        "OriginRequestPolicySummary" => &["OriginRequestPolicy"],
        "OriginRequestPolicy" => &["Id", "OriginRequestPolicyConfig"],
        "OriginRequestPolicyConfig" => &["Name", "HeadersConfig"],
        "CachePolicySummary" => &["CachePolicy"],
        "CachePolicy" => &["Id", "CachePolicyConfig"],
        "CachePolicyConfig" => &["Name"],
        "ParametersInCacheKeyAndForwardedToOrigin" => &["HeadersConfig"],
        "HeadersConfig" => &["HeaderBehavior"],
        "DistributionTenantSummary" => &["Id", "Domains", "ETag"],
        "VpcOrigin" => &["Id", "VpcOriginEndpointConfig"],
        "VpcOriginEndpointConfig" => &["HTTPSPort", "OriginProtocolPolicy"],
        "Tag" => &["Key"],
        "member" => match parent {
            "Domains" => &["Domain"],
            "Parameters" => &["Name", "Value"],
            "ParameterDefinitions" => &["Name", "Definition"],
            _ => &[],
        },
        _ => &[],
    }
}

const QUANTITY: &str = "Quantity";
/// The elements whose children are the items of a list.
const LISTS: [&str; 5] =
    ["Items", "DistributionTenantList", "Domains", "Parameters", "ParameterDefinitions"];
/// A page has at most 100 distributions. A distribution has at most 100 origins and 75 behaviors
/// (guide, `cloudfront-limits`), so a page has at most 10,000 origins.
const MOST_ITEMS: usize = 10_000;
/// The items of all lists, including nested lists such as aliases, methods and headers.
const MOST_PARTS: usize = 200_000;
/// Twice the depth of the deepest response.
const DEEPEST: usize = 32;
/// In bytes. A page of 100 distributions with 25 origins and 25 behaviors each, the default quotas,
/// is about 5 MB.
pub(super) const LARGEST_ANSWER: usize = 32 << 20;

#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "the integration tests use the rest")]
#[path = "../../../tests/it/common/api_documents.rs"]
mod api_documents;

#[cfg(test)]
mod tests {
    use super::{AnswerFault, MOST_ITEMS, MOST_PARTS, api_documents, check};

    /// Validates the document that `around` makes from each text.
    #[track_caller]
    fn assert_each<const N: usize>(
        cases: [(&str, Result<(), AnswerFault>); N],
        around: impl Fn(&str) -> String,
    ) {
        for (text, expected) in cases {
            assert_eq!(check(around(text).as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_document_is_whole_that_ends_as_it_begins() {
        let cases = [
            ("<?xml version=\"1.0\"?>\n<!-- a --><A b=\"c\"><B/></A>\n", Ok(())),
            ("<A/>", Ok(())),
            ("<A><A></A>", Err(AnswerFault::NoEnd)),
            ("<A><B/>", Err(AnswerFault::NoEnd)),
            ("<A><B></B>", Err(AnswerFault::NoEnd)),
            ("<A></A", Err(AnswerFault::NoEnd)),
            ("<AA></A>", Err(AnswerFault::NoEnd)),
            ("<A/><A/>", Err(AnswerFault::NoEnd)),
            ("<?xml version=\"1.0\"?>", Err(AnswerFault::NoEnd)),
            ("{}", Err(AnswerFault::NoEnd)),
            ("", Err(AnswerFault::NoEnd)),
        ];
        assert_each(cases, str::to_owned);
        let deep = "<A>".repeat(1_000) + &"</A>".repeat(1_000);
        assert_eq!(check(deep.as_bytes()), Err(AnswerFault::NoEnd));
        assert_eq!(check(b"<A>\xff</A>"), Err(AnswerFault::NoEnd));
    }

    #[test]
    fn a_page_has_a_bounded_number_of_items_and_of_what_is_in_them() {
        let page = |items: String| format!("<L><Items>{items}</Items></L>");
        let nested = |name: &str, count| {
            page(format!("<D><X><Items>{}</Items></X></D>", format!("<{name}>").repeat(count)))
        };
        let too_many = |most, what| Err(AnswerFault::TooMany { most, what });
        assert_eq!(check(page("<D/>".repeat(MOST_ITEMS)).as_bytes()), Ok(()));
        let more = page("<D/>".repeat(MOST_ITEMS + 1));
        assert_eq!(check(more.as_bytes()), too_many(MOST_ITEMS, "items"));
        let tenants = format!("<R><DistributionTenantList>{}", "<T/>".repeat(MOST_ITEMS + 1));
        assert_eq!(check(tenants.as_bytes()), too_many(MOST_ITEMS, "items"));
        let parts = nested("C/", MOST_PARTS);
        assert_eq!(check(parts.as_bytes()), too_many(MOST_PARTS, "parts"));
        assert_eq!(check(nested("C/", MOST_PARTS - 1).as_bytes()), Ok(()));
    }

    #[test]
    fn a_list_holds_as_many_items_as_it_says() {
        let cases = [
            ("<Quantity>2</Quantity><Items><CNAME>a</CNAME><CNAME>b</CNAME></Items>", Ok(())),
            ("<Quantity> 0 </Quantity>", Ok(())),
            ("<Quantity>2</Quantity>", Err(AnswerFault::Miscounted)),
            ("<Quantity>1</Quantity><Items/>", Err(AnswerFault::Miscounted)),
            ("<Quantity>-1</Quantity>", Err(AnswerFault::Miscounted)),
            ("<Quantity/>", Err(AnswerFault::Miscounted)),
            ("<Items><CNAME>a</CNAME></Items>", Err(AnswerFault::Missing { field: "Quantity" })),
        ];
        assert_each(cases, |list| format!("<L><D><Aliases>{list}</Aliases></D></L>"));
    }

    #[test]
    fn a_missing_field_makes_every_other_answer_malformed() {
        let parameters = "<DistributionConfig><Enabled>true</Enabled><TenantConfig>\
                          <ParameterDefinitions><member><Name>a</Name><Definition/></member>\
                          </ParameterDefinitions></TenantConfig></DistributionConfig>";
        for (document, element, fields) in [
            (
                api_documents::origin_request_policies("p", "whitelist", &["Host"]),
                "OriginRequestPolicyList",
                &["Quantity", "OriginRequestPolicy", "Id", "OriginRequestPolicyConfig"][..],
            ),
            (
                api_documents::origin_request_policies("p", "whitelist", &["Host"]),
                "OriginRequestPolicyConfig",
                &["Name", "HeadersConfig", "HeaderBehavior"],
            ),
            (
                api_documents::cache_policies("p", "whitelist", &["Host"]),
                "CachePolicyList",
                &["Quantity", "CachePolicy", "Id", "CachePolicyConfig"],
            ),
            (
                api_documents::cache_policies("p", "whitelist", &["Host"]),
                "CachePolicyConfig",
                &["Name", "HeadersConfig", "HeaderBehavior"],
            ),
            (
                api_documents::tenants("E1", "v", &[("t", "t.example")]),
                "DistributionTenantSummary",
                &["Id", "Domains", "ETag", "Domain"],
            ),
            (api_documents::tenant("t", "a", "b"), "member", &["Name", "Value"]),
            (
                api_documents::vpc_origin("vo_1", 443),
                "VpcOrigin",
                &["Id", "VpcOriginEndpointConfig", "HTTPSPort", "OriginProtocolPolicy"],
            ),
            (api_documents::tags(&[("a", "b")]), "Tag", &["Key"]),
            (parameters.to_owned(), "DistributionConfig", &["Enabled", "Name", "Definition"]),
        ] {
            assert_eq!(check(document.as_bytes()), Ok(()), "{document}");
            for field in fields {
                let document = api_documents::without(&document, element, field);
                let outcome = check(document.as_bytes());
                assert_eq!(outcome, Err(AnswerFault::Missing { field }), "{element} {field}");
            }
        }
    }
}
