import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;

/** Makes a step's connections: {@code times} one after the other, in {@code parallel} threads at once. */
final class Client {
    private final Step step;
    private final SSLContext context;
    private final Ends ends;
    private final Threads threads;
    private final Notebook notebook;

    Client(Step step, SSLContext context, Ends ends, Threads threads, Notebook notebook) {
        this.step = step;
        this.context = context;
        this.ends = ends;
        this.threads = threads;
        this.notebook = notebook;
    }

    /** Starts the threads; each one's end is told by what is returned. */
    List<Future<?>> start() throws Exception {
        int port = notebook.port(step.text("connect", ""));
        List<Future<?>> running = new ArrayList<>();
        for (int n = 0; n < step.number("parallel", 1); n++) {
            running.add(threads.run(step, "Service Thread " + step.name(), () -> connect(port)));
        }
        return running;
    }

    private void connect(int port) {
        for (int n = 0; n < step.number("times", 1); n++) {
            Conversation talk = new Conversation(step, notebook);
            if (step.is("kind", "https")) {
                Https call = new Https(step, context, port, notebook);
                call.make();
            } else {
                talk.hold(() -> ends.client(step, context, port, talk.note()::helper));
            }
        }
    }
}
