#!/usr/bin/env bash
# Apache Tomcat 10.1.55 (libtomcat10-embed-java) with OpenJDK 17.0.19, Debian 12.
#
# Behaviour: a PEM file with a valid PKCS#8 key of a type that Tomcat does not use (Ed25519, RSASSA-PSS) is refused
# with "ML-DSA KeyFactory not available", although no ML-DSA key is involved. Tomcat's PEMFile tries the key
# factories that it knows one after the other, and the exception that it keeps is that of the last one, which
# Java 17 does not have. The key factories of the same JDK read both keys.
# Output seen: "P-256: EC", "Ed25519: NoSuchAlgorithmException: ML-DSA KeyFactory not available", the same for
# RSASSA-PSS, and "JDK reads Ed25519: EdDSA", "JDK reads RSASSA-PSS: RSASSA-PSS".
# One would guess that the message names the key's own algorithm. An operator who trusts the message
# upgrades Java instead of replacing the key.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The lines on standard error are warnings about the folder, which apt's own user may not write to.
apt-get download -qq libtomcat10-embed-java=10.1.55-1~deb12u1 openjdk-17-jre-headless=17.0.19+10-1~deb12u2 \
    openjdk-17-jdk-headless=17.0.19+10-1~deb12u2 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
java=$(echo "$folder"/root/usr/lib/jvm/java-17-openjdk-*)
# The settings are links into /etc.
cp -r --remove-destination root/etc/java-17-openjdk/. "$java/conf/"
tomcat="$folder/root/usr/share/java/tomcat10-embed-core-10.1.55.jar"

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out P-256.pem 2>/dev/null
openssl genpkey -algorithm ED25519 -out Ed25519.pem 2>/dev/null
openssl genpkey -algorithm RSA-PSS -out RSASSA-PSS.pem 2>/dev/null
for key in Ed25519 RSASSA-PSS; do openssl pkey -in "$key.pem" -outform DER -out "$key.der"; done

cat >Keys.java <<'EOF_JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import org.apache.tomcat.util.net.jsse.PEMFile;

public class Keys {
    public static void main(String[] arguments) throws Exception {
        for (String name : new String[] {"P-256", "Ed25519", "RSASSA-PSS"}) {
            String result;
            try {
                result = new PEMFile(name + ".pem").getPrivateKey().getAlgorithm();
            } catch (Exception error) {
                result = error.getClass().getSimpleName() + ": " + error.getMessage();
            }
            System.out.println(name + ": " + result);
        }
        for (String name : new String[] {"Ed25519", "RSASSA-PSS"}) {
            byte[] der = Files.readAllBytes(Path.of(name + ".der"));
            var key = KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(der));
            System.out.println("JDK reads " + name + ": " + key.getAlgorithm());
        }
    }
}
EOF_JAVA
"$java/bin/java" -cp "$tomcat" Keys.java | tee seen.txt

cat >expected.txt <<'EOF_SEEN'
P-256: EC
Ed25519: NoSuchAlgorithmException: ML-DSA KeyFactory not available
RSASSA-PSS: NoSuchAlgorithmException: ML-DSA KeyFactory not available
JDK reads Ed25519: EdDSA
JDK reads RSASSA-PSS: RSASSA-PSS
EOF_SEEN
diff expected.txt seen.txt
