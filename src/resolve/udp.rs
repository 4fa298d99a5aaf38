//! One query to one nameserver over UDP. Each query has its own socket and thus an unpredictable
//! port (RFC 5452 §9.2), and is sent again in case a packet was lost.
//!
//! The DNS library does the same with a task, a pool and several timers per query, which cost half
//! as much as a TLS handshake.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::limits::Stage;
use crate::observation::ResolutionFailure;

use super::not_asked;

/// Returns the answer of `nameserver` to `request`, without a timeout.
///
/// # Errors
/// If the request cannot be sent, or if the answer is not a DNS message.
pub(super) async fn ask(
    nameserver: SocketAddr,
    request: &Message,
) -> Result<Message, ResolutionFailure> {
    let bytes = request.to_vec().map_err(unusable)?;
    let any = match nameserver.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).await.map_err(|error| not_asked(&error, Stage::Open))?;
    let unsent = |error| not_asked(&error, Stage::Transfer);
    for _ in 1..MOST_SENT {
        socket.send_to(&bytes, nameserver).await.map_err(unsent)?;
        let hearing = hear(&socket, nameserver, request);
        if let Ok(heard) = timeout(UNTIL_SENT_AGAIN, hearing).await {
            return heard;
        }
    }
    socket.send_to(&bytes, nameserver).await.map_err(unsent)?;
    hear(&socket, nameserver, request).await
}

/// Waits for the answer; ignores packets from other senders and answers to other queries.
async fn hear(
    socket: &UdpSocket,
    nameserver: SocketAddr,
    request: &Message,
) -> Result<Message, ResolutionFailure> {
    let mut buffer = vec![0; LARGEST];
    let id = request.metadata.id.to_be_bytes();
    loop {
        let (length, from) = socket
            .recv_from(&mut buffer)
            .await
            .map_err(|error| not_asked(&error, Stage::Transfer))?;
        let bytes = buffer.get(..length).unwrap_or_default();
        let is_theirs = from.ip().to_canonical() == nameserver.ip().to_canonical()
            && from.port() == nameserver.port();
        if !is_theirs || !bytes.starts_with(&id) {
            continue;
        }
        let message = Message::from_vec(bytes).map_err(unusable)?;
        if message.metadata.message_type == MessageType::Response
            && message.queries == request.queries
        {
            return Ok(message);
        }
    }
}

fn unusable(error: impl Display) -> ResolutionFailure {
    ResolutionFailure::Unusable { detail: error.to_string() }
}

/// How often a query is sent in all.
const MOST_SENT: u32 = 3;
const UNTIL_SENT_AGAIN: Duration = Duration::from_millis(333);

/// More than the request says that it can accept.
const LARGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::{Message, Query};
    use hickory_resolver::proto::rr::rdata::A;
    use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
    use tokio::net::UdpSocket;

    use super::ask;

    fn name(text: &str) -> Name {
        Name::from_ascii(format!("{text}.")).unwrap()
    }

    fn a(owner: &str, ttl: u32, address: &str) -> Record {
        Record::from_rdata(name(owner), ttl, RData::A(A(address.parse().unwrap())))
    }

    fn question(asked: &str) -> Query {
        Query::query(name(asked), RecordType::A)
    }

    fn request() -> Message {
        let mut request = Message::query();
        request.queries.push(question("shop.example"));
        request
    }

    fn answer(id: u16, asked: &str, address: &str) -> Vec<u8> {
        let mut answer = request().into_response();
        answer.metadata.id = id;
        answer.queries = vec![question(asked)];
        answer.answers = vec![a("shop.example", 60, address)];
        answer.to_vec().unwrap()
    }

    async fn socket() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").await.unwrap()
    }

    #[tokio::test]
    async fn only_the_nameservers_answer_to_this_question_counts() {
        let (nameserver, stranger) = (socket().await, socket().await);
        let (address, request) = (nameserver.local_addr().unwrap(), request());
        let id = request.metadata.id;
        let serving = async {
            let (_, asker) = nameserver.recv_from(&mut [0; 512]).await.unwrap();
            stranger.send_to(&answer(id, "shop.example", "192.0.2.1"), asker).await.unwrap();
            for (id, asked, address) in [
                (id.wrapping_add(1), "shop.example", "192.0.2.2"),
                (id, "other.example", "192.0.2.3"),
                (id, "SHOP.example", "192.0.2.4"),
            ] {
                nameserver.send_to(&answer(id, asked, address), asker).await.unwrap();
            }
            nameserver.send_to(&request.to_vec().unwrap(), asker).await.unwrap();
        };
        let (heard, ()) = tokio::join!(ask(address, &request), serving);
        let expected: Vec<Record> = vec![a("shop.example", 60, "192.0.2.4")];
        assert_eq!(heard.unwrap().answers, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_may_be_lost_is_sent_again() {
        let nameserver = socket().await;
        let (address, request) = (nameserver.local_addr().unwrap(), request());
        let serving = async {
            let mut buffer = [0; 512];
            let (first, _) = nameserver.recv_from(&mut buffer).await.unwrap();
            let first = buffer[..first].to_vec();
            let (second, asker) = nameserver.recv_from(&mut buffer).await.unwrap();
            assert_eq!(buffer[..second], first);
            let answer = answer(request.metadata.id, "shop.example", "192.0.2.1");
            nameserver.send_to(&answer, asker).await.unwrap();
        };
        let (heard, ()) = tokio::join!(ask(address, &request), serving);
        assert_eq!(heard.unwrap().answers, [a("shop.example", 60, "192.0.2.1")]);
    }
}
