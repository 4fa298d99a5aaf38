//! The names that AWS gives to load balancers, for which nobody can have a certificate.

use crate::origin::DomainName;

/// Tells whether `domain` is a load balancer's own name: `….elb.amazonaws.com`,
/// `….REGION.elb.amazonaws.com` (Application and Classic), `….elb.REGION.amazonaws.com`
/// (Network), and the same under `amazonaws.com.cn`.
///
/// A certificate for such a name cannot be had from a public CA by the load balancer's owner, so
/// an Origin Domain of this shape works only where Host is forwarded (guide,
/// `restrict-access-to-load-balancer`).
pub fn is_load_balancers_own_name(domain: &DomainName) -> bool {
    let name = domain.as_str();
    let Some(rest) =
        name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"))
    else {
        return false;
    };
    rest.rsplit('.').take(2).any(|label| label == "elb") && rest != "elb"
}

#[cfg(test)]
mod tests {
    use super::is_load_balancers_own_name;

    #[test]
    fn every_kind_of_load_balancer_name_is_recognised() {
        for (name, is) in [
            ("shop-alb-1234567890.eu-west-1.elb.amazonaws.com", true),
            ("shop-1234567890.elb.amazonaws.com", true),
            ("net-1a2b3c.elb.us-east-1.amazonaws.com", true),
            ("shop-1.cn-north-1.elb.amazonaws.com.cn", true),
            ("bucket.s3.amazonaws.com", false),
            ("elb.amazonaws.com", false),
            ("elb.example.com", false),
            ("shop.elb.amazonaws.com.example.com", false),
        ] {
            assert_eq!(is_load_balancers_own_name(&name.parse().unwrap()), is, "{name}");
        }
    }
}
