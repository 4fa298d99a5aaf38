//! The reasons why a verdict can be undecided, in one table.

use std::fmt;

/// Why a verdict is undecided; a label value. [`UndecidedReason::facts`] returns its row of the
/// table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndecidedReason {
    Undocumented,
    NegotiationUnsettled,
    NeverReachedFromHere,
    NoRouteFromHere,
    PrivateView,
    ResolverSilent,
    ProberBlind,
    ProberOverloaded,
    OwnFailure,
    NotEnoughTime,
    ScrapeTimeoutTooShort,
    InterceptionSuspected,
    NotProbedYet,
    PolicyUnknown,
}

/// The row of a reason.
#[derive(Clone, Copy, Debug)]
pub struct ReasonFacts {
    pub reason: UndecidedReason,
    /// The name in metrics and JSON, which must not change.
    pub label: &'static str,
    /// The cause, as part of a sentence.
    pub explanation: &'static str,
    /// The remedy, without a final period.
    pub remedy: &'static str,
    /// Whether the prober, its machine or its network is the cause.
    pub is_from_prober: bool,
    /// Details, if the reason makes the daemon blind.
    pub blind: Option<Blind>,
}

/// How a reason makes the daemon blind, which sets `origin_probe_blind`.
#[derive(Clone, Copy, Debug)]
pub struct Blind {
    /// The text of the status page: whole sentences that follow a colon.
    pub meaning: &'static str,
    pub threshold: Threshold,
}

/// How many origins must be affected before the daemon counts as blind.
#[derive(Clone, Copy, Debug)]
pub enum Threshold {
    /// One origin: it already shows that something around the prober is wrong.
    One,
    /// 5 % of the probed origins, at most 20: a shortage in one of a thousand probes says nothing
    /// about the rest.
    FivePercentOr20,
}

impl Threshold {
    /// Returns how many of the origins `probed` must be affected.
    pub fn of(self, probed: usize) -> usize {
        match self {
            Self::One => 1,
            Self::FivePercentOr20 => probed.div_ceil(20).clamp(1, 20),
        }
    }
}

impl UndecidedReason {
    /// Every reason, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        REASONS.iter().map(|facts| facts.reason)
    }

    pub fn facts(self) -> &'static ReasonFacts {
        &REASONS[self as usize]
    }

    /// Returns the name used in metrics and JSON.
    pub fn as_str(self) -> &'static str {
        self.facts().label
    }
}

