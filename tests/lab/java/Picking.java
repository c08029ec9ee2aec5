import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A key manager as products bring one along. As {@code name}: a server takes the last key for clients that name a
 * server, the first one for the others. As {@code listed}: a client sends nothing where the server lists no issuer.
 */
final class Picking extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager whole;
    private final String how;
    private final List<String> keys;

    Picking(X509ExtendedKeyManager whole, String how, List<String> keys) {
        this.whole = whole;
        this.how = how;
        this.keys = keys;
    }

    private boolean silent(Principal[] issuers) {
        return how.equals("listed") && (issuers == null || issuers.length == 0);
    }

    private String named(SSLSession handshake, String otherwise) {
        if (!how.equals("name") || otherwise == null) {
            return otherwise;
        }
        for (SNIServerName name : ((ExtendedSSLSession) handshake).getRequestedServerNames()) {
            if (name instanceof SNIHostName) {
                return keys.get(keys.size() - 1);
            }
        }
        return keys.get(0);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
        return silent(issuers) ? null : whole.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
        return silent(issuers) ? null : whole.chooseEngineClientAlias(types, issuers, engine);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
        String alias = whole.chooseServerAlias(type, issuers, socket);
        return named(((SSLSocket) socket).getHandshakeSession(), alias);
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
        return named(engine.getHandshakeSession(), whole.chooseEngineServerAlias(type, issuers, engine));
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
        return whole.getClientAliases(type, issuers);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
        return whole.getServerAliases(type, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return whole.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return whole.getPrivateKey(alias);
    }
}
