import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Opens connections as steps describe them: by socket or engine, with their protocols, suites, names and policies. */
final class Ends {
    private static final int TIMEOUT = 5000;

    private final ExecutorService delegates;

    Ends(ExecutorService delegates) {
        this.delegates = delegates;
    }

    /** Connects to a port of this machine that is called by the step's {@code host}. */
    Tls client(Step step, SSLContext context, int port, LongConsumer helper) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        String host = step.text("host", "is.acme.example");
        InetAddress named = host.isEmpty() ? loopback : InetAddress.getByAddress(host, loopback.getAddress());
        if (step.is("kind", "engine") || step.is("kind", "hopping")) {
            Socket plain = new Socket(loopback, port);
            SSLEngine engine = context.createSSLEngine(host.isEmpty() ? "127.0.0.1" : host, port);
            engine.setUseClientMode(true);
            engine.setSSLParameters(parameters(step, engine.getSSLParameters()));
            return engine(step, engine, plain, helper);
        }
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
        socket.setSSLParameters(parameters(step, socket.getSSLParameters()));
        socket.connect(new InetSocketAddress(named, port), TIMEOUT);
        socket.setSoTimeout(step.number("timeout", TIMEOUT));
        return new SocketTls(socket);
    }

    /** Takes an accepted connection: a socket of the JDK's TLS server socket, or a plain one for an engine. */
    Tls server(Step step, SSLContext context, Socket accepted, LongConsumer helper) throws IOException {
        if (accepted instanceof SSLSocket) {
            accepted.setSoTimeout(step.number("timeout", TIMEOUT));
            return new SocketTls((SSLSocket) accepted);
        }
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters(step, engine.getSSLParameters()));
        return engine(step, engine, accepted, helper);
    }

    private Tls engine(Step step, SSLEngine engine, Socket plain, LongConsumer helper) throws IOException {
        plain.setSoTimeout(step.number("timeout", TIMEOUT));
        return new EngineTls(engine, plain, delegates, step.is("kind", "hopping"), helper);
    }

    /** Fills a step's wishes into what the JDK has as its default. */
    static SSLParameters parameters(Step step, SSLParameters parameters) {
        if (step.has("protocols")) {
            parameters.setProtocols(step.list("protocols").toArray(new String[0]));
        }
        if (step.has("suites")) {
            parameters.setCipherSuites(step.list("suites").toArray(new String[0]));
        }
        if (step.has("verify")) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (step.has("sni")) {
            List<SNIServerName> names = new ArrayList<>();
            for (String name : step.list("sni")) {
                names.add(new SNIHostName(name));
            }
            parameters.setServerNames(names);
        }
        if (step.has("matcher")) {
            SNIMatcher matcher = SNIHostName.createSNIMatcher(step.text("matcher", ""));
            parameters.setSNIMatchers(Collections.singleton(matcher));
        }
        if (step.has("alpn")) {
            applicationProtocols(parameters, step.list("alpn"));
        }
        if (step.is("auth", "need")) {
            parameters.setNeedClientAuth(true);
        } else if (step.is("auth", "want")) {
            parameters.setWantClientAuth(true);
        }
        return parameters;
    }

    /** The method came to Java 8 by an update only, so the compiler may not know it. */
    private static void applicationProtocols(SSLParameters parameters, List<String> names) {
        try {
            SSLParameters.class.getMethod("setApplicationProtocols", String[].class)
                    .invoke(parameters, (Object) names.toArray(new String[0]));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java knows no ALPN", e);
        }
    }
}