impl fmt::Display for UndecidedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In the order of the enum.
static REASONS: &[ReasonFacts] = &[
    ReasonFacts {
        reason: UndecidedReason::Undocumented,
        label: "undocumented",
        explanation: "AWS does not document what CloudFront does in this case",
        remedy: "Fix the reported violation as its hint says",
        is_from_prober: false,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::NegotiationUnsettled,
        label: "negotiation-unsettled",
        explanation: "the handshake failed in a way that may be a limit of the prober's TLS library",
        remedy: "Test the server with `openssl`, as described below",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::NeverReachedFromHere,
        label: "never-reached-from-here",
        explanation: "no address has ever answered this prober, so the origin's firewall may allow only CloudFront",
        remedy: "Allow the prober in the firewall and set `reachable_from_here: \"yes\"` (a timeout then counts as a failure), or set `\"no\"` to check only DNS",
        is_from_prober: false,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::NoRouteFromHere,
        label: "no-route-from-here",
        explanation: "the prober has no route to some of the addresses",
        remedy: "Give the prober a route to these addresses (usually IPv6), or monitor the origin with a daemon in another network and set `reachable_from_here: \"no\"` in this one",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::PrivateView,
        label: "private-view",
        explanation: "the system's nameserver returned a private address, and public DNS may return another one",
        remedy: "Set `resolver.nameservers` or `resolver.confirm_with` to public resolvers",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::ResolverSilent,
        label: "resolver-silent",
        explanation: "the prober's nameserver answered no other query either",
        remedy: "Make the nameservers answer the prober; check cluster DNS, NetworkPolicy (port 53, UDP and TCP) and `resolver.nameservers`",
        is_from_prober: true,
        blind: Some(Blind {
            meaning: "no nameserver answered. Origins that had to be looked up are undecided until they are probed again. None of them is reported as failing for this reason.",
            threshold: Threshold::One,
        }),
    },
    ReasonFacts {
        reason: UndecidedReason::ProberBlind,
        label: "prober-blind",
        explanation: "the prober reached no other origin either, so its own network may be down",
        remedy: "Restore the prober's egress; check the NAT gateway, security group, NetworkPolicy and service mesh",
        is_from_prober: true,
        blind: Some(Blind {
            meaning: "no origin could be connected to, so the prober's own network is the likely cause. Origins that could not be connected to are undecided until they are probed again.",
            threshold: Threshold::One,
        }),
    },
    ReasonFacts {
        reason: UndecidedReason::ProberOverloaded,
        label: "prober-overloaded",
        explanation: "the prober was too busy to measure timeouts",
        remedy: "Remove the CPU limit, raise the probe intervals, or divide the origins among more shards",
        is_from_prober: true,
        blind: Some(Blind {
            meaning: "the prober was short of CPU time and may have caused timeouts itself. The affected origins are undecided until they are probed again.",
            threshold: Threshold::One,
        }),
    },
    ReasonFacts {
        reason: UndecidedReason::OwnFailure,
        label: "own-failure",
        explanation: "an earlier probe failed because of the prober itself",
        remedy: "Find the exhausted limit on the page of an undecided origin, and raise it. Restart the daemon if it is a limit of the process, such as `LimitNOFILE`",
        is_from_prober: true,
        blind: Some(Blind {
            meaning: "this process or its machine has run out of file descriptors, ports or memory. Origins that it could not probe are undecided until they are probed again. None of them is reported as failing for this reason.",
            threshold: Threshold::FivePercentOr20,
        }),
    },
    ReasonFacts {
        reason: UndecidedReason::NotEnoughTime,
        label: "not-enough-time",
        explanation: "the probe had less time than the configured timeouts, so a missing answer proves nothing",
        remedy: "Raise `probe.deadline` above 10 s × number of nameservers + `connection_attempts` × `connection_timeout` + `probe.handshake_timeout` (by default, with one nameserver: 10 s + 3 × 10 s + 10 s = 50 s). If many origins share an address, raise `probe.per_address`",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::ScrapeTimeoutTooShort,
        label: "scrape-timeout-too-short",
        explanation: "the scrape timeout ended the probe before its own timeouts",
        remedy: "Set `scrape_timeout` of the job for `/probe` to 45 s, and its `scrape_interval` to at least as much. If the reason remains, DNS is slow: repair the prober's nameservers",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::InterceptionSuspected,
        label: "interception-suspected",
        explanation: "origins of different domains present the same unknown issuer, so a proxy near the prober may replace certificates",
        remedy: "Exclude the prober's traffic from the proxy that replaces certificates. Don't add the proxy's root to `trust_anchors.extra`: that would hide what CloudFront gets",
        is_from_prober: true,
        blind: Some(Blind {
            meaning: "a proxy near the prober appears to replace certificates: many origins present the same unknown issuer. These origins are undecided.",
            threshold: Threshold::One,
        }),
    },
    ReasonFacts {
        reason: UndecidedReason::NotProbedYet,
        label: "not-probed-yet",
        explanation: "its first probe has not finished",
        remedy: "Wait for the first probe; if it does not run, see [OriginProbeStale](OriginProbeStale.md)",
        is_from_prober: true,
        blind: None,
    },
    ReasonFacts {
        reason: UndecidedReason::PolicyUnknown,
        label: "policy-unknown",
        explanation: "the contents of the policy that may forward Host are unknown, so the name that CloudFront sends is unknown",
        remedy: "Let the prober read the distribution's policies (`deploy/iam-policy.json`), or list the server names under `discovery.cloudfront[].targets`; for `check`, use `--related`",
        is_from_prober: false,
        blind: None,
    },
];

const _: () = {
    let mut place = 0;
    while place < REASONS.len() {
        assert!(
            REASONS[place].reason as usize == place,
            "the table must be in the order of the enum"
        );
        place += 1;
    }
};
