import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/** TLS by an SSLSocket. */
final class SocketTls implements Tls {
    private final SSLSocket socket;
    private final AtomicInteger again = new AtomicInteger();
    private boolean first;
    private volatile boolean repeated;

    SocketTls(SSLSocket socket) {
        this.socket = socket;
    }

    @Override
    public void handshake() throws IOException {
        socket.startHandshake();
        first = true;
        socket.addHandshakeCompletedListener(event -> again.incrementAndGet());
    }

    @Override
    public void renegotiate() throws IOException {
        socket.startHandshake();
        repeated = true;
    }

    @Override
    public void demandCertificate() throws IOException {
        socket.setNeedClientAuth(true);
        renegotiate();
    }

    @Override
    public void write(byte[] data) throws IOException {
        socket.getOutputStream().write(data);
    }

    @Override
    public int read(byte[] data) throws IOException {
        return socket.getInputStream().read(data);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    @Override
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Listeners are called on a thread of their own, so a second handshake may be told of a little later. */
    @Override
    public int completed() {
        if (repeated) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return (first ? 1 : 0) + again.get();
    }
}
