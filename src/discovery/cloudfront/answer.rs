//! Requirements of an answer before the SDK reads it: an end, a bounded number of items, and every
//! required field that counts here. The SDK would take what is there and make up the rest, and an
//! origin without a name or an account without distributions would come of it.

use thiserror::Error;
use xmlparser::ElementEnd;
use xmlparser::Token;
use xmlparser::Tokenizer;

/// A fault of an answer that the SDK would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum AnswerFault {
    #[error("the answer is larger than {} MiB", LARGEST_ANSWER >> 20)]
    TooLarge,
    #[error("the answer has no end")]
    NoEnd,
    #[error("the answer has more than {most} {what} on a page")]
    TooMany { most: usize, what: &'static str },
    #[error("the answer has no {field} where it is required")]
    Missing { field: &'static str },
    #[error("a list in the answer does not hold as many items as it says")]
    Miscounted,
}

/// Reads a whole document and keeps nothing of it.
///
/// # Errors
/// When it would be misread.
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
    page: Count,
    origins: Count,
    behaviors: Count,
    groups: Count,
    items: Count,
}

/// An element that has begun.
#[derive(Debug, Default)]
struct Element<'a> {
    name: &'a str,
    required: &'static [&'static str],
    /// A bit for each of those that are there.
    found: u32,
    quantity: Option<usize>,
    children: usize,
    /// How many children its `Items` have.
    items: usize,
}

#[derive(Debug, Default)]
struct Count(usize);

impl Count {
    fn add(&mut self, most: usize, what: &'static str) -> Result<(), AnswerFault> {
        self.0 += 1;
        match self.0 <= most {
            true => Ok(()),
            false => Err(AnswerFault::TooMany { most, what }),
        }
    }
}

impl<'a> Answer<'a> {
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
            self.items.add(MOST_PARTS, "parts")?;
            if depth == 2 {
                self.page.add(MOST_ITEMS, "items")?;
            }
            match name {
                "Origin" => self.origins.add(MOST_ITEMS, "origins")?,
                "CacheBehavior" => self.behaviors.add(MOST_ITEMS, "behaviors")?,
                "OriginGroup" => self.groups.add(MOST_ITEMS, "origin groups")?,
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

    /// Ends the element that began last; `name` is what its end says.
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
/// "Data types"). `Staging` is not among them: moto leaves it out, and without it a distribution is
/// none of staging.
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
/// The element whose children are the items of a list.
const LISTS: [&str; 5] =
    ["Items", "DistributionTenantList", "Domains", "Parameters", "ParameterDefinitions"];
/// A page has 100 of what is asked for. A distribution has at most 100 origins and 75 behaviors
/// (guide, `cloudfront-limits`), so a page of distributions has at most as many of them.
const MOST_ITEMS: usize = 10_000;
/// Items of all lists, the lists within items included: aliases, methods, headers.
const MOST_PARTS: usize = 200_000;
/// The deepest of the answers has half as many levels.
const DEEPEST: usize = 32;
/// In bytes: 100 distributions with 25 origins and 25 behaviors each, the quotas of an account, are
/// some 5 MB.
pub(super) const LARGEST_ANSWER: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use super::AnswerFault;
    use super::MOST_ITEMS;
    use super::MOST_PARTS;
    use super::check;

    /// Checks the document that `around` makes of each text.
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
}
