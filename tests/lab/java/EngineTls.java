import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS by an SSLEngine over the streams of a plain socket, as servers without a thread per connection use it: delegated
 * tasks run in a pool, and if {@code hopping} each call of the engine does as well.
 */
final class EngineTls implements Tls {
    private final SSLEngine engine;
    private final Socket socket;
    private final ExecutorService pool;
    private final boolean hopping;
    private final LongConsumer helper;
    private final ByteBuffer received;
    private final ByteBuffer plain;
    private int completed;

    /** {@code helper} is told the id of each other thread that did work for this connection. */
    EngineTls(SSLEngine engine, Socket socket, ExecutorService pool, boolean hopping, LongConsumer helper) {
        this.engine = engine;
        this.socket = socket;
        this.pool = pool;
        this.hopping = hopping;
        this.helper = helper;
        received = ByteBuffer.allocate(2 * engine.getSession().getPacketBufferSize());
        received.flip();
        plain = ByteBuffer.allocate(2 * engine.getSession().getApplicationBufferSize());
        plain.flip();
    }

    @Override
    public void handshake() throws IOException {
        engine.beginHandshake();
        int wanted = completed + 1;
        while (completed < wanted) {
            turn();
        }
    }

    @Override
    public void renegotiate() throws IOException {
        engine.beginHandshake();
    }

    @Override
    public void demandCertificate() throws IOException {
        engine.setNeedClientAuth(true);
        engine.beginHandshake();
    }

    /** Does the one thing that the engine waits for. */
    private void turn() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                Runnable next = task;
                elsewhere(() -> {
                    next.run();
                    return null;
                });
            }
        } else if (status == HandshakeStatus.NEED_WRAP) {
            wrap(ByteBuffer.allocate(0));
        } else {
            unwrap();
        }
    }

    private <T> T elsewhere(Callable<T> work) throws IOException {
        try {
            return pool.submit(() -> {
                helper.accept(Thread.currentThread().getId());
                return work.call();
            }).get();
        } catch (InterruptedException e) {
            throw new IOException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw (IOException) e.getCause();
            }
            throw new IOException(e.getCause());
        }
    }

    private SSLEngineResult call(Callable<SSLEngineResult> work) throws IOException {
        try {
            SSLEngineResult result = hopping ? elsewhere(work) : work.call();
            // a client of TLS 1.3 is told FINISHED again when a session ticket arrives
            boolean again = completed > 0 && engine.getSession().getProtocol().equals("TLSv1.3");
            if (result.getHandshakeStatus() == HandshakeStatus.FINISHED && !again) {
                completed++;
            }
            return result;
        } catch (SSLException e) {
            sayWhy();
            throw e;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Sends the alert that the engine has ready after a failure. */
    private void sayWhy() {
        try {
            while (!engine.isOutboundDone() && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                ByteBuffer sent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
                if (engine.wrap(ByteBuffer.allocate(0), sent).bytesProduced() == 0) {
                    return;
                }
                flush(sent);
            }
        } catch (IOException alertLost) {
            return;
        }
    }

    private SSLEngineResult wrap(ByteBuffer data) throws IOException {
        ByteBuffer sent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = call(() -> engine.wrap(data, sent));
        flush(sent);
        if (result.getStatus() == Status.CLOSED) {
            throw new EOFException("the engine is closed");
        }
        return result;
    }

    private void flush(ByteBuffer sent) throws IOException {
        socket.getOutputStream().write(sent.array(), 0, sent.position());
    }

    private void unwrap() throws IOException {
        plain.compact();
        SSLEngineResult result;
        try {
            result = call(() -> engine.unwrap(received, plain));
        } finally {
            plain.flip();
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            receive();
        } else if (result.getStatus() == Status.CLOSED && completed == 0) {
            throw new EOFException("closed during the handshake");
        }
    }

    private void receive() throws IOException {
        received.compact();
        try {
            int length = socket.getInputStream().read(received.array(), received.position(), received.remaining());
            if (length < 0) {
                throw new EOFException("the peer has gone");
            }
            received.position(received.position() + length);
        } catch (IOException e) {
            gone();
            throw e;
        } finally {
            received.flip();
        }
    }

    /** Tells the engine that nothing more will come, as servers do when a connection breaks. */
    private void gone() {
        try {
            engine.closeInbound();
        } catch (SSLException noGoodbye) {
            return;
        }
    }

    @Override
    public void write(byte[] data) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(data);
        while (rest.hasRemaining()) {
            wrap(rest);
        }
    }

    @Override
    public int read(byte[] data) throws IOException {
        while (!plain.hasRemaining()) {
            if (engine.isInboundDone()) {
                return -1;
            }
            turn();
        }
        int length = Math.min(data.length, plain.remaining());
        plain.get(data, 0, length);
        return length;
    }

    @Override
    public void close() throws IOException {
        try {
            engine.closeOutbound();
            for (int tries = 0; !engine.isOutboundDone() && tries < 8; tries++) {
                ByteBuffer sent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
                call(() -> engine.wrap(ByteBuffer.allocate(0), sent));
                flush(sent);
            }
        } finally {
            socket.close();
        }
    }

    @Override
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public int completed() {
        return completed;
    }
}
