import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CRL;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Makes the SSLContext of a step from its keys and its trust: files {@code NAME.key} (PKCS#8, DER) and {@code NAME.pem}
 * (the chain, the owner's certificate first) in one folder.
 */
final class Contexts {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;

    Contexts(Path folder) {
        this.folder = folder;
    }

    SSLContext of(Step step) throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(step), trust(step), null);
        return context;
    }

    /** No key manager of ours without a key: the context then has the JDK's dummy, as a port without an alias has. */
    private KeyManager[] keys(Step step) throws GeneralSecurityException, IOException {
        if (!step.has("key")) {
            return null;
        }
        KeyStore store = empty();
        for (String name : step.list("key")) {
            Collection<? extends Certificate> chain = certificates(step.text("chain", name));
            store.setKeyEntry(name, key(name), PASSWORD, chain.toArray(new Certificate[0]));
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        if (!step.has("pick")) {
            return factory.getKeyManagers();
        }
        X509ExtendedKeyManager whole = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        return new KeyManager[] {new Picking(whole, step.text("pick", ""), step.list("key"))};
    }

    private TrustManager[] trust(Step step) throws GeneralSecurityException, IOException {
        switch (step.text("trust", "jdk")) {
            case "jdk":
                return null;
            case "anybody":
                return new TrustManager[] {new OwnTrust(null)};
            case "nobody":
                return new TrustManager[] {new OwnTrust("Certificate rejected by ChainVerifier")};
            default:
                return stored(step);
        }
    }

    private TrustManager[] stored(Step step) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (String name : step.list("trust")) {
            if (!name.equals("empty")) {
                store.setCertificateEntry(name, certificates(name).iterator().next());
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        if (step.has("revocation")) {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, new X509CertSelector());
            parameters.setRevocationEnabled(true);
            List<CRL> lists = new ArrayList<>();
            for (String name : step.list("revocation")) {
                if (!name.equals("unknown")) {
                    lists.add(revoked(name));
                }
            }
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
            factory.init(new CertPathTrustManagerParameters(parameters));
        } else {
            factory.init(store);
        }
        return factory.getTrustManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }

    private Collection<? extends Certificate> certificates(String name) throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".pem"))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    private CRL revoked(String name) throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".crl"))) {
            return CertificateFactory.getInstance("X.509").generateCRL(in);
        }
    }

    private PrivateKey key(String name) throws GeneralSecurityException, IOException {
        PKCS8EncodedKeySpec bytes = new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve(name + ".key")));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(bytes);
        } catch (GeneralSecurityException notRsa) {
            return KeyFactory.getInstance("EC").generatePrivate(bytes);
        }
    }
}
