//! A nameserver on loopback that says what a test tells it to say.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, SOA};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

use origin_probe::observation::Transport;

/// A question as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Lower-case, without the trailing dot; empty for the root.
    pub(super) name: String,
    pub(super) record_type: RecordType,
    pub(super) transport: Transport,
    pub(super) has_edns: bool,
}

/// What is sent back.
pub(super) enum Answer {
    Records(ResponseCode, Vec<Record>),
    /// The same, and the SOA record that says for how long there is nothing more.
    Absence(ResponseCode, Vec<Record>, Box<Record>),
    /// NOERROR without an answer, naming nameservers to ask instead.
    Referral(Vec<Record>),
    /// The same records under a question that was not asked.
    OtherQuestion(Vec<Record>),
    /// The right id and then nothing that DNS knows.
    Garbage,
    /// No records, and a remark that there are more.
    Truncated,
    /// By TCP the connection ends instead; by UDP it is silence.
    Close,
    /// The same with a reset.
    Reset,
    Silence,
}

/// Returns the answer to a question.
pub(super) type Zone = fn(&Question) -> Answer;

/// Sends what `zone` answers, by UDP and TCP on one port, until it is dropped.
pub(super) struct TestNameserver {
    pub(super) address: SocketAddr,
    /// With the ids they came under.
    questions: Arc<Mutex<Vec<(u16, Question)>>>,
    tasks: [JoinHandle<()>; 2],
}

impl TestNameserver {
    pub(super) async fn start(zone: Zone) -> Self {
        Self::with(zone, |tcp, responder| {
            tokio::spawn(serve_tcp(tcp.listen(64).unwrap(), responder))
        })
        .await
    }

    /// Starts one that refuses connections by TCP.
    pub(super) async fn start_without_tcp(zone: Zone) -> Self {
        // The port is held, so that nothing else listens there.
        Self::with(zone, |tcp, _| {
            tokio::spawn(async move {
                let _tcp = tcp;
                std::future::pending::<()>().await;
            })
        })
        .await
    }

    async fn with(zone: Zone, by_tcp: fn(TcpSocket, Responder) -> JoinHandle<()>) -> Self {
        let (udp, tcp) = bind().await;
        let address = udp.local_addr().unwrap();
        let responder = Responder { zone, questions: Arc::default() };
        let questions = Arc::clone(&responder.questions);
        let tasks = [tokio::spawn(serve_udp(udp, responder.clone())), by_tcp(tcp, responder)];
        Self { address, questions, tasks }
    }

    /// Returns the questions so far, in order, each once however often it was sent.
    pub(super) fn questions(&self) -> Vec<Question> {
        self.questions.lock().unwrap().iter().map(|(_, question)| question.clone()).collect()
    }
}

impl Drop for TestNameserver {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

pub(super) fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

pub(super) fn a(owner: &str, ttl: u32, address: &str) -> Record {
    Record::from_rdata(name(owner), ttl, RData::A(A(address.parse().unwrap())))
}

pub(super) fn aaaa(owner: &str, ttl: u32, address: &str) -> Record {
    Record::from_rdata(name(owner), ttl, RData::AAAA(AAAA(address.parse().unwrap())))
}

pub(super) fn cname(owner: &str, ttl: u32, target: &str) -> Record {
    Record::from_rdata(name(owner), ttl, RData::CNAME(CNAME(name(target))))
}

/// The same record in the class CH, which is not the internet's.
pub(super) fn of_chaos(mut record: Record) -> Record {
    record.dns_class = DNSClass::CH;
    record
}

pub(super) fn soa(zone: &str, ttl: u32, minimum: u32) -> Record {
    let [primary, contact] = ["ns.example", "hostmaster.example"].map(name);
    let data = SOA::new(primary, contact, 1, 7200, 600, 86_400, minimum);
    Record::from_rdata(name(zone), ttl, RData::SOA(data))
}

#[derive(Clone)]
struct Responder {
    zone: Zone,
    questions: Arc<Mutex<Vec<(u16, Question)>>>,
}

impl Responder {
    fn respond(&self, bytes: &[u8], transport: Transport) -> Response {
        let request = Message::from_vec(bytes).unwrap();
        let query = request.queries[0].clone();
        let question = Question {
            name: query.name().to_lowercase().to_ascii().trim_end_matches('.').to_owned(),
            record_type: query.query_type(),
            transport,
            has_edns: request.edns.is_some(),
        };
        let answer = (self.zone)(&question);
        let seen = (request.metadata.id, question);
        let mut questions = self.questions.lock().unwrap();
        // On a busy machine a datagram is sent again before the first one was answered.
        if !questions.contains(&seen) {
            questions.push(seen);
        }
        drop(questions);
        let mut response = Message::response(request.metadata.id, OpCode::Query);
        response.add_query(query);
        match answer {
            Answer::Records(code, records) => {
                response.metadata.response_code = code;
                response.add_answers(records);
            }
            Answer::Absence(code, records, soa) => {
                response.metadata.response_code = code;
                response.add_answers(records);
                response.add_authorities([*soa]);
            }
            Answer::Referral(nameservers) => {
                response.add_authorities(nameservers);
            }
            Answer::OtherQuestion(records) => {
                response.queries = vec![Query::query(name("other.example"), RecordType::A)];
                response.add_answers(records);
            }
            Answer::Garbage => {
                let id = request.metadata.id.to_be_bytes();
                return Response::Bytes([&id, &[0xff; 40][..]].concat());
            }
            Answer::Truncated => return Response::Bytes(response.truncate().to_vec().unwrap()),
            Answer::Close => return Response::Close,
            Answer::Reset => return Response::Reset,
            Answer::Silence => return Response::Silence,
        }
        let bytes = response.to_vec().unwrap();
        if transport == Transport::Udp && bytes.len() > usize::from(request.max_payload()) {
            return Response::Bytes(response.truncate().to_vec().unwrap());
        }
        Response::Bytes(bytes)
    }
}

/// The reaction to a question.
enum Response {
    Bytes(Vec<u8>),
    Close,
    Reset,
    Silence,
}

async fn serve_udp(socket: UdpSocket, responder: Responder) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        if let Response::Bytes(bytes) = responder.respond(&buffer[..length], Transport::Udp) {
            let _ = socket.send_to(&bytes, peer).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, responder: Responder) {
    while let Ok((mut stream, _)) = listener.accept().await {
        while let Some(request) = read_request(&mut stream).await {
            match responder.respond(&request, Transport::Tcp) {
                Response::Bytes(bytes) => {
                    let length = u16::try_from(bytes.len()).unwrap();
                    let framed = [&length.to_be_bytes()[..], &bytes].concat();
                    let _ = stream.write_all(&framed).await;
                }
                Response::Close => break,
                Response::Reset => {
                    stream.set_zero_linger().unwrap();
                    break;
                }
                Response::Silence => {}
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = stream.read_u16().await.ok()?;
    let mut request = vec![0; usize::from(length)];
    stream.read_exact(&mut request).await.ok()?;
    Some(request)
}

/// Returns one free port's two sockets; another process may hold the UDP port of a free TCP port.
async fn bind() -> (UdpSocket, TcpSocket) {
    loop {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}
