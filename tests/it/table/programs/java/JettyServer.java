import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves TLS with Jetty, one server for each line of its input: `IP PORT KEYSTORE
 * [OPTION=VALUE]...`. With the argument `old-versions`, versions and suites are allowed that Java
 * and Jetty have disabled.
 */
final class JettyServer {
    public static void main(String[] words) throws Exception {
        boolean isOld = List.of(words).contains("old-versions");
        if (isOld) {
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                start(line.split(" "), isOld);
            }
        } catch (Exception error) {
            error.printStackTrace();
        }
        System.exit(1);
    }

    private static void start(String[] words, boolean isOld) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String word : List.of(words).subList(3, words.length)) {
            String[] parts = word.split("=", 2);
            options.put(parts[0], parts[1]);
        }
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStorePath(words[2]);
        tls.setKeyStorePassword("password");
        if (isOld) {
            tls.setExcludeCipherSuites();
        }
        if (options.containsKey("sniRequired")) {
            tls.setSniRequired(true);
        }
        if (options.containsKey("versions")) {
            tls.setIncludeProtocols(options.get("versions").split(","));
        }
        if (options.containsKey("suites")) {
            tls.setIncludeCipherSuites(options.get("suites").split(","));
        }
        if (options.containsKey("clients")) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            byte[] pem = Files.readAllBytes(Path.of(options.get("authority")));
            trusted.setCertificateEntry(
                    "authority",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(pem)));
            tls.setTrustStore(trusted);
            if (options.get("clients").equals("required")) {
                tls.setNeedClientAuth(true);
            } else {
                tls.setWantClientAuth(true);
            }
        }
        HttpConfiguration http = new HttpConfiguration();
        http.addCustomizer(new SecureRequestCustomizer());
        Server server = new Server(new QueuedThreadPool(12));
        ServerConnector connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        new SslConnectionFactory(tls, "http/1.1"),
                        new HttpConnectionFactory(http));
        connector.setHost(words[0]);
        connector.setPort(Integer.parseInt(words[1]));
        server.addConnector(connector);
        server.start();
    }
}
