import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Serves TLS with Java's own library, one server for each line of its input: `socket|https IP PORT
 * KEYSTORE [OPTION=VALUE]...`. With an argument, versions are allowed that Java has disabled.
 */
final class Server {
    private static final char[] PASSWORD = "password".toCharArray();

    public static void main(String[] words) throws Exception {
        if (words.length > 0) {
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                start(line.split(" "));
            }
        } catch (Exception error) {
            error.printStackTrace();
        }
        System.exit(1);
    }

    private static void start(String[] words) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String word : List.of(words).subList(4, words.length)) {
            String[] parts = word.split("=", 2);
            options.put(parts[0], parts[1]);
        }
        SSLContext context = context(words[3], options);
        InetAddress ip = InetAddress.getByName(words[1]);
        int port = Integer.parseInt(words[2]);
        if (words[0].equals("https")) {
            serveHttps(new InetSocketAddress(ip, port), context, options);
        } else {
            serveSockets(ip, port, context, options);
        }
    }

    private static SSLContext context(String keystore, Map<String, String> options)
            throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(keystore))), PASSWORD);
        if (options.containsKey("imported")) {
            // As after `keytool -importcert`.
            add(options.get("imported"), store);
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            store.store(file, PASSWORD);
            store.load(new ByteArrayInputStream(file.toByteArray()), PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        if (options.containsKey("authorities")) {
            add(options.get("authorities"), trusted);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        boolean asksClients = options.containsKey("clients");
        context.init(keys.getKeyManagers(), asksClients ? trust.getTrustManagers() : null, null);
        return context;
    }

    private static void add(String file, KeyStore store) throws Exception {
        byte[] pem = Files.readAllBytes(Path.of(file));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (var one : factory.generateCertificates(new ByteArrayInputStream(pem))) {
            store.setCertificateEntry("authority" + store.size(), one);
        }
    }

    private static SSLParameters apply(SSLParameters parameters, Map<String, String> options) {
        if (options.containsKey("versions")) {
            parameters.setProtocols(options.get("versions").split(","));
        }
        if (options.containsKey("suites")) {
            parameters.setCipherSuites(options.get("suites").split(","));
        }
        if (options.containsKey("knows")) {
            parameters.setSNIMatchers(
                    List.of(SNIHostName.createSNIMatcher(options.get("knows"))));
        }
        if ("required".equals(options.get("clients"))) {
            parameters.setNeedClientAuth(true);
        } else if ("requested".equals(options.get("clients"))) {
            parameters.setWantClientAuth(true);
        }
        return parameters;
    }

    private static void serveHttps(
            InetSocketAddress address, SSLContext context, Map<String, String> options)
            throws IOException {
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(context) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters ours = getSSLContext().getDefaultSSLParameters();
                        parameters.setSSLParameters(apply(ours, options));
                    }
                });
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
    }

    private static void serveSockets(
            InetAddress ip, int port, SSLContext context, Map<String, String> options)
            throws IOException {
        SSLServerSocket listener =
                (SSLServerSocket)
                        context.getServerSocketFactory().createServerSocket(port, 0, ip);
        listener.setSSLParameters(apply(listener.getSSLParameters(), options));
        new Thread(() -> accept(listener)).start();
    }

    private static void accept(SSLServerSocket listener) {
        try {
            while (true) {
                SSLSocket socket = (SSLSocket) listener.accept();
                new Thread(() -> answer(socket)).start();
            }
        } catch (IOException error) {
            error.printStackTrace();
        }
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream()));
            String line = lines.readLine();
            while (line != null && !line.isEmpty()) {
                line = lines.readLine();
            }
            socket.getOutputStream().write("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes());
        } catch (IOException error) {
            // The client's refusal or ours.
        }
    }
}
