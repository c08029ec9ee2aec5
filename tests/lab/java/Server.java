import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** A port with its own keys and policies; each connection is held on a thread of the pool that all ports share. */
final class Server {
    private final Step step;
    private final SSLContext context;
    private final Ends ends;
    private final Threads threads;
    private final Notebook notebook;
    private final ServerSocket listening;

    Server(Step step, SSLContext context, Ends ends, Threads threads, Notebook notebook) throws IOException {
        this.step = step;
        this.context = context;
        this.ends = ends;
        this.threads = threads;
        this.notebook = notebook;
        boolean engine = step.is("kind", "engine") || step.is("kind", "hopping");
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        listening = engine
                ? new ServerSocket(0, 50, loopback)
                : context.getServerSocketFactory().createServerSocket(0, 50, loopback);
        if (!engine) {
            SSLServerSocket secure = (SSLServerSocket) listening;
            secure.setSSLParameters(Ends.parameters(step, secure.getSSLParameters()));
        }
    }

    /** Makes the port known and takes connections until it is closed. */
    void open(ExecutorService acceptors) throws IOException {
        acceptors.execute(this::accept);
        notebook.publish(step.name(), listening.getLocalPort());
    }

    private void accept() {
        while (true) {
            Socket accepted;
            try {
                accepted = listening.accept();
            } catch (IOException closed) {
                return;
            }
            threads.run(step, "HTTP Handler 127.0.0.1", () -> {
                Conversation talk = new Conversation(step, notebook);
                talk.hold(() -> ends.server(step, context, accepted, talk.note()::helper));
            });
        }
    }

    void close() throws IOException {
        listening.close();
    }
}
