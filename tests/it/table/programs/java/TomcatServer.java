import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.Security;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * Serves TLS with Tomcat, one server for each line of its input: `IP PORT FOLDER [OPTION=VALUE]...`,
 * where FOLDER is its own and the options are attributes of the elements of `server.xml`. With the
 * argument `old-versions`, versions are allowed that Java has disabled. With those of such a line,
 * there is this one server only.
 */
final class TomcatServer {
    public static void main(String[] words) throws Exception {
        if (List.of(words).contains("old-versions")) {
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        try {
            if (words.length > 2) {
                start(words);
                return;
            }
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
        for (String word : List.of(words).subList(3, words.length)) {
            String[] parts = word.split("=", 2);
            options.put(parts[0], parts[1]);
        }
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        Connector connector = new Connector();
        connector.setThrowOnFailure(true);
        connector.setPort(Integer.parseInt(words[1]));
        connector.setProperty("address", words[0]);
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        options.forEach(
                (name, value) -> {
                    switch (name) {
                        case "certificateFile" -> certificate.setCertificateFile(value);
                        case "certificateKeyFile" -> certificate.setCertificateKeyFile(value);
                        case "certificateChainFile" -> certificate.setCertificateChainFile(value);
                        case "certificateKeystoreFile" -> {
                            certificate.setCertificateKeystoreFile(value);
                            certificate.setCertificateKeystorePassword("password");
                        }
                        case "hostName" -> host.setHostName(value);
                        case "protocols" -> host.setProtocols(value);
                        case "ciphers" -> host.setCiphers(value);
                        case "certificateVerification" -> host.setCertificateVerification(value);
                        case "caCertificateFile" -> host.setCaCertificateFile(value);
                        case "defaultSSLHostConfigName" -> connector.setProperty(name, value);
                        default -> throw new IllegalArgumentException(name);
                    }
                });
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(words[2]);
        tomcat.setConnector(connector);
        tomcat.addContext("", words[2]);
        tomcat.start();
    }
}
